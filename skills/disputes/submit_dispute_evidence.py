"""Answer a dispute: give evidence, and hand it to the bank."""

from typing import Annotated

from pydantic import Field

from paydesk.skills.base import Desk, Effect, Json, Plan, StripeRequest, WriteParams, skill
from paydesk.skills.dispute import (
    FILES,
    OPEN,
    TEXTS,
    DisputeState,
    DisputeText,
    called,
    customer_of,
    dispute_meant,
    due,
    given,
    missing,
    noun,
)
from paydesk.skills.errors import SkillError
from paydesk.skills.evidence_file import files_told
from paydesk.skills.hostile_text import clean

_NAMED = 4
_SHOWN = 300


class Params(WriteParams):
    dispute: DisputeText
    evidence: Annotated[
        dict[str, Annotated[str, Field(min_length=1, max_length=20_000)]],
        Field(max_length=27, description="By Stripe's field names; get_dispute lists those missing"),
    ]
    submit: Annotated[bool, Field(description="false: keep it as a draft")] = True


class EvidenceSubmitted(DisputeState):
    """A dispute with its evidence."""

    def sentence(self) -> str:
        """Whether it is with the bank."""
        sent = "Submitted evidence for" if self.status.endswith("under_review") else "Kept evidence for"
        return f"{sent} {self.told()}."


@skill(
    effect=Effect.WRITE,
    toolset="disputes",
    says=("submit evidence for {dispute}: {text}", "respond to {dispute} with {text}"),
    examples=(
        {
            "dispute": "du_1MtJUT2eZvKYlo2CNaw2HvEv",
            "evidence": {"product_description": "Annual plan", "receipt": "file_1MtJUT2eZvKYlo2CNaw2HvEv"},
        },
    ),
)
async def submit_dispute_evidence(params: Params, desk: Desk) -> Plan[EvidenceSubmitted]:
    """Submit evidence (answer, contest, fight a dispute) to the bank."""
    _check(params)
    dispute = await dispute_meant(desk, params.dispute)
    if dispute["status"] not in OPEN:
        raise SkillError(
            f"The {noun(dispute)} is {str(dispute['status']).replace('_', ' ')}; "
            "evidence is taken only while it needs a response.",
            code="wrong_status",
            field="dispute",
        )
    if not params.evidence and not given(dispute):
        raise SkillError(
            "There is no evidence to submit.",
            code="no_evidence",
            field="evidence",
            next_step="get_dispute lists what is missing.",
        )
    there = {name: str(value) for name, value in (dispute.get("evidence") or {}).items() if value}
    files = await files_told(desk, params.evidence, there)
    sent: Json = {"submit": params.submit}
    if params.evidence:
        sent["evidence"] = dict(sorted(params.evidence.items()))
    customer = customer_of(dispute)
    does = "Submit" if params.submit else "Keep, without submitting,"
    return Plan(
        says=f"{does} evidence for {called(dispute)}: {len(params.evidence)} new, {len(given(dispute))} there already.",
        request=StripeRequest("POST", f"/v1/disputes/{dispute['id']}", sent),
        undo=None if params.submit else "A draft can be overwritten until it is submitted.",
        warnings=tuple(_warnings(params, dispute)),
        details=(
            *((name, files.get(name) or _shown(text)) for name, text in sorted(params.evidence.items())),
            *((("Due", due(dispute) or ""),) if due(dispute) else ()),
        ),
        relies_on={"dispute": str(dispute["id"]), "status": str(dispute["status"]), "given": ",".join(given(dispute))},
        customer=str(customer["id"]) if customer else None,
    )


def _check(params: Params) -> None:
    unknown = sorted(set(params.evidence) - TEXTS - FILES)
    if unknown:
        raise SkillError(
            f"{clean(unknown[0], 40)} is no evidence that Stripe takes.",
            code="unknown_evidence",
            field="evidence",
            choices=sorted(TEXTS | FILES),
        )


def _shown(text: str) -> str:
    """The beginning of a text, and how long it is where that is not all."""
    more = f" ({len(text):,} characters in all)" if len(text) > _SHOWN else ""
    return clean(text, _SHOWN) + more


def _warnings(params: Params, dispute: Json) -> list[str]:
    found = []
    if params.submit:
        found.append("Submitted evidence goes to the bank and cannot be changed; most banks read one answer only.")
    overwritten = sorted(set(params.evidence) & set(given(dispute)))
    if overwritten:
        found.append(f"This replaces what is there as {', '.join(overwritten)}.")
    wanted = missing(dispute, params.evidence)
    if params.submit and wanted:
        more = f" and {len(wanted) - _NAMED} more" if len(wanted) > _NAMED else ""
        found.append(f"Its reason also asks for {', '.join(wanted[:_NAMED])}{more}.")
    return found
