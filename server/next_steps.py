"""What may sensibly be said next: a few short sentences that this desk understands here and can do for this caller."""

from collections import Counter
from collections.abc import Callable, Mapping

from paydesk.skills.base import Json

NEXT_MOST = 3
_REASON_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")

# Only fixed words: what customers write never becomes a suggestion.


def next_steps(skill: str, result: Json, offered: Callable[[str], bool]) -> list[str]:
    """At most three; `offered` says whether this caller may use a skill."""
    steps = _after_a_write(result) if "proposal_id" in result else _AFTER.get(skill, _nothing)(result)
    return [said for said, needs in steps if offered(needs)][:NEXT_MOST]


def _nothing(_: Json) -> list[tuple[str, str]]:
    return []


def _after_a_write(result: Json) -> list[tuple[str, str]]:
    state, back = result.get("state"), result.get("undo_call")
    if state in ("waiting", "unknown", "sending"):
        steps = [("was it approved?", "get_proposal")]
        return [*steps, ("withdraw it", "cancel_proposal")] if state == "waiting" else steps
    if state == "succeeded" and isinstance(back, dict):
        return [("undo it", str(back.get("skill")))]
    return []


def _after_a_payment(payment: Json) -> list[tuple[str, str]]:
    steps = []
    if payment.get("status") in ("succeeded", "partially_refunded") and _minor(payment.get("refundable")):
        steps.append(("refund it", "refund_payment"))
    if payment.get("status") == "requires_capture":
        steps += [("capture it", "capture_payment"), ("cancel it", "cancel_payment")]
    if payment.get("customer_id"):
        steps += [("show their payments", "list_payments"), ("show their subscriptions", "list_subscriptions")]
    return steps


def _after_customers(result: Json) -> list[tuple[str, str]]:
    if len(result.get("customers", ())) == 1 or "id" in result:
        return [("show their payments", "list_payments"), ("show their subscriptions", "list_subscriptions")]
    return [("show the first one", "get_customer")] if result.get("customers") else []


def _after_payments(result: Json) -> list[tuple[str, str]]:
    return [("show the first one", "get_payment")] if result.get("payments") else []


_AFTER: Mapping[str, Callable[[Json], list[tuple[str, str]]]] = {
    "get_payment": _after_a_payment,
    "find_customers": _after_customers,
    "get_customer": _after_customers,
    "list_payments": _after_payments,
}


def _minor(money: object) -> int:
    return int(money.get("amount_minor", 0)) if isinstance(money, dict) else 0


def reasons_of_failure(skill: str, result: Json) -> str | None:
    """ "3 of these failed with insufficient_funds, 1 with expired_card.", where several payments failed."""
    rows = result.get("payments") if skill == "list_payments" else None
    codes = [str(row["failure"]) for row in rows or () if isinstance(row, dict) and row.get("failure")]
    codes = [code for code in codes if set(code) <= _REASON_LETTERS]
    if len(codes) < 2:
        return None
    (first, count), *others = Counter(codes).most_common(3)
    return ", ".join([f"{count} of these failed with {first}", *(f"{n} with {code}" for code, n in others)]) + "."
