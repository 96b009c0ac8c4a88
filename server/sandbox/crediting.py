"""Credit notes as objects: their lines, what they add up to, and how that divides between before and after payment.

What is not paid yet is lowered first (`pre_payment_amount`); the rest was paid, and goes back as a refund, as credit
on the customer's balance, or outside of Stripe (`post_payment_amount`).
"""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any, Final

from paydesk.server.sandbox import lists, money, taxing
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.splitting import half_up

CREDIT_NOTE: Final = Kind(
    name="credit_note",
    prefix="cn_",
    called="credit note",
    param="id",
    indexed=("customer", "invoice"),
    expands=(
        *("customer", "customer_balance_transaction", "invoice", "refunds.refund", "discount_amounts.discount"),
        *("total_taxes.tax_rate_details.tax_rate", "pretax_credit_amounts.discount"),
        *(
            "pretax_credit_amounts.credit_balance_transaction",
            "shipping_cost.shipping_rate",
        ),
    ),
)
CREDIT_NOTE_LINE: Final = Kind(
    name="credit_note_line_item",
    prefix="cnli_",
    called="credit note line item",
    expands=(
        *("discount_amounts.discount", "pretax_credit_amounts.discount", "taxes.tax_rate_details.tax_rate"),
        "pretax_credit_amounts.credit_balance_transaction",
    ),
)


def draft(call: Call, invoice: Object, sent: Mapping[str, Any]) -> Object:
    """A credit note of an invoice, not yet stored, and before any money moves; StripeError where it cannot be."""
    if invoice["status"] not in ("open", "paid", "uncollectible"):
        raise StripeError(
            f"You can only create a credit note for an open or paid invoice. {invoice['id']} is {invoice['status']}.",
            param="invoice",
        )
    if ("amount" in sent) == bool(sent.get("lines")):
        raise StripeError("You must pass exactly one of: amount, lines.", param="amount")
    lines = _lines(call, invoice, sent)
    note = _note(call, invoice, sent, lines)
    _count(note)
    if note["total"] <= 0:
        raise StripeError("The total of a credit note must be more than zero.", param="amount")
    pre = min(note["total"], invoice["amount_remaining"])
    post = note["total"] - pre
    note.update(pre_payment_amount=pre, post_payment_amount=post)
    note["type"] = "mixed" if pre and post else "pre_payment" if pre else "post_payment"
    return note


def _note(call: Call, invoice: Object, sent: Mapping[str, Any], lines: list[Object]) -> Object:
    identifier = call.new_id("cn_1")
    earlier = len(call.every("credit_note", {"invoice": invoice["id"]}))
    return {
        "id": identifier,
        "object": "credit_note",
        "amount": 0,
        "amount_shipping": 0,
        "created": call.now,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "customer_account": None,
        "customer_balance_transaction": None,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": sent.get("effective_at", call.now),
        "invoice": invoice["id"],
        "lines": lists.whole(lines, f"/v1/credit_notes/{identifier}/lines"),
        "livemode": False,
        "memo": sent.get("memo"),
        "metadata": {},
        "number": f"{invoice['number']}-CN-{earlier + 1:02d}",
        "out_of_band_amount": sent.get("out_of_band_amount"),
        "pdf": f"https://pay.stripe.com/credit_notes/{call.account}/test_{identifier[3:]}/pdf",
        "post_payment_amount": 0,
        "pre_payment_amount": 0,
        "pretax_credit_amounts": [],
        "reason": sent.get("reason"),
        "refunds": [],
        "shipping_cost": None,
        "status": "issued",
        "subtotal": 0,
        "subtotal_excluding_tax": 0,
        "total": 0,
        "total_excluding_tax": 0,
        "total_taxes": [],
        "type": "post_payment",
        "voided_at": None,
    }


def _lines(call: Call, invoice: Object, sent: Mapping[str, Any]) -> list[Object]:
    if "amount" in sent:
        described = f"Credit of invoice {invoice['number']}"
        return [_line(call, "custom_line_item", sent["amount"], described, quantity=1, unit=Decimal(sent["amount"]))]
    return [
        _of_invoice(call, invoice, one, f"lines[{index}]")
        if one["type"] == "invoice_line_item"
        else _custom(call, one, f"lines[{index}]")
        for index, one in enumerate(sent["lines"])
    ]


def _line(
    call: Call, type_: str, amount: int, description: str | None, *, quantity: int | None, unit: Decimal | None
) -> Object:
    is_whole = unit is not None and unit == unit.to_integral_value()
    return {
        "id": call.new_id("cnli_"),
        "object": "credit_note_line_item",
        "amount": amount,
        "description": description,
        "discount_amount": 0,
        "discount_amounts": [],
        "livemode": False,
        "metadata": {},
        "pretax_credit_amounts": [],
        "quantity": quantity,
        "tax_rates": [],
        "taxes": [],
        "type": type_,
        "unit_amount": int(unit) if unit is not None and is_whole else None,
        "unit_amount_decimal": None if unit is None else format(unit, "f"),
    }


