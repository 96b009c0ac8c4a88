"""The index of customers holds what Stripe holds, whatever happens in between, and finds whom people mean."""

import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.directory.directory import Directory
from paydesk.server.directory.index import Index
from paydesk.server.directory.schema import open_file
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.stripe_api.client import StripeDoor
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.skills.base import Json, StripeRequest

START = 1_795_262_400.0
Send = Callable[..., Awaitable[Json]]


class Clock:
    """A time that stands until it is told to move."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    """The account's time."""
    return Clock()


@pytest.fixture
async def stripe(clock: Clock) -> AsyncIterator[StripeDoor]:
    """An empty sandbox."""
    door = sandbox_door(create_sandbox(None, seed=None, now=clock), now=clock)
    yield door
    await door.aclose()


@pytest.fixture
def send(stripe: StripeDoor) -> Send:
    """Changes the books."""
    keys = count()

    async def send(method: str, path: str, **params: Any) -> Json:
        return await stripe.send(StripeRequest(method, path, params), idempotency_key=f"k{next(keys)}")  # type: ignore[arg-type]

    return send


@pytest.fixture
async def directory(tmp_path: Path, stripe: StripeDoor, clock: Clock) -> AsyncIterator[Directory]:
    """The index of that account."""
    opened = Directory(tmp_path / "customers" / "acct_1-test.sqlite3", stripe, clock)
    yield opened
    await opened.aclose()


async def names(directory: Directory, text: str, **how: bool) -> list[str | None]:
    """The names that a text may mean, best first."""
    found = await directory.resembling(text, **how)
    assert found is not None
    return [match.customer["name"] for match in found]


async def test_customers_are_found_as_people_write_them(directory: Directory, send: Send) -> None:
    """Ours: accents, other alphabets, a slip of the pen, a part, and what firms end in do not matter."""
    for name in ("Jörg Müller", "Иван Петров", "Amélie Lefèvre", "Søren O'Brien", "Acme GmbH", "山田太郎", "Jane Doe"):
        await send("POST", "/v1/customers", name=name)
    for text, meant in (
        ("Joerg Mueller", "Jörg Müller"),
        ("jorg muller", "Jörg Müller"),
        ("ivan petrov", "Иван Петров"),
        ("amelie lefevre", "Amélie Lefèvre"),
        ("Amelie Lefevere", "Amélie Lefèvre"),
        ("soren obrien", "Søren O'Brien"),
        ("ACME", "Acme GmbH"),
        ("acme ltd", "Acme GmbH"),
        ("山田太郎", "山田太郎"),
        ("Jane D", "Jane Doe"),
        ("jnae doe", "Jane Doe"),
        ("Doe, Jane", "Jane Doe"),
    ):
        assert (await names(directory, text))[:1] == [meant], text


async def test_an_e_mail_address_or_a_phone_helps_where_it_is_asked_for(directory: Directory, send: Send) -> None:
    """Ours: find_customers looks at them, a write never does."""
    await send("POST", "/v1/customers", name="Jane Doe", email="finance@harbour.example", phone="+44 20 7946 0000")
    assert await names(directory, "harbour", handles_too=True) == ["Jane Doe"]
    assert await names(directory, "442079460000", handles_too=True) == ["Jane Doe"]
    assert await names(directory, "harbour") == []


async def test_what_changes_at_stripe_changes_here(directory: Directory, send: Send, clock: Clock) -> None:
    """Ours: new, renamed and deleted customers are known at the next question, though the index was filled before."""
    jane = await send("POST", "/v1/customers", name="Jane Doe")
    assert await names(directory, "jane doe") == ["Jane Doe"]
    clock.at += 60
    await send("POST", f"/v1/customers/{jane['id']}", name="Jane Poe")
    await send("POST", "/v1/customers", name="Bob Stone")
    clock.at += 60
    assert await names(directory, "jane poe") == ["Jane Poe"]
    assert await names(directory, "bob stone") == ["Bob Stone"]
    clock.at += 60
    await send("DELETE", f"/v1/customers/{jane['id']}")
    clock.at += 60
    assert await names(directory, "jane poe") == []


