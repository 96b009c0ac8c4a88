"""How a subscription begins: now or in the past, with a trial or without, on an anchor of its own choice.

Whatever time lies between the start and the anchor is billed by its share of a period
(https://docs.stripe.com/billing/subscriptions/billing-cycle, .../backdating).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime
from math import floor
from typing import Any, Final

from paydesk.server.sandbox import (
    agreements,
    changes,
    clocks,
    cycles,
    invoicing,
    pending,
    periods,
    pricing,
    subscribing,
    subscription_lines,
)
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.resources import invoice_items

MAX_TRIAL_S: Final = 731 * periods.DAY_S


@dataclass(frozen=True, slots=True)
class Plan:
    """When a subscription begins and from where its periods are counted, in seconds since 1970."""

    start: int
    anchor: int
    config: Object | None
    trial: subscribing.Trial | None
    period: tuple[int, int]

    @property
    def owes_past(self) -> bool:
        """Whether time that is over already is to be paid."""
        return self.start < self.period[0]


def begin(
    call: Call, customer: Object, sent: dict[str, Any], *, schedule: str | None = None, advances: bool = False
) -> Object:
    """A new subscription of what was sent (as `POST /v1/subscriptions` takes it), billed at once.

    One that `advances` (begun by a schedule or a quote) runs from the start; its first invoice is a draft for an hour.
    """
    behavior = sent.get("payment_behavior", "allow_incomplete")
    if behavior == "pending_if_incomplete":
        raise StripeError(
            "`payment_behavior=pending_if_incomplete` is only for updates of a subscription.", param="payment_behavior"
        )
    _check_room(call, customer)
    runs = advances or sent.get("collection_method") == "send_invoice"
    subscription, plan = _made(call, customer, sent, schedule, runs=runs)
    agreements.apply(call, subscription, sent)
    is_free = sent.get("proration_behavior") == "none"
    if plan.owes_past and not is_free:
        _owe_past(call, subscription, plan)
    add_extras(call, subscription, sent.get("add_invoice_items", []))
    return cycles.start(
        call,
        customer,
        subscription,
        behavior=behavior,
        off_session=sent.get("off_session", False),
        advances=runs,
        # A whole first period is owed in any case, the rest until an anchor only where it is prorated.
        is_free=is_free and subscribing.share(subscription, plan.period) != 1,
    )


def _made(
    call: Call, customer: Object, sent: dict[str, Any], schedule: str | None, *, runs: bool
) -> tuple[Object, Plan]:
    """The subscription as an object, not yet stored, and when it begins."""
    chosen = changes.chosen(call, sent["items"])
    money_of = changes.check_together(call, customer, [one.price for one in chosen], sent.get("currency"))
    method = sent.get("collection_method", "charge_automatically")
    agreements.check_due(sent, method, is_new=True)
    plan = _plan(call, sent, chosen[0].price["recurring"])
    agreement = subscribing.Agreement(
        customer=customer["id"],
        currency=money_of,
        status=_first_status(plan, runs=runs),
        anchor=plan.anchor,
        trial=plan.trial,
        collection_method=method,
        days_until_due=sent.get("days_until_due"),
        fields={
            "billing_cycle_anchor_config": plan.config,
            "start_date": plan.start,
            "schedule": schedule,
            **_mode(call, sent),
        },
    )
    identifier = call.new_id("sub_1")
    items = [changes.make_item(call, identifier, customer["id"], one, period=plan.period) for one in chosen]
    return subscribing.subscription_object(identifier, call.now, agreement, items), plan


def _first_status(plan: Plan, *, runs: bool) -> str:
    if plan.trial:
        return "trialing"
    return "active" if runs else "incomplete"


def _check_room(call: Call, customer: Object) -> None:
    if not customer["test_clock"]:
        return
    found = call.every("subscription", {"customer": customer["id"]})
    if len([one for one in found if one["status"] not in subscribing.ENDED]) >= clocks.MAX_SUBSCRIPTIONS:
        raise StripeError(
            f"A customer of a test clock can have up to {clocks.MAX_SUBSCRIPTIONS} subscriptions.", param="customer"
        )


def _mode(call: Call, sent: dict[str, Any]) -> Object:
    mode = sent.get("billing_mode") or {"type": "flexible"}
    if mode["type"] == "classic":
        return {"billing_mode": {"flexible": None, "type": "classic"}}
    discounts = mode.get("flexible", {}).get("proration_discounts", "included")
    return {
        "billing_mode": {"flexible": {"proration_discounts": discounts}, "type": "flexible", "updated_at": call.now}
    }


def _plan(call: Call, sent: dict[str, Any], recurring: Object) -> Plan:
    trial = _trial(call, sent)
    since = sent.get("backdate_start_date", call.now)
    if since > call.now:
        raise StripeError("The `backdate_start_date` must be in the past.", param="backdate_start_date")
    config = sent.get("billing_cycle_anchor_config")
    if config and "billing_cycle_anchor" in sent:
        raise StripeError(
            "You may only specify one of these parameters: billing_cycle_anchor, billing_cycle_anchor_config.",
            param="billing_cycle_anchor",
        )
    full = config and {"hour": None, "minute": None, "month": None, "second": None, **config}
    interval, count = recurring["interval"], recurring["interval_count"]
    first = trial.end if trial else call.now
    if config:
        anchor = _first_match(first, config, interval)
    else:
        anchor = sent.get("billing_cycle_anchor", first)
        _check_anchor(sent, call.now, first, interval, count)
    if trial:
        return Plan(since, anchor, full, trial, (call.now, trial.end))
    end = anchor if anchor > call.now else periods.end_after(anchor, interval, count, call.now)
    return Plan(since, anchor, full, None, (call.now, end))


def _check_anchor(sent: dict[str, Any], now: int, first: int, interval: str, count: int) -> None:
    anchor = sent.get("billing_cycle_anchor")
    if anchor is None:
        return
    if anchor < first:
        raise StripeError(
            "billing_cycle_anchor must be a future timestamp, and not before the end of a trial.",
            param="billing_cycle_anchor",
        )
    natural = periods.boundary(first, interval, count, 1)
    if anchor > natural:
        raise StripeError(
            f"billing_cycle_anchor cannot be later than next natural billing date ({natural}) for plan",
            param="billing_cycle_anchor",
        )


def _first_match(after: int, config: Object, interval: str) -> int:
    """The first moment from `after` on that fits a wished day, month and time; what is not said is as at `after`."""
    if interval not in ("month", "year"):
        raise StripeError(
            "billing_cycle_anchor_config is only for prices by the month or the year.",
            param="billing_cycle_anchor_config",
        )
    begun = datetime.fromtimestamp(after, UTC)
    time_of_day = {name: config.get(name, getattr(begun, name)) for name in ("hour", "minute", "second")}
    for months in range(13):
        year, month = divmod(begun.year * 12 + begun.month - 1 + months, 12)
        if "month" in config and config["month"] != month + 1:
            continue
        day = min(config["day_of_month"], monthrange(year, month + 1)[1])
        found = int(begun.replace(year=year, month=month + 1, day=day, **time_of_day).timestamp())
        if found >= after:
            return found
    return after


def _trial(call: Call, sent: dict[str, Any]) -> subscribing.Trial | None:
    if "trial_end" in sent and "trial_period_days" in sent:
        raise StripeError(
            "You may only specify one of these parameters: trial_end, trial_period_days.", param="trial_end"
        )
    if sent.get("trial_period_days"):
        return subscribing.Trial(call.now, call.now + sent["trial_period_days"] * periods.DAY_S)
    if sent.get("trial_end", "now") == "now":
        return None
    return subscribing.Trial(call.now, future(call, sent["trial_end"]))


def future(call: Call, value: str) -> int:
    """A trial's end: a time to come, no further away than Stripe allows."""
    at = agreements.moment(value, "trial_end")
    if at <= call.now:
        raise StripeError("Invalid timestamp: must be an integer Unix timestamp in the future.", param="trial_end")
    if at > call.now + MAX_TRIAL_S:
        raise StripeError("Invalid timestamp: can be no more than two years in the future.", param="trial_end")
    return at


