"""One dispute: its deadline, what was given, and what its reason still asks for."""

from paydesk.skills.base import Desk, Effect, Result, Strict, skill
from paydesk.skills.dispute import FILES, OPEN, DisputeText, amount_of, customer_of, dispute_meant, due, given, missing
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.money import Money
from paydesk.skills.period import day
from paydesk.skills.who import label


class Params(Strict):
    dispute: DisputeText


class DisputeDetails(Result):
    """One dispute; `missing` are Stripe's names of the evidence that its reason asks for, the strongest first.

    `missing_files` are uploaded by an operator (`paydesk upload FILE`) and then given by their ids (file_...).
    `days_left` are whole days until `respond_by`.
    """

    id: str
    amount: Money
    status: str
    reason: str
    respond_by: str | None = None
    days_left: int | None = None
    customer: str | None = None
    payment: str | None = None
    created: str
    network_reason: str | None = None
    refundable: bool | None = None
    submissions: int
    given: list[str] | None = None
    missing: list[str] | None = None
    missing_files: list[str] | None = None
    can: list[str] | None = None

    def sentence(self) -> str:
        """What is disputed, why, and until when it can be answered."""
        by = f" Respond by {self.respond_by} ({self.days_left} days left)." if self.respond_by else ""
        who = f" by {self.customer}" if self.customer else ""
        return f"Dispute of {self.amount.text}{who}, {self.reason}: {self.status.replace('_', ' ')}.{by}"

    def lines(self) -> list[str]:
        """What was given, and what is missing."""
        told = {"given": self.given, "missing": self.missing, "missing files": self.missing_files, "can": self.can}
        lines = [
            f"payment: {self.payment}, {self.created}, {self.id}",
            *(f"{name}: {', '.join(values)}" for name, values in told.items() if values),
        ]
        if self.missing_files:
            lines.append("a file: an operator runs `paydesk upload FILE`; give its id (file_...) as evidence")
        return lines


@skill(
    effect=Effect.READ,
    toolset="disputes",
    says=("what evidence is missing for {dispute}", "show the details of {dispute}", "when is {dispute} due"),
    examples=({"dispute": "du_1MtJUT2eZvKYlo2CNaw2HvEv"},),
)
async def get_dispute(params: Params, desk: Desk) -> DisputeDetails:
    """Show one dispute: deadline, evidence given, evidence still missing."""
    found = await dispute_meant(desk, params.dispute)
    answerable = found["status"] in OPEN
    wanted = missing(found) if answerable else []
    customer, charge = customer_of(found), found.get("charge")
    left_s = int((found.get("evidence_details") or {}).get("due_by") or 0) - desk.now().timestamp()
    card = (found.get("payment_method_details") or {}).get("card") or {}
    payment = found.get("payment_intent") or (charge["id"] if isinstance(charge, dict) else charge)
    return DisputeDetails(
        id=str(found["id"]),
        amount=amount_of(found),
        status=str(found["status"]),
        reason=clean(found["reason"], 40).replace("_", " "),
        respond_by=due(found),
        days_left=max(int(left_s // 86_400), 0) if due(found) else None,
        customer=label(customer) if customer else None,
        payment=str(payment) if payment else None,
        created=day(int(found["created"])),
        network_reason=clean_or_none(card.get("network_reason_code"), 20),
        refundable=found.get("is_charge_refundable") or None,
        submissions=int((found.get("evidence_details") or {}).get("submission_count") or 0),
        given=given(found) or None,
        missing=[name for name in wanted if name not in FILES] or None,
        missing_files=[name for name in wanted if name in FILES] or None,
        can=["submit_dispute_evidence", "close_dispute"] if answerable else None,
    )
