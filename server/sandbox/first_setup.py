"""A subscription that has nothing to charge at first: the setup intent by which its customer saves a card.

With `payment_behavior=default_incomplete` and a first invoice of nothing (a trial, a whole discount) no payment waits
to be confirmed, so `pending_setup_intent` stands in for it (https://docs.stripe.com/billing/subscriptions/trials).
"""

from paydesk.server.sandbox import setting_up
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.resources import setup_intents


def ask(call: Call, subscription: Object) -> None:
    """Make the setup intent of a subscription."""
    intent = setup_intents.setup_intent_object(call.new_id("seti_1", 23), call.now, call.new_id("", 31))
    intent.update(customer=subscription["customer"], usage="off_session", payment_method_types=["card"])
    call.create(intent, emits="setup_intent.created")
    subscription["pending_setup_intent"] = intent["id"]
    call.save(subscription, emits="customer.subscription.updated")


def done(call: Call, intent: Object) -> None:
    """A setup intent succeeded: a subscription that waited for it does no more, and may keep the method."""
    for subscription in call.every("subscription", {"pending_setup_intent": intent["id"]}, limit=1):
        subscription["pending_setup_intent"] = None
        if subscription["payment_settings"]["save_default_payment_method"] == "on_subscription":
            subscription["default_payment_method"] = intent["payment_method"]
        call.save(subscription, emits="customer.subscription.updated")


setting_up.AFTER_SETUP.append(done)
