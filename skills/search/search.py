"""One query over everything: ids, e-mails, names, metadata, invoice numbers, descriptions."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field

from paydesk.skills import reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
from paydesk.skills.errors import NotFound, SkillError
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.money import money
from paydesk.skills.payment import EXPANDED, payment_of
from paydesk.skills.period import day
from paydesk.skills.who import by_email, by_name, choice

Scope = Literal["customers", "payments", "subscriptions", "invoices", "products"]
_SCOPES: tuple[Scope, ...] = ("customers", "payments", "subscriptions", "invoices", "products")
_PATHS: dict[Scope, str] = {
    "customers": "/v1/customers",
    "payments": "/v1/payment_intents",
    "subscriptions": "/v1/subscriptions",
    "invoices": "/v1/invoices",
    "products": "/v1/products",
}
# Prefix of an id -> where it can be read. Stripe's ids say what they are.
_BY_PREFIX: dict[str, tuple[str, str]] = {
    "cus": ("customer", "/v1/customers"),
    "pi": ("payment", "/v1/payment_intents"),
    "ch": ("charge", "/v1/charges"),
    "py": ("charge", "/v1/charges"),
    "re": ("refund", "/v1/refunds"),
    "sub": ("subscription", "/v1/subscriptions"),
    "in": ("invoice", "/v1/invoices"),
    "prod": ("product", "/v1/products"),
    "price": ("price", "/v1/prices"),
    "dp": ("dispute", "/v1/disputes"),
    "du": ("dispute", "/v1/disputes"),
    "po": ("payout", "/v1/payouts"),
}
_ID = re.compile(rf"({'|'.join(_BY_PREFIX)})_[A-Za-z0-9]{{1,80}}")
_METADATA = re.compile(r"(?:metadata\s+)?([\w.-]{1,40})\s*[=:]\s*(.{1,200})", re.DOTALL)
_NUMBER = re.compile(r"[A-Za-z0-9]{1,20}(?:-[A-Za-z0-9]{1,12})+")
_DESCRIPTIONS_LOOKED_AT = 300  # Stripe's search knows no descriptions of payments, so the newest are looked through


class Params(Strict):
    query: Annotated[str, Field(min_length=1, max_length=300, description="Id, e-mail, number, key=value")]
    scope: Scope | None = None
    limit: reading.Limit = 10
    detail: reading.ListDetail = "concise"


class Hit(reading.Row):
    """One thing that was found: what it is, its id, and how a person recognises it."""

    kind: str
    id: str
    text: str


class Hits(reading.Listed):
    """What was found, resource by resource; `searched` says where and how far was looked."""

    hits: list[Hit]
    searched: list[str]

    def told(self) -> list[str]:
        """One line a hit."""
        return [f"{hit.kind} {hit.text} {hit.id}" for hit in self.hits]


@dataclass
class _Looked:
    """What one look found, where it looked, and whether there is more than it read."""

    hits: list[Hit] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    more: bool = False

    def add(self, other: "_Looked") -> None:
        self.hits += other.hits
        self.where += other.where
        self.more = self.more or other.more


@skill(
    effect=Effect.READ,
    toolset="desk",
    says=("search for {query}", "look for metadata {query}", "find records related to {query}"),
    examples=({"query": "order_id=8812"}, {"query": "Donation 2026", "scope": "payments"}),
)
async def search(params: Params, desk: Desk) -> Hits:
    """Search customers, payments, subscriptions, invoices and products by id, name, metadata or text."""
    text = params.query.strip()
    if not text:
        raise SkillError("query is empty.", code="empty_query", field="query")
    scopes = (params.scope,) if params.scope else _SCOPES
    looked = await _look(desk, text, scopes)
    shown = looked.hits[: params.limit]
    where, count = ", ".join(looked.where), f"{'at least ' if looked.more else ''}{len(looked.hits)}"
    said = f"{count} found for {clean(text, 60)}" if looked.hits else f"Nothing found for {clean(text, 60)}"
    has_more = looked.more or len(looked.hits) > len(shown)
    more = f"; {len(shown)} are shown" if has_more else ""
    return Hits(hits=shown, has_more=has_more, searched=looked.where, says=f"{said} in {where}{more}.")


async def _look(desk: Desk, text: str, scopes: tuple[Scope, ...]) -> _Looked:
    if _ID.fullmatch(text):
        return await _by_id(desk, text)
    if "@" in text and " " not in text:
        return _Looked([_hit("customer", one) for one in await by_email(desk.stripe, text)], ["customers by e-mail"])
    if tagged := _METADATA.fullmatch(text):
        name, value = (part.strip().strip("\"'") for part in tagged.groups())
        query = f'metadata["{_quoted(name)}"]:"{_quoted(value)}"'
        looked = _Looked()
        for scope in scopes:
            looked.add(await _queried(desk, scope, query, f"{scope} by metadata"))
        return looked
    looked = _Looked()
    for scope in scopes:
        if (look := _BY_TEXT.get(scope)) is not None:
            looked.add(await look(desk, text))
    looked.where = looked.where or [f"{scopes[0]} (they have no text to search; try key=value)"]
    return looked


async def _by_id(desk: Desk, text: str) -> _Looked:
    kind, path = _BY_PREFIX[text.partition("_")[0]]
    try:
        found = await desk.stripe.get(f"{path}/{text}")
    except NotFound:
        found = None
    gone = found is None or bool(found.get("deleted"))
    return _Looked([] if gone or found is None else [_hit(kind, found)], [f"{kind}s by id"])


async def _queried(desk: Desk, scope: Scope, query: str, told: str) -> _Looked:
    page = await desk.stripe.page(f"{_PATHS[scope]}/search", {"query": query, "limit": 100})
    return _Looked([_hit(scope.removesuffix("s"), item) for item in page.data], [told], more=page.has_more)


async def _customers(desk: Desk, text: str) -> _Looked:
    matches = (await by_name(desk, text)).matches
    return _Looked([_hit("customer", one.customer) for one in matches if one.score >= 70], ["customers by name"])


async def _products(desk: Desk, text: str) -> _Looked:
    if len(text) < 3:  # Stripe's search for a part needs three characters
        return _Looked()
    query = f'name~"{_quoted(text)}" OR description~"{_quoted(text)}"'
    return await _queried(desk, "products", query, "products by name and description")


async def _invoices(desk: Desk, text: str) -> _Looked:
    told = "invoices by number"
    if not _NUMBER.fullmatch(text):
        return _Looked(where=[told])
    return await _queried(desk, "invoices", f'number:"{_quoted(text)}"', told)


async def _payments(desk: Desk, text: str) -> _Looked:
    wanted = text.casefold()
    hits: list[Hit] = []
    looked_at = 0
    asked = {"expand": [f"data.{name}" for name in EXPANDED]}
    async for item in desk.stripe.every("/v1/payment_intents", asked, most=_DESCRIPTIONS_LOOKED_AT):
        looked_at += 1
        if wanted in str(item.get("description") or "").casefold():
            hits.append(_hit("payment", item))
    return _Looked(hits, [f"descriptions of the newest {looked_at} payments"])


_BY_TEXT: dict[Scope, Callable[[Desk, str], Awaitable[_Looked]]] = {
    "customers": _customers,
    "payments": _payments,
    "invoices": _invoices,
    "products": _products,
}


def _quoted(text: str) -> str:
    """Text inside a quoted value of Stripe's search language."""
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _hit(kind: str, item: Json) -> Hit:
    return Hit(kind=kind, id=str(item["id"]), text=_text(kind, item))


def _text(kind: str, item: Json) -> str:
    if kind == "customer":
        return choice(item).removesuffix(f" {item['id']}")
    if kind == "payment" and isinstance(item.get("latest_charge"), dict | None):
        payment = payment_of(item)
        about = f" {payment.description}" if payment.description else ""
        return f"{payment.amount.text} {payment.status} {day(payment.created)}{about}"
    amount = item.get("amount", item.get("total", item.get("unit_amount")))
    told = [
        clean_or_none(item.get("name") or item.get("number")),
        money(int(amount), item["currency"]).text if amount is not None and item.get("currency") else None,
        clean_or_none(item.get("status")),
        day(int(item["created"])),
    ]
    return " ".join(part for part in told if part)
