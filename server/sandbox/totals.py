"""What an invoice adds up to: its lines, less discounts, with taxes.

First each line's own discounts, then the invoice's over all lines that they apply to, then taxes. An invoice keeps
what it needs for this in notes: `_terms` (what each discount takes off) and `_rates` (a line's own tax rates);
`_credits` (billing credits that lines have used); `_preview` says that its amounts are final though it is a draft.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from paydesk.server.sandbox import taxing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.splitting import half_up, shares

NOTES = ("_terms", "_rates", "_preview", "_credits")


def count(invoice: Object, exempt: str) -> None:
    """Set discounts and taxes of every line, and the totals of the invoice. Amounts of lines stay what they are."""
    lines: list[Object] = invoice["lines"]["data"]
    terms = invoice.get("_terms", {})
    left = {line["id"]: line["amount"] for line in lines}
    offs: dict[str, list[Object]] = {line["id"]: [] for line in lines}
    for line in lines:
        for identifier in line["discounts"]:
            _take_off(identifier, terms.get(identifier), [line], left, offs)
    subtotal = sum(left.values())
    own = invoice.get("_rates", {})
    before = {line["id"]: left[line["id"]] for line in lines}
    for identifier in invoice["discounts"]:
        _take_off(identifier, terms.get(identifier), lines, left, offs)
    used = invoice.get("_credits", {})
    for line in lines:
        line["discount_amounts"] = offs[line["id"]]
        line["pretax_credit_amounts"] = _credits(offs[line["id"]]) + used.get(line["id"], [])
        left[line["id"]] -= sum(credit["amount"] for credit in used.get(line["id"], []))
        by = own.get(line["id"]) or invoice["default_tax_rates"]
        line["taxes"] = taxing.taxes(left[line["id"]], by, exempt=exempt)
    taxes = taxing.added([tax for line in lines for tax in line["taxes"]])
    on_top = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "exclusive")
    included = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "inclusive")
    inside = 0
    if included:
        inside = sum(
            before[line["id"]] - taxing.net_of(before[line["id"]], own.get(line["id"]) or invoice["default_tax_rates"])
            for line in lines
        )
    net = sum(left.values())
    given = _added([off for line in lines for off in offs[line["id"]]], invoice["discounts"])
    invoice.update(
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal - inside,
        total_discount_amounts=given,
        total_pretax_credit_amounts=_credits(given) + [credit for line in lines for credit in used.get(line["id"], [])],
        total_taxes=taxes,
        total=net + on_top,
        total_excluding_tax=net - included,
    )


def _take_off(
    identifier: str, terms: Object | None, lines: Sequence[Object], left: dict[str, int], offs: dict[str, list[Object]]
) -> None:
    """Take one discount off the lines that it applies to; the notes of what is left, and of what went, follow."""
    if terms is None:
        return
    taken = [line for line in lines if applies(terms, line) and left[line["id"]] > 0]
    bases = [left[line["id"]] for line in taken]
    amounts = shares(off(terms, sum(bases), taken[0]["currency"] if taken else ""), bases)
    for line, amount in zip(taken, amounts, strict=True):
        left[line["id"]] -= amount
        offs[line["id"]].append({"amount": amount, "discount": identifier})


def applies(terms: Object, line: Object) -> bool:
    """Whether a discount takes anything off a line: never off prorations, which are discounted already."""
    pricing = line["pricing"] or {}
    product = pricing.get("price_details", {}).get("product")
    return bool(line["discountable"] and (not terms["products"] or product in terms["products"]))


def off(terms: Object, amount_minor: int, currency: str) -> int:
    """What a discount takes off an amount: never more than that."""
    if terms["percent"] is not None:
        return half_up(Fraction(terms["percent"]) * amount_minor / 100)
    return min(amount_minor, int(terms["amounts"].get(currency, 0)))


def _added(every: Sequence[Object], first: Sequence[str]) -> list[Object]:
    """What each discount took off all lines together, also where that is nothing."""
    sums: dict[str, int] = {}
    for one in every:
        sums[one["discount"]] = sums.get(one["discount"], 0) + one["amount"]
    for identifier in first:
        sums.setdefault(identifier, 0)
    return [{"amount": amount, "discount": identifier} for identifier, amount in sums.items()]


def _credits(given: Sequence[Object]) -> list[dict[str, Any]]:
    return [{**one, "type": "discount"} for one in given]
