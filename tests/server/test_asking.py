"""From a sentence to a call: everything that was understood is used, or said."""

import pytest

from paydesk.server.asking import arguments_for
from paydesk.skills.catalogue import catalogue


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
        ("list_payments", {"last4": "1881"}, {}, ["last4"]),
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
