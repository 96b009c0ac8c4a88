"""A page where a customer changes cards and subscriptions by themselves."""

from typing import Annotated, Self

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.who import CustomerText, choice, customer_meant, label


class Params(WriteParams):
    customer: CustomerText
    return_url: Annotated[str, Field(pattern=r"^https?://[^\s<>\"]{3,2000}$")] | None = None


class PortalOpened(WriteResult):
    """Where the page is."""

    url: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a portal session."""
        return cls(url=str(answer["url"]))

    def sentence(self) -> str:
        """Where, and who may have it."""
        return f"The customer's page is {self.url} - give it to nobody else; it works for a short while."


@skill(
    effect=Effect.WRITE,
    toolset="customers",
    says=("open the customer portal for {customer}",),
    examples=({"customer": "jane@example.com"},),
)
async def open_customer_portal(params: Params, desk: Desk) -> Plan[PortalOpened]:
    """Open a portal page where a customer manages cards, invoices and subscriptions."""
    customer = await customer_meant(desk, params.customer)
    sent: Json = {"customer": customer["id"]}
    if params.return_url:
        sent["return_url"] = params.return_url
    return Plan(
        says=f"Open a portal page for {label(customer)}.",
        request=StripeRequest("POST", "/v1/billing_portal/sessions", sent),
        undo="The page closes by itself after a short while.",
        warnings=("Whoever has its address can change this customer's cards and subscriptions.",),
        details=(("Customer", choice(customer)),),
        relies_on={"customer": str(customer["id"])},
        customer=str(customer["id"]),
    )
