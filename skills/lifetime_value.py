"""What a customer has paid so far: successful charges less what was given back, each currency for itself."""

from dataclasses import dataclass, field

from paydesk.skills.base import Json, StripeReader
from paydesk.skills.charge import given_back
from paydesk.skills.money import Money, money, totals

# Ten pages: an answer about one customer should not take longer, and few customers have paid more often.
CHARGES_MOST = 1_000


@dataclass
class Lifetime:
    """`kept_minor`: currency -> minor units; `looked_at` counts charges, failed ones too; `whole`: all were read."""

    kept_minor: dict[str, int] = field(default_factory=dict)
    payments: int = 0
    looked_at: int = 0
    whole: bool = True

    @property
    def value(self) -> list[Money]:
        """One amount a currency, in the order of the codes."""
        return [money(kept, currency) for currency, kept in sorted(self.kept_minor.items())]


def told(value: list[Money], payments: int, looked_at: int | None) -> str:
    """In words: `Paid $120.00 after refunds, in 3 payments.`; `looked_at` where that was not all."""
    among = f" among the newest {looked_at:,} charges; there are more" if looked_at else ""
    if not payments:
        return f"No payment succeeded{among or ' so far'}."
    return f"Paid {totals(value)} after refunds, in {payments:,} payment{'' if payments == 1 else 's'}{among}."


async def lifetime_of(stripe: StripeReader, customer_id: str) -> Lifetime:
    """Read the customer's charges, the newest CHARGES_MOST at the most.

    Money that a dispute took is not deducted: it may come back.
    """
    found = Lifetime()
    async for charge in stripe.every("/v1/charges", {"customer": customer_id}, most=CHARGES_MOST + 1):
        if found.looked_at == CHARGES_MOST:
            found.whole = False
            break
        found.looked_at += 1
        _add(found, charge)
    return found


def _add(found: Lifetime, charge: Json) -> None:
    if not charge.get("paid") or not charge.get("captured"):
        return
    currency = str(charge["currency"])
    kept = int(charge["amount_captured"]) - given_back(charge)
    found.kept_minor[currency] = found.kept_minor.get(currency, 0) + kept
    found.payments += 1
