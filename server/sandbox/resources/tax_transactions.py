"""Tax transactions: sales whose tax is owed, made from calculations; and their reversals, in whole or in part."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final

from paydesk.server.sandbox import expand, lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing_parameter
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    PAGING,
    choice,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    required,
    text,
    timestamp,
)
from paydesk.server.sandbox.resources import tax_calculations
from paydesk.server.sandbox.resources.invoice_lines import page_of
from paydesk.server.sandbox.routes import Resource
from paydesk.server.sandbox.splitting import half_up, shares


def _line_items(call: Call, transaction: Object) -> Object:
    url = f"/v1/tax/transactions/{transaction['id']}/line_items"
    return lists.whole(expand.kept(call, transaction, "_lines") or [], url)


def shown(_call: Call, transaction: Object) -> Object:
    """Without its lines, which are shown when expanded, and notes."""
    for note in ("_lines", "_calculation"):
        transaction.pop(note, None)
    return transaction


TRANSACTION: Final = Kind(
    name="tax.transaction",
    prefix="tax_",
    called="tax transaction",
    param="transaction",
    indexed=("reference", "_calculation", "reversal.original_transaction"),
    includes={"line_items": _line_items},
    shows=shown,
)

_NEGATIVE: Final = integer(-(10**12), 0)
_REVERSED_LINE: Final = mapping(
    {
        "amount": required(_NEGATIVE),
        "amount_tax": required(_NEGATIVE),
        "metadata": metadata(),
        "original_line_item": required(text()),
        "quantity": integer(1),
        "reference": required(text(500)),
    }
)
_FROM: Final = {
    "calculation": required(text()),
    "metadata": metadata(),
    "posted_at": timestamp(),
    "reference": required(text(500)),
}
_REVERSE: Final = {
    "flat_amount": integer(-(10**12), -1),
    "line_items": list_of(_REVERSED_LINE),
    "metadata": metadata(),
    "mode": required(choice("full", "partial")),
    "original_transaction": required(text()),
    "reference": required(text(500)),
    "shipping_cost": mapping({"amount": required(_NEGATIVE), "amount_tax": required(_NEGATIVE)}),
}

resource = Resource()


@resource.post("/v1/tax/transactions/create_from_calculation", _FROM)
def create(call: Call) -> Answer:
    """The sale took place: what was calculated is owed."""
    sent = call.params
    calculation = call.mention("tax.calculation", sent["calculation"], "calculation")
    tax_calculations.living(call, calculation["id"])
    _refuse_known(call, sent["reference"])
    if call.every("tax.transaction", {"_calculation": calculation["id"]}, limit=1):
        raise StripeError("A tax transaction was created from this calculation already.", param="calculation")
    lines = [_line(call, one, {}) for one in calculation["_lines"]]
    transaction = _transaction(call, calculation, sent)
    transaction["shipping_cost"] = _shipping(calculation["shipping_cost"], lambda one: one)
    transaction.update(_lines=lines, _calculation=calculation["id"])
    return call.create(transaction)


def _refuse_known(call: Call, reference: str) -> None:
    if call.every("tax.transaction", {"reference": reference}, limit=1):
        raise StripeError(f"A tax transaction with the reference {reference} already exists.", param="reference")


def _transaction(call: Call, source: Object, sent: Mapping[str, Any]) -> Object:
    """A transaction of whom and where a calculation, or another transaction, says."""
    return {
        "id": call.new_id("tax_1"),
        "object": "tax.transaction",
        "created": call.now,
        "currency": source["currency"],
        "customer": source["customer"],
        "customer_details": source["customer_details"],
        "livemode": False,
        "metadata": merged_metadata({}, sent.get("metadata", {})),
        "posted_at": sent.get("posted_at", call.now),
        "reference": sent["reference"],
        "reversal": None,
        "ship_from_details": source["ship_from_details"],
        "shipping_cost": None,
        "tax_date": source["tax_date"],
        "type": "transaction",
    }


def _line(call: Call, of: Object, changed: Mapping[str, Any]) -> Object:
    names = ("amount", "amount_tax", "metadata", "product", "quantity", "reference", "tax_behavior", "tax_code")
    return {
        "id": call.new_id("tax_li_"),
        "object": "tax.transaction_line_item",
        "livemode": False,
        **{name: of[name] for name in names},
        "reversal": None,
        "type": "transaction",
        **changed,
    }


def _shipping(of: Object | None, change: Callable[[int], int]) -> Object | None:
    if of is None:
        return None
    return {
        "amount": change(of["amount"]),
        "amount_tax": change(of["amount_tax"]),
        "tax_behavior": of["tax_behavior"],
        "tax_code": of["tax_code"],
    }


@resource.post("/v1/tax/transactions/create_reversal", _REVERSE)
def reverse(call: Call) -> Answer:
    """Take a sale back, in whole (`full`), by lines, or by an amount that taxes are included in."""
    sent = call.params
    original = call.mention("tax.transaction", sent["original_transaction"], "original_transaction")
    if original["type"] == "reversal":
        raise StripeError("A reversal cannot be reversed.", param="original_transaction")
    _refuse_known(call, sent["reference"])
    reversal = _transaction(call, original, sent)
    reversal.update(type="reversal", reversal={"original_transaction": original["id"]})
    left = _left(call, original)
    ways = [name for name in ("flat_amount", "line_items", "shipping_cost") if name in sent]
    if sent["mode"] == "full":
        if ways:
            raise StripeError(f"`{ways[0]}` needs `mode=partial`.", param=ways[0])
        if len(call.every("tax.transaction", {"reversal.original_transaction": original["id"]}, limit=1)):
            raise StripeError("This tax transaction has been reversed already.", param="original_transaction")
        reversal["_lines"] = [
            _reversed(call, line, -line["amount"], -line["amount_tax"]) for line in original["_lines"]
        ]
        reversal["shipping_cost"] = _shipping(original["shipping_cost"], lambda one: -one)
    elif not ways:
        raise missing_parameter("line_items")
    elif "flat_amount" in sent:
        reversal["_lines"] = _by_amount(call, original, left, -sent["flat_amount"])
    else:
        reversal["_lines"] = [
            _by_line(call, original, left, one, i) for i, one in enumerate(sent.get("line_items", []))
        ]
        if "shipping_cost" in sent:
            if original["shipping_cost"] is None:
                raise StripeError("This tax transaction has no shipping cost.", param="shipping_cost")
            reversal["shipping_cost"] = {**original["shipping_cost"], **sent["shipping_cost"]}
    return call.create(reversal)


def _left(call: Call, original: Object) -> dict[str, tuple[int, int]]:
    """What of each line, and of its tax, has not been reversed yet."""
    left = {line["id"]: (line["amount"], line["amount_tax"]) for line in original["_lines"]}
    for earlier in call.every("tax.transaction", {"reversal.original_transaction": original["id"]}):
        for line in earlier["_lines"]:
            amount, tax = left[line["reversal"]["original_line_item"]]
            left[line["reversal"]["original_line_item"]] = (amount + line["amount"], tax + line["amount_tax"])
    return left


def _reversed(call: Call, line: Object, amount: int, tax: int, **changed: Any) -> Object:
    back = {"type": "reversal", "reversal": {"original_line_item": line["id"]}}
    return _line(call, line, {**back, "amount": amount, "amount_tax": tax, **changed})


def _by_line(
    call: Call, original: Object, left: dict[str, tuple[int, int]], sent: Mapping[str, Any], index: int
) -> Object:
    param = f"line_items[{index}]"
    line = next((one for one in original["_lines"] if one["id"] == sent["original_line_item"]), None)
    if line is None:
        raise StripeError(
            f"No such line item: '{sent['original_line_item']}'",
            code="resource_missing",
            param=f"{param}[original_line_item]",
        )
    amount, tax = left[line["id"]]
    for name, most in (("amount", amount), ("amount_tax", tax)):
        if -sent[name] > most:
            raise StripeError(f"Only {most} of this line's {name} is left to reverse.", param=f"{param}[{name}]")
    left[line["id"]] = (amount + sent["amount"], tax + sent["amount_tax"])
    extra = {name: sent[name] for name in ("metadata", "quantity", "reference") if name in sent}
    return _reversed(call, line, sent["amount"], sent["amount_tax"], **extra)


def _by_amount(call: Call, original: Object, left: dict[str, tuple[int, int]], flat: int) -> list[Object]:
    """Share an amount out over what is left of the lines; each line's tax goes back in the same proportion."""
    lines: list[Object] = original["_lines"]
    gross = []
    for line in lines:
        amount, tax = left[line["id"]]
        gross.append(max(0, amount + (tax if line["tax_behavior"] == "exclusive" else 0)))
    if flat > sum(gross):
        raise StripeError(f"Only {sum(gross)} of this transaction is left to reverse.", param="flat_amount")
    found = []
    for line, share, whole in zip(lines, shares(flat, gross), gross, strict=True):
        if not share:
            continue
        tax = half_up(Fraction(left[line["id"]][1] * share, whole))
        amount = share - (tax if line["tax_behavior"] == "exclusive" else 0)
        found.append(_reversed(call, line, -amount, -tax))
    return found


@resource.get("/v1/tax/transactions/{transaction}")
def retrieve(call: Call, transaction: str) -> Answer:
    """One transaction."""
    return call.get("tax.transaction", transaction)


@resource.get("/v1/tax/transactions/{transaction}/line_items", PAGING)
def list_lines(call: Call, transaction: str) -> Answer:
    """The lines of a transaction, page by page."""
    return page_of(call, call.get("tax.transaction", transaction)["_lines"], "tax transaction line item")
