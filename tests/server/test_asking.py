"""From a sentence to a call: everything that was understood is used, or said."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from paydesk.intents.parse import Parsed
from paydesk.server.asking import arguments_for, dated_by
from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.settings import Settings
from paydesk.server.wiring import open_desk
from paydesk.skills.catalogue import catalogue

_TO_PRICE = {"subscription": "sub_1", "price": "price_1"}
_DUPLICATE = {"payment": "pi_1", "reason": "duplicate"}
_LEFT = ["currency", "payment_amount"]


@pytest.mark.parametrize(
    ("skill", "entities", "arguments", "left"),
    [
        ("list_payments", {"amount_gt": 100000, "currency": None}, {"amount_major": ">1000"}, []),
        ("list_payments", {"amount_gte": 10000, "currency": "jpy"}, {"amount_major": ">=10000", "currency": "jpy"}, []),
        (
            "list_payments",
            {"amount_gte": 1050, "amount_lte": 2000, "currency": "usd"},
            {"amount_major": "10.50..20", "currency": "usd"},
            [],
        ),
        ("list_payments", {"amount_lt": 5, "currency": "kwd"}, {"amount_major": "<0.005", "currency": "kwd"}, []),
        ("list_payments", {"last4": "1881", "card_brand": "visa"}, {"card": "visa 1881"}, []),
        (
            "refund_payment",
            {"customer": "jane", "payment_ref": "latest", "percent": 50},
            {"customer": "jane", "payment": "latest", "percent": "50"},
            [],
        ),
        ("refund_payment", {"payment_intent_id": "pi_1", "full": True}, {"payment": "pi_1"}, []),
        (
            "refund_payment",
            {"payment_intent_id": "pi_1", "amount": 2500, "currency": "usd"},
            {"payment": "pi_1", "amount_minor": 2500, "currency": "usd"},
            [],
        ),
        (
            "refund_payment",
            {"payment_intent_id": "pi_1", "amount": 2500, "currency": None},
            {"payment": "pi_1"},
            ["currency"],
        ),
        ("create_customer", {"customer": "Acme", "email": "a@b.co"}, {"name": "Acme", "email": "a@b.co"}, []),
        ("find_customers", {"email": "a@b.co"}, {"query": "a@b.co"}, []),
        (
            "update_customer",
            {"email": "a@b.co", "new_email": "c@d.co", "new_phone": "1234", "new_name": "X"},
            {"customer": "a@b.co", "email": "c@d.co", "phone": "1234", "name": "X"},
            [],
        ),
        (
            "create_payment",
            {"customer": "jane", "amount": 500, "currency": "usd", "card_brand": "visa", "last4": "4242"},
            {"customer": "jane", "currency": "usd", "payment_method": "visa 4242", "amount_minor": 500},
            [],
        ),
        (
            "create_subscription",
            {"customer": "j", "amount": 4999, "currency": "usd", "interval": "month", "start_date": "2027-06-01"},
            {
                "customer": "j",
                "currency": "usd",
                "interval": "month",
                "start_date": "2027-06-01",
                "amount_minor": 4999,
            },
            [],
        ),
        ("update_subscription", {"subscription_id": "sub_1", "price_id": "price_1"}, _TO_PRICE, []),
        ("cancel_payment", {"customer": "j", "payment_amount": 500, "currency": "usd"}, {"customer": "j"}, _LEFT),
        ("refund_payment", {"payment_intent_id": "pi_1", "reason": "unhappy"}, {"payment": "pi_1"}, ["reason"]),
        ("refund_payment", {"payment_intent_id": "pi_1", "reason": "duplicate"}, _DUPLICATE, []),
    ],
)
def test_what_was_understood_becomes_arguments_or_is_left_and_named(skill, entities, arguments, left) -> None:
    """Ours: an answer to half of the question would be wrong about money."""
    assert arguments_for(catalogue()[skill], entities) == (arguments, left)


def test_minor_units_follow_stripe_where_it_counts_differently() -> None:
    """Stripe: ISK is written with two decimals although ISO gives it none."""
    arguments, _ = arguments_for(
        catalogue()["refund_payment"], {"payment_intent_id": "pi_1", "amount": 500, "currency": "isk"}
    )
    assert arguments["amount_minor"] == 50000


@pytest.mark.parametrize(
    ("skill", "text", "date_of"),
    [
        ("list_disputes", "disputes that are due this week", "due"),
        ("list_disputes", "disputes of this week", None),
        ("list_invoices", "invoices due this month", "due"),
        ("list_subscriptions", "subscriptions cancelled last month", "canceled"),
        ("list_subscriptions", "which subscriptions renew this week", "period_end"),
        ("list_payments", "payments due this week", None),
    ],
)
def test_days_are_of_what_the_sentence_says(skill: str, text: str, date_of: str | None) -> None:
    """Ours: what came in a week and what is due in it are two lists, and one is no answer to the other."""
    said = {"start": "2026-11-16", "end": "2026-11-23"}
    assert dated_by(catalogue()[skill], said, text).get("date_of") == date_of


ME = Caller("local")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose sandbox is built once for all tests here."""
    return tmp_path_factory.mktemp("asking")


Open = Callable[[], AbstractAsyncContextManager[PayDesk]]


@pytest.fixture
def opened(home: Path) -> Open:
    """Opens a desk on the made-up business: `async with opened() as desk`, in the test's own task."""
    return lambda: open_desk(Settings(home=home, stripe_secret_key=None, stripe_api_base=None))


@pytest.mark.parametrize(
    "text",
    [
        "refund the payment of $64 from Amélie Lefèvre",
        "refund 25 of Amélie Lefèvre's last payment",
        "which invoices are over $50 and under $20?",
    ],
)
async def test_what_finds_no_place_is_a_question_and_never_dropped(opened: Open, text: str) -> None:
    """Ours: a dropped amount would turn a part into the whole, a dropped filter an answer into another one."""
    async with opened() as desk:
        answer = await desk.call("ask", {"text": text}, ME)
        assert answer.question
        assert answer.skill is None
        assert await (await desk.gate()).list(principal=None) == []


async def test_what_the_parser_says_is_missing_is_asked_for(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: a skill with a hole in its arguments is a question, whatever else was understood."""
    half = Parsed("refund_payment", {"customer": "Amélie Lefèvre", "payment_ref": "latest"}, ["amount"], "How much?")
    monkeypatch.setattr("paydesk.intents.parse.parse", lambda *_, **__: half)
    async with opened() as desk:
        answer = await desk.call("ask", {"text": "refund some of it"}, ME)
        assert answer.question == "How much?"
        assert await (await desk.gate()).list(principal=None) == []


async def test_an_amount_without_a_currency_asks_for_the_currency(opened: Open) -> None:
    """Ours: the question says what is unclear."""
    async with opened() as desk:
        answer = await desk.call("ask", {"text": "refund 25 of Amélie Lefèvre's last payment"}, ME)
    assert answer.question == "Which currency is the amount in?"
