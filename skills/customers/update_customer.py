"""Change a customer's record: what it was and what it would be are shown side by side."""

from typing import Annotated, Self

from pydantic import Field

from paydesk.skills.base import (
    Desk,
    Effect,
    Json,
    NextCall,
    Plan,
    Strict,
    StripeRequest,
    WriteParams,
    WriteResult,
    skill,
)
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.saved_method import method_meant, saved_methods
from paydesk.skills.who import CustomerText, by_email, choice, customer_meant, label

EMAIL = r"^[^@\s<>\"]{1,64}@[^@\s<>\"]{1,255}$"
_LONGEST = 500
_TEXTS = ("name", "email", "phone", "description")
_ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country")
_PROPOSAL_MARK = "paydesk_"
_LINE = Annotated[str, Field(max_length=200)]


class Address(Strict):
    """A postal address, or the parts of it that change."""

    line1: _LINE | None = None
    line2: _LINE | None = None
    city: _LINE | None = None
    state: _LINE | None = None
    postal_code: _LINE | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None


class Params(WriteParams):
    customer: CustomerText
    name: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    email: Annotated[str, Field(pattern=EMAIL)] | None = None
    phone: Annotated[str, Field(pattern=r"^[+()\d .\-/x]{3,40}$")] | None = None
    description: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    address: Address | None = None
    metadata: (
        Annotated[
            dict[
                Annotated[str, Field(pattern=r"^[^\[\]]{1,40}$")],
                Annotated[str, Field(max_length=500)],
            ],
            Field(max_length=20, description='"" removes a key'),
        ]
        | None
    ) = None
    default_payment_method: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    preferred_locale: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$")] | None = None


class CustomerUpdated(WriteResult):
    """The customer as Stripe has it now."""

    customer: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    description: str | None = None

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a customer object."""
        return cls(
            customer=str(answer["id"]),
            name=clean_or_none(answer.get("name")),
            email=clean_or_none(answer.get("email")),
            phone=clean_or_none(answer.get("phone"), 40),
            description=clean_or_none(answer.get("description")),
        )

    def sentence(self) -> str:
        """Who was changed."""
        return f"Updated {self.name or self.email or 'the customer'} ({self.customer})."


@skill(
    effect=Effect.WRITE,
    toolset="customers",
    says=(
        "change the email of {customer} to {email}",
        "set the phone number of {customer} to {phone}",
        "rename {customer} to {name}",
        "set the description of {customer} to {description}",
    ),
    examples=(
        {"customer": "jane@example.com", "email": "jane.doe@example.com"},
        {"customer": "Acme Corp", "address": {"city": "Berlin", "country": "DE"}, "metadata": {"tier": "gold"}},
    ),
)
async def update_customer(params: Params, desk: Desk) -> Plan[CustomerUpdated]:
    """Change a customer's contact, address, metadata or default payment method; a person approves it first."""
    customer = await customer_meant(desk, params.customer)
    changes = [*_texts(params, customer), *_address(params, customer), *_metadata(params, customer)]
    changes += [*_locale(params, customer), *await _method(params, customer, desk)]
    kept = [change for change in changes if change.was != change.becomes]
    if not kept:
        raise SkillError(
            f"{label(customer)} is so already." if changes else "What should change, and to what?",
            code="nothing_to_change",
            field="customer" if changes else "name",
        )
    sent: Json = {}
    for change in kept:
        _put(sent, change.path, change.sent)
    return Plan(
        says=_says(kept, label(customer)),
        request=StripeRequest("POST", f"/v1/customers/{customer['id']}", sent),
        undo="It can be changed back to what it was.",
        warnings=tuple(await _warnings(params, customer, desk)),
        details=(
            ("Customer", choice(customer)),
            *((change.label, f"{change.was or '(none)'} -> {change.becomes or '(none)'}") for change in kept),
        ),
        relies_on={"customer": str(customer["id"])} | {".".join(change.path): change.was for change in kept},
        customer=str(customer["id"]),
        opposite=_back(customer, kept),
    )


