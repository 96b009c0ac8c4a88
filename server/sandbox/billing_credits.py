"""Billing credits: prepaid or given amounts that metered lines use up before taxes, when an invoice is finalized.

Which grant goes first: by priority, then the one that expires soonest, promotional before paid, the oldest
(https://docs.stripe.com/billing/subscriptions/usage-based/billing-credits). A grant's balance is the sum of its
transactions, in minor units.
"""

from typing import Any, Final

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.kinds import Kind, Object

GRANT: Final = Kind(
    name="billing.credit_grant",
    prefix="credgr_",
    called="credit grant",
    indexed=("customer", "test_clock"),
    expands=("customer", "test_clock"),
)
# Worked out of the grants, never stored.
SUMMARY: Final = Kind(name="billing.credit_balance_summary", prefix="", expands=("customer",))
TRANSACTION: Final = Kind(
    name="billing.credit_balance_transaction",
    prefix="cbtxn_test_",
    called="credit balance transaction",
    indexed=("credit_grant", "_customer"),
    expands=(
        "credit_grant",
        "test_clock",
        "debit.credits_applied.invoice",
        "credit.credits_application_invoice_voided.invoice",
    ),
    shows=lambda _call, body: {name: value for name, value in body.items() if not name.startswith("_")},
)
USUAL_PRIORITY: Final = 50
_NEVER: Final = 2**60


def money_of(currency: str, value: int) -> Object:
    """An amount as credits say it."""
    return {"monetary": {"currency": currency, "value": value}, "type": "monetary"}


def book(call: Call, grant: Object, amount: int, kind: str, **details: Any) -> Object:
    """Record that a grant gained (positive) or lost an amount, and why."""
    side = "credit" if amount > 0 else "debit"
    other = {"credit": "credits_application_invoice_voided", "debit": "credits_applied"}[side]
    currency = grant["amount"]["monetary"]["currency"]
    movement = {"amount": money_of(currency, abs(amount)), other: None, "type": kind, **details}
    return call.create(
        {
            "id": call.new_id("cbtxn_test_61"),
            "object": TRANSACTION.name,
            "created": call.now,
            "credit": movement if side == "credit" else None,
            "credit_grant": grant["id"],
            "debit": movement if side == "debit" else None,
            "effective_at": max(call.now, grant["effective_at"] or 0),
            "livemode": False,
            "test_clock": None,
            "type": side,
            "_customer": grant["customer"],
        },
        emits="billing.credit_balance_transaction.created",
    )


def balance(call: Call, grant: Object) -> int:
    """What is left of a grant."""
    total = 0
    for one in call.every(TRANSACTION.name, {"credit_grant": grant["id"]}):
        side = one["credit"] or one["debit"]
        value = int(side["amount"]["monetary"]["value"])
        total += value if one["credit"] else -value
    return total


def is_effective(call: Call, grant: Object) -> bool:
    """Whether a grant may be used now."""
    starts, ends = grant["effective_at"] or grant["created"], grant["expires_at"]
    return grant["voided_at"] is None and starts <= call.now and (ends is None or call.now < ends)


def usable(call: Call, customer: str) -> list[Object]:
    """The grants of a customer that may be used now, in the order in which they are."""
    grants = [one for one in call.every(GRANT.name, {"customer": customer}) if is_effective(call, one)]
    return sorted(grants, key=_turn)


def _turn(grant: Object) -> tuple[int, int, int, int, int]:
    return (
        USUAL_PRIORITY if grant["priority"] is None else grant["priority"],
        grant["expires_at"] or _NEVER,
        0 if grant["category"] == "promotional" else 1,
        grant["effective_at"] or grant["created"],
        grant["created"],
    )


def covers(grant: Object, price: Object, currency: str) -> bool:
    """Whether a grant may pay for a line of this price."""
    scope = grant["applicability_config"]["scope"]
    named = [one["id"] for one in scope.get("prices", [])]
    is_metered = bool(price["recurring"] and price["recurring"]["usage_type"] == "metered")
    fits = price["id"] in named if named else is_metered
    return fits and bool(grant["amount"]["monetary"]["currency"] == currency)


def use(call: Call, invoice: Object) -> bool:
    """Let grants pay for lines of an invoice that is counted and about to be finalized; whether any did."""
    grants = [(grant, balance(call, grant)) for grant in usable(call, invoice["customer"])]
    if not grants:
        return False
    used: dict[str, list[Object]] = {}
    for line in invoice["lines"]["data"]:
        price = call.find("price", (line["pricing"] or {}).get("price_details", {}).get("price") or "")
        left = line["amount"] - sum(one["amount"] for one in line["discount_amounts"])
        for place, (grant, rest) in enumerate(grants):
            if not price or left <= 0 or rest <= 0 or not covers(grant, price, invoice["currency"]):
                continue
            part = min(left, rest)
            applied = {"invoice": invoice["id"], "invoice_line_item": line["id"]}
            entry = book(call, grant, -part, "credits_applied", credits_applied=applied)
            credit = {"amount": part, "credit_balance_transaction": entry["id"], "type": "credit_balance_transaction"}
            used.setdefault(line["id"], []).append(credit)
            grants[place] = (grant, rest - part)
            left -= part
    if used:
        invoice["_credits"] = used
    return bool(used)


def give_back(call: Call, invoice: Object) -> None:
    """An invoice was voided: what it used goes back to the grants."""
    for line, used in invoice.pop("_credits", {}).items():
        for credit in used:
            entry = call.get(TRANSACTION.name, credit["credit_balance_transaction"])
            grant = call.get(GRANT.name, entry["credit_grant"])
            back = {"invoice": invoice["id"], "invoice_line_item": line}
            kind = "credits_application_invoice_voided"
            book(call, grant, credit["amount"], kind, credits_application_invoice_voided=back)


def end(call: Call, grant: Object, kind: str) -> None:
    """Take what is left of a grant away, because it expired or was voided."""
    rest = balance(call, grant)
    if rest > 0:
        book(call, grant, -rest, kind)
