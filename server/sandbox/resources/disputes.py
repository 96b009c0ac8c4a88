"""Disputes: opened by the test cards, answered with evidence, won, lost or closed.

    needs_response --evidence--> under_review --winning_evidence--> won, --losing_evidence--> lost
          '--close, or due_by passes--> lost
    warning_needs_response (an inquiry: no money moves) --evidence--> warning_under_review --winning or losing--> closed
          '--close--> warning_closed                                  '--escalate_inquiry_evidence--> needs_response

The bank's decision comes at the next reading of the dispute, or after a minute by itself.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final

from paydesk.server.sandbox import ledger, lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import (
    LISTING,
    boolean,
    clearable,
    mapping,
    merged_metadata,
    metadata,
    text,
    unserved,
)
from paydesk.server.sandbox.routes import Resource

DECIDES_AFTER_S: Final = 60
DUE_AFTER_DAYS: Final = 8
CLOSED: Final = frozenset({"won", "lost", "warning_closed", "prevented"})
_REVIEWED: Final = frozenset({"under_review", "warning_under_review"})
_REASON_CODES: Final = {"fraudulent": "10.4", "product_not_received": "13.1", "noncompliant": "98"}
_ELIGIBLE: Final[dict[str, Object]] = {
    "visa_compelling_evidence_3": {"required_actions": ["missing_customer_identifiers"], "status": "requires_action"},
    "visa_compliance": {"status": "requires_fee_acknowledgement"},
    "mastercard_compliance": {"status": "requires_fee_acknowledgement"},
}

DISPUTE: Final = Kind(
    name="dispute",
    prefix="du_",
    param="dispute",
    indexed=("charge", "payment_intent", "status"),
    expands=(
        "charge",
        "payment_intent",
        *(
            "evidence.cancellation_policy",
            "evidence.customer_communication",
            "evidence.customer_signature",
            "evidence.duplicate_charge_documentation",
            "evidence.receipt",
            "evidence.refund_policy",
            "evidence.service_documentation",
            "evidence.shipping_documentation",
            "evidence.uncategorized_file",
        ),
    ),
)

_TEXTS: Final = (
    *("access_activity_log", "billing_address", "cancellation_policy_disclosure", "cancellation_rebuttal"),
    *("customer_email_address", "customer_name", "customer_purchase_ip", "duplicate_charge_explanation"),
    *("duplicate_charge_id", "product_description", "refund_policy_disclosure", "refund_refusal_explanation"),
    *("service_date", "shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number"),
    "uncategorized_text",
)
_FILES: Final = (
    *("cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation"),
    *("receipt", "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file"),
)
_EVIDENCE_TEXT: Final = 150_000
_COMPLIANCE: Final = mapping({"fee_acknowledged": boolean()})
_UPDATE: Final = {
    "evidence": mapping(
        {
            **dict.fromkeys(_TEXTS, clearable(text(_EVIDENCE_TEXT))),
            **dict.fromkeys(_FILES, clearable(text())),
            "enhanced_evidence": clearable(
                mapping(
                    {
                        "mastercard_compliance": _COMPLIANCE,
                        "visa_compliance": _COMPLIANCE,
                        **unserved("visa_compelling_evidence_3"),
                    }
                )
            ),
        }
    ),
    "metadata": metadata(),
    "submit": boolean(),
}

resource = Resource()


def due_by(now: int) -> int:
    """The last second of the eighth day, UTC (as recorded)."""
    day = datetime.fromtimestamp(now, UTC).date() + timedelta(days=DUE_AFTER_DAYS)
    return int(datetime.combine(day, time(23, 59, 59), UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Opening:
    """What is disputed. `amount` None: all that was captured; `case`: chargeback, inquiry or compliance;
    `is_final`: a bank debit's, which cannot be answered.
    """

    reason: str
    amount: int | None = None
    case: str = "chargeback"
    eligible_for: str = ""
    is_final: bool = False


def dispute_object(identifier: str, created: int, charge: Object, opening: Opening) -> Object:
    """A dispute as it is opened, before any money has moved."""
    is_inquiry = opening.case == "inquiry"
    eligible = {opening.eligible_for: dict(_ELIGIBLE[opening.eligible_for])} if opening.eligible_for else {}
    body: Object = {
        "id": identifier,
        "object": "dispute",
        "amount": charge["amount_captured"] if opening.amount is None else opening.amount,
        "balance_transaction": None,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": created,
        "currency": charge["currency"],
        "enhanced_eligibility_types": list(eligible),
        "evidence": {**dict.fromkeys((*_TEXTS, *_FILES)), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": due_by(created),
            "enhanced_eligibility": eligible,
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": is_inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": opening.reason,
        "status": "warning_needs_response" if is_inquiry else "needs_response",
    }
    if charge["payment_method_details"]["type"] == "card":
        body["payment_method_details"] = _card_details(charge, opening)
    return body


def _card_details(charge: Object, opening: Opening) -> Object:
    brand = charge["payment_method_details"]["card"]["brand"]
    code = "10" if opening.case == "inquiry" else _REASON_CODES.get(opening.reason, "10.4")
    card = {"brand": brand, "case_type": opening.case, "network": brand, "network_reason_code": code}
    return {"card": card, "type": "card"}


def open_for(call: Call, charge: Object, opening: Opening) -> Object:
    """The cardholder disputes a charge: the amount and a fee are withdrawn at once, except for an inquiry."""
    is_inquiry = opening.case == "inquiry"
    dispute = dispute_object(call.new_id("du_1", 23), call.now, charge, opening)
    _prefill(call, charge, dispute)
    charge["disputed"] = True
    charge["dispute"] = dispute["id"]
    call.create(dispute)
    if not is_inquiry:
        _withdraw(call, dispute)
    call.save(charge, emits="charge.updated")
    call.emit("charge.dispute.created", dispute)
    if not is_inquiry:
        call.emit("charge.dispute.funds_withdrawn", dispute)
    if opening.is_final:
        return _end(call, dispute, "lost")
    call.later(dispute["evidence_details"]["due_by"] + 1, "dispute.overdue", dispute=dispute["id"])
    return dispute


def _prefill(call: Call, charge: Object, dispute: Object) -> None:
    """Stripe fills in what it knows of the customer; a name that is missing is taken from the description."""
    customer = charge["customer"] and call.find("customer", charge["customer"])
    if customer and not customer.get("deleted"):
        dispute["evidence"]["customer_email_address"] = customer["email"]
        dispute["evidence"]["customer_name"] = customer["name"] or customer["description"]
    if not dispute["is_charge_refundable"]:
        dispute["evidence"]["product_description"] = charge["description"]


def _withdrawn_on(call: Call, charge: str) -> int:
    """When a withdrawal counts: at once, or with the money of a hold that was captured (recorded both ways)."""
    found = call.get("charge", charge)
    was_held = "capture_before" in found["payment_method_details"].get("card", {})
    row = call.find("balance_transaction", found["balance_transaction"]) if was_held else None
    return int(row["available_on"]) if row else call.now


def _withdraw(call: Call, dispute: Object) -> None:
    entry = ledger.Entry(
        "adjustment",
        -dispute["amount"],
        dispute["currency"],
        dispute["id"],
        f"Chargeback withdrawal for {dispute['charge']}",
        category="dispute",
        fee_of=lambda _amount, currency, _exchanged: call.store.settlement.dispute_fee(currency),
        fee_description="Dispute fee",
        available_on=_withdrawn_on(call, dispute["charge"]),
    )
    booked = ledger.add(call, entry)
    dispute["balance_transaction"] = booked["id"]
    dispute["balance_transactions"] = [ledger.shown(call, dict(booked))]
    dispute["is_charge_refundable"] = False
    call.save(dispute)


@resource.get("/v1/disputes", {**LISTING, "charge": text(), "payment_intent": text()}, writes=True)
def list_all(call: Call) -> Answer:
    """Disputes by charge or payment intent; a list by charge says how many."""
    where = {name: call.params.get(name) for name in ("charge", "payment_intent")}
    given = {name: value for name, value in where.items() if value}
    for dispute in call.every("dispute", given, limit=100) if given else ():
        decide(call, dispute["id"])
    return lists.page(call, "dispute", where, count="charge" in call.params)


@resource.get("/v1/disputes/{dispute}", writes=True)
def retrieve(call: Call, dispute: str) -> Answer:
    """One dispute, after the bank has had its say."""
    decide(call, dispute)
    return call.get("dispute", dispute)


@resource.get("/v1/charges/{charge}/dispute", writes=True)
def retrieve_of_charge(call: Call, charge: str) -> Answer:
    """The dispute of a charge."""
    return retrieve(call, _of_charge(call, charge))


def _of_charge(call: Call, charge: str) -> str:
    identifier: str | None = call.get("charge", charge)["dispute"]
    if identifier is None:
        raise StripeError(f"No dispute for charge: {charge}", status=404)
    return identifier


@resource.post("/v1/disputes/{dispute}", _UPDATE)
def update(call: Call, dispute: str) -> Answer:
    """Add evidence, which submits it unless `submit` is false."""
    decide(call, dispute)
    found = call.get("dispute", dispute)
    sent = call.params
    if found["status"] in CLOSED and ("evidence" in sent or "submit" in sent):
        raise StripeError("This dispute is already closed")
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    if "evidence" in sent:
        _add_evidence(call, found, sent["evidence"])
    # Recorded: evidence without `submit` is submitted all the same.
    if sent.get("submit", "evidence" in sent):
        _submit(call, found)
    return call.save(found, emits="charge.dispute.updated")


@resource.post("/v1/charges/{charge}/dispute", _UPDATE)
def update_of_charge(call: Call, charge: str) -> Answer:
    """The same by the charge."""
    return update(call, _of_charge(call, charge))


def _add_evidence(call: Call, dispute: Object, sent: dict[str, Any]) -> None:
    for name in _FILES:
        if sent.get(name):
            _check_file(call, sent[name], f"evidence[{name}]")
    enhanced = sent.pop("enhanced_evidence", {}) or {}
    eligible = dispute["evidence_details"]["enhanced_eligibility"]
    for name, said in enhanced.items():
        if name not in eligible:
            raise StripeError(
                f"This dispute is not eligible for {name} evidence.", param=f"evidence[enhanced_evidence][{name}]"
            )
        dispute["evidence"]["enhanced_evidence"][name] = said
        if said.get("fee_acknowledged"):
            eligible[name]["status"] = "fee_acknowledged"
    dispute["evidence"].update(sent)
    dispute["evidence_details"]["has_evidence"] = any(dispute["evidence"][name] for name in (*_TEXTS, *_FILES))


def _check_file(call: Call, identifier: str, param: str) -> None:
    """StripeError unless the file was uploaded, and as evidence."""
    file = call.find("file", identifier)
    if file is None:
        raise missing("file upload", identifier, param, status=400)
    if file["purpose"] != "dispute_evidence":
        raise StripeError(
            f"The file {identifier} was uploaded for the purpose {file['purpose']}. Evidence must be uploaded with the "
            "purpose dispute_evidence.",
            param=param,
        )


def _submit(call: Call, dispute: Object) -> None:
    dispute["evidence_details"]["submission_count"] += 1
    warned = dispute["status"].startswith("warning_")
    dispute["status"] = "warning_under_review" if warned else "under_review"
    call.later(call.now + DECIDES_AFTER_S, "dispute.decide", dispute=dispute["id"])


@resource.post("/v1/disputes/{dispute}/close")
def close(call: Call, dispute: str) -> Answer:
    """Give in: the dispute is lost, an inquiry closed."""
    decide(call, dispute)
    found = call.get("dispute", dispute)
    if found["status"] in CLOSED:
        raise StripeError("This dispute is already closed")
    return _end(call, found, "warning_closed" if found["status"].startswith("warning_") else "lost")


@resource.post("/v1/charges/{charge}/dispute/close")
def close_of_charge(call: Call, charge: str) -> Answer:
    """The same by the charge."""
    return close(call, _of_charge(call, charge))


@resource.action("dispute.decide")
def decide(call: Call, dispute: str) -> None:
    """What the bank says to submitted evidence; the test words decide, anything else stays under review."""
    found = call.find("dispute", dispute)
    if found is None or found["status"] not in _REVIEWED:
        return
    words = found["evidence"]["uncategorized_text"]
    if found["status"] == "under_review" and words == "winning_evidence":
        _win(call, found)
    elif found["status"] == "under_review" and words == "losing_evidence":
        _end(call, found, "lost")
    elif found["status"] == "warning_under_review" and words in ("winning_evidence", "losing_evidence"):
        _end(call, found, "warning_closed")
    elif found["status"] == "warning_under_review" and words == "escalate_inquiry_evidence":
        _escalate(call, found)


@resource.action("dispute.overdue")
def overdue(call: Call, dispute: str) -> None:
    """Nothing was sent in time: the dispute is lost, an inquiry closed."""
    found = call.get("dispute", dispute)
    due = found["evidence_details"]["due_by"]
    if found["status"] in ("needs_response", "warning_needs_response") and call.now > due:
        found["evidence_details"]["past_due"] = True
        _end(call, found, "warning_closed" if found["status"].startswith("warning_") else "lost")


def _win(call: Call, dispute: Object) -> None:
    """The amount comes back, the fee does not."""
    entry = ledger.Entry(
        "adjustment",
        dispute["amount"],
        dispute["currency"],
        dispute["id"],
        f"Chargeback reversal for {dispute['charge']}",
        category="dispute_reversal",
    )
    booked = ledger.add(call, entry)
    dispute["balance_transactions"] = [*dispute["balance_transactions"], ledger.shown(call, dict(booked))]
    _end(call, dispute, "won")
    call.emit("charge.dispute.funds_reinstated", dispute)


def _end(call: Call, dispute: Object, status: str) -> Object:
    dispute["status"] = status
    dispute["is_charge_refundable"] = status in ("won", "warning_closed")
    call.save(dispute)
    call.emit("charge.dispute.closed", dispute)
    return dispute


def _escalate(call: Call, dispute: Object) -> None:
    """An inquiry becomes a chargeback."""
    dispute["status"] = "needs_response"
    dispute["payment_method_details"]["card"].update(
        case_type="chargeback", network_reason_code=_REASON_CODES.get(dispute["reason"], "10.4")
    )
    dispute["evidence_details"]["due_by"] = due_by(call.now)
    call.later(due_by(call.now) + 1, "dispute.overdue", dispute=dispute["id"])
    _withdraw(call, dispute)
    call.emit("charge.dispute.updated", dispute)
    call.emit("charge.dispute.funds_withdrawn", dispute)
