"""Living through subscriptions: begun, renewed by the sandbox itself, changed, failing, mended, left."""

from dataclasses import dataclass, field
from typing import Any

from paydesk.server.sandbox.business.life import Life
from paydesk.server.sandbox.business.shop import Shop
from paydesk.server.sandbox.business.subscribers import Change, Leaving, Subscriber, Trouble
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.resources import subscriptions


@dataclass(slots=True)
class Membership:
    """The subscriptions of the business, by the number of the drawn customer."""

    life: Life
    shop: Shop
    ids: dict[int, str] = field(default_factory=dict)

    def begin(self, subscriber: Subscriber) -> None:
        """A customer subscribes; everything that was drawn for later is put off."""
        past = self.life.past
        if subscriber.is_declined:
            self._use_card(subscriber, "chargeDeclinedInsufficientFunds")
        made: Any = subscriptions.create(
            past.request(
                customer=self.life.customer_ids[subscriber.customer.number],
                items=[self._item(subscriber, subscriber.plan, subscriber.quantity)],
                **({"trial_period_days": subscriber.trial_days} if subscriber.trial_days else {}),
            )
        )
        self.ids[subscriber.customer.number] = made["id"]
        if subscriber.is_declined:
            self._use_own_card(subscriber)
            return
        if subscriber.change:
            past.plan(subscriber.change.at, self.change, subscriber=subscriber, change=subscriber.change)
        if subscriber.trouble:
            self._plan_trouble(subscriber, subscriber.trouble)
        if subscriber.leaving:
            past.plan(subscriber.leaving.at, self.leave, subscriber=subscriber, leaving=subscriber.leaving)

    def _item(self, subscriber: Subscriber, plan: str, quantity: int) -> Object:
        price = self.shop.plan_prices[plan, subscriber.customer.currency, subscriber.interval]
        return {"price": price, "quantity": quantity}

    def _plan_trouble(self, subscriber: Subscriber, trouble: Trouble) -> None:
        past = self.life.past
        past.plan(trouble.at, self._use_card, subscriber=subscriber, name=trouble.card)
        if trouble.mended_at:
            past.plan(trouble.mended_at, self.mend, subscriber=subscriber)
        if trouble.gives_up_at:
            past.plan(trouble.gives_up_at, self.give_up, subscriber=subscriber)

    def _use_card(self, subscriber: Subscriber, name: str) -> None:
        """From now on renewals are charged to a card of that name."""
        past = self.life.past
        customer = past.get("customer", self.life.customer_ids[subscriber.customer.number])
        method = self.life.save_card(customer, name)
        self._set_default(customer, method["id"])

    def _use_own_card(self, subscriber: Subscriber) -> None:
        customer = self.life.past.get("customer", self.life.customer_ids[subscriber.customer.number])
        self._set_default(customer, self.life.cards[subscriber.customer.number][0])

    def _set_default(self, customer: Object, method: str) -> None:
        customer["invoice_settings"] = {**customer["invoice_settings"], "default_payment_method": method}
        self.life.past.save(customer, emits="customer.updated")

    def mend(self, subscriber: Subscriber) -> None:
        """The customer has a good card again, which the next try is charged to."""
        self.life.past.request()
        self._use_own_card(subscriber)

    def give_up(self, subscriber: Subscriber) -> None:
        """Retries end, and the subscription is left unpaid: what an account may choose instead of cancelling it."""
        past = self.life.past
        found = past.get("subscription", self.ids[subscriber.customer.number])
        if found["status"] != "past_due":
            return
        invoice = past.get("invoice", found["latest_invoice"])
        invoice.update(auto_advance=False, next_payment_attempt=None)
        past.save(invoice, emits="invoice.updated")
        found["status"] = "unpaid"
        past.save(found, emits="customer.subscription.updated")

    def change(self, subscriber: Subscriber, change: Change) -> None:
        """Another plan, or more or fewer seats; the difference is on the next invoice."""
        past = self.life.past
        found = past.get("subscription", self.ids[subscriber.customer.number])
        if found["status"] != "active" or found["cancel_at_period_end"]:
            return
        item = {"id": found["items"]["data"][0]["id"], **self._item(subscriber, change.plan, change.quantity)}
        subscriptions.update(past.request(items=[item], proration_behavior="create_prorations"), found["id"])

    def leave(self, subscriber: Subscriber, leaving: Leaving) -> None:
        """The customer cancels, for the end of the period or at once."""
        past = self.life.past
        found = past.get("subscription", self.ids[subscriber.customer.number])
        if found["status"] not in ("active", "trialing", "past_due"):
            return
        details = {"feedback": leaving.feedback}
        if leaving.at_period_end:
            subscriptions.update(past.request(cancel_at_period_end=True, cancellation_details=details), found["id"])
        else:
            subscriptions.cancel(past.request(cancellation_details=details), found["id"])