def _owe_past(call: Call, subscription: Object, plan: Plan) -> None:
    """What was used before the subscription was made, by imagined periods from its start on."""
    for item in reversed(subscription["items"]["data"]):
        price = pricing.billed(call, item["price"]["id"], subscription["currency"])
        if subscribing.is_metered(price):
            continue
        recurring = price["recurring"]
        many = periods.number_between(plan.start, call.now, recurring["interval"], recurring["interval_count"])
        name = subscription_lines.product_name(call, price)
        since, until = periods.written(plan.start), periods.written(call.now)
        count = f"{item['quantity']} × " if item["quantity"] != 1 else ""
        body = {
            "amount": floor(pricing.exact_cost(price, item["quantity"]) * many),
            "currency": price["currency"],
            "description": f"Time on {count}{name} from {since} until {until}",
            "parent": {
                "subscription_details": {"subscription": subscription["id"], "subscription_item": item["id"]},
                "type": "subscription_details",
            },
            "period": {"end": call.now, "start": plan.start},
            "pricing": invoicing.pricing_of(price, is_proration=True),
            "proration": True,
            "proration_details": {"credited_items": None, "discount_amounts": []},
            "quantity": item["quantity"],
        }
        pending.add(call, subscription["customer"], body)


def add_extras(call: Call, subscription: Object, extras: list[dict[str, Any]]) -> None:
    """One-time items beside the subscription's own, for its next invoice."""
    for index, sent in reversed(list(enumerate(extras))):
        param = f"add_invoice_items[{index}]"
        pricing_sent = {"price": sent.get("price"), "is_inline": sent.get("is_inline", False)}
        priced = {"pricing": pricing_sent} if "price" in sent else {}
        wanted = {**priced, **{name: sent[name] for name in ("price_data", "quantity") if name in sent}}
        body = invoice_items.priced(call, wanted, subscription["currency"])
        if body["currency"] != subscription["currency"]:
            raise StripeError(
                f"The price specified only supports `{body['currency']}`. "
                f"This doesn't match the expected currency: `{subscription['currency']}`.",
                param=f"{param}[price]",
            )
        body["parent"] = {
            "subscription_details": {"subscription": subscription["id"]},
            "type": "subscription_details",
        }
        invoice_items.new_item(call, subscription["customer"], body, sent, f"{param}.")
