"""The kinds of writes that campaigns make, each with how often its effect stands in Stripe's books."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from counter import Counter, Json

PRIVATE = ("quartz", "zoë", "zoe@")  # what is a customer's own; no audit entry may hold it
SHOWN_MINOR = 1000


@dataclass(frozen=True)
class Write:
    """One write to be proposed: the skill's call, and `effects(proposal_id)`: how often it happened."""

    skill: str
    arguments: Json
    effects: Callable[[str], int]
    about: str = ""
    # Stripe keeps no keys for DELETE, so one whose answer is lost is never sent again: it may end as failed.
    is_resent: bool = True


def _marked(found: list[Json], proposal_id: str) -> int:
    return sum(one["metadata"].get("paydesk_proposal") == proposal_id for one in found)


def payment(counter: Counter, **how: Any) -> str:
    """A payment of fifty dollars, by a customer who is there already."""
    paid = counter.post(
        "/v1/payment_intents",
        amount=5000,
        currency="usd",
        customer=counter.customer["id"],
        payment_method="pm_card_visa",
        confirm=True,
        automatic_payment_methods={"enabled": True, "allow_redirects": "never"},
        **how,
    )
    return str(paid["id"])


def refund(counter: Counter, rng: random.Random) -> Write:
    """Give a part of a payment back."""
    of = payment(counter)

    def effects(proposal_id: str) -> int:
        found = counter.get("/v1/refunds", payment_intent=of, limit=100)["data"]
        assert all(one["amount"] == SHOWN_MINOR for one in found if one["metadata"]), "another amount than was shown"
        return _marked(found, proposal_id)

    arguments = {"payment": of, "amount_minor": SHOWN_MINOR, "currency": "usd"}
    return Write("refund_payment", arguments, effects, about=of)


def new_customer(counter: Counter, rng: random.Random) -> Write:
    """Create a customer."""
    email = f"zoe@quartz{rng.getrandbits(48)}.example"

    def effects(proposal_id: str) -> int:
        return _marked(counter.get("/v1/customers", email=email, limit=100)["data"], proposal_id)

    return Write("create_customer", {"name": "Zoë Quartz", "email": email}, effects)


def changed_customer(counter: Counter, rng: random.Random) -> Write:
    """Change a customer. A change that is made twice shows in nothing but Stripe's events."""
    customer = counter.post("/v1/customers", name="Zoë Quartz")["id"]

    def effects(proposal_id: str) -> int:
        events = counter.get("/v1/events", type="customer.updated", limit=100)["data"]
        changed = [one["data"]["object"] for one in events if one["data"]["object"]["id"] == customer]
        return sum(one["metadata"].get("paydesk_update") == proposal_id for one in changed)

    return Write(
        "update_customer",
        {"customer": customer, "phone": "+1 555 0100"},
        effects,
        about=customer,
    )


def capture(counter: Counter, rng: random.Random) -> Write:
    """Capture a payment that is held."""
    held = payment(counter, capture_method="manual")

    def effects(proposal_id: str) -> int:
        events = counter.get("/v1/events", type="charge.captured", limit=100)["data"]
        return sum(one["data"]["object"]["payment_intent"] == held for one in events)

    return Write("capture_payment", {"payment": held}, effects, about=held)


def new_subscription(counter: Counter, rng: random.Random) -> Write:
    """Subscribe a customer to a price that is made for it: a write of three steps."""
    customer = counter.post("/v1/customers", name="Zoë Quartz", source="tok_visa")["id"]
    amount_minor = rng.randrange(100, 10_000_000)

    def effects(proposal_id: str) -> int:
        made = counter.get("/v1/subscriptions", customer=customer, status="all", limit=100)["data"]
        for path in ("/v1/products", "/v1/prices"):
            marks = [one["metadata"].get("paydesk_proposal", "") for one in counter.every(path)]
            ours = [mark for mark in marks if mark.startswith(proposal_id)]
            assert len(ours) == len(set(ours)), f"{path}: a preparation was made twice"
        return _marked(made, proposal_id)

    arguments = {"customer": customer, "amount_minor": amount_minor, "currency": "usd", "interval": "month"}
    return Write("create_subscription", arguments, effects, about=customer)


def ended_subscription(counter: Counter, rng: random.Random) -> Write:
    """End a subscription at once: a DELETE, for which Stripe keeps no key."""
    customer = counter.post("/v1/customers", name="Zoë Quartz", source="tok_visa")["id"]
    price = counter.post(
        "/v1/prices", unit_amount=900, currency="usd", recurring={"interval": "month"}, product_data={"name": "Plan"}
    )["id"]
    running = counter.post("/v1/subscriptions", customer=customer, items=[{"price": price}])["id"]

    def effects(proposal_id: str) -> int:
        events = counter.get("/v1/events", type="customer.subscription.deleted", limit=100)["data"]
        return sum(one["data"]["object"]["id"] == running for one in events)

    return Write(
        "cancel_subscription",
        {"subscription": running, "at_period_end": False},
        effects,
        about=running,
        is_resent=False,
    )


KINDS = (refund, refund, new_customer, changed_customer, capture, new_subscription, ended_subscription)
