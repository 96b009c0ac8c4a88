"""Take a payment in person: a card reader waits for a card."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, NextCall, Plan, Prepared, Stake, StripeRequest, WriteParams, skill
from paydesk.skills.chargeable import check_chargeable
from paydesk.skills.errors import SkillError
from paydesk.skills.ids import checked_id
from paydesk.skills.money import CurrencyCode, Money, money
from paydesk.skills.reader import ReaderState, ReaderText, called, doing, reader_meant


class Params(WriteParams):
    reader: ReaderText
    amount_minor: Annotated[int, Field(ge=1)] | None = None
    currency: CurrencyCode | None = None
    payment_intent: Annotated[str, Field(max_length=100, description="Instead of an amount")] | None = None


class ReaderAsked(ReaderState):
    """A reader that waits for a card."""

    def sentence(self) -> str:
        """Which reader, for which payment."""
        return f"{self.label} ({self.reader}) waits for a card for {self.payment}; list_readers shows how it ends."

    def opposite(self) -> NextCall | None:
        """Stopping the reader."""
        return NextCall("cancel_reader_action", {"reader": self.reader})


@skill(
    effect=Effect.MONEY,
    toolset="terminal",
    says=("take {money} on {reader}", "charge {money} on {reader}"),
    examples=(
        {"reader": "Front desk", "amount_minor": 1250, "currency": "usd"},
        {"reader": "tmr_FDOt2wlRZEdpd7", "payment_intent": "pi_3MtwBwLkdIwHu7ix28a3tqPa"},
    ),
)
async def process_on_reader(params: Params, desk: Desk) -> Plan[ReaderAsked]:
    """Take a card payment in person on a reader (Terminal)."""
    reader = await reader_meant(desk.stripe, params.reader)
    busy = doing(reader)
    if busy and (reader.get("action") or {}).get("status") == "in_progress":
        raise SkillError(
            f"{called(reader)} is busy ({busy}).",
            code="reader_busy",
            field="reader",
            next_step="cancel_reader_action stops it.",
        )
    amount, prepares, payment = await _payment(params, desk)
    offline = reader.get("status") == "offline"
    return Plan(
        says=f"Take {amount.text} in person on the reader {called(reader)}.",
        prepares=prepares,
        request=StripeRequest(
            "POST", f"/v1/terminal/readers/{reader['id']}/process_payment_intent", {"payment_intent": payment}
        ),
        moves=Stake(amount.amount_minor, amount.currency),
        undo="cancel_reader_action stops it before a card is presented; afterwards refund_payment.",
        warnings=("The reader was offline when it was last seen.",) if offline else (),
        details=(("Charged", "when the customer presents a card"),),
        relies_on={"reader": str(reader["id"]), "amount_minor": amount.amount_minor, "currency": amount.currency},
    )


async def _payment(params: Params, desk: Desk) -> tuple[Money, tuple[StripeRequest, ...], str | Prepared]:
    """What is taken, the payment that is made for it where none was named, and how to name it."""
    if (params.payment_intent is None) == (params.amount_minor is None):
        raise SkillError("Give either amount_minor or payment_intent.", code="amount_missing", field="amount_minor")
    if params.payment_intent is not None:
        return await _existing(params.payment_intent, desk)
    if params.currency is None:
        raise SkillError("Which currency is the amount in?", code="currency_missing", field="currency")
    wanted = params.amount_minor or 0
    check_chargeable(wanted, params.currency)
    sent: Json = {"amount": wanted, "currency": params.currency, "payment_method_types": ["card_present"]}
    return money(wanted, params.currency), (StripeRequest("POST", "/v1/payment_intents", sent),), Prepared(0)


async def _existing(text: str, desk: Desk) -> tuple[Money, tuple[StripeRequest, ...], str]:
    identifier = checked_id(text, "pi", field="payment_intent")
    intent = await desk.stripe.get(f"/v1/payment_intents/{identifier}")
    amount = money(int(intent["amount"]), str(intent["currency"]))
    in_person = {"card_present", "interac_present"} & set(intent.get("payment_method_types") or ())
    if intent["status"] != "requires_payment_method" or not in_person:
        raise SkillError(
            f"The payment of {amount.text} is {str(intent['status']).replace('_', ' ')}"
            f"{'' if in_person else ', and not made for cards in person'}; a reader cannot take it.",
            code="payment_not_in_person",
            field="payment_intent",
            next_step="Give amount_minor and currency: a payment for the reader is made then.",
        )
    return amount, (), identifier
