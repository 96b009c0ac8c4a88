"""A file of this machine on its way to Stripe: looked at, approved, sent once, and only as it was approved."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest

from paydesk.server.arguments import parse_arguments
from paydesk.server.errors import NotSent, SkillError, StripeRefused
from paydesk.server.gate import Gate
from paydesk.server.gate.planning_desk import PlanningDesk
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.store import Store, open_store
from paydesk.server.stripe_api import StripeDoor
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.server.uploading import UPLOADS, Purpose, upload_file
from paydesk.skills.base import StripeRequest
from paydesk.skills.catalogue import catalogue

PDF = b"%PDF-1.7\n" + b"x" * 2_000
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\xff\r\n--" * 300  # what a boundary must not be mistaken for
MB = 1024 * 1024


@dataclass
class Counter:
    """A gate on an empty sandbox."""

    store: Store
    door: StripeDoor
    gate: Gate

    async def propose(self, file: Path | str, **more: Any) -> Any:
        """Plan and propose an upload, as the command does."""
        arguments = {"file": str(file), **more}
        plan = await upload_file.run(parse_arguments(upload_file, arguments), PlanningDesk(self.door))
        return await self.gate.propose(upload_file, plan, principal="local", arguments=arguments)

    async def approve(self, proposal_id: str) -> Any:
        """A person's yes."""
        return await self.gate.approve(proposal_id, approver="terminal:bea", via="terminal", principal=None)

    async def files(self) -> list[Any]:
        """What stands at Stripe."""
        return (await self.door.page("/v1/files")).data


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Counter]:
    """An empty sandbox and a gate before it."""
    door = sandbox_door(create_sandbox(None))
    async with await open_store(tmp_path / "paydesk.sqlite3") as store:
        yield Counter(store, door, Gate(store, door, catalogue=UPLOADS, reconcile_pause_s=0.0))
    await door.aclose()


def _file(folder: Path, name: str, content: bytes) -> Path:
    (folder / name).write_bytes(content)
    return folder / name


def _journal(folder: Path) -> bytes:
    return b"".join(one.read_bytes() for one in folder.glob("paydesk.sqlite3*"))


