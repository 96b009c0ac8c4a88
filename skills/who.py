"""Which customer is meant: by id, e-mail or name. Accepted only when it is one, and clearly; else choices are given."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Json, StripeReader
from paydesk.skills.errors import Ambiguous, NotFound, SkillError
from paydesk.skills.hostile_text import clean, clean_or_none

CustomerText = Annotated[str, Field(min_length=1, max_length=200, description="cus_ id, e-mail or name")]

SURE = 85.0  # below this a name is a suggestion, not an answer
MARGIN = 8.0  # and the next candidate must be this far behind
_SUGGESTED = 45.0
_CANDIDATES = 100
_SCANNED_MOST = 1_000
_WORD = re.compile(r"[^\W_]+", re.UNICODE)


@dataclass(frozen=True)
class Match:
    """A customer and how well the words fit, 0 to 100."""

    customer: Json
    score: float


def label(customer: Json) -> str:
    """How a customer is called in answers: name, else e-mail, else id."""
    return clean_or_none(customer.get("name")) or clean_or_none(customer.get("email")) or str(customer["id"])


def choice(customer: Json) -> str:
    """One candidate, so that a person can tell it from the next: `Jane Doe <jane@example.com> cus_...`."""
    email = f" <{clean(customer['email'])}>" if customer.get("email") else ""
    return f"{clean(customer.get('name') or '(no name)')}{email} {customer['id']}"


async def customer_meant(stripe: StripeReader, text: str) -> Json:
    """The one customer that `text` means. Raises NotFound, Ambiguous (with choices) or SkillError (deleted)."""
    text = text.strip()
    if text.startswith("cus_"):
        customer = await stripe.get(f"/v1/customers/{_id(text)}")
        if customer.get("deleted"):
            raise SkillError("This customer was deleted.", code="customer_deleted", field="customer")
        return customer
    if "@" in text:
        return _only(await by_email(stripe, text), text)
    return _clear(await by_name(stripe, text), text)


async def by_email(stripe: StripeReader, email: str) -> list[Json]:
    """Customers of exactly this e-mail; Stripe compares letter by letter, so lower case is tried as well."""
    for spelling in dict.fromkeys((email, email.lower())):
        page = await stripe.page("/v1/customers", {"email": spelling, "limit": 20})
        if page.data:
            return page.data
    return []


async def by_name(stripe: StripeReader, text: str, *, email_too: bool = False) -> list[Match]:
    """Customers whose name resembles `text`, best first. Stripe's search narrows; a scan helps where it finds none."""
    words = [word for word in _WORD.findall(text) if len(word) >= 3]
    found: dict[str, Json] = {}
    if words:
        query = " AND ".join(f'name~"{word}"' for word in words[:8])
        found = await _searched(stripe, query)
        if email_too and not found:
            found = await _searched(stripe, f'email~"{words[0]}"')
    matches = _ranked(found, text)
    if not matches or matches[0].score < SURE:
        # Misspelt, accented differently or too short to search: look at the newest customers themselves.
        async for customer in stripe.every("/v1/customers", {}, most=_SCANNED_MOST):
            found.setdefault(str(customer["id"]), customer)
        matches = _ranked(found, text)
    return matches


async def _searched(stripe: StripeReader, query: str) -> dict[str, Json]:
    page = await stripe.page("/v1/customers/search", {"query": query, "limit": _CANDIDATES})
    return {str(customer["id"]): customer for customer in page.data}


def _ranked(found: dict[str, Json], text: str) -> list[Match]:
    scored = [Match(customer, score(text, str(customer.get("name") or ""))) for customer in found.values()]
    kept = [match for match in scored if match.score >= _SUGGESTED]
    return sorted(kept, key=lambda match: (-match.score, -int(match.customer["created"]), str(match.customer["id"])))


def score(asked: str, name: str) -> float:
    """How well a name fits what was asked, 0 to 100: same letters 100, all words 95, beginnings 88, else likeness."""
    one, other = _folded(asked), _folded(name)
    if not one or not other:
        return 0.0
    if one == other:
        return 100.0
    words, names = one.split(), other.split()
    if all(word in names for word in words):
        return 95.0
    if all(any(part.startswith(word) for part in names) for word in words):
        return 88.0
    from rapidfuzz import fuzz

    return 0.84 * max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))


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


def _clear(matches: list[Match], text: str) -> Json:
    if not matches or matches[0].score < SURE:
        raise NotFound(
            f"No customer is called {clean(text, 60)}.",
            code="customer_not_found",
            field="customer",
            choices=[choice(match.customer) for match in matches[:3]],
            next_step="Name one of these by id, or look with find_customers." if matches else None,
        )
    rivals = [match.customer for match in matches if match.score > matches[0].score - MARGIN]
    if len(rivals) > 1:
        raise _which(rivals, text)
    return matches[0].customer


def _which(found: list[Json], text: str) -> Ambiguous:
    return Ambiguous(
        f"{len(found)} customers fit {clean(text, 60)}: which one?",
        code="customer_ambiguous",
        field="customer",
        choices=[choice(customer) for customer in found[:8]],
        next_step="Say the id or the e-mail.",
    )


def _id(text: str) -> str:
    if not re.fullmatch(r"cus_[A-Za-z0-9]{1,64}", text):
        raise SkillError("This is not a customer's id.", code="invalid_id", field="customer")
    return text
