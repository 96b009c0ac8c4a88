"""The sandbox's file: kept, shared by processes, made once; and the same sandbox over a socket's protocol."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.resources.customers import blank


def _fill(call: Call) -> None:
    call.bulk([blank(call.new_id("cus_"), call.now - n, f"P{n}") for n in range(3)])


def test_what_was_done_is_there_after_reopening(new_talk: Any, tmp_path: Path) -> None:
    """Ours: the file is the sandbox; closing loses nothing."""
    first = new_talk(tmp_path / "s.sqlite3")
    made = first.post("/v1/customers", name="Åse")
    account = first.get("/v1/account")["id"]
    first.sandbox.close()
    again = new_talk(tmp_path / "s.sqlite3")
    assert again.get(f"/v1/customers/{made['id']}") == made
    assert again.get("/v1/account")["id"] == account


def test_the_same_seed_makes_the_same_content(new_talk: Any) -> None:
    """Ours: same seed and date, same data, ids included; another seed, other ids."""
    one, two, three = (new_talk(seed=seed, fill=_fill).get("/v1/customers")["data"] for seed in (7, 7, 8))
    assert one == two
    assert {body["id"] for body in one}.isdisjoint(body["id"] for body in three)


def test_a_file_is_filled_once_and_keeps_its_seed(new_talk: Any, tmp_path: Path) -> None:
    """Ours: opening again adds nothing; a file of another seed is refused in plain words."""
    new_talk(tmp_path / "s.sqlite3", seed=7, fill=_fill)
    assert len(new_talk(tmp_path / "s.sqlite3", seed=7, fill=_fill).get("/v1/customers")["data"]) == 3
    assert len(new_talk(tmp_path / "s.sqlite3").get("/v1/customers")["data"]) == 3
    with pytest.raises(ValueError, match="made from seed 7, not from seed 8"):
        create_sandbox(tmp_path / "s.sqlite3", seed=8)


def test_a_filling_that_fails_leaves_a_new_file(new_talk: Any, tmp_path: Path) -> None:
    """Ours: the first content comes whole or not at all."""

    def fail(call: Call) -> None:
        _fill(call)
        message = "stop"
        raise RuntimeError(message)

    with pytest.raises(RuntimeError):
        create_sandbox(tmp_path / "s.sqlite3", seed=7, fill=fail)
    assert len(new_talk(tmp_path / "s.sqlite3", seed=8, fill=_fill).get("/v1/customers")["data"]) == 3


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    """Ours: never guess at a file that another version wrote."""
    sandbox = create_sandbox(tmp_path / "s.sqlite3")
    sandbox.store.execute("PRAGMA user_version = 99")
    sandbox.close()
    with pytest.raises(ValueError, match="format 99"):
        create_sandbox(tmp_path / "s.sqlite3")


_WORKER = """
import asyncio, sys
from pathlib import Path
from paydesk.server.sandbox.app import create_sandbox

async def main():
    sandbox = create_sandbox(Path(sys.argv[1]))
    for n in range(40):
        headers = {"Authorization": "Bearer sk_test_1", "Idempotency-Key": f"shared-{n}"}
        status, _, body = await sandbox.respond("POST", "/v1/customers", headers, f"name=c{n}".encode())
        assert status == 200, body
asyncio.run(main())
"""


def test_several_processes_share_a_file_and_its_keys(new_talk: Any, tmp_path: Path) -> None:
    """Ours: the desk and its command line open one file at once; one key has one effect among them all."""
    state = tmp_path / "s.sqlite3"
    workers = [subprocess.Popen([sys.executable, "-c", _WORKER, str(state)]) for _ in range(4)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0, 0]
    names = [one["name"] for one in new_talk(state).get("/v1/customers", limit=100)["data"]]
    assert sorted(names) == sorted(f"c{n}" for n in range(40))


async def _over_asgi(
    sandbox: Any, method: str, path: str, body: bytes, headers: dict[str, str]
) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    path, _, query = path.partition("?")
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode()}
    await sandbox({**scope, "headers": raw}, receive, send)
    return sent


async def test_the_asgi_app_answers_as_respond_does(talk: Any) -> None:
    """Ours: one sandbox, two ways in."""
    key = {"Authorization": "Bearer sk_test_1"}
    start, body = await _over_asgi(talk.sandbox, "POST", "/v1/customers", b"name=a", key)
    made = json.loads(body["body"])
    assert (start["status"], made["name"]) == (200, "a")
    _, listed = await _over_asgi(talk.sandbox, "GET", "/v1/customers?limit=1", b"", key)
    assert json.loads(listed["body"])["data"] == [made]


def test_many_clients_at_once_lose_nothing(talk: Any) -> None:
    """Ours: 32 threads change one object and make others; every change is there, and no answer is an error."""
    shared = talk.post("/v1/customers")["id"]

    def change(number: int) -> list[int]:
        answers = []
        for turn in range(10):
            answers.append(talk.ask("POST", f"/v1/customers/{shared}", {"metadata": {f"k{number}": turn}}))
            made = talk.ask("POST", "/v1/customers", {"name": f"{number}.{turn}"})
            answers += [made, talk.ask("GET", f"/v1/customers/{made.body['id']}")]
        return [one.status for one in answers]

    with ThreadPoolExecutor(32) as pool:
        statuses = {status for each in pool.map(change, range(32)) for status in each}
    assert statuses == {200}
    assert talk.get(f"/v1/customers/{shared}")["metadata"] == {f"k{number}": "9" for number in range(32)}
    assert talk.sandbox.store.count(talk.sandbox.account, "customer") == 321


async def test_a_dropped_connection_ends_without_a_whole_answer(talk: Any) -> None:
    """Ours: over a socket the promised body never comes, so every client sees a broken connection."""
    headers = {"Authorization": "Bearer sk_test_1", "Paydesk-Sandbox-Fault": "drop_after"}
    sent = await _over_asgi(talk.sandbox, "POST", "/v1/customers", b"name=a", headers)
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert len(talk.get("/v1/customers")["data"]) == 1


async def test_a_body_beyond_the_limit_is_refused(talk: Any) -> None:
    """Ours: a megabyte is far more than any request of Stripe's API needs, but for files, which may have sixteen."""
    start, said = await _over_asgi(talk.sandbox, "POST", "/v1/customers", b"a" * 1_000_001, {})
    assert start["status"] == 413
    assert json.loads(said["body"])["error"]["type"] == "invalid_request_error"
    upload = {"Authorization": "Bearer sk_test_1", "Content-Type": "multipart/form-data; boundary=b"}
    body = b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + b"a" * 1_500_000 + b"\r\n--b--"
    start, said = await _over_asgi(talk.sandbox, "POST", "/v1/customers", body, upload)
    assert json.loads(said["body"])["error"]["code"] == "parameter_unknown"


def test_opening_the_sandbox_brings_no_heavy_module() -> None:
    """Ours: start-up is part of the product."""
    code = (
        "import sys, paydesk.server.sandbox.app;"
        "print([m for m in ('pydantic', 'starlette', 'stripe', 'anyio', 'aiohttp', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_broken_timed_action_is_logged_and_stops_nothing(talk: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Ours: what was put off and cannot be done is undone and written down; requests go on."""
    due = "INSERT INTO due (account, at, action, argument) VALUES (?, 1, ?, '{}')"
    talk.sandbox.store.execute(due, (talk.sandbox.account, "nothing.known"))
    assert talk.get("/v1/customers")["data"] == []
    assert "nothing.known" in caplog.text
    caplog.clear()
    assert talk.get("/v1/customers")["data"] == []
    assert not caplog.text
