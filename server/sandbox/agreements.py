"""What a subscription is asked to be: the parameters of creating and updating one, and putting them into it."""

from typing import Any, Final

from paydesk.server.sandbox import changes, pricing, subscribing, subscription_terms
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.invoice_paper import PAYMENT_TYPES
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    boolean,
    choice,
    clearable,
    currency,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    moment_or,
    required,
    text,
    timestamp,
    unserved,
)
from paydesk.server.sandbox.resources.invoices import own_method

MAX_ITEMS: Final = 20
METHODS: Final = choice("charge_automatically", "send_invoice")
_FEEDBACK: Final = choice(
    *("customer_service", "low_quality", "missing_features", "other", "switched_service", "too_complex"),
    *("too_expensive", "unused"),
)
CANCELLATION: Final = mapping(
    {"comment": clearable(text()), "feedback": clearable(_FEEDBACK), **unserved("feedback_option")}
)
BEHAVIORS: Final = choice("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete")
CUSTOM_FIELDS: Final = clearable(
    list_of(mapping({"name": required(text(40)), "value": required(text(140))}), maximum=4)
)
INVOICE_SETTINGS: Final = mapping(
    {
        "custom_fields": CUSTOM_FIELDS,
        "description": clearable(text(1_500)),
        "footer": clearable(text()),
        **unserved("account_tax_ids", "issuer"),
    }
)
BILLING_MODE: Final = mapping(
    {
        "flexible": mapping({"proration_discounts": choice("included", "itemized")}),
        "type": required(choice("classic", "flexible")),
    }
)
EXTRA_ITEM: Final = {
    "discountable": boolean(),
    "metadata": metadata(),
    "price": text(),
    "price_data": mapping(pricing.INLINE_ONCE),
    "quantity": integer(0, changes.MAX_QUANTITY),
    **subscription_terms.DECLARED_OF_ITEM,
}
_SHARED: Final = {
    "add_invoice_items": list_of(mapping({**EXTRA_ITEM, **unserved("period")}), maximum=MAX_ITEMS),
    "cancel_at": clearable(moment_or("max_billed_until", "max_period_end", "min_period_end")),
    "cancel_at_period_end": boolean(),
    "collection_method": METHODS,
    "days_until_due": integer(0, 730),
    "default_payment_method": clearable(text()),
    "description": clearable(text(500)),
    "invoice_settings": INVOICE_SETTINGS,
    "metadata": metadata(),
    "off_session": boolean(),
    "payment_behavior": BEHAVIORS,
    "payment_settings": mapping(
        {
            "payment_method_types": clearable(list_of(choice(*PAYMENT_TYPES.split()))),
            "save_default_payment_method": choice("off", "on_subscription"),
            **unserved("payment_method_options"),
        }
    ),
    "proration_behavior": changes.BEHAVIORS,
    "trial_end": moment_or("now"),
    "trial_settings": mapping(
        {
            "end_behavior": required(
                mapping({"missing_payment_method": required(choice("cancel", "create_invoice", "pause"))})
            )
        }
    ),
    **subscription_terms.DECLARED,
    **unserved("application_fee_percent", "billing_schedules", "billing_thresholds"),
    **unserved("default_source", "on_behalf_of", "pending_invoice_item_interval", "transfer_data", "trial_from_plan"),
}
CREATE: Final = {
    **_SHARED,
    "backdate_start_date": timestamp(),
    "billing_cycle_anchor": timestamp(),
    "billing_cycle_anchor_config": mapping(
        {
            "day_of_month": required(integer(1, 31)),
            "hour": integer(0, 23),
            "minute": integer(0, 59),
            "month": integer(1, 12),
            "second": integer(0, 59),
        }
    ),
    "billing_mode": BILLING_MODE,
    "currency": currency(),
    "customer": required(text()),
    "items": required(list_of(mapping(changes.NEW_ITEM), maximum=MAX_ITEMS)),
    "trial_period_days": integer(0, 730),
    **unserved("customer_account"),
}
UPDATE: Final = {
    **_SHARED,
    "billing_cycle_anchor": choice("now", "unchanged"),
    "cancellation_details": CANCELLATION,
    "items": list_of(mapping(changes.ITEM), maximum=MAX_ITEMS),
    "pause_collection": clearable(
        mapping(
            {
                "behavior": required(choice("keep_as_draft", "mark_uncollectible", "void")),
                "resumes_at": timestamp(),
            }
        )
    ),
    "proration_date": timestamp(),
}


