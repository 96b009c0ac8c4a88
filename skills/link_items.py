"""What a payment link or a checkout sells, as Stripe takes it."""

from collections.abc import Sequence

from paydesk.skills.base import Json
from paydesk.skills.hostile_text import clean
from paydesk.skills.items import Line, total
from paydesk.skills.money import money
from paydesk.skills.price import interval_text


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
    """What it comes to, in words, and what it is for where that is one thing."""
    whole = total(lines)
    told = money(whole, currency).text if whole is not None else "an amount by its prices"
    if len(lines) > 1:
        return f"{told}, a part of it recurring" if any(line.recurs for line in lines) else told
    [line] = lines
    every = (line.price or {}).get("recurring")
    return f"{told}{f' / {interval_text(every)}' if every else ''}{_of(line)}"


def _of(line: Line) -> str:
    product = (line.price or {}).get("product")
    name = product.get("name") if isinstance(product, dict) else line.item.description
    return f" ({clean(name, 60)})" if name else ""


def details(lines: Sequence[Line]) -> list[tuple[str, str]]:
    """One label and value an item."""
    return [(f"Item {number}", line.text) for number, line in enumerate(lines, 1)]