async def test_two_changes_within_a_second_end_as_stripe_has_them(directory: Directory, send: Send) -> None:
    """Stripe's events have seconds only, so their order within one is not known."""
    await directory.fill()
    jane = await send("POST", "/v1/customers", name="First Name")
    for name in ("Second Name", "Third Name", "Last Wanted"):
        await send("POST", f"/v1/customers/{jane['id']}", name=name)
    assert await names(directory, "last wanted") == ["Last Wanted"]
    gone = await send("POST", "/v1/customers", name="Quickly Gone")
    await send("DELETE", f"/v1/customers/{gone['id']}")
    assert await names(directory, "quickly gone") == []


async def test_after_a_month_of_silence_everything_is_read_again(
    directory: Directory, send: Send, clock: Clock
) -> None:
    """Stripe lists events for thirty days: what happened before is not among them."""
    await send("POST", "/v1/customers", name="Jane Doe")
    await directory.fill()
    await send("POST", "/v1/customers", name="Bob Stone")
    clock.at += 40 * 86_400
    assert await names(directory, "bob stone") == ["Bob Stone"]


async def test_another_stripe_behind_the_same_file_is_noticed(
    tmp_path: Path, directory: Directory, send: Send, clock: Clock
) -> None:
    """Ours: a sandbox that was begun afresh knows none of the events, so nobody of the old one is left."""
    await send("POST", "/v1/customers", name="Jane Doe")
    await directory.fill()
    other = sandbox_door(create_sandbox(None, seed=None, now=clock), now=clock)
    again = Directory(tmp_path / "customers" / "acct_1-test.sqlite3", other, clock)
    clock.at += 60
    assert await names(again, "jane doe") == []
    await again.aclose()
    await other.aclose()


async def test_a_filling_that_is_killed_goes_on_where_it_stood(
    tmp_path: Path, stripe: StripeDoor, send: Send, clock: Clock
) -> None:
    """Ours: each page is kept; who changes meanwhile ends as Stripe has them."""
    made = [await send("POST", "/v1/customers", name=f"Person {at:03d}x") for at in range(250)]
    asked: list[str] = []

    class Dying:
        """The door, falling shut after the second page of customers."""

        def __getattr__(self, name: str) -> Any:
            return getattr(stripe, name)

        async def page(self, path: str, params: Any = None) -> Any:
            if path == "/v1/customers":
                asked.append(str(params.get("starting_after")))
                if len(asked) == 3:
                    raise RuntimeError("killed")
            return await stripe.page(path, params)

    where = tmp_path / "c.sqlite3"
    with pytest.raises(RuntimeError):
        await Directory(where, Dying(), clock).fill()  # type: ignore[arg-type]
    await send("POST", f"/v1/customers/{made[-1]['id']}", name="Newest Changed")
    await send("DELETE", f"/v1/customers/{made[-2]['id']}")
    again = Directory(where, stripe, clock)
    standing = await again.fill()
    assert standing.customers == 249
    assert await names(again, "newest changed") == ["Newest Changed"]
    assert asked[0] == "None" and asked[1] != "None"
    await again.aclose()


async def test_a_customer_who_was_renamed_a_moment_ago_is_not_taken_for_the_old_name(
    directory: Directory, send: Send, stripe: StripeDoor
) -> None:
    """Ours: whoever is chosen is read from Stripe before anything is done with it."""
    jane = await send("POST", "/v1/customers", name="Jane Doe")
    found = await directory.resembling("jane doe")
    assert found is not None
    assert (await directory.fresh(found[0]) or {})["id"] == jane["id"]
    await send("POST", f"/v1/customers/{jane['id']}", name="Bob Stone")
    assert await directory.fresh(found[0]) is None
    assert await names(directory, "bob stone") == ["Bob Stone"]


async def test_the_file_is_private_and_a_damaged_one_is_made_anew(
    tmp_path: Path, stripe: StripeDoor, send: Send, clock: Clock
) -> None:
    """Ours: it holds names and addresses, and nothing that Stripe does not hold."""
    await send("POST", "/v1/customers", name="Jane Doe")
    where = tmp_path / "c.sqlite3"
    where.write_bytes(b"not a database" * 500)
    directory = Directory(where, stripe, clock)
    assert await names(directory, "jane doe") == ["Jane Doe"]
    await directory.aclose()
    assert stat.S_IMODE(where.stat().st_mode) & 0o077 == 0


