"""Sentences that name things as people do: understood through `ask`, planned exactly, and done after a yes."""

import shutil
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client

from paydesk.server.mcp.factory import build_server
from paydesk.server.settings import load_settings
from paydesk.server.wiring import open_desk
from paydesk.skills.base import StripeRequest

NORA, MAIL = "Nora Quillfeather", "nora@named.example"


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose business has Nora: a visa ending 4242, two seats of Pro."""
    home = tmp_path_factory.mktemp("home")
    anyio.run(_furnish, home)
    return home


async def _furnish(home: Path) -> None:
    async with open_desk(load_settings(home=home, mirror="off")) as desk:
        door, made = await desk.door(), 0

        async def post(path: str, **params: Any) -> Any:
            nonlocal made
            made += 1
            return await door.send(StripeRequest("POST", path, params), idempotency_key=f"named-{made}")

        nora = (await post("/v1/customers", name=NORA, email=MAIL))["id"]
        card = (await post("/v1/payment_methods/pm_card_visa/attach", customer=nora))["id"]
        await post(f"/v1/customers/{nora}", invoice_settings={"default_payment_method": card})
        pro = next(one for one in (await door.page("/v1/products", {"limit": 100})).data if one["name"] == "Pro")
        await post("/v1/subscriptions", customer=nora, items=[{"price": pro["default_price"], "quantity": 2}])


@pytest.fixture
def home(furnished: Path, tmp_path: Path) -> Path:
    """A copy of that home."""
    shutil.copytree(furnished, tmp_path / "home")
    return tmp_path / "home"


def _open(home: Path) -> Any:
    return open_desk(load_settings(home=home, mirror="off"))


async def _ask(desk: Any, text: str) -> Any:
    async with Client(build_server(desk)) as client:
        return (await client.call_tool("ask", {"text": text})).structured_content


@pytest.mark.parametrize(
    ("text", "skill", "says"),
    [
        ("create a payment link for the Card reader", "create_payment_link", "$59.00 (Card reader)"),
        ('create a payment link for "Own domain, one year"', "create_payment_link", "$24.00 (Own domain, one year)"),
        ("create a payment link for 500 text messages", "create_payment_link", "$12.00 (500 text messages)"),
        (f"checkout for {NORA} for Calendar migration", "create_checkout", f"{NORA}: $349.00 (Calendar migration)"),
        (f"move {NORA} to Team on 1 January", "schedule_subscription", "-01-01: Team at 2 x $129.00 / month"),
        (f"remove {NORA}'s card ending 4242", "detach_payment_method", "Remove visa •4242"),
    ],
)
async def test_what_is_commanded_by_name_waits_for_a_yes_and_is_then_done(
    home: Path, text: str, skill: str, says: str
) -> None:
    """Ours: the thing that is meant stands in the question; Stripe takes the request as it was planned."""
    async with _open(home) as desk:
        answer = await _ask(desk, text)
        assert answer["skill"] == skill, answer
        assert says in answer["says"]
        gate, waiting = await desk.gate(), answer["result"]["proposal_id"]
        done = await gate.approve(waiting, approver="terminal:bea", via="terminal", principal=None)
    assert done.state == "succeeded", done


@pytest.mark.parametrize(
    ("text", "skill", "says"),
    [
        (f"what cards does {NORA} have", "list_payment_methods", "visa •4242"),
        ("search for Quillfeather", "search", "1 found for Quillfeather"),
        ("please search for calendar", "search", "found for calendar"),
        (f"search everything for {MAIL}", "search", "customers by e-mail"),
        ("list products as csv", "list_products", "products"),
    ],
)
async def test_what_is_asked_by_name_is_answered(home: Path, text: str, skill: str, says: str) -> None:
    """Ours: a search goes over everything; cards are listed as they are saved."""
    async with _open(home) as desk:
        answer = await _ask(desk, text)
    assert (answer["skill"], says in answer["says"]) == (skill, True), answer


async def test_a_thing_of_that_name_that_there_is_not_is_no_guess(home: Path) -> None:
    """Ours: it is said, and nothing is planned."""
    async with _open(home) as desk, Client(build_server(desk)) as client:
        answer = await client.call_tool("ask", {"text": "create a payment link for the Card writer"})
        assert await (await desk.gate()).list(principal=None) == []
    assert answer.is_error
    assert answer.structured_content["error"]["code"] == "product_not_found"


async def test_a_yes_in_words_is_told_what_waits_even_if_it_was_proposed_elsewhere(home: Path) -> None:
    """Ours: words approve nothing; whoever says yes in a new conversation is told how a person does."""
    async with _open(home) as desk:
        assert (await _ask(desk, "approve it"))["says"].endswith("Nothing waits.")
        await _ask(desk, "create a payment link for the Card reader")
        answer = await _ask(desk, "approve it")
        assert "1 proposal waits; list_proposals shows the ids" in answer["says"]
        assert len(await (await desk.gate()).list(principal=None, state="waiting")) == 1
