"""What every test may use: where the shared data stands, and a skip that says so."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.postgresql import PostgreSQL

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
DOCUMENT = "stripe-openapi/spec3.json"
# How long an example takes says something of the machine only, and the first one compiles patterns.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def shared_file(name: str) -> Path:
    """The path of one file of the shared data; skips the test where it is absent, fails in CI (CI=true)."""
    path = SHARED / name
    if path.exists():
        return path
    message = f"shared data is not here: {name} (looked beside the checkout)"
    if os.environ.get("CI") == "true":  # noqa: TID251 - the tests' own switch, not a setting of paydesk
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data; skips, or fails in CI, where it is absent."""
    return shared_file("understanding").parent


@pytest.fixture(scope="session")
def postgresql() -> Iterator["PostgreSQL"]:
    """A real PostgreSQL, started when it is first asked for; skips, or fails in CI, where it is not installed."""
    from tests.postgresql import start_or_skip

    cluster = start_or_skip()
    yield cluster
    cluster.stop()


@cache
def _judge() -> Any:
    """Stripe's document as the judge of every answer to `Talk`; None where it is not here."""
    if not (SHARED / DOCUMENT).exists():
        return None
    from tests.contract.judge import judge_at

    return judge_at(SHARED / DOCUMENT)


class SandboxClock:
    """Seconds since 1970 that move only when a test says so."""

    def __init__(self, now: int = 1_790_000_000) -> None:
        self.now = now

    def __call__(self) -> float:
        return float(self.now)

    def pass_s(self, seconds: int) -> None:
        """Let time pass."""
        self.now += seconds


@dataclass
class SandboxAnswer:
    """What the sandbox answered."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def error(self) -> dict[str, Any]:
        """The error object; KeyError where there is none."""
        return self.body["error"]


@dataclass
class Talk:
    """Requests to a sandbox in this process; parameters nest: `talk.post("/v1/refunds", charge=id, metadata={...})`."""

    sandbox: Any
    clock: SandboxClock
    key: str = "sk_test_123"
    log: list[tuple[str, str, SandboxAnswer]] = field(default_factory=list)

    def ask(
        self, method: str, path: str, params: dict[str, Any] | None = None, headers: dict[str, str] | None = None
    ) -> SandboxAnswer:
        """One request; `headers` are added to the key."""
        text = urlencode(list(_flat(params or {})))
        target = f"{path}{'&' if '?' in path else '?'}{text}" if text and method != "POST" else path
        sent = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        coroutine = self.sandbox.respond(method, target, sent, text.encode() if method == "POST" else b"")
        try:
            # Nothing in the sandbox waits unless a fault says so: one step is the whole answer.
            coroutine.send(None)
        except StopIteration as done:
            status, reply_headers, body = done.value
        answer = SandboxAnswer(status, reply_headers, json.loads(body))
        self.log.append((method, path, answer))
        if status == 200 and path.startswith(("/v1/", "/_sandbox/")) and (judge := _judge()):
            assert judge.faults_of_answer(method, path, answer.body) == [], "an answer without Stripe's shape"
        return answer

    def ok(self, method: str, path: str, /, **params: Any) -> dict[str, Any]:
        """The body of an answer that must be 200."""
        answer = self.ask(method, path, params)
        assert answer.status == 200, answer.body
        return answer.body

    def get(self, path: str, /, **params: Any) -> dict[str, Any]:
        return self.ok("GET", path, **params)

    def post(self, path: str, /, **params: Any) -> dict[str, Any]:
        return self.ok("POST", path, **params)

    def delete(self, path: str, /, **params: Any) -> dict[str, Any]:
        return self.ok("DELETE", path, **params)

    def refused(self, method: str, path: str, status: int = 400, /, **params: Any) -> dict[str, Any]:
        """The error of an answer that must have this status."""
        answer = self.ask(method, path, params)
        assert answer.status == status, answer.body
        return answer.error


def flat_form(params: dict[str, Any]) -> str:
    """A form's text in Stripe's encoding."""
    return urlencode(list(_flat(params)))


def _flat(params: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Stripe's form encoding."""
    for key, value in params.items():
        name = f"{prefix}[{key}]" if prefix else key
        if isinstance(value, dict) and value:
            yield from _flat(value, name)
        elif isinstance(value, list) and value:
            yield from _flat({str(index): one for index, one in enumerate(value)}, name)
        elif isinstance(value, bool):
            yield name, str(value).lower()
        else:
            yield name, "" if value is None or value in ({}, []) else value


@pytest.fixture
def new_talk() -> Iterator[Callable[..., Talk]]:
    """Opens sandboxes, in memory or in a file, and closes them after the test."""
    from paydesk.server.sandbox.app import create_sandbox

    opened: list[Any] = []

    def open_one(state: Path | None = None, clock: SandboxClock | None = None, **options: Any) -> Talk:
        clock = clock or SandboxClock()
        opened.append(create_sandbox(state, now=clock, **options))
        return Talk(opened[-1], clock)

    yield open_one
    for sandbox in opened:
        sandbox.close()


@pytest.fixture
def talk(new_talk: Callable[..., Talk]) -> Talk:
    """An empty sandbox in memory, spoken to in this process, with a clock that stands still."""
    return new_talk()
