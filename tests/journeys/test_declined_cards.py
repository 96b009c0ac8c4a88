"""Saved cards that are declined: what whoever approved the write reads, from Stripe's own test cards."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from paydesk.server.caller import Caller
from paydesk.server.sandbox.card_table import CARDS
from paydesk.server.settings import load_settings
from paydesk.server.wiring import open_desk
from paydesk.skills.base import StripeRequest
from paydesk.skills.error_words import DECLINES

_KEYS = count()
#: Those that can be saved, and are declined only when they are charged without the customer.
SAVED = [
    card.names[0]
    for card in CARDS
    if card.names and not card.declines_on_attach and (card.decline or card.authentication in ("always", "error"))
]


class _Till:
    """A desk, with customers whose default card is the one that is named."""

    def __init__(self, desk: Any, door: Any, gate: Any) -> None:
        self.desk, self._door, self._gate = desk, door, gate

    async def _post(self, path: str, **params: Any) -> Any:
        return await self._door.send(StripeRequest("POST", path, params), idempotency_key=f"declined-{next(_KEYS)}")

    async def customer(self, card: str) -> str:
        made = await self._post("/v1/customers", name=f"Holder of {card}", email=f"{card.lower()}@card.example")
        method = await self._post(f"/v1/payment_methods/pm_card_{card}/attach", customer=made["id"])
        await self._post(f"/v1/customers/{made['id']}", invoice_settings={"default_payment_method": method["id"]})
        return str(made["id"])

    async def done(self, skill: str, **arguments: Any) -> Any:
        waiting = await self.desk.call(skill, arguments, Caller(principal="ann"))
        return await self._gate.approve(waiting.proposal_id, approver="bea", via="terminal", principal=None)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox for all of these tests: each has customers of its own."""
    return tmp_path_factory.mktemp("home")


@asynccontextmanager
async def _at(home: Path) -> AsyncIterator[_Till]:
    async with open_desk(load_settings(home=home, mirror="off")) as desk:
        yield _Till(desk, await desk.door(), await desk.gate())


async def test_a_declined_charge_tells_why_and_what_to_do(home: Path) -> None:
    """Stripe: what its decline codes mean. Ours: said to who charges, not to who pays."""
    async with _at(home) as till:
        assert len(SAVED) >= 10
        for card in SAVED:
            failed = await till.done(
                "create_payment", customer=await till.customer(card), amount_minor=2500, currency="usd"
            )
            words = DECLINES[failed.error["decline_code"]]
            assert failed.state == "failed"
            assert failed.says.startswith(f"Not done: Charge Holder of {card} $25.00. The card was declined (")
            assert failed.says.endswith(f"{words.means} {words.then}")
            assert "Your card" not in failed.says


async def test_an_invoice_that_could_not_be_charged_is_said_to_be_there_once(home: Path) -> None:
    """Ours: it is owed all the same, and billing it anew would bill it twice."""
    async with _at(home) as till:
        customer = await till.customer("authenticationRequired")
        item = {"description": "Hull survey", "amount_minor": 48_000}
        failed = await till.done("create_invoice", customer=customer, items=[item], currency="eur", collect="charge")
        assert failed.state == "failed"
        assert len(re.findall(r"\bin_\w+", failed.says)) == 1
        assert "send_invoice" in failed.says
        [invoice] = (await till.desk.call("list_invoices", {"customer": customer}, Caller(principal="ann"))).invoices
        assert failed.error["made"] == [invoice.id]


async def test_a_refund_that_is_not_there_yet_is_not_told_as_done(home: Path) -> None:
    """Stripe: some banks take a refund later."""
    async with _at(home) as till:
        customer = await till.customer("pendingRefund")
        await till.done("create_payment", customer=customer, amount_minor=2500, currency="usd")
        refunded = await till.done("refund_payment", customer=customer, payment="latest")
        assert refunded.says.startswith("Asked Stripe to refund $25.00 of pi_")
        assert refunded.says.endswith(", pending).")


async def test_a_disputed_payment_points_to_its_dispute(home: Path) -> None:
    """Stripe: what is disputed is refunded through the dispute, or not at all."""
    async with _at(home) as till:
        customer = await till.customer("createDispute")
        await till.done("create_payment", customer=customer, amount_minor=2500, currency="usd")
        shown = await till.desk.call(
            "get_payment", {"customer": customer, "payment": "latest"}, Caller(principal="ann")
        )
        assert "is disputed. list_disputes with this payment shows" in shown.sentence()
        assert "can be refunded" not in shown.sentence()
