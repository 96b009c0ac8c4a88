"""Create a customer: planned, shown, and created once a person agrees."""

from typing import Annotated, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.period import day
from paydesk.skills.who import by_email, by_name, choice

EMAIL = r"^[^@\s<>\"]{1,64}@[^@\s<>\"]{1,255}$"

_LONGEST = 500
_ALIKE = 73.0  # a slip or two in the spelling; only a warning hangs on it


class Params(WriteParams):
    name: Annotated[str, Field(min_length=1, max_length=256)] | None = None
    email: Annotated[str, Field(pattern=EMAIL)] | None = None
    phone: Annotated[str, Field(pattern=r"^[+()\d .\-/x]{3,40}$")] | None = None
    description: Annotated[str, Field(min_length=1, max_length=500)] | None = None


class CustomerCreated(WriteResult):
    """The customer as Stripe has it now."""

    customer: str
    name: str | None = None
    email: str | None = None
    created: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a customer object."""
        return cls(
            customer=str(answer["id"]),
            name=clean_or_none(answer.get("name")),
            email=clean_or_none(answer.get("email")),
            created=day(int(answer["created"])),
        )

    def sentence(self) -> str:
        """Who was created."""
        return f"Created customer {self.name or self.email} ({self.customer})."


@skill(
    effect=Effect.WRITE,
    toolset="customers",
    says=("create customer {customer}", "add {customer} as a customer", "register {email} as a customer"),
    examples=({"name": "Acme Corp", "email": "ap@acme.example"},),
)
async def create_customer(params: Params, desk: Desk) -> Plan[CustomerCreated]:
    """Create a customer with name and e-mail; a person approves it first."""
    # What a person is shown is what is sent, so invisible characters go before either.
    sent = {
        name: text
        for name in ("name", "email", "phone", "description")
        if (text := clean(getattr(params, name) or "", _LONGEST))
    }
    if "name" not in sent and "email" not in sent:
        raise SkillError(
            "A customer needs a name or an e-mail.",
            code="name_or_email_missing",
            field="name",
            next_step="Give name, email, or both.",
        )
    who = " ".join(filter(None, (sent.get("name"), f"<{sent['email']}>" if "email" in sent else None)))
    return Plan(
        says=f"Create the customer {who}.",
        request=StripeRequest("POST", "/v1/customers", dict(sent)),
        undo="The customer can be deleted again.",
        warnings=tuple(await _alike(sent.get("name"), sent.get("email"), desk)),
        details=tuple((name.capitalize(), text) for name, text in sent.items()),
    )


async def _alike(name: str | None, email: str | None, desk: Desk) -> list[str]:
    """Customers that may be the same one: Stripe itself allows any number of equals."""
    warnings = []
    same = await by_email(desk.stripe, email) if email else []
    if same:
        warnings.append(f"A customer with this e-mail exists already: {choice(same[0])}.")
    near = (await by_name(desk, name)).matches if name else []
    known = {customer["id"] for customer in same}
    alike = [match.customer for match in near if match.score >= _ALIKE and match.customer["id"] not in known]
    if alike:
        warnings.append(f"A customer of a like name exists already: {choice(alike[0])}.")
    return warnings
