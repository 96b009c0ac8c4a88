"""The bank accounts and cards that this account's payouts go to."""

from dataclasses import dataclass

from paydesk.skills.base import Json, StripeReader
from paydesk.skills.errors import Ambiguous, NotFound
from paydesk.skills.hostile_text import clean

_MOST = 100


@dataclass(frozen=True)
class Bank:
    """Where payouts go: `text` as a person knows it, `is_default` for its currency, `instant`: in minutes too."""

    id: str
    text: str
    currency: str
    country: str
    is_default: bool
    instant: bool
    status: str
    last4: str


async def banks(stripe: StripeReader) -> list[Bank]:
    """All of them, newest first."""
    account = await stripe.get("/v1/account")
    page = await stripe.page(f"/v1/accounts/{account['id']}/external_accounts", {"limit": _MOST})
    return [_bank(one) for one in page.data]


async def bank_meant(stripe: StripeReader, text: str, currency: str) -> Bank:
    """The one of this id, or with these last four digits. Raises NotFound, Ambiguous with choices."""
    every = [one for one in await banks(stripe) if one.currency == currency]
    found = [one for one in every if text in (one.id, one.last4)]
    if len(found) == 1:
        return found[0]
    kind = Ambiguous if found else NotFound
    says = f"{len(found)} bank accounts end in {clean(text, 20)}." if found else "There is no such bank account"
    raise kind(
        says if found else f"{says} for {currency.upper()}.",
        field="bank_account",
        choices=[f"{one.text} {one.id}" for one in (found or every)[:8]],
        next_step="list_bank_accounts shows them.",
    )


def _bank(found: Json) -> Bank:
    name = found.get("bank_name") or found.get("brand") or found.get("object")
    last4 = clean(found.get("last4") or "", 8)
    return Bank(
        id=str(found["id"]),
        text=f"{clean(name, 40)} •{last4}",
        currency=str(found.get("currency") or ""),
        country=clean(found.get("country") or "", 2),
        is_default=bool(found.get("default_for_currency")),
        instant="instant" in (found.get("available_payout_methods") or ()),
        status=clean(found.get("status") or "", 30),
        last4=last4,
    )
