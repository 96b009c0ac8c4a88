"""The parser's patterns are prepared beside the answers of a running server."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from paydesk.intents import parse, patterns
from paydesk.server import warming
from paydesk.server.caller import Caller
from paydesk.server.settings import Settings
from paydesk.server.wiring import open_desk


async def test_a_running_server_prepares_the_parser() -> None:
    """Ours: what a sentence takes in a server is what is measured, with every pattern behind the words it needs."""
    with anyio.fail_after(60):
        await warming.ready(after_s=0)
    assert all(made.guard is not None for made in patterns._MADE if isinstance(made, patterns._Worded))
    assert all(ordered.is_guarded for ordered in patterns._ORDERED)


async def test_a_desk_that_closes_does_not_wait_for_the_preparation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: a client that hangs up at once is let go, and the thread learns that it may end."""
    begun, ended = threading.Event(), threading.Event()

    def slowly(stopped: Callable[[], bool]) -> None:
        begun.set()
        while not stopped():
            time.sleep(0.001)
        ended.set()

    monkeypatch.setattr(parse, "warm", slowly)
    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: warming.ready(after_s=0))
            await anyio.to_thread.run_sync(begun.wait)
            tasks.cancel_scope.cancel()
    assert ended.wait(10)


def test_a_preparation_that_is_not_wanted_any_more_ends_early() -> None:
    """Ours: it looks between one pattern and the next, and one sentence and the next."""
    looked: list[None] = []

    def stopped() -> bool:
        looked.append(None)
        return True

    parse.warm(stopped)
    assert len(looked) <= 3


async def test_the_parser_is_prepared_after_the_first_answer_and_once(tmp_path: Path) -> None:
    """Ours: no start and no first answer waits for it, and who asks no sentence never pays for it."""
    begun: list[object] = []
    async with open_desk(Settings(home=tmp_path, stripe_secret_key=None, stripe_api_base=None)) as desk:
        desk.beside = begun.append
        assert begun == []
        for text in ("what's our balance?", "show failed payments"):
            await desk.call("ask", {"text": text}, Caller("local"))
        assert begun == [warming.ready]
