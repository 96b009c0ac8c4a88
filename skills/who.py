"""Which customer is meant: by id, e-mail or name. Accepted only when it is one, and clearly; else choices are given."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated

import anyio
from pydantic import Field

from paydesk.skills.base import CustomerMatch, Desk, Json, StripeReader
from paydesk.skills.errors import Ambiguous, NotFound, PaydeskError, SkillError
from paydesk.skills.hostile_text import clean, clean_or_none

CustomerText = Annotated[str, Field(min_length=1, max_length=200, description="Id, e-mail or name")]

EXACT = 100.0
SURE = 85.0  # below this a name is a suggestion, not an answer
MARGIN = 8.0  # and the next candidate must be this far behind
PART_OF_FIELD = 70.0  # a part of an e-mail or phone is a hint, not a match
SUGGESTED = 55.0  # and below this not even that
_CANDIDATES = 100
_SCANNED_MOST = 1_000
_CHANGES_MOST = 3  # whoever fits may be renamed while we look
_PIECE = 3  # Stripe's search takes no shorter part of a word
_CLAUSES_MOST = 10
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_ID = re.compile(r"cus_[A-Za-z0-9]{1,64}")
# As answers write a customer: `Jane Doe <jane@example.com> cus_...`.
_WRITTEN = re.compile(r".*(?:<(?P<email>[^<>\s]+@[^<>\s]+)>|\s)\s*(?P<id>cus_[A-Za-z0-9]{1,64})?")


@dataclass(frozen=True)
class Resembling:
    """Customers that resemble a name, best first.

    `looked_at`: how many were compared; `whole`: nobody was left out; `indexed`: the customers hold only what the index
    knows (id, name, email, created).
    """

    matches: list[CustomerMatch]
    looked_at: int
    whole: bool
    indexed: bool = False


def label(customer: Json) -> str:
    """How a customer is called in answers: name, else e-mail, else id."""
    return clean_or_none(customer.get("name")) or clean_or_none(customer.get("email")) or str(customer["id"])


def choice(customer: Json) -> str:
    """One candidate, so that a person can tell it from the next: `Jane Doe <jane@example.com> cus_...`."""
    email = f" <{clean(customer['email'])}>" if customer.get("email") else ""
    return f"{clean(customer.get('name') or '(no name)')}{email} {customer['id']}"


async def customer_meant(desk: Desk, text: str) -> Json:
    """The one customer that `text` means. Raises NotFound, Ambiguous (with choices) or SkillError (deleted)."""
    text = text.strip()
    written = _WRITTEN.fullmatch(text)
    text = (written and (written["id"] or written["email"])) or text
    if text.startswith("cus_"):
        customer = await desk.stripe.get(f"/v1/customers/{_id(text)}")
        if customer.get("deleted"):
            raise SkillError("This customer was deleted.", code="customer_deleted", field="customer")
        return customer
    if "@" in text:
        return _only(await by_email(desk.stripe, text), text)
    for _ in range(_CHANGES_MOST):
        found = await by_name(desk, text)
        match = _clear(found, text)
        if not found.indexed:
            return match.customer
        whole = await desk.customers.fresh(match)
        if whole is not None:
            return whole
    raise SkillError(
        "The customers of this name are being changed right now.",
        code="customer_changing",
        field="customer",
        next_step="Ask again in a moment, or say the id.",
    )


async def by_email(stripe: StripeReader, email: str) -> list[Json]:
    """Customers of this e-mail. Stripe compares letter by letter, so lower case is looked for as well."""
    found: dict[str, Json] = {}
    for spelling in dict.fromkeys((email, email.lower())):
        page = await stripe.page("/v1/customers", {"email": spelling, "limit": 20})
        found |= {str(customer["id"]): customer for customer in page.data}
    return list(found.values())


async def by_name(desk: Desk, text: str, *, email_too: bool = False) -> Resembling:
    """Customers whose name resembles `text`, by the index of the account, or by Stripe's search while there is none."""
    indexed = await desk.customers.resembling(text, handles_too=email_too)
    if indexed is not None:
        return Resembling(indexed, looked_at=len(indexed), whole=True, indexed=True)
    return await _searched(desk.stripe, text, email_too=email_too)


