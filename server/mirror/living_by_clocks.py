"""What lives by test clocks: Stripe leaves it out of its lists unless a clock (or a customer of one) is named.

https://docs.stripe.com/billing/testing/test-clocks; customers and subscriptions are listed by clock, their invoices by
customer. A live account has none.
"""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

from paydesk.server.errors import StripeProblem
from paydesk.server.mirror.kinds import Kind
from paydesk.skills.base import Json

if TYPE_CHECKING:
    from paydesk.server.mirror.mirror import Mirror

_CLOCKS: Final = "/v1/test_helpers/test_clocks"
_MOST: Final = 10_000
ON_CLOCKS: Final = ("customer", "subscription", "invoice")


async def on_clocks(mirror: "Mirror", kind: Kind) -> AsyncIterator[Json]:
    """The objects of a kind that live by test clocks; none of a live account, or of a kind that lives by none."""
    if mirror.mode == "live" or kind.name not in ON_CLOCKS:
        return
    for clock in await _clocks(mirror):
        if kind.name == "invoice":
            async for customer in mirror.stripe.every("/v1/customers", {"test_clock": clock}, most=_MOST):
                async for it in mirror.stripe.every(kind.path, {"customer": customer["id"]}, most=_MOST):
                    yield it
            continue
        for variant in range(len(kind.lists)):
            asked = {**kind.listed(variant), "test_clock": clock}
            async for it in mirror.stripe.every(kind.path, asked, most=_MOST):
                yield it


async def _clocks(mirror: "Mirror") -> list[str]:
    try:
        return [str(clock["id"]) async for clock in mirror.stripe.every(_CLOCKS, {}, most=_MOST)]
    except StripeProblem:  # a restricted key may not ask; then their objects come by events alone
        return []
