"""Pay out: move what is available in the balance to the bank."""

from typing import Annotated, Literal

from pydantic import Field

from paydesk.skills.bank import bank_meant
from paydesk.skills.base import Desk, Effect, Json, NextCall, Plan, Stake, StripeRequest, WriteParams, skill
from paydesk.skills.chargeable import check_step
from paydesk.skills.errors import Ambiguous, SkillError
from paydesk.skills.money import CurrencyCode, money
from paydesk.skills.payout import PayoutState
from paydesk.skills.usual import like_proposals


class Params(WriteParams):
    amount_minor: Annotated[int, Field(ge=1)] | None = None
    currency: CurrencyCode | None = None
    method: Literal["standard", "instant"] = "standard"
    bank_account: Annotated[str, Field(min_length=4, max_length=100, description="ba_ id or last 4")] | None = None


class PayoutMade(PayoutState):
    """A payout on its way."""

    def sentence(self) -> str:
        """How much, and when it arrives."""
        return f"Payout of {self.amount.text} ({self.payout}, {self.status}), to arrive {self.arrives}."

    def opposite(self) -> NextCall | None:
        """Cancelling it while it is pending."""
        return NextCall("cancel_payout", {"payout": self.payout}) if self.status == "pending" else None


@skill(
    effect=Effect.MONEY,
    toolset="payouts",
    says=("pay out {money}", "pay out {money} to the bank", "create a payout of {money}"),
    examples=({"amount_minor": 50000, "currency": "usd"}, {"currency": "eur", "method": "instant"}),
)
async def create_payout(params: Params, desk: Desk) -> Plan[PayoutMade]:
    """Pay out the available balance, or an amount of it, to the bank."""
    available = await _available(params.method, desk)
    currency = params.currency or _only(available)
    have = available.get(currency, 0)
    wanted = have if params.amount_minor is None else params.amount_minor
    instant = params.method == "instant"
    if wanted <= 0 or wanted > have:
        kind = "available for instant payouts" if instant else "available"
        raise SkillError(
            f"{money(max(have, 0), currency).text} is {kind} in {currency.upper()}.",
            code="balance_insufficient",
            field="amount_minor",
            next_step="get_balance shows what is available and what is pending.",
        )
    check_step(wanted, currency)
    bank = await bank_meant(desk.stripe, params.bank_account, currency) if params.bank_account else None
    sent: Json = {"amount": wanted, "currency": currency}
    if instant:
        sent["method"] = "instant"
    if bank is not None:
        sent["destination"] = bank.id
    told = money(wanted, currency).text
    says = f"Pay out {told}{' instantly' if instant else ''} to {bank.text if bank else 'the default bank account'}."
    warnings = [] if bank is None or bank.instant or not instant else [f"{bank.text} may not take instant payouts."]
    return Plan(
        says=says,
        request=StripeRequest("POST", "/v1/payouts", sent),
        moves=Stake(-wanted, currency),
        undo="cancel_payout stops it while it is pending." if not instant else None,
        warnings=(*warnings, *await like_proposals(desk, (f"Pay out {told}",), says)),
        details=(
            ("Left available", money(have - wanted, currency).text),
            *((("Fee", "Stripe takes one for an instant payout"),) if instant else ()),
        ),
        relies_on={"currency": currency, "bank_account": bank.id if bank else None},
    )


async def _available(method: str, desk: Desk) -> dict[str, int]:
    """What can be paid out by currency, in Stripe's minor units."""
    balance = await desk.stripe.get("/v1/balance")
    kind = "instant_available" if method == "instant" else "available"
    found: dict[str, int] = {}
    for one in balance.get(kind) or ():
        found[str(one["currency"])] = int(one["amount"])
    return found


def _only(available: dict[str, int]) -> str:
    """The one currency that there is something in. Raises SkillError or Ambiguous."""
    held = sorted(code for code, amount in available.items() if amount > 0)
    if len(held) == 1:
        return held[0]
    if not held:
        raise SkillError("Nothing is available to pay out.", code="balance_insufficient", field="amount_minor")
    raise Ambiguous(
        "The balance holds several currencies: which one?", code="currency_missing", field="currency", choices=held
    )
