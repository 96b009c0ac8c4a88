"""Take a payment: charge a saved payment method now, hold an amount, or prepare a payment for later."""

from typing import Annotated, Literal, Self

from pydantic import Field

from paydesk.skills.base import (
    Desk,
    Effect,
    Json,
    NextCall,
    Plan,
    Stake,
    StripeRequest,
    WriteParams,
    WriteResult,
    skill,
)
from paydesk.skills.chargeable import check_chargeable
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.money import CurrencyCode, Money, money
from paydesk.skills.period import day
from paydesk.skills.saved_method import MethodText, SavedMethod, method_meant, no_method
from paydesk.skills.usual import charge_warnings, like_proposals, past_payments
from paydesk.skills.who import CustomerText, choice, customer_meant, label

_LONGEST = 1_000  # https://docs.stripe.com/api/payment_intents/create: description


class Params(WriteParams):
    customer: CustomerText
    amount_minor: Annotated[int, Field(ge=1)]
    currency: CurrencyCode
    payment_method: MethodText | None = None
    description: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    confirm: Annotated[bool, Field(description="false: prepare it only, charge nothing")] = True
    capture: Annotated[Literal["now", "later"], Field(description="later: hold the amount for capture_payment")] = "now"


class PaymentMade(WriteResult):
    """A payment intent as Stripe has it now; `status` is Stripe's."""

    payment: str
    amount: Money
    status: str
    customer_id: str | None = None
    description: str | None = None
    created: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a payment intent."""
        customer = answer.get("customer")
        return cls(
            payment=str(answer["id"]),
            amount=money(int(answer["amount"]), str(answer["currency"])),
            status=str(answer["status"]),
            customer_id=customer["id"] if isinstance(customer, dict) else customer,
            description=clean_or_none(answer.get("description")),
            created=day(int(answer["created"])),
        )

    def sentence(self) -> str:
        """What was taken, held or prepared."""
        did = {
            "succeeded": "Charged",
            "requires_capture": "Held",
            "processing": "Started to charge",
            "requires_action": "Not charged yet, the customer has to confirm:",
        }.get(self.status, "Prepared a payment of")
        return f"{did} {self.amount.text} ({self.payment}, {self.status.replace('_', ' ')})."

    def opposite(self) -> NextCall | None:
        """A refund of what was taken; cancellation of what was only held or prepared."""
        back = "refund_payment" if self.status == "succeeded" else "cancel_payment"
        return NextCall(back, {"payment": self.payment})


@skill(
    effect=Effect.MONEY,
    toolset="payments",
    says=(
        "charge {customer} {money}",
        "take a payment of {money} from {customer}",
        "bill {customer} {money}",
        "hold {money} on the card of {customer}",
    ),
    examples=(
        {"customer": "jane@example.com", "amount_minor": 2500, "currency": "usd", "description": "Workshop"},
        {"customer": "Acme Corp", "amount_minor": 90000, "currency": "eur", "capture": "later"},
    ),
)
async def create_payment(params: Params, desk: Desk) -> Plan[PaymentMade]:
    """Charge a customer's saved payment method; a person approves it first."""
    if not params.confirm and params.capture == "later" and params.payment_method is None:
        raise SkillError(
            "A hold is taken from a payment method at once: confirm false does not go with capture later.",
            code="hold_without_confirm",
            field="capture",
        )
    customer = await customer_meant(desk, params.customer)
    check_chargeable(params.amount_minor, params.currency)
    method = await _method(params, customer, desk)
    past = await past_payments(desk.stripe, str(customer["id"]))
    warnings = charge_warnings(past, params.amount_minor, params.currency, desk.now().timestamp())
    if method is not None and method.expired:
        warnings.append(f"The card has expired ({method.text}); its bank may refuse.")
    amount, who = money(params.amount_minor, params.currency).text, label(customer)
    says = _says(params, amount, who)
    warnings += await like_proposals(desk, (f"{who} {amount}",), says)
    return Plan(
        says=says,
        request=StripeRequest("POST", "/v1/payment_intents", _sent(params, customer, method)),
        moves=Stake(params.amount_minor, params.currency) if params.confirm else None,
        undo=_undo(params),
        warnings=tuple(warnings),
        details=tuple(_details(params, customer, method)),
        relies_on={
            "customer": str(customer["id"]),
            "payment_method": method.id if method else None,
            "latest_payment": past[0].id if past else None,
        },
        customer=str(customer["id"]),
    )


async def _method(params: Params, customer: Json, desk: Desk) -> SavedMethod | None:
    if not params.confirm and params.payment_method is None:
        return None  # whoever confirms it later chooses
    method = await method_meant(desk.stripe, customer, params.payment_method, desk.now())
    if method is None and params.confirm:
        raise no_method(customer)
    return method


def _sent(params: Params, customer: Json, method: SavedMethod | None) -> Json:
    sent: Json = {"amount": params.amount_minor, "currency": params.currency, "customer": customer["id"]}
    if params.description:
        sent["description"] = clean(params.description, _LONGEST)
    if method is not None:
        # The method's own type alone: Stripe then asks for no page to return to.
        sent |= {"payment_method": method.id, "payment_method_types": [method.type]}
    else:
        sent["automatic_payment_methods"] = {"enabled": True}
    if params.confirm:
        sent |= {"confirm": True, "off_session": True}
    if params.capture == "later":
        sent["capture_method"] = "manual"
    return sent


def _says(params: Params, amount: str, who: str) -> str:
    about = f' for "{clean(params.description, 60)}"' if params.description else ""
    if not params.confirm:
        return f"Prepare a payment of {amount} from {who}{about}, without charging it."
    if params.capture == "later":
        return f"Hold {amount} on the payment method of {who}{about}."
    return f"Charge {who} {amount}{about}."


def _undo(params: Params) -> str:
    if not params.confirm:
        return "The payment can be canceled as long as nobody has paid it."
    if params.capture == "later":
        return "The hold can be released with cancel_payment."
    return "The payment can be refunded; Stripe keeps its fee."


def _details(params: Params, customer: Json, method: SavedMethod | None) -> list[tuple[str, str]]:
    told = [("Customer", choice(customer))]
    if method is not None:
        told.append(("Charged to" if params.confirm else "Payment method", f"{method.text} ({method.id})"))
    if params.confirm:
        told.append(("Customer present", "no: charged without them, so a bank that wants to ask them declines"))
    if params.capture == "later" and params.confirm:
        told.append(("Captured", "not now; most cards release a hold after 7 days"))
    if params.description:
        told.append(("Description", clean(params.description, _LONGEST)))
    return told
