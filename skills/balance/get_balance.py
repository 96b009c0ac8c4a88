"""What the account holds, by currency. Currencies are never added together."""

from collections.abc import Iterator
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from paydesk.skills.base import Desk, Effect, Json, Result, Strict, skill
from paydesk.skills.exchange import at_text, rate_of
from paydesk.skills.hostile_text import clean
from paydesk.skills.money import CurrencyCode, Money, money
from paydesk.skills.reading import Detail

Kind = Literal["available", "pending", "instant_available"]
_KINDS: tuple[Kind, ...] = get_args(Kind)


class Params(Strict):
    currency: CurrencyCode | None = None
    kind: Kind | None = None
    convert_to: CurrencyCode | None = None
    detail: Detail = "concise"


class Source(BaseModel):
    """One part of a balance by the kind of payment it came from (`card`, `bank_account`, ...)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    source: str
    part: Money


class Held(BaseModel):
    """What is held in one currency; `instant_available` can be paid out at once; `sources` only where full."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    currency: str
    available: Money | None = None
    pending: Money | None = None
    instant_available: Money | None = None
    sources: list[Source] | None = None


class Together(BaseModel):
    """All currencies in one by Stripe's `rates` (exact text) of the moment `at`, UTC: a worth, not money to be had."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    available: Money | None = None
    pending: Money | None = None
    instant_available: Money | None = None
    rates: list[str]
    source: str
    at: str

    def told(self) -> str:
        """The sums with their rates and date."""
        worth = {kind: getattr(self, kind) for kind in _KINDS if getattr(self, kind) is not None}
        sums = [f"{amount.text} {kind.replace('_', ' ')}" for kind, amount in worth.items()]
        by = f"{', '.join(self.rates)} at {self.at} by {self.source}" if self.rates else "no conversion was needed"
        return f"Together worth {', '.join(sums)} ({by})."


class Balance(Result):
    """One entry a currency, in Stripe's order; `asked_for` and `other_currencies` only where none was found.

    `together` only where one sum was asked for.
    """

    balances: list[Held]
    together: Together | None = None
    asked_for: str | None = None
    other_currencies: list[str] | None = None

    def sentence(self) -> str:
        """Every kind of balance with its amounts, the currencies side by side."""
        if not self.balances:
            held = ", ".join(code.upper() for code in self.other_currencies or ())
            return f"The account holds no {self.asked_for or 'balance'}" + (f"; it holds {held}." if held else ".")
        said = []
        for kind in _KINDS:
            amounts = [amount.text for held in self.balances if (amount := getattr(held, kind)) is not None]
            if amounts:
                said.append(f"{kind.replace('_', ' ')} {', '.join(amounts)}")
        text = "; ".join(said)
        one_sum = f" {self.together.told()}" if self.together else ""
        return f"{text[:1].upper()}{text[1:]}.{one_sum}"

    def lines(self) -> list[str]:
        """Where the money came from."""
        return [
            f"{one.kind}: {one.part.text} from {one.source}" for held in self.balances for one in held.sources or ()
        ]


@skill(
    effect=Effect.READ,
    toolset="account",
    says=(
        "what's my balance",
        "show my balance in {currency}",
        "how much money do we have",
        "how much is available",
        "how much is pending",
        "what can be paid out instantly",
        "do we have enough balance",
        "available funds",
    ),
    examples=({}, {"currency": "eur"}, {"kind": "available", "convert_to": "usd"}),
)
async def get_balance(params: Params, desk: Desk) -> Balance:
    """Show the account's balance by currency: how much is available, pending, instantly available."""
    found = await desk.stripe.get("/v1/balance")
    kinds = (params.kind,) if params.kind else _KINDS
    by_currency: dict[str, dict[Kind, Json]] = {}
    for kind in kinds:
        for entry in found.get(kind) or ():
            by_currency.setdefault(entry["currency"], {})[kind] = entry
    wanted = [code for code in by_currency if params.currency in (None, code)]
    full = params.detail == "full"
    if not wanted:
        name = " ".join(word for word in (params.kind, (params.currency or "").upper(), "balance") if word)
        return Balance(balances=[], asked_for=name.replace("_", " "), other_currencies=list(by_currency) or None)
    held = [_held(code, by_currency[code], full=full) for code in wanted]
    together = await _together(held, params.convert_to, desk) if params.convert_to else None
    return Balance(balances=held, together=together)


async def _together(held: list[Held], to: str, desk: Desk) -> Together:
    """Each currency at its own rate, then added; one of `to` itself is taken as it is."""
    others = [one.currency for one in held if one.currency != to]
    rates = {currency: await rate_of(desk, currency, to, field="convert_to") for currency in others}
    sums: dict[str, int] = {}
    for one in held:
        for kind in _KINDS:
            amount: Money | None = getattr(one, kind)
            if amount is not None:
                rate = rates.get(one.currency)
                worth = rate.worth(amount.amount_minor) if rate else amount
                sums[kind] = sums.get(kind, 0) + worth.amount_minor
    return Together(
        rates=[rate.pair for rate in rates.values()],
        source=" and ".join(dict.fromkeys(rate.by for rate in rates.values())),
        at=at_text(desk),
        **{kind: money(total, to) for kind, total in sums.items()},
    )


def _held(currency: str, entries: dict[Kind, Json], *, full: bool) -> Held:
    amounts = {kind: money(entry["amount"], currency) for kind, entry in entries.items()}
    sources = list(_sources(entries)) if full else None
    return Held(currency=currency, sources=sources or None, **amounts)


def _sources(entries: dict[Kind, Json]) -> Iterator[Source]:
    for kind, entry in entries.items():
        for source, amount in (entry.get("source_types") or {}).items():
            yield Source(kind=kind, source=clean(source), part=money(amount, entry["currency"]))
