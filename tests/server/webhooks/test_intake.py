"""The way in: kept before it is answered, in groups, whoever hangs up, with bounds on everything."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

import anyio
import httpx2
import pytest

from paydesk.server.errors import StoreError, WebhookRefused
from paydesk.server.limits import WEBHOOK_BODY_BYTES
from paydesk.server.stripe_api.signatures import signed
from paydesk.server.webhooks.group_commit import GroupCommit
from paydesk.server.webhooks.intake import PATHS, Intake, IntakeOr

NOW = 1_790_000_000
SECRET, LATER = "whsec_one", "whsec_later"
Told = Callable[..., dict[str, Any]]


class Inboxes:
    """One account's inbox; `later` is a secret that turns up when it is looked for again."""

    mode = "test"

    def __init__(self, group: GroupCommit) -> None:
        self.group = group
        self.arrivals: list[str] = []

    async def secrets(self, *, again: bool = False) -> Mapping[str, str]:
        return {SECRET: "acct_1", **({LATER: "acct_1"} if again else {})}

    async def inbox_of(self, account: str) -> GroupCommit | None:
        return self.group if account == "acct_1" else None

    def arrived(self, account: str) -> None:
        self.arrivals.append(account)


class Poster:
    """Posts to an intake in this process."""

    def __init__(self, inboxes: Inboxes) -> None:
        self.inboxes = inboxes
        self.intake = Intake(inboxes, clock=lambda: float(NOW))
        app = IntakeOr(self.intake, _elsewhere)
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://desk")

    async def post(self, event: Any, *, secret: str = SECRET, path: str = PATHS[0]) -> httpx2.Response:
        body = event if isinstance(event, str) else json.dumps(event)
        return await self.http.post(path, content=body, headers={"Stripe-Signature": signed(body, secret, NOW)})


async def _elsewhere(scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def poster(box: Any) -> Any:
    """An intake over an empty inbox, its writer at work."""
    group = GroupCommit(box.store)
    # A task group cannot be entered and left by the two halves of a fixture.
    writer = asyncio.create_task(group.run())
    yield Poster(Inboxes(group))
    writer.cancel()
    await asyncio.wait([writer])


@pytest.mark.parametrize("path", PATHS)
async def test_a_delivery_is_on_the_disk_when_it_is_answered(poster: Any, box: Any, told: Told, path: str) -> None:
    """Stripe: answer 2xx quickly; ours: only what survives a power cut is answered so."""
    answer = await poster.post(told("evt_1"), path=path)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert await box.states() == {"evt_1": "pending"}
    assert poster.inboxes.arrivals == ["acct_1"]


async def test_a_duplicate_is_answered_like_the_first(poster: Any, box: Any, told: Told) -> None:
    """Stripe: a delivery that was answered too late comes again."""
    for _ in range(3):
        assert (await poster.post(told("evt_1"))).status_code == 200
    assert await box.states() == {"evt_1": "pending"}


async def test_many_deliverers_at_once_lose_and_double_nothing(poster: Any, box: Any, told: Told) -> None:
    """Ours: three deliverers bring the same events, each in another order."""
    statuses: list[int] = []

    async def deliver(order: range) -> None:
        statuses.extend([(await poster.post(told(f"evt_{number}"))).status_code for number in order])

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deliver, range(20))
        tasks.start_soon(deliver, range(19, -1, -1))
        tasks.start_soon(deliver, range(5, 15))
    assert statuses == [200] * 50
    assert set(await box.states()) == {f"evt_{number}" for number in range(20)}


async def test_a_secret_that_another_process_kept_counts_at_once(poster: Any, told: Told) -> None:
    """Ours: an endpoint may have been registered a moment ago; nothing has to be restarted."""
    assert (await poster.post(told("evt_1"), secret=LATER)).status_code == 200
    assert (await poster.post(told("evt_1"), secret="whsec_none")).status_code == 400


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (("{}", {}), 400, "webhook_signature_missing"),
        (("{}", {"Stripe-Signature": f"t={NOW},v1={'0' * 64}"}), 400, "webhook_signature_wrong"),
        (("x" * (WEBHOOK_BODY_BYTES + 1), {}), 413, "webhook_too_large"),
        (("{}", {"Content-Length": "junk"}), 413, "webhook_too_large"),
    ],
)
async def test_what_is_refused_is_neither_kept_nor_logged(  # noqa: PLR0917 - three fixtures and three values
    poster: Any, box: Any, caplog: Any, sent: tuple[str, dict[str, str]], status: int, code: str
) -> None:
    """Issue's rule: a status, a stable code, a line in the log without the body, nothing stored."""
    answer = await poster.http.post(PATHS[0], content=sent[0], headers=sent[1])
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert await box.states() == {}
    assert [record.getMessage() for record in caplog.records] == [f"a delivery was refused: {code}"]
    assert poster.intake.taken == {code: 1}


