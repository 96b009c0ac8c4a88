"""List the tax rates that invoices and subscriptions can be taxed by."""

from paydesk.skills import reading
from paydesk.skills.base import Desk, Effect, Json, Strict, skill
from paydesk.skills.tax_rate import TaxRate


class Params(Strict):
    include_archived: bool = False
    limit: reading.Limit = 10
    cursor: str | None = None
    detail: reading.ListDetail = "concise"


class TaxRates(reading.Listed):
    """Tax rates, newest first."""

    tax_rates: list[TaxRate]

    def told(self) -> list[str]:
        """One line a rate."""
        return [rate.line() for rate in self.tax_rates]


@skill(
    effect=Effect.READ,
    toolset="tax",
    says=("show tax rates", "list our tax rates", "which tax rates do we have"),
    examples=({}, {"include_archived": True}),
)
async def list_tax_rates(params: Params, desk: Desk) -> TaxRates:
    """List tax rates (VAT, GST, sales tax) that invoices can use."""
    asked: Json = {} if params.include_archived else {"active": True}
    found = await reading.read(desk.stripe, "/v1/tax_rates", asked, limit=params.limit, cursor=params.cursor)
    rows = [TaxRate.of(rate) for rate in found.items]
    noun = "tax rate" if len(rows) == 1 else "tax rates"
    active = "" if params.include_archived else "active "
    return TaxRates(
        tax_rates=rows,
        has_more=found.more,
        next_cursor=found.cursor,
        says=f"{len(rows) or 'No'} {active}{noun}.{reading.honest(found, len(rows), 'tax rates')}",
    )
