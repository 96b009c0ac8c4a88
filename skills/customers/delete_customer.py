"""Delete a customer for good."""

from typing import Self

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.money import money, totals
from paydesk.skills.who import CustomerText, choice, customer_meant, label


class Params(WriteParams):
    customer: CustomerText


class CustomerDeleted(WriteResult):
    """Who was deleted."""

    customer: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read the stub that is left."""
        return cls(customer=str(answer["id"]))

    def sentence(self) -> str:
        """Which."""
        return f"Deleted customer {self.customer}."


@skill(
    effect=Effect.WRITE,
    toolset="customers",
    says=("delete customer {customer}",),
    examples=({"customer": "cus_9s6XKzkNRiz8i3"},),
)
async def delete_customer(params: Params, desk: Desk) -> Plan[CustomerDeleted]:
    """Delete a customer for good, ending their subscriptions at once."""
    customer = await customer_meant(desk, params.customer)
    running = (await desk.stripe.page("/v1/subscriptions", {"customer": customer["id"], "limit": 100})).data
    open_invoices = (
        await desk.stripe.page("/v1/invoices", {"customer": customer["id"], "status": "open", "limit": 100})
    ).data
    warnings = []
    if running:
        warnings.append(f"{len(running)} subscription{' ends' if len(running) == 1 else 's end'} at once, unrefunded.")
    if open_invoices:
        owed = totals(money(int(one["amount_remaining"]), one["currency"]) for one in open_invoices)
        count = "1 unpaid invoice" if len(open_invoices) == 1 else f"{len(open_invoices)} unpaid invoices"
        warnings.append(f"{count} can no longer be collected ({owed}).")
    if customer.get("balance"):
        currency = str(customer.get("currency") or "usd")
        warnings.append(f"A balance of {money(int(customer['balance']), currency).text} is lost.")
    return Plan(
        says=f"Delete the customer {label(customer)} for good.",
        request=StripeRequest("DELETE", f"/v1/customers/{customer['id']}"),
        warnings=tuple(warnings),
        details=(("Customer", choice(customer)), ("Kept", "past payments and invoices stay in Stripe")),
        relies_on={
            "subscriptions": ",".join(sorted(str(one["id"]) for one in running)),
            "open_invoices": len(open_invoices),
            "balance": int(customer.get("balance") or 0),
        },
        customer=str(customer["id"]),
    )
