"""Start a subscription: on a price that there is, or on one that is made for it."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, NextCall, Plan, Stake, StripeRequest, WriteParams, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.foretold import next_invoice
from paydesk.skills.money import CurrencyCode, money
from paydesk.skills.period import day
from paydesk.skills.price import Interval, IntervalCount, ProductText
from paydesk.skills.recurring import Asked, Chosen, PriceId, Quantity, no_quantity, price_meant
from paydesk.skills.running_subscription import ENDED, ahead
from paydesk.skills.saved_method import MethodText, SavedMethod, method_meant, no_method
from paydesk.skills.subscription import products_of
from paydesk.skills.subscription_state import SubscriptionState
from paydesk.skills.usual import like_proposals
from paydesk.skills.who import CustomerText, choice, customer_meant, label

_LOOKED_AT = 100
TrialDays = Annotated[int, Field(ge=1, le=730)]  # https://docs.stripe.com/api/subscriptions/create


class Params(WriteParams):
    customer: CustomerText
    price: PriceId | None = None
    product: ProductText | None = None
    amount_minor: Annotated[int, Field(ge=1)] | None = None
    currency: CurrencyCode | None = None
    interval: Interval | None = None
    interval_count: IntervalCount | None = None
    quantity: Quantity | None = None
    trial_days: TrialDays | None = None
    trial_end: date | None = None
    start_date: Annotated[date, Field(description="First charge")] | None = None
    payment_method: MethodText | None = None
    days_until_due: Annotated[int, Field(ge=0, le=730, description="Send invoices instead of charging")] | None = None


class SubscriptionCreated(SubscriptionState):
    """A subscription that was started."""

    def sentence(self) -> str:
        """What was started."""
        trial = f", on trial until {self.trial_end}" if self.trial_end else ""
        return f"Started {self.subscription} at {self.costs} ({self.status}){trial}."

    def opposite(self) -> NextCall | None:
        """Its cancellation, at once."""
        return NextCall("cancel_subscription", {"subscription": self.subscription, "at_period_end": False})


@skill(
    effect=Effect.MONEY,
    toolset="subscriptions",
    says=(
        "subscribe {customer} to {product}",
        "start a {money} {interval} subscription for {customer}",
        "sign {customer} up for the {product} plan",
        "put {customer} on {price} with {trial_days} days of trial",
    ),
    examples=(
        {"customer": "Acme Corp", "amount_minor": 4999, "currency": "usd", "interval": "month"},
        {"customer": "jane@example.com", "product": "Pro", "interval": "year", "trial_days": 14},
    ),
)
async def create_subscription(params: Params, desk: Desk) -> Plan[SubscriptionCreated]:
    """Subscribe a customer to a price, found or made for it; a person approves it first."""
    customer = await customer_meant(desk, params.customer)
    asked = Asked(
        params.price, params.product, params.amount_minor, params.currency, params.interval, params.interval_count
    )
    chosen = await price_meant(desk.stripe, asked, billed_in=customer.get("currency"))
    if chosen.is_metered and params.quantity is not None:
        raise no_quantity(chosen)
    start = _start(params, desk)
    method = await _method(params, customer, chosen, start, desk)
    others = await desk.stripe.page(
        "/v1/subscriptions", {"customer": customer["id"], "status": "all", "limit": _LOOKED_AT}
    )
    cost = chosen.costs(_quantity(params))
    currency = str(chosen.price["currency"])
    count = f"{_quantity(params)} x " if _quantity(params) != 1 else ""
    says = f"Subscribe {label(customer)}{chosen.to} at {count}{chosen.text}{_starting(params)}."
    return Plan(
        says=says,
        request=StripeRequest("POST", "/v1/subscriptions", _sent(params, customer, chosen, start, method)),
        moves=Stake(cost, currency) if cost is not None else None,
        undo="It can be canceled at any time; what it has billed would have to be refunded.",
        warnings=(
            *chosen.warnings,
            *_warnings(params, others.data, chosen, method),
            *await like_proposals(desk, (f"Subscribe {label(customer)} ",), says),
        ),
        details=(
            ("Customer", choice(customer)),
            ("Price", _price_told(chosen, count)),
            *await _billing(params, customer, chosen, start, desk),
            *_paying(params, method),
        ),
        relies_on={
            "customer": str(customer["id"]),
            "price": chosen.id,
            "payment_method": method.id if method else None,
            "subscriptions": ",".join(sorted(str(one["id"]) for one in others.data if one["status"] not in ENDED)),
        },
        prepares=chosen.prepares,
        customer=str(customer["id"]),
    )


def _quantity(params: Params) -> int:
    return params.quantity or 1


def _start(params: Params, desk: Desk) -> int | None:
    """The second at which a trial or the wait for the first charge ends; None where neither was asked by its date.

    Raises SkillError for more than one of them, or a day that is past.
    """
    given = [name for name in ("trial_days", "trial_end", "start_date") if getattr(params, name) is not None]
    if len(given) > 1:
        raise SkillError(
            f"Give one of {' and '.join(given)}: each says when the first charge is.",
            code="two_starts",
            field=given[1],
        )
    if params.start_date == desk.now().date():
        return None
    for name in ("trial_end", "start_date"):
        on = getattr(params, name)
        if on is not None:
            if on > desk.now().date() + timedelta(days=730):
                raise SkillError(f"{name} may be at most two years ahead.", code="date_too_far", field=name)
            return ahead(on, desk.now(), name)
    return None


async def _method(params: Params, customer: Json, chosen: Chosen, start: int | None, desk: Desk) -> SavedMethod | None:
    """What will be charged. Raises SkillError where something is due now and nothing is saved to pay it with."""
    if params.days_until_due is not None:
        if params.payment_method is not None:
            raise SkillError(
                "An invoice that is sent is paid by hand: payment_method does not go with days_until_due.",
                code="two_ways_to_pay",
                field="payment_method",
            )
        return None
    method = await method_meant(desk.stripe, customer, params.payment_method, desk.now())
    waits = start is not None or params.trial_days is not None
    if method is None and not waits and chosen.costs(_quantity(params)) != 0:
        raise no_method(customer)
    return method


def _sent(params: Params, customer: Json, chosen: Chosen, start: int | None, method: SavedMethod | None) -> Json:
    sent: Json = {
        "customer": customer["id"],
        "items": [_item(chosen.reference, chosen, params)],
        "off_session": True,
    }
    if params.days_until_due is not None:
        sent |= {"collection_method": "send_invoice", "days_until_due": params.days_until_due}
    else:
        # All or nothing: a subscription whose first charge fails is not left behind half begun.
        sent["payment_behavior"] = "error_if_incomplete"
    if method is not None and not method.is_default:
        sent["default_payment_method"] = method.id
    if params.trial_days is not None:
        sent["trial_period_days"] = params.trial_days
    if start is not None:
        # Stripe charges nothing before the trial's end, so a first charge to come is a trial until then.
        sent["trial_end"] = start
    return sent


def _item(price: object, chosen: Chosen, params: Params) -> Json:
    return {"price": price} if chosen.is_metered else {"price": price, "quantity": _quantity(params)}


def _starting(params: Params) -> str:
    if params.trial_days is not None:
        return f", after a trial of {params.trial_days} day{'' if params.trial_days == 1 else 's'}"
    if params.trial_end is not None:
        return f", after a trial until {params.trial_end}"
    return f", first charged on {params.start_date}" if params.start_date else ""


def _price_told(chosen: Chosen, count: str) -> str:
    if not chosen.prepares:
        return f"{chosen.name}, {count}{chosen.text} ({chosen.id})"
    product = chosen.price["product"]
    of = f"of {chosen.name} ({product['id']})" if product["id"] else f'and a new product "{chosen.name}"'
    return f"{count}{chosen.text}; no such price exists, so it is made first: a new price {of}"


async def _billing(
    params: Params, customer: Json, chosen: Chosen, start: int | None, desk: Desk
) -> list[tuple[str, str]]:
    cost, currency = chosen.costs(_quantity(params)), str(chosen.price["currency"])
    whole = money(cost, currency).text if cost is not None else chosen.text
    if params.trial_days is not None:
        start = int((desk.now() + timedelta(days=params.trial_days)).timestamp())
    if start is not None:
        shown = [("First charge", f"{whole} on {day(start)}; nothing before")]
        if params.start_date is not None:
            shown.append(("Until then", "it stands at Stripe as a trial"))
        return shown
    priced = chosen.foretold_as()
    if priced is None:
        return [("Invoiced at once", f"{whole}, before tax, discounts and balance")]
    item = priced if chosen.is_metered else {**priced, "quantity": _quantity(params)}
    asked = {"customer": customer["id"], "subscription_details": {"items": [item]}}
    return await next_invoice(desk.stripe, asked, at_once=True)


def _paying(params: Params, method: SavedMethod | None) -> list[tuple[str, str]]:
    if params.days_until_due is not None:
        return [("Paid", f"by invoices that are sent, due after {params.days_until_due} days")]
    return [("Charged to", f"{method.text} ({method.id})")] if method else []


def _warnings(params: Params, others: list[Json], chosen: Chosen, method: SavedMethod | None) -> list[str]:
    found = []
    product = chosen.price["product"]
    product_id = product["id"] if isinstance(product, dict) else product
    alike = [one for one in others if one["status"] not in ENDED and product_id in products_of(one)]
    running = [one for one in others if one["status"] not in ENDED]
    if alike:
        found.append(f"The customer has a subscription to {chosen.name} already ({alike[0]['id']}).")
    elif running:
        found.append(f"The customer has another subscription ({running[0]['id']}).")
    tried = [one for one in others if one.get("trial_start")]
    if tried and (params.trial_days is not None or params.trial_end is not None):
        found.append(f"The customer has had a trial before ({tried[0]['id']}, {day(int(tried[0]['trial_start']))}).")
    if params.days_until_due is None and method is None and chosen.costs(_quantity(params)) != 0:
        found.append("No payment method is saved: unless one is added, the first charge will fail.")
    if method is not None and method.expired:
        found.append(f"The card has expired ({method.text}); its bank may refuse.")
    return found
