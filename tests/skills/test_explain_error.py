"""Codes become sentences with a next step: every one that a card of the sandbox can be declined with, and the rest."""

from collections.abc import Callable
from typing import Any

import pytest

from paydesk.server.errors import NotFound
from paydesk.server.sandbox.card_table import CARDS
from paydesk.skills.base import Outcome
from paydesk.skills.desk.explain_error import explain_error
from paydesk.skills.error_words import DECLINES, ERRORS


@pytest.mark.parametrize("code", sorted({card.decline for card in CARDS if card.decline}))
async def test_every_decline_of_a_test_card_is_explained(desk: Any, code: str) -> None:
    """Stripe: its test cards stand for the declines that are met most."""
    explained = await desk.run(explain_error, {"code": code})
    assert explained.kind == "decline"
    assert explained.sentence() == f"{code}: {explained.means} {explained.then}"


async def test_a_code_is_known_however_it_is_written(desk: Any) -> None:
    """Ours: people copy codes with blanks and capitals."""
    assert (await desk.run(explain_error, {"code": " Insufficient Funds "})).code == "insufficient_funds"
    assert (await desk.run(explain_error, {"code": "charge_already_refunded"})).kind == "error"


async def test_an_unknown_code_offers_the_nearest(desk: Any) -> None:
    """Ours: it is never guessed what a code means."""
    with pytest.raises(NotFound) as caught:
        await desk.run(explain_error, {"code": "insuficient_fund"})
    assert caught.value.code == "unknown_code"
    assert "insufficient_funds" in caught.value.choices


async def test_a_request_is_explained_by_the_proposal_that_met_it(desk: Any, waiting: Callable[[str], Outcome]) -> None:
    """Ours: the journal keeps Stripe's request id; others are in Stripe's log."""
    error = {"code": "stripe_refused", "stripe_code": "charge_disputed", "request_id": "req_1", "message": "No."}
    desk.proposed = [waiting("A refund.").model_copy(update={"state": "failed", "error": error})]
    explained = await desk.run(explain_error, {"code": "req_1"})
    assert (explained.kind, explained.proposal_id) == ("request", "prop_1")
    assert explained.means == ERRORS["charge_disputed"].means
    with pytest.raises(NotFound) as caught:
        await desk.run(explain_error, {"code": "req_2"})
    assert "logs/req_2" in str(caught.value.next_step)


@pytest.mark.parametrize("table", [DECLINES, ERRORS], ids=["declines", "errors"])
def test_every_code_has_two_short_sentences(table: dict[str, tuple[str, str]]) -> None:
    """Ours: what it means and what to do, each in a line."""
    for code, (means, then) in table.items():
        for text in (means, then):
            assert text.endswith(".") and text[0].isupper() and len(text) <= 120, code


@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "fraudulent", "pickup_card", "merchant_blacklist"])
def test_the_customer_is_not_told_that_a_card_is_suspected(code: str) -> None:
    """Stripe: these are to be presented to a customer as a plain decline."""
    assert DECLINES[code].then.startswith("Tell the customer only that the card was declined")