def _custom(call: Call, sent: Mapping[str, Any], param: str) -> Object:
    for name in ("description", "quantity"):
        if name not in sent:
            raise StripeError(
                f"Missing required param: {param}[{name}].", code="parameter_missing", param=f"{param}[{name}]"
            )
    unit = sent.get("unit_amount_decimal", sent.get("unit_amount"))
    if unit is None or "amount" in sent:
        raise StripeError(
            f"{param} is a custom_line_item: it needs a unit_amount or a unit_amount_decimal, and no amount.",
            param=f"{param}[unit_amount]",
        )
    unit = Decimal(unit)
    amount = int((unit * sent["quantity"]).to_integral_value(ROUND_HALF_UP))
    line = _line(call, "custom_line_item", amount, sent["description"], quantity=sent["quantity"], unit=unit)
    line["metadata"] = dict(sent.get("metadata", {}))
    line["tax_rates"] = taxing.rates(call, sent.get("tax_rates"), f"{param}[tax_rates]")
    line["taxes"] = taxing.taxes(amount, line["tax_rates"])
    return line


def _of_invoice(call: Call, invoice: Object, sent: Mapping[str, Any], param: str) -> Object:
    """A line of the invoice, or a part of it: its discounts and taxes go back in the same proportion."""
    wanted = sent.get("invoice_line_item", "")
    found = next((one for one in invoice["lines"]["data"] if one["id"] == wanted), None)
    if found is None:
        raise missing("invoice line item", wanted, f"{param}[invoice_line_item]", status=400)
    quantity, amount = _part(found, sent, param)
    part = Fraction(amount, found["amount"]) if found["amount"] else Fraction(1)
    unit = Decimal(amount) / quantity if quantity else None
    if unit is not None and unit.as_tuple().exponent < -12:  # type: ignore[operator]  # finite: a quotient of numbers
        unit = unit.quantize(Decimal("1e-12"))
    described = sent.get("description", found["description"])
    line = _line(call, "invoice_line_item", amount, described, quantity=quantity, unit=unit)
    line["invoice_line_item"] = wanted
    line["metadata"] = dict(sent.get("metadata", {}))
    line["discount_amounts"] = [
        {**one, "amount": half_up(one["amount"] * part)} for one in found["discount_amounts"] if one["amount"]
    ]
    line["discount_amount"] = sum(one["amount"] for one in line["discount_amounts"])
    line["pretax_credit_amounts"] = [{**one, "type": "discount"} for one in line["discount_amounts"]]
    if sent.get("tax_rates") is not None:
        line["tax_rates"] = taxing.rates(call, sent["tax_rates"], f"{param}[tax_rates]")
        line["taxes"] = taxing.taxes(amount - line["discount_amount"], line["tax_rates"])
    elif "tax_rates" not in sent:
        rates = [call.find("tax_rate", one["tax_rate_details"]["tax_rate"]) for one in found["taxes"]]
        line["tax_rates"] = [dict(rate) for rate in rates if rate]
        line["taxes"] = [
            {**one, "amount": half_up(one["amount"] * part), "taxable_amount": half_up(one["taxable_amount"] * part)}
            for one in found["taxes"]
        ]
    return line


def _part(line: Object, sent: Mapping[str, Any], param: str) -> tuple[int | None, int]:
    """How many and how much of an invoice's line; StripeError for more than there is."""
    if "amount" in sent and ("quantity" in sent or "unit_amount" in sent or "unit_amount_decimal" in sent):
        raise StripeError(
            f"You may only specify one of these parameters: {param}[amount], {param}[quantity].",
            param=f"{param}[amount]",
        )
    if "amount" in sent:
        quantity, amount = None, int(sent["amount"])
    else:
        quantity = sent.get("quantity", line["quantity"])
        if quantity > line["quantity"]:
            raise StripeError(
                f"The quantity of the credited line ({quantity}) is greater than the invoice's ({line['quantity']}).",
                param=f"{param}[quantity]",
            )
        unit = sent.get("unit_amount_decimal", sent.get("unit_amount"))
        exact = Fraction(line["amount"], line["quantity"] or 1) if unit is None else Fraction(Decimal(unit))
        amount = half_up(exact * quantity)
    if amount > max(0, line["amount"]):
        raise StripeError(f"{param} credits more than the invoice's line came to.", param=f"{param}[amount]")
    return quantity, amount


def _count(note: Object) -> None:
    """What a credit note adds up to: its lines, less discounts, with taxes."""
    lines: Sequence[Object] = note["lines"]["data"]
    subtotal = sum(line["amount"] for line in lines)
    discounted = sum(line["discount_amount"] for line in lines)
    taxes = taxing.added([tax for line in lines for tax in line["taxes"]])
    on_top = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "exclusive")
    inside = sum(tax["amount"] for tax in taxes if tax["tax_behavior"] == "inclusive")
    sums: dict[str, int] = {}
    for one in (one for line in lines for one in line["discount_amounts"]):
        sums[one["discount"]] = sums.get(one["discount"], 0) + one["amount"]
    given = [{"amount": amount, "discount": identifier} for identifier, amount in sums.items()]
    note.update(
        amount=subtotal - discounted + on_top,
        discount_amount=discounted,
        discount_amounts=given,
        pretax_credit_amounts=[{**one, "type": "discount"} for one in given],
        subtotal=subtotal,
        subtotal_excluding_tax=subtotal - inside,
        total=subtotal - discounted + on_top,
        total_excluding_tax=subtotal - discounted - inside,
        total_taxes=taxes,
    )


def too_much(amount: int, left: int, currency: str, param: str = "amount") -> StripeError:
    """More than can still be credited."""
    return StripeError(
        f"The credit note's total ({money.written(amount, currency)}) is greater than what can be credited of this "
        f"invoice ({money.written(left, currency)}).",
        param=param,
    )
