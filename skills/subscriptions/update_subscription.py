"""Change a subscription: its price, how many of it, its trial, or the day on which it ends."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, NextCall, Plan, Stake, StripeRequest, WriteParams, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.foretold import next_invoice
from paydesk.skills.ids import SubscriptionId
from paydesk.skills.money import CurrencyCode, money
from paydesk.skills.period import day
from paydesk.skills.price import Interval, IntervalCount, ProductText, price_text
from paydesk.skills.recurring import Asked, Chosen, PriceId, Quantity, no_quantity, price_meant
from paydesk.skills.running_subscription import Running, ahead, subscription_meant
from paydesk.skills.subscription import product_id
from paydesk.skills.subscription_state import SubscriptionState
from paydesk.skills.who import CustomerText

Proration = Literal["create_prorations", "always_invoice", "none"]
_PRORATED = {
    "create_prorations": "the difference for the rest of the period is put on the next invoice",
    "always_invoice": "the difference for the rest of the period is invoiced at once",
    "none": "nothing for the rest of the period",
}


class Params(WriteParams):
    subscription: SubscriptionId | None = None
    customer: CustomerText | None = None
    price: PriceId | None = None
    product: Annotated[ProductText, Field(description="To change to")] | None = None
    amount_minor: Annotated[int, Field(ge=1)] | None = None
    currency: CurrencyCode | None = None
    interval: Interval | None = None
    interval_count: IntervalCount | None = None
    quantity: Quantity | None = None
    proration: Proration = "create_prorations"
    trial_end: date | None = None
    cancel_at: date | None = None


class SubscriptionUpdated(SubscriptionState):
    """A subscription after a change."""

    def sentence(self) -> str:
        """What it is now."""
        trial = f", on trial until {self.trial_end}" if self.trial_end else ""
        ends = f", ends on {self.ends}" if self.ends else ""
        return f"Updated {self.subscription}: {self.costs} ({self.status}){trial}{ends}."


@skill(
    effect=Effect.MONEY,
    toolset="subscriptions",
    says=(
        "switch {customer} to the {product} plan",
        "change {subscription} to {price}",
        "change the quantity of {subscription} to {quantity}",
        "upgrade {customer} to {product}",
        "extend the trial of {customer} to {dates}",
    ),
    examples=(
        {"customer": "Jane Doe", "product": "Pro", "interval": "year", "proration": "always_invoice"},
        {"subscription": "sub_1MowQVLkdIwHu7ixeRlqHVzs", "quantity": 5},
    ),
)
async def update_subscription(params: Params, desk: Desk) -> Plan[SubscriptionUpdated]:
    """Switch a subscription to another price, change its quantity, trial or end; dry_run previews the cost."""
    found = await subscription_meant(desk, params.subscription, params.customer)
    change = await _item_change(params, found, desk)
    sent: Json = dict(change.sent)
    says = list(change.says)
    if params.trial_end is not None:
        sent["trial_end"] = _trial_end(params.trial_end, found, desk)
        says.append("end its trial now" if sent["trial_end"] == "now" else f"let its trial end on {params.trial_end}")
    if params.cancel_at is not None:
        sent["cancel_at"] = ahead(params.cancel_at, desk.now(), "cancel_at")
        says.append(f"let it end on {params.cancel_at}")
    if not sent:
        raise SkillError(
            "What should change?",
            code="nothing_to_change",
            field="price",
            next_step="Give price, product or amount, quantity, trial_end or cancel_at.",
        )
    sent["proration_behavior"] = params.proration
    invoiced = params.proration == "always_invoice" or change.new_interval or sent.get("trial_end") == "now"
    if change.sent and invoiced and found.body.get("collection_method") != "send_invoice":
        sent |= {"off_session": True, "payment_behavior": "error_if_incomplete"}
    told = await _foretold(found, change, sent, at_once=invoiced, desk=desk)
    return Plan(
        says=f"Change {found.told}: {', and '.join(says)}.",
        request=StripeRequest("POST", f"/v1/subscriptions/{found.id}", sent),
        moves=change.moves,
        undo="It can be changed back; what was invoiced meanwhile would have to be refunded.",
        warnings=(*found.warnings(), *change.warnings, *_warnings(params, found)),
        details=(
            *found.details(),
            *change.details,
            *((("Proration", _PRORATED[params.proration]),) if change.sent or "cancel_at" in sent else ()),
            *told,
        ),
        relies_on=found.relies_on() | change.relies_on,
        prepares=change.prepares,
        customer=str(found.customer["id"]),
        opposite=NextCall("update_subscription", change.back) if change.back and len(says) == 1 else None,
    )


class _Change:
    """What becomes of the one item: request, words, and the call that takes it back."""

    def __init__(self) -> None:
        self.sent: Json = {}
        self.says: list[str] = []
        self.moves: Stake | None = None
        self.details: list[tuple[str, str]] = []
        self.warnings: tuple[str, ...] = ()
        self.relies_on: dict[str, str | int | bool | None] = {}
        self.prepares: tuple[StripeRequest, ...] = ()
        self.new_interval = False
        self.back: Json = {}
        self.foretold: Json | None = None


async def _item_change(params: Params, found: Running, desk: Desk) -> _Change:
    change = _Change()
    asked = Asked(
        params.price, params.product, params.amount_minor, params.currency, params.interval, params.interval_count
    )
    if not asked and params.quantity is None:
        return change
    if len(found.items) != 1:
        raise SkillError(
            f"{found.told} bills {len(found.items)} prices; which of them changes has to be done at Stripe.",
            code="several_items",
            field="subscription",
        )
    item = found.items[0]
    chosen = await _price(asked, item, found, desk)
    if chosen.is_metered and params.quantity is not None:
        raise no_quantity(chosen)
    quantity = None if chosen.is_metered else params.quantity or item.get("quantity") or 1
    if chosen.id == item["price"]["id"] and quantity == item.get("quantity"):
        raise SkillError(
            f"{found.told} is so already.", code="nothing_to_change", field="quantity" if params.quantity else "price"
        )
    sent: Json = {"id": item["id"], "price": chosen.reference}
    if quantity is not None:
        sent["quantity"] = quantity
    change.sent = {"items": [sent]}
    priced = chosen.foretold_as()
    change.foretold = {name: value for name, value in sent.items() if name != "price"} | priced if priced else None
    _tell(change, chosen, item, quantity)
    change.back = {"subscription": found.id, "price": item["price"]["id"], "proration": params.proration}
    change.back |= {"quantity": item["quantity"]} if item.get("quantity") else {}
    return change


async def _price(asked: Asked, item: Json, found: Running, desk: Desk) -> Chosen:
    """The price afterwards: another one, or the same where only the quantity changes."""
    if not asked:
        name = found.names.get(product_id(item["price"])) or product_id(item["price"])
        return Chosen(item["price"], name, reference=str(item["price"]["id"]))
    billed_in = str(found.body["currency"])
    return await price_meant(desk.stripe, asked, billed_in=billed_in, instead_of=item["price"])


def _tell(change: _Change, chosen: Chosen, item: Json, quantity: int | None) -> None:
    before, after = price_text(item["price"], item.get("quantity")), price_text(chosen.price, quantity)
    if chosen.id != item["price"]["id"]:
        change.says.append(f"bill {chosen.name} at {after} instead of {before}")
    else:
        change.says.append(f"bill {quantity} instead of {item.get('quantity')}, {after} instead of {before}")
    made = "; no such price exists, so it is made first" if chosen.prepares else ""
    change.details.append(("Billed", f"{before} -> {after}{made}"))
    one, other = item["price"].get("recurring") or {}, chosen.price["recurring"]
    change.new_interval = any(one.get(name) != other.get(name) for name in ("interval", "interval_count"))
    cost = chosen.costs(quantity) if quantity is not None else None
    change.moves = Stake(cost, str(chosen.price["currency"])) if cost is not None else None
    change.prepares, change.relies_on = chosen.prepares, {"price": chosen.id}
    change.warnings = chosen.warnings
    if change.new_interval:
        change.warnings += ("Another interval begins a new period now, and it is billed now.",)


def _trial_end(on: date, found: Running, desk: Desk) -> int | str:
    """Stripe's `trial_end`; today ends the trial now."""
    if found.status != "trialing" and on <= desk.now().date():
        raise SkillError(f"{found.told} is not on trial.", code="not_on_trial", field="trial_end")
    return "now" if on == desk.now().date() else ahead(on, desk.now(), "trial_end")