async def _searched(stripe: StripeReader, text: str, *, email_too: bool) -> Resembling:
    """Stripe's search narrows, and a scan helps where nothing fits well."""
    words = [word for word in _WORD.findall(text) if len(word) >= _PIECE]
    found: dict[str, Json] = {}
    failures: list[PaydeskError] = []

    async def look(path: str, asked: Json) -> None:
        try:
            page = await stripe.page(path, {**asked, "limit": _CANDIDATES})
        except PaydeskError as failure:  # one of them is to be told, not a group of them
            failures.append(failure)
        else:
            found.update((str(customer["id"]), customer) for customer in page.data)

    async with anyio.create_task_group() as together:
        # Search lags by a minute at Stripe; whoever has just come stands on the list.
        together.start_soon(look, "/v1/customers", {})
        for query in _queries(words, email_too=email_too):
            together.start_soon(look, "/v1/customers/search", {"query": query})
    if failures:
        raise failures[0]
    matches = _ranked(found, text, email_too=email_too)
    whole = False
    if not matches or matches[0].score < SURE:
        scanned = 0
        async for customer in stripe.every("/v1/customers", {}, most=_SCANNED_MOST):
            found.setdefault(str(customer["id"]), customer)
            scanned += 1
        whole = scanned < _SCANNED_MOST
        matches = _ranked(found, text, email_too=email_too)
    return Resembling(matches, looked_at=len(found), whole=whole)


def _queries(words: list[str], *, email_too: bool) -> list[str]:
    """What to search for: every word; any beginning or ending of one, for the misspelt and the accented."""
    if not words:
        return []
    pieces = dict.fromkeys(piece for word in words for piece in (word[:_PIECE], word[-_PIECE:]))
    queries = [
        " AND ".join(f'name~"{word}"' for word in words[:_CLAUSES_MOST]),
        " OR ".join(f'name~"{piece}"' for piece in list(pieces)[:_CLAUSES_MOST]),
    ]
    if email_too:
        queries.append(f'email~"{words[0]}"')
    return list(dict.fromkeys(queries))


def _ranked(found: dict[str, Json], text: str, *, email_too: bool) -> list[CustomerMatch]:
    scored = [CustomerMatch(customer, score(text, str(customer.get("name") or ""))) for customer in found.values()]
    if email_too:
        part = text.casefold()
        scored = [
            CustomerMatch(match.customer, max(match.score, PART_OF_FIELD))
            if part in str(match.customer.get("email") or "").casefold()
            else match
            for match in scored
        ]
    kept = [match for match in scored if match.score >= SUGGESTED]
    return sorted(kept, key=lambda match: (-match.score, -int(match.customer["created"]), str(match.customer["id"])))


def score(asked: str, name: str) -> float:
    """How well a name fits what was asked, 0 to 100."""
    return likeness(_folded(asked), _folded(name))


def likeness(one: str, other: str) -> float:
    """How well a folded name `other` fits the folded `one` asked for, 0 to 100.

    The same letters are 100, all of the words 91, all of their beginnings 86; what resembles stays below.
    """
    if not one or not other:
        return 0.0
    if one == other:
        return EXACT
    words, names = one.split(), other.split()
    if all(word in names for word in words):
        return 91.0
    if len(one) >= _PIECE and all(any(part.startswith(word) for part in names) for word in words):
        return 86.0
    from rapidfuzz import fuzz

    whole = max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))
    by_word = sum(max(fuzz.ratio(word, part) for part in names) for word in words) / len(words)
    # A part of a name that fits is less than a whole that does.
    return max(0.84 * whole, 0.8 * by_word)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l").replace("ø", "o").replace("đ", "d"))
    bare = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(_WORD.findall(bare.replace("'", "").replace("’", "")))


def _only(found: list[Json], text: str) -> Json:
    if len(found) == 1:
        return found[0]
    if found:
        raise _which(found, text)
    raise NotFound(
        "No customer has this e-mail.",
        code="customer_not_found",
        field="customer",
        next_step="find_customers looks for names that resemble it.",
    )


def _clear(found: Resembling, text: str) -> CustomerMatch:
    matches = found.matches
    if not matches or matches[0].score < SURE:
        among = "" if found.whole else f" among the {found.looked_at:,} that were compared"
        raise NotFound(
            f"No customer is called {clean(text, 60)}{among}.",
            code="customer_not_found",
            field="customer",
            choices=[choice(match.customer) for match in matches[:3]],
            next_step="Name one of these by id, or look with find_customers."
            if matches
            else "find_customers looks for names, e-mails and phone numbers that resemble it.",
        )
    # Whoever is called exactly so is meant, unless two are.
    margin = 0.5 if matches[0].score == EXACT else MARGIN
    rivals = [match.customer for match in matches if match.score > matches[0].score - margin]
    if len(rivals) > 1:
        raise _which(rivals, text)
    return matches[0]


def _which(found: list[Json], text: str) -> Ambiguous:
    return Ambiguous(
        f"{len(found)} customers fit {clean(text, 60)}: which one?",
        code="customer_ambiguous",
        field="customer",
        choices=[choice(customer) for customer in found[:8]],
        next_step="Say the id or the e-mail.",
    )


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise SkillError("This is not a customer's id.", code="invalid_id", field="customer")
    return text
