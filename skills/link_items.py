"""What a payment link or a checkout sells, as Stripe takes it."""

from collections.abc import Sequence

from paydesk.skills.base import Json
from paydesk.skills.hostile_text import clean
from paydesk.skills.items import Line, total
from paydesk.skills.money import money


def sold(lines: Sequence[Line], currency: str) -> list[Json]:
    """`line_items`: prices by id, amounts as price data with a product of their own."""
    items: list[Json] = []
    for line in lines:
        if line.price is not None:
            items.append({"price": str(line.price["id"]), "quantity": line.item.quantity})
            continue
        product = {"name": clean(line.item.description or "", 250)}
        data = {"currency": currency, "unit_amount": line.item.amount_minor, "product_data": product}
        items.append({"price_data": data, "quantity": line.item.quantity})
    return items


def worth(lines: Sequence[Line], currency: str) -> str:
    """What it comes to, in words, and which product it is for where that is one."""
    whole = total(lines)
    told = money(whole, currency).text if whole is not None else "an amount by its prices"
    recurring = ", recurring" if any(line.recurs for line in lines) else ""
    return f"{told}{recurring}{_product(lines)}"


def _product(lines: Sequence[Line]) -> str:
    of = (lines[0].price or {}).get("product") if len(lines) == 1 else None
    return f" ({clean(of['name'], 60)})" if isinstance(of, dict) and of.get("name") else ""


def details(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """One label and value an item."""
    return [(f"Item {number}", line.text) for number, line in enumerate(lines, 1)]
