"""Uploading a file of this machine to Stripe: a write that only an operator's command proposes.

It is a skill, so that the gate plans, shows, approves and sends it like any other write, but it is no tool: a tool that
took a path would read this machine's files for whoever calls it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self

import anyio
from pydantic import Field

from paydesk.server.stripe_api import uploads
from paydesk.skills.base import Desk, Effect, Json, Plan, Skill, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.evidence_file import TOGETHER_BYTES
from paydesk.skills.hostile_text import clean
from paydesk.skills.period import day

Purpose = Literal["dispute_evidence", "business_logo", "business_icon"]
_KB: Final = 1024
_MB: Final = 1024 * _KB
_PATH_CHARACTERS: Final = 1_000
# How each kind begins, whatever the file is called.
_BEGINNINGS: Final = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)


@dataclass(frozen=True)
class _Rule:
    kinds: tuple[str, ...]
    most: int

    def told(self) -> str:
        most = f"{self.most // _MB} MB" if self.most >= _MB else f"{self.most // _KB} KB"
        return f"{', '.join(kind.upper() for kind in self.kinds)}, up to {most}"


# https://docs.stripe.com/file-upload
_RULES: Final[Mapping[str, _Rule]] = {
    "dispute_evidence": _Rule(("pdf", "jpeg", "png"), 5 * _MB),
    "business_logo": _Rule(("jpeg", "png", "gif"), 512 * _KB),
    "business_icon": _Rule(("jpeg", "png", "gif"), 512 * _KB),
}


class _Params(WriteParams):
    file: Annotated[str, Field(min_length=1, max_length=_PATH_CHARACTERS)]
    purpose: Purpose = "dispute_evidence"


class FileUploaded(WriteResult):
    """A file as it stands at Stripe; `expires` is the day from which it is no longer there."""

    file: str
    filename: str
    purpose: str
    size_bytes: int
    expires: str | None = None

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read a file."""
        return cls(
            file=str(answer["id"]),
            filename=clean(answer.get("filename") or "file", 80),
            purpose=clean(answer["purpose"], 40),
            size_bytes=int(answer["size"]),
            expires=day(int(answer["expires_at"])) if answer.get("expires_at") else None,
        )

    def sentence(self) -> str:
        """Its id, and what it is given for."""
        told = f"Uploaded {self.filename} as {self.purpose.replace('_', ' ')}: {self.file}."
        if self.purpose != "dispute_evidence":
            return told
        return f'{told} Give that id to submit_dispute_evidence, such as {{"receipt": "{self.file}"}}.'


@skill(effect=Effect.WRITE, toolset="disputes")
async def upload_file(params: _Params, desk: Desk) -> Plan[FileUploaded]:
    """Upload a file of this machine to Stripe."""
    path, content = await _content(params.file)
    rule = _RULES[params.purpose]
    kind = _checked(content, rule, params.purpose)
    file = uploads.carried(path, content)
    warnings = []
    if params.purpose == "dispute_evidence" and len(content) > TOGETHER_BYTES:
        warnings.append("All files of one dispute may have 4.5 MB together; this one alone has more.")
    if path.suffix.lower().removeprefix(".") not in _ENDINGS[kind]:
        warnings.append(f"By its content it is {kind.upper()}, which its name does not say.")
    return Plan(
        says=f"Upload {clean(path.name, 80)} to Stripe as {params.purpose.replace('_', ' ')}.",
        request=StripeRequest("POST", uploads.PATH, {"file": file, "purpose": params.purpose}),
        warnings=tuple(warnings),
        details=(("File", clean(path, 200)), ("Content", f"{kind.upper()}, {_size(len(content))}")),
        relies_on={"content": str(file["sha256"])},
    )


_ENDINGS: Final = {"pdf": ("pdf",), "png": ("png",), "jpeg": ("jpg", "jpeg", "jpe"), "gif": ("gif",)}

#: The skills that only the command `paydesk upload` proposes, by name.
UPLOADS: Mapping[str, Skill] = {upload_file.name: upload_file}


async def _content(text: str) -> tuple[Path, bytes]:
    """Where the file is, absolute, and what it holds. Raises SkillError where there is no such file, or it is empty."""
    try:
        # What is proposed now may be approved from another folder.
        path = await anyio.to_thread.run_sync(lambda: Path(text).expanduser().resolve(strict=True))
        if not path.is_file():
            raise SkillError("This is no file.", code="not_a_file", field="file", next_step="Name one file.")
        content = await anyio.to_thread.run_sync(uploads.read, path)
    except (FileNotFoundError, RuntimeError, ValueError):
        raise SkillError(
            "There is no file there.", code="file_missing", field="file", next_step="Give the path of a file that is."
        ) from None
    except OSError as wrong:
        raise SkillError(
            f"The file cannot be read: {wrong.strerror or 'no reason given'}.", code="file_unreadable", field="file"
        ) from None
    if not content:
        raise SkillError("The file is empty.", code="file_empty", field="file")
    return path, content


def _checked(content: bytes, rule: _Rule, purpose: str) -> str:
    """What kind of file it is. Raises SkillError where Stripe takes none such, or none so large, for the purpose."""
    kind = next((kind for beginning, kind in _BEGINNINGS if content.startswith(beginning)), None)
    takes = f"For {purpose} Stripe takes {rule.told()}."
    if kind not in rule.kinds:
        found = f"is {kind.upper()} by its first bytes" if kind else "is of another kind, by its first bytes"
        raise SkillError(f"The file {found}.", code="wrong_file_type", field="file", next_step=takes)
    if len(content) > rule.most:
        raise SkillError("The file is too large.", code="file_too_large", field="file", next_step=takes)
    return kind


def _size(count: int) -> str:
    return f"{count / _MB:.1f} MB" if count >= _MB else f"{max(round(count / _KB), 1)} KB"