def check_due(sent: dict[str, Any], method: str, *, is_new: bool) -> None:
    """StripeError where days to pay are missing for an invoice that is sent, or given for one that is charged."""
    if method == "send_invoice":
        if is_new and "days_until_due" not in sent:
            raise StripeError(
                "You must specify `days_until_due` when `collection_method` is `send_invoice`.", param="days_until_due"
            )
    elif "days_until_due" in sent:
        raise StripeError(
            "You can only specify `days_until_due` if `collection_method` is `send_invoice`.", param="days_until_due"
        )


def moment(value: str, name: str) -> int:
    """A time that may stand beside a word (`trial_end=now`)."""
    at: int = timestamp().read(value, name)
    return at


def apply(call: Call, subscription: Object, sent: dict[str, Any]) -> None:
    """Put everything but items, trials and the anchor into a subscription."""
    if "description" in sent:
        subscription["description"] = sent["description"]
    if "metadata" in sent:
        subscription["metadata"] = merged_metadata(subscription["metadata"], sent["metadata"])
    if "default_payment_method" in sent:
        method = own_method(call, subscription["customer"], sent["default_payment_method"])
        subscription["default_payment_method"] = method
    if "payment_settings" in sent:
        subscription["payment_settings"].update(sent["payment_settings"])
    if "invoice_settings" in sent:
        subscription["invoice_settings"].update(sent["invoice_settings"])
    if "trial_settings" in sent:
        subscription["trial_settings"]["end_behavior"].update(sent["trial_settings"]["end_behavior"])
    if "cancellation_details" in sent:
        subscription["cancellation_details"].update(sent["cancellation_details"])
    subscription_terms.take(call, subscription, sent)
    _apply_end(call, subscription, sent)
    if "pause_collection" in sent:
        _apply_pause(call, subscription, sent["pause_collection"])


def _apply_end(call: Call, subscription: Object, sent: dict[str, Any]) -> None:
    if sent.get("cancel_at_period_end") and sent.get("cancel_at"):
        raise StripeError(
            "You may only specify one of these parameters: cancel_at, cancel_at_period_end.", param="cancel_at"
        )
    if "cancel_at_period_end" in sent:
        _end_with_period(call, subscription, wanted=sent["cancel_at_period_end"])
    if "cancel_at" not in sent:
        return
    wanted = sent["cancel_at"]
    if wanted is None:
        plan_end(call, subscription, None)
        return
    if wanted in ("min_period_end", "max_period_end", "max_billed_until"):
        plan_end(call, subscription, subscribing.period_of(subscription)[1])
        return
    at = moment(wanted, "cancel_at")
    if at <= call.now:
        raise StripeError("The `cancel_at` timestamp must be in the future.", param="cancel_at")
    subscription["_cancel_prorates"] = sent.get("proration_behavior", "create_prorations") != "none"
    plan_end(call, subscription, at)


def _end_with_period(call: Call, subscription: Object, *, wanted: bool) -> None:
    if wanted == subscription["cancel_at_period_end"]:
        return
    plan_end(call, subscription, subscribing.period_of(subscription)[1] if wanted else None)
    subscription["cancel_at_period_end"] = wanted


def plan_end(call: Call, subscription: Object, at: int | None) -> None:
    """Have the subscription end at a time, or go on (None)."""
    subscription.update(cancel_at=at, cancel_at_period_end=False, canceled_at=None if at is None else call.now)
    subscription["cancellation_details"]["reason"] = None if at is None else "cancellation_requested"
    if at is not None and at != subscribing.period_of(subscription)[1]:
        call.later(at, "subscription.end", subscription=subscription["id"], at=at)


def _apply_pause(call: Call, subscription: Object, sent: dict[str, Any] | None) -> None:
    if sent is None:
        subscription["pause_collection"] = None
        return
    resumes_at = sent.get("resumes_at")
    if resumes_at is not None:
        if resumes_at <= call.now:
            raise StripeError("The `resumes_at` timestamp must be in the future.", param="pause_collection[resumes_at]")
        call.later(resumes_at, "subscription.collect_again", subscription=subscription["id"], resumes_at=resumes_at)
    subscription["pause_collection"] = {"behavior": sent["behavior"], "resumes_at": resumes_at}
