"""One dispute: which is meant, what its reason asks for, and what is still missing."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Final, Self

from pydantic import Field

from paydesk.skills.base import Desk, Json, WriteResult
from paydesk.skills.errors import Ambiguous, NotFound
from paydesk.skills.hostile_text import clean
from paydesk.skills.ids import checked_id
from paydesk.skills.money import Money, money
from paydesk.skills.who import customer_meant, label

DisputeText = Annotated[str, Field(min_length=3, max_length=200, description="du_ id, or its customer")]
_LOOKED_AT: Final = 500
_CHOICES: Final = 8
OPEN: Final = ("needs_response", "warning_needs_response")
REVIEWED: Final = ("under_review", "warning_under_review")

#: Evidence that is an uploaded file's id at Stripe, not text (https://docs.stripe.com/api/disputes/update).
FILES: Final = frozenset(
    {
        *("cancellation_policy", "customer_communication", "customer_signature", "duplicate_charge_documentation"),
        *("receipt", "refund_policy", "service_documentation", "shipping_documentation", "uncategorized_file"),
    }
)
TEXTS: Final = frozenset(
    {
        *("access_activity_log", "billing_address", "cancellation_policy_disclosure", "cancellation_rebuttal"),
        *("customer_email_address", "customer_name", "customer_purchase_ip", "duplicate_charge_explanation"),
        *("duplicate_charge_id", "product_description", "refund_policy_disclosure", "refund_refusal_explanation"),
        *("service_date", "shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number"),
        "uncategorized_text",
    }
)
_WHO: Final = ("customer_name", "customer_email_address", "customer_purchase_ip", "billing_address")
_DELIVERED: Final = (
    *("shipping_address", "shipping_carrier", "shipping_date", "shipping_tracking_number", "shipping_documentation"),
)
_USUAL: Final = ("product_description", "customer_communication", "receipt")
# What Stripe asks for by reason (https://docs.stripe.com/disputes/reason-codes-defense-requirements), strongest first.
_BY_REASON: Final[Mapping[str, tuple[str, ...]]] = {
    "fraudulent": (*_WHO, "access_activity_log", "customer_signature", *_DELIVERED, *_USUAL),
    "unrecognized": (*_USUAL, *_WHO, "access_activity_log"),
    "product_not_received": (*_DELIVERED, "access_activity_log", "service_date", "service_documentation", *_USUAL),
    "product_unacceptable": (
        *("product_description", "refund_policy", "refund_policy_disclosure", "refund_refusal_explanation"),
        *("customer_communication", "service_documentation"),
    ),
    "duplicate": (
        *("duplicate_charge_id", "duplicate_charge_explanation", "duplicate_charge_documentation", "receipt"),
        "product_description",
    ),
    "subscription_canceled": (
        *("cancellation_policy", "cancellation_policy_disclosure", "cancellation_rebuttal", "access_activity_log"),
        *("customer_communication", "product_description"),
    ),
    "credit_not_processed": (
        *("refund_policy", "refund_policy_disclosure", "refund_refusal_explanation", "customer_communication"),
    ),
}
_OTHERWISE: Final = (*_USUAL, "uncategorized_text")


async def dispute_meant(desk: Desk, text: str) -> Json:
    """The dispute of a du_ or dp_ id; of a customer's name or e-mail the only one of theirs that is still open.

    The charge and its customer are expanded. Raises NotFound, or Ambiguous with choices.
    """
    text = text.strip()
    if re.match(r"(?:du|dp)_", text):
        identifier = checked_id(text, "du", "dp", field="dispute")
        return await desk.stripe.get(f"/v1/disputes/{identifier}", {"expand": ["charge.customer"]})
    customer = await _customer(desk, text)
    every = desk.stripe.every("/v1/disputes", {"expand": ["data.charge.customer"]}, most=_LOOKED_AT)
    found = [one async for one in every if (customer_of(one) or {}).get("id") == customer["id"] and _is_open(one)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise NotFound(
            f"{label(customer)} has no open dispute.",
            code="dispute_not_found",
            field="dispute",
            next_step="list_disputes shows closed ones too.",
        )
    raise Ambiguous(
        f"{label(customer)} has {len(found)} open disputes: which one?",
        code="dispute_ambiguous",
        field="dispute",
        choices=[f"{amount_of(one).text} {one['reason']} {one['id']}" for one in found[:_CHOICES]],
        next_step="Say its id.",
    )


async def _customer(desk: Desk, text: str) -> Json:
    """Whose dispute it is; what is wrong is wrong with `dispute`, the only argument there is."""
    try:
        return await customer_meant(desk, text)
    except NotFound as unknown:
        raise NotFound(
            f"{clean(text, 60)} is no dispute's id, and no customer is called so.",
            code="dispute_not_found",
            field="dispute",
            choices=unknown.choices,
            next_step="Give the du_ id, or look with list_disputes.",
        ) from None
    except Ambiguous as several:
        raise Ambiguous(
            several.message, code=several.code, field="dispute", choices=several.choices, next_step=several.next_step
        ) from None


def _is_open(dispute: Json) -> bool:
    return dispute["status"] in (*OPEN, *REVIEWED)


def customer_of(dispute: Json) -> Json | None:
    """The customer of an expanded charge; None where there is none."""
    charge = dispute.get("charge")
    customer = charge.get("customer") if isinstance(charge, dict) else None
    return customer if isinstance(customer, dict) else None


def amount_of(dispute: Json) -> Money:
    """What is disputed."""
    return money(int(dispute["amount"]), str(dispute["currency"]))


def called(dispute: Json) -> str:
    """`the dispute of $49.00 by Jane Doe (fraudulent)`."""
    return f"the {noun(dispute)}"


def noun(dispute: Json) -> str:
    """The same without its article."""
    customer = customer_of(dispute)
    by = f" by {label(customer)}" if customer else ""
    return f"dispute of {amount_of(dispute).text}{by} ({clean(dispute['reason'], 40).replace('_', ' ')})"


def due(dispute: Json) -> str | None:
    """Until when an answer counts, `2026-11-29 23:59 UTC`; None where none can be given any more."""
    by = (dispute.get("evidence_details") or {}).get("due_by")
    if not by or dispute["status"] not in OPEN:
        return None
    return datetime.fromtimestamp(int(by), UTC).strftime("%Y-%m-%d %H:%M UTC")


def given(dispute: Json) -> list[str]:
    """The names of the evidence that stands there already."""
    evidence = dispute.get("evidence") or {}
    return sorted(name for name in TEXTS | FILES if evidence.get(name))


def missing(dispute: Json, more: Mapping[str, str] | None = None) -> list[str]:
    """What its reason asks for and is not there, strongest first; `more` is what is about to be given."""
    there = {*given(dispute), *(more or {})}
    return [name for name in _BY_REASON.get(str(dispute["reason"]), _OTHERWISE) if name not in there]


class DisputeState(WriteResult):
    """A dispute after a change."""

    dispute: str
    amount: Money
    status: str
    reason: str
    submissions: int

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a dispute."""
        return cls(
            dispute=str(answer["id"]),
            amount=amount_of(answer),
            status=str(answer["status"]),
            reason=clean(answer["reason"], 40),
            submissions=int((answer.get("evidence_details") or {}).get("submission_count") or 0),
        )

    def told(self) -> str:
        """`du_... ($49.00, under review)`."""
        return f"{self.dispute} ({self.amount.text}, {self.status.replace('_', ' ')})"