def _says(kept: "list[_Change]", who: str) -> str:
    names = ", ".join(change.label[:1].lower() + change.label[1:] for change in kept)
    if len(kept) != 1:
        return f"Change the {names} of {who}."
    was, becomes = (clean(text, 60) if text else "nothing" for text in (kept[0].was, kept[0].becomes))
    return f"Change the {names} of {who} from {was} to {becomes}."


class _Change:
    """One field: where it stands in the request, what it was and what it becomes, as text; None is nothing."""

    def __init__(self, label: str, path: tuple[str, ...], was: str | None, becomes: str | None, sent: object) -> None:
        self.label, self.path, self.was, self.becomes, self.sent = label, path, was, becomes, sent


def _put(sent: Json, path: tuple[str, ...], value: object) -> None:
    for name in path[:-1]:
        sent = sent.setdefault(name, {})
    sent[path[-1]] = value


def _texts(params: Params, customer: Json) -> list[_Change]:
    found = []
    for name in _TEXTS:
        # What a person is shown is what is sent, so invisible characters go before either.
        text = clean(getattr(params, name) or "", _LONGEST)
        if text:
            label_ = "E-mail" if name == "email" else name.capitalize()
            found.append(_Change(label_, (name,), clean_or_none(customer.get(name), _LONGEST), text, text))
    return found


def _address(params: Params, customer: Json) -> list[_Change]:
    """Stripe replaces an address as a whole: what was not said is sent as it was."""
    if params.address is None:
        return []
    was = {name: (customer.get("address") or {}).get(name) for name in _ADDRESS}
    said = {name: clean(getattr(params.address, name), 200) for name in _ADDRESS if getattr(params.address, name)}
    whole = {name: text for name, text in (was | said).items() if text}
    return [_Change("Address", ("address",), _one_line(was), _one_line(whole), whole)] if said else []


def _one_line(address: Json) -> str | None:
    return ", ".join(clean(address[name], 200) for name in _ADDRESS if address.get(name)) or None


def _metadata(params: Params, customer: Json) -> list[_Change]:
    now = customer.get("metadata") or {}
    found = []
    for key, value in (params.metadata or {}).items():
        if key.startswith(_PROPOSAL_MARK):
            raise SkillError(
                f"Keys that begin with {_PROPOSAL_MARK} are the desk's own.", code="reserved_key", field="metadata"
            )
        text = clean(value, _LONGEST)
        was = clean_or_none(now.get(key), _LONGEST)
        found.append(_Change(f"Metadata {clean(key, 40)}", ("metadata", key), was, text or None, text))
    return found


def _locale(params: Params, customer: Json) -> list[_Change]:
    if params.preferred_locale is None:
        return []
    was = ", ".join(clean(one, 20) for one in customer.get("preferred_locales") or ()) or None
    said = params.preferred_locale
    return [_Change("Language", ("preferred_locales",), was, said, [said])]


async def _method(params: Params, customer: Json, desk: Desk) -> list[_Change]:
    if params.default_payment_method is None:
        return []
    wanted = await method_meant(desk.stripe, customer, params.default_payment_method, desk.now())
    if wanted is None:
        return []
    now = (customer.get("invoice_settings") or {}).get("default_payment_method")
    now = now["id"] if isinstance(now, dict) else now
    known: dict[object, str] = {
        one.id: f"{one.text} ({one.id})" for one in await saved_methods(desk.stripe, customer, desk.now())
    }
    path = ("invoice_settings", "default_payment_method")
    return [_Change("Default payment method", path, known.get(now, now and str(now)), known[wanted.id], wanted.id)]


def _back(customer: Json, kept: list[_Change]) -> NextCall | None:
    """The call that restores what was, where every field had a value that a call can give."""
    if any(change.was is None or len(change.path) > 1 or change.path[0] not in _TEXTS for change in kept):
        return None
    return NextCall("update_customer", {"customer": customer["id"]} | {change.path[0]: change.was for change in kept})


async def _warnings(params: Params, customer: Json, desk: Desk) -> list[str]:
    if params.email is None:
        return []
    same = [one for one in await by_email(desk.stripe, params.email) if one["id"] != customer["id"]]
    found = [f"Another customer has this e-mail: {choice(same[0])}."] if same else []
    return [*found, "Receipts and invoices go to the new address from now on."]