async def test_a_body_without_a_length_is_bounded_too(poster: Any) -> None:
    """Ours: a chunked body must not fill the memory."""

    async def endless() -> Any:
        for _ in range(40):
            yield b"x" * 50_000

    answer = await poster.http.post(PATHS[0], content=endless())
    assert answer.status_code == 413


async def test_an_event_of_a_stranger_is_refused(poster: Any, box: Any, told: Told) -> None:
    """Issue's rule: wrong account."""
    answer = await poster.post({**told("evt_1"), "account": "acct_stranger"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "webhook_wrong_account")
    assert await box.states() == {}


async def test_an_event_that_no_row_could_hold_breaks_no_group(poster: Any, box: Any, told: Told) -> None:
    """Ours: one delivery in a group must not fail the others."""
    odd = {**told("evt_odd"), "data": {"object": {"id": "\ud800\u0000", "object": "x" * 500}}}
    huge = {**told("evt_huge"), "created": 10**40}
    assert (await poster.post(odd)).status_code == 200
    assert (await poster.post(huge)).json()["error"]["code"] == "webhook_not_an_event"
    assert await box.states() == {"evt_odd": "pending"}


async def test_other_methods_and_paths_are_not_for_deliveries(poster: Any) -> None:
    """HTTP: 405 with Allow; everything else is left to the rest of the server."""
    answer = await poster.http.get(PATHS[0])
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert (await poster.http.get("/api/stripe/webhooks/more")).status_code == 404


class Halting:
    """A store whose commits wait until they may go on, or fail."""

    def __init__(self, store: Any) -> None:
        self.store = store
        self.go = anyio.Event()
        self.commits = 0
        self.failure: Exception | None = None

    async def write(self, work: Any) -> Any:
        await self.go.wait()
        self.commits += 1
        if self.failure is not None:
            raise self.failure
        return await self.store.write(work)


def _row(number: int) -> dict[str, Any]:
    from paydesk.server.mirror.inbox import row_of

    return row_of({"id": f"evt_{number}", "type": "x", "created": 1}, source="webhook", received_at=1)


async def test_those_that_wait_are_written_in_one_commit_whoever_hung_up(box: Any) -> None:
    """Ours: the point of the group, and that nobody who leaves takes others along."""
    store = Halting(box.store)
    group = GroupCommit(store)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(group.run)
        with anyio.CancelScope() as hung_up:
            async with anyio.create_task_group() as requests:
                for number in range(10):
                    requests.start_soon(group.keep, _row(number))
                await anyio.wait_all_tasks_blocked()
                hung_up.cancel()
        tasks.start_soon(group.keep, _row(10))
        await anyio.wait_all_tasks_blocked()
        store.go.set()
        await group.keep(_row(11))
        tasks.cancel_scope.cancel()
    assert len(await box.states()) == 12
    assert store.commits <= 3


async def test_a_full_queue_a_failing_disk_and_a_closing_desk_are_told(box: Any) -> None:
    """Ours: 503 and Retry-After; Stripe delivers again, and nothing was lost."""
    store = Halting(box.store)
    group = GroupCommit(store, queue=2)
    told: list[str] = []

    async def keep(number: int) -> None:
        try:
            await group.keep(_row(number))
        except (WebhookRefused, StoreError) as refused:
            told.append(refused.code)

    async with anyio.create_task_group() as tasks:
        async with anyio.create_task_group() as first:
            tasks.start_soon(group.run)
            first.start_soon(keep, 1)
            first.start_soon(keep, 2)
            await anyio.wait_all_tasks_blocked()
            await keep(3)
            assert told == ["webhook_busy"]
            store.failure = StoreError("The disk is full.", code="store_full")
            store.go.set()
        assert told == ["webhook_busy", "store_full", "store_full"]
        tasks.cancel_scope.cancel()
    await keep(4)
    assert told[-1] == "webhook_busy"
    assert group.waiting == 0


async def test_who_waits_too_long_is_told_so(box: Any) -> None:
    """Ours: every wait has a bound, below the one that Stripe has."""
    group = GroupCommit(Halting(box.store), within_s=0.01)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(group.run)
        with pytest.raises(WebhookRefused, match="too long"):
            await group.keep(_row(1))
        group._store.go.set()
        tasks.cancel_scope.cancel()


async def test_busy_is_answered_with_503_and_when_to_come_again(box: Any, told: Told) -> None:
    """HTTP: Retry-After."""
    poster = Poster(Inboxes(GroupCommit(box.store, queue=0)))
    answer = await poster.post(told("evt_1"))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
