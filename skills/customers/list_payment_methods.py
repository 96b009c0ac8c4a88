"""The ways to pay that a customer has saved."""

from paydesk.skills.base import Desk, Effect, Result, Strict, skill
from paydesk.skills.saved_method import default_of, saved_methods
from paydesk.skills.who import CustomerText, customer_meant, label


class Params(Strict):
    customer: CustomerText


class SavedMethodRow(Result):
    """One saved way to pay."""

    id: str
    text: str
    default: bool | None = None
    expired: bool | None = None

    def line(self) -> str:
        """The method in words."""
        told = [self.text, "(default)" if self.default else None, "expired" if self.expired else None, self.id]
        return " ".join(part for part in told if part)


class PaymentMethods(Result):
    """A customer's saved ways to pay, newest first; the default is charged where no other is named."""

    customer: str
    methods: list[SavedMethodRow]

    def sentence(self) -> str:
        """How many, and which is charged."""
        count = len(self.methods)
        default = next((one.text for one in self.methods if one.default), None)
        told = f"; {default} is the default" if default else ""
        return f"{self.customer} has {count or 'no'} saved payment method{'' if count == 1 else 's'}{told}."

    def lines(self) -> list[str]:
        """One line a method."""
        return [method.line() for method in self.methods]


@skill(
    effect=Effect.READ,
    toolset="customers",
    says=("list the payment methods of {customer}", "what cards does {customer} have"),
    examples=({"customer": "jane@example.com"},),
)
async def list_payment_methods(params: Params, desk: Desk) -> PaymentMethods:
    """List a customer's payment methods: saved cards and accounts, the default, when they expire."""
    customer = await customer_meant(desk, params.customer)
    default = default_of(customer)
    found = await saved_methods(desk.stripe, customer, desk.now())
    rows = [
        SavedMethodRow(id=one.id, text=one.text, default=one.id == default or None, expired=one.expired or None)
        for one in found
    ]
    return PaymentMethods(customer=label(customer), methods=rows)
