"""Take a saved way to pay away from its customer."""

from typing import Self

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.saved_method import MethodText, default_of, method_meant
from paydesk.skills.who import CustomerText, choice, customer_meant, label


class Params(WriteParams):
    customer: CustomerText
    payment_method: MethodText


class MethodDetached(WriteResult):
    """What was taken away."""

    payment_method: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a payment method."""
        return cls(payment_method=str(answer["id"]))

    def sentence(self) -> str:
        """Which."""
        return f"Detached {self.payment_method}; it cannot be charged any more."


@skill(
    effect=Effect.WRITE,
    toolset="customers",
    says=("remove the card {card} of {customer}",),
    examples=({"customer": "Jane Doe", "payment_method": "visa 4242"},),
)
async def detach_payment_method(params: Params, desk: Desk) -> Plan[MethodDetached]:
    """Remove a customer's saved card or account for good."""
    customer = await customer_meant(desk, params.customer)
    method = await method_meant(desk.stripe, customer, params.payment_method, desk.now())
    if method is None:
        raise SkillError(f"{label(customer)} has no saved payment method.", code="no_method", field="payment_method")
    running = await desk.stripe.page("/v1/subscriptions", {"customer": customer["id"], "limit": 100})
    is_default = method.id == default_of(customer)
    using = [
        one
        for one in running.data
        if one.get("default_payment_method") == method.id or (is_default and not one.get("default_payment_method"))
    ]
    warnings = ["It is the default: nothing is charged by itself afterwards."] if is_default else []
    if using:
        warnings.append(
            f"{len(using)} running subscription{'' if len(using) == 1 else 's'} would have nothing to charge."
        )
    return Plan(
        says=f"Remove {method.text} from {label(customer)}.",
        request=StripeRequest("POST", f"/v1/payment_methods/{method.id}/detach"),
        warnings=tuple(warnings),
        details=(("Customer", choice(customer)), ("Payment method", method.choice)),
        relies_on={"payment_method": method.id, "default": is_default, "subscriptions": len(using)},
        customer=str(customer["id"]),
    )
