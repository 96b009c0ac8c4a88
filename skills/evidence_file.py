"""Files as evidence in a dispute: named by Stripe's id of an upload, looked at before a bank is sent them.

A path on some machine is never taken: whoever may call a tool must not thereby read that machine's files.
"""

from collections.abc import Mapping

from paydesk.skills.base import Desk, Json
from paydesk.skills.dispute import FILES
from paydesk.skills.errors import NotFound, SkillError
from paydesk.skills.hostile_text import clean
from paydesk.skills.ids import checked_id

_PURPOSE = "dispute_evidence"
_KB = 1024
_MB = 1024 * _KB
#: What all files of one dispute may have together (https://docs.stripe.com/disputes/responding).
TOGETHER_BYTES = 4_718_592
_UPLOAD = "An operator uploads it: `paydesk upload FILE`, or in Stripe's dashboard. Or say it in uncategorized_text."


async def files_told(desk: Desk, evidence: Mapping[str, str], there: Mapping[str, str]) -> dict[str, str]:
    """What each file among the evidence is, by the evidence's name: `receipt.pdf (pdf, 120 KB, file_...)`.

    `there` is what was given before, by name. Raises SkillError for text in a file's place, a file of another purpose
    or past its life, or where all files together are too large; NotFound for no file.
    """
    new = {name: await _file(desk, name, evidence[name]) for name in sorted(set(evidence) & FILES)}
    if new:
        kept = [await _size(desk, there[name]) for name in sorted(set(there) & FILES - set(new))]
        together = sum(int(file["size"]) for file in new.values()) + sum(kept)
        if together > TOGETHER_BYTES:
            raise SkillError(
                f"The files of this dispute would have {together / _MB:.1f} MB together; Stripe takes 4.5 MB.",
                code="files_too_large",
                field="evidence",
                next_step="Give smaller files, or fewer: `paydesk upload FILE` takes another version of one.",
            )
    return {name: _told(file) for name, file in new.items()}


async def _size(desk: Desk, identifier: str) -> int:
    """The bytes of a file that was given before; 0 where it cannot be seen, as Stripe has taken it already."""
    try:
        return int((await desk.stripe.get(f"/v1/files/{checked_id(identifier, 'file', field='evidence')}"))["size"])
    except (NotFound, SkillError):
        return 0


async def _file(desk: Desk, name: str, identifier: str) -> Json:
    if not identifier.startswith("file_"):
        raise SkillError(
            f"{name} takes the id of an uploaded file (file_...), not text.",
            code="evidence_needs_file",
            field="evidence",
            next_step=_UPLOAD,
        )
    path = f"/v1/files/{checked_id(identifier, 'file', field='evidence')}"
    try:
        file = await desk.stripe.get(path)
    except NotFound as nothing:
        raise NotFound(
            f"There is no file of the id given as {name}.", code="file_not_found", field="evidence", next_step=_UPLOAD
        ) from nothing
    if file["purpose"] != _PURPOSE:
        raise SkillError(
            f"The file given as {name} was uploaded as {clean(file['purpose'], 40)}, not as {_PURPOSE}.",
            code="file_of_another_purpose",
            field="evidence",
            next_step=_UPLOAD,
        )
    if file.get("expires_at") and int(file["expires_at"]) <= desk.now().timestamp():
        raise SkillError(
            f"The file given as {name} has expired at Stripe.", code="file_expired", field="evidence", next_step=_UPLOAD
        )
    return file


def _told(file: Json) -> str:
    size = max(round(int(file["size"]) / _KB), 1)
    name = clean(file.get("filename") or file.get("title") or "file", 80)
    return f"{name} ({clean(file.get('type') or 'unknown type', 20)}, {size:,} KB, {file['id']})"