@pytest.mark.parametrize(("name", "content", "kind"), [("receipt.pdf", PDF, "pdf"), ("photo.png", PNG, "png")])
async def test_a_file_is_uploaded_once_after_a_yes(
    desk: Counter, tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    """Ours: as any write; Stripe: the answer has the id by which evidence names it. The bytes arrive as they were."""
    waits = await desk.propose(_file(tmp_path, name, content))
    question = await desk.gate.question(waits.proposal_id, principal=None)
    assert (f"{kind.upper()}, 2 KB" in question, f'file[name]="{name}"' in question) == (True, True)
    assert await desk.files() == []
    done = await desk.approve(waits.proposal_id)
    assert done.state == "succeeded", done
    assert done.result["file"] in done.says
    [file] = await desk.files()
    assert (file["id"], file["filename"], file["type"]) == (done.result["file"], name, kind)
    assert (file["size"], file["purpose"]) == (len(content), "dispute_evidence")


async def test_the_journal_keeps_no_copy_of_the_file(desk: Counter, tmp_path: Path) -> None:
    """Ours: evidence is somebody's papers; what is bound to the yes is their hash."""
    content = PDF + b"the words of a customer"
    waits = await desk.propose(_file(tmp_path, "letter.pdf", content))
    assert (await desk.approve(waits.proposal_id)).state == "succeeded"
    assert b"the words of a customer" not in _journal(tmp_path)


async def test_a_file_that_changed_since_is_asked_about_again(desk: Counter, tmp_path: Path) -> None:
    """Ours: a yes to one version is none to another."""
    file = _file(tmp_path, "receipt.pdf", PDF)
    waits = await desk.propose(file)
    file.write_bytes(PDF + b"and more")
    stale = await desk.approve(waits.proposal_id)
    assert (stale.state, bool(stale.replaced_by)) == ("stale", True)
    assert await desk.files() == []
    file.unlink()
    assert (await desk.approve(stale.replaced_by)).state != "succeeded"
    assert await desk.files() == []


@pytest.mark.parametrize("change", [lambda file: file.write_bytes(PDF + b"!"), lambda file: file.unlink()])
async def test_what_is_sent_is_what_was_approved_or_nothing(desk: Counter, tmp_path: Path, change: Any) -> None:
    """Ours: also where the file changes between the last look and the sending; nothing has left then."""
    file = _file(tmp_path, "receipt.pdf", PDF)
    params = parse_arguments(upload_file, {"file": str(file)})
    plan = await upload_file.run(params, PlanningDesk(desk.door))
    change(file)
    with pytest.raises(NotSent) as wrong:
        await desk.door.send(plan.request, idempotency_key="k1")
    assert wrong.value.code in ("file_changed", "file_gone")


async def test_the_same_key_makes_one_file(desk: Counter, tmp_path: Path) -> None:
    """Stripe: a repeated key is answered as before, although the boundary of the body is another."""
    plan = await upload_file.run(
        parse_arguments(upload_file, {"file": str(_file(tmp_path, "a.pdf", PDF))}), PlanningDesk(desk.door)
    )
    first, again = [await desk.door.send(plan.request, idempotency_key="k1") for _ in range(2)]
    assert (first["id"], len(await desk.files())) == (again["id"], 1)


@pytest.mark.parametrize(
    ("content", "purpose", "told"),
    [
        (b"", "dispute_evidence", ("file_empty", "empty")),
        (b"hello", "dispute_evidence", ("wrong_file_type", "PDF, JPEG, PNG, up to 5 MB")),
        (b"GIF89a..", "dispute_evidence", ("wrong_file_type", "is GIF by its first bytes")),
        (b"%PDF-" + b"x" * (5 * MB), "dispute_evidence", ("file_too_large", "up to 5 MB")),
        (PDF, "business_logo", ("wrong_file_type", "JPEG, PNG, GIF, up to 512 KB")),
        (PNG + b"x" * 512 * 1024, "business_icon", ("file_too_large", "up to 512 KB")),
    ],
)
async def test_a_file_that_stripe_would_not_take_is_refused_before_it_is_proposed(
    desk: Counter, tmp_path: Path, content: bytes, purpose: str, told: tuple[str, str]
) -> None:
    """Stripe's limits by purpose; ours: a file is what its first bytes say, whatever it is called."""
    with pytest.raises(SkillError) as wrong:
        await desk.propose(_file(tmp_path, "called.pdf", content), purpose=purpose)
    code, says = told
    assert (wrong.value.code, wrong.value.field) == (code, "file")
    assert says in wrong.value.as_text()


@pytest.mark.parametrize(
    ("name", "code"), [("nowhere.pdf", "file_missing"), (".", "not_a_file"), ("a\x00b", "file_missing")]
)
async def test_a_path_without_a_file_is_refused(desk: Counter, tmp_path: Path, name: str, code: str) -> None:
    """Ours: said in a sentence, with the field."""
    with pytest.raises(SkillError) as wrong:
        await desk.propose(f"{tmp_path}/{name}")
    assert (wrong.value.code, wrong.value.field) == (code, "file")


async def test_a_person_is_warned_of_what_the_name_does_not_say(desk: Counter, tmp_path: Path) -> None:
    """Ours: a PDF called photo.png, and a file that leaves no room for others of its dispute."""
    waits = await desk.propose(_file(tmp_path, "photo.png", PDF))
    assert "By its content it is PDF" in " ".join(waits.warnings)
    large = await desk.propose(_file(tmp_path, "large.pdf", b"%PDF-" + b"x" * (5 * MB - 5)))
    assert "4.5 MB together" in " ".join(large.warnings)


async def test_what_stripe_refuses_of_a_file_fails_and_says_so(desk: Counter, tmp_path: Path) -> None:
    """Stripe looks at the file as well; its words come through."""
    file = _file(tmp_path, "a.txt", b"hello")
    from paydesk.server.stripe_api.uploads import PATH, carried

    request = StripeRequest("POST", PATH, {"file": carried(file, b"hello"), "purpose": "dispute_evidence"})
    with pytest.raises(StripeRefused, match="file type"):
        await desk.door.send(request, idempotency_key="k2")


async def test_the_request_is_one_that_stripe_knows(desk: Counter, tmp_path: Path, shared: Path) -> None:
    """Stripe's OpenAPI document: what `POST /v1/files` takes, as a form of several parts, and for which purposes."""
    document = json.loads((shared / "stripe-openapi/spec3.json").read_text("utf-8"))
    operation = document["paths"]["/v1/files"]["post"]
    schema = operation["requestBody"]["content"]["multipart/form-data"]["schema"]
    file = str(_file(tmp_path, "a.png", PNG))
    for purpose in get_args(Purpose):
        params = parse_arguments(upload_file, {"file": file, "purpose": purpose})
        plan = await upload_file.run(params, PlanningDesk(desk.door))
        assert set(schema["required"]) <= set(plan.request.params) <= set(schema["properties"])
        assert purpose in schema["properties"]["purpose"]["enum"]
    assert operation["servers"] == [{"url": "https://files.stripe.com/"}]


def test_uploading_is_no_tool() -> None:
    """Ours: what a model can call never reads a file of this machine."""
    assert not set(UPLOADS) & set(catalogue())