async def test_hostile_names_are_only_words(directory: Directory, send: Send) -> None:
    """Ours: quotes, stars and commands of the search language find what they spell, and break nothing."""
    for name in ('" OR "', "NEAR(a b)", "x* AND *", "'; DROP TABLE people; --", "^col: -", "\x00\u202e\ufeff", "NOT"):
        await send("POST", "/v1/customers", name=name)
    for text in (
        '"',
        "*",
        "NEAR(",
        "a AND NOT b",
        "col:",
        "'; DROP TABLE people; --",
        "\x00",
        "🙂",
        "-" * 500,
        "a" * 5_000,
    ):
        assert await directory.resembling(text, handles_too=True) is not None
    assert await names(directory, "drop table people") == ["'; DROP TABLE people; --"]


def test_the_order_of_changes_leaves_no_trace(tmp_path: Path) -> None:
    """Ours: an index that saw many versions of a customer finds only the last."""
    index = Index(open_file(tmp_path / "c.sqlite3"))
    for name in ("Alpha Beta", "Gamma Delta", "Alpha Delta"):
        index.put([{"id": "cus_1", "name": name, "email": f"{name.split()[0]}@x.example", "created": 1}])
    assert index.count() == 1
    assert [person.name for person in index.by_words([["alpha"]], 9)] == ["Alpha Delta"]
    assert index.by_words([["gamma"]], 9) == [] == index.by_handles(["gamma"], 9)
    index.remove("cus_1")
    assert index.count() == 0 and index.by_words([["delta"]], 9) == []


async def test_the_customers_of_a_sentence_are_seen_as_written_there(directory: Directory, send: Send) -> None:
    """Ours: names mask their words; a customer's own choice of name takes no plain words out of a sentence."""
    for name in ("Refund Co", "3M", "the last payment", "Jörg Müller", "Monday.com", "of", "Full Refund"):
        await send("POST", "/v1/customers", name=name)
    await directory.fill()
    assert await directory.named_in("refund the last payment of Refund Co") == ["Refund Co"]
    assert await directory.named_in("what did jorg mueller pay?") == []
    assert await directory.named_in("what did joerg mueller's firm pay?") == []
    assert await directory.named_in("what did JÖRG MÜLLER's firm pay?") == ["JÖRG MÜLLER"]
    assert await directory.named_in("show Monday.com. and give a full refund") == ["Monday.com"]


async def test_changes_of_one_second_in_the_wrong_order_are_asked_about(
    tmp_path: Path, stripe: StripeDoor, send: Send, clock: Clock
) -> None:
    """Stripe's events of one second may be listed in any order; the customer itself is right."""

    class Shuffled:
        """The door, listing the events of a page in the other order."""

        def __getattr__(self, name: str) -> Any:
            return getattr(stripe, name)

        async def page(self, path: str, params: Any = None) -> Any:
            page = await stripe.page(path, params)
            if path == "/v1/events":
                page.data.reverse()
            return page

    directory = Directory(tmp_path / "c.sqlite3", Shuffled(), clock)  # type: ignore[arg-type]
    await directory.fill()
    jane = await send("POST", "/v1/customers", name="First Name")
    await send("POST", f"/v1/customers/{jane['id']}", name="Last Wanted")
    assert await names(directory, "last wanted") == ["Last Wanted"]
    await directory.aclose()


async def test_a_forgotten_customer_stays_forgotten(tmp_path: Path) -> None:
    """GDPR: neither the name nor its words are left, and what Stripe tells later is not taken in."""
    connection = open_file(tmp_path / "index.sqlite3")
    index, jane = Index(connection), {"id": "cus_1", "name": "Jane Zaphodina", "email": "j@example.com", "created": 1}
    with index.writing():
        index.put([jane, {"id": "cus_2", "name": "Jane Doe", "email": None, "created": 2}])
    with index.writing():
        index.forget("cus_1")
        index.put([jane])
    assert index.count() == 1
    assert not index.is_word("zaphodina")
    assert index.is_word("jane")
    index.clear()
    index.put([jane])
    assert index.count() == 0
    connection.close()