async def _foretold(
    found: Running, change: _Change, sent: Mapping[str, Any], *, at_once: bool, desk: Desk
) -> list[tuple[str, str]]:
    known = ("items", "trial_end", "cancel_at", "proration_behavior")
    details = {name: sent[name] for name in known if name in sent}
    if change.sent and change.foretold is None:
        # Stripe foretells nothing for a product that is not there yet.
        cost = change.moves
        each = money(cost.amount_minor, cost.currency).text if cost else "by its price"
        return [("Each period", f"{each}, before tax, discounts and balance")]
    if change.foretold is not None:
        details["items"] = [change.foretold]
    asked = {"subscription": found.id, "subscription_details": details}
    told = await next_invoice(desk.stripe, asked, at_once=at_once)
    return told if at_once else [*told, ("Due now", "nothing")]


def _warnings(params: Params, found: Running) -> list[str]:
    warnings = []
    if found.paused:
        warnings.append("Collecting is paused; the pause stays as it is.")
    ends = found.body.get("cancel_at")
    if ends and params.cancel_at is None:
        warnings.append(f"It ends on {day(int(ends))} all the same.")
    if ends and params.cancel_at is not None:
        warnings.append(f"It was to end on {day(int(ends))}.")
    if params.trial_end is not None and found.status != "trialing":
        warnings.append("It is not on trial now: the time until then becomes free of charge.")
    return warnings
