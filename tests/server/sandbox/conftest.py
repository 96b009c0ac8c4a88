"""What the tests of subscriptions share: customers who can pay, recurring prices, and a look at what became of them."""

from datetime import UTC, datetime
from typing import Any

import pytest


class Subscribing:
    """Set-up steps over the API; each takes the `talk` whose sandbox is meant."""

    @staticmethod
    def customer(talk: Any, card: str | None = "pm_card_visa") -> str:
        customer = talk.post("/v1/customers", name="Zoë", email="zoe@example.com")["id"]
        if card:
            method = talk.post(f"/v1/payment_methods/{card}/attach", customer=customer)["id"]
            talk.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": method})
        return str(customer)

    @staticmethod
    def price(talk: Any, unit_amount: int = 1_000, currency: str = "usd", **recurring: Any) -> str:
        data = {"name": f"Plan {unit_amount}"}
        wanted = {"interval": "month", **recurring}
        made = talk.post("/v1/prices", product_data=data, currency=currency, unit_amount=unit_amount, recurring=wanted)
        return str(made["id"])

    @staticmethod
    def subscribe(talk: Any, customer: str, *prices: str, **more: Any) -> dict[str, Any]:
        items = [{"price": price} for price in prices]
        return talk.post("/v1/subscriptions", **{"customer": customer, "items": items, **more})

    @staticmethod
    def look(talk: Any, subscription: dict[str, Any]) -> dict[str, Any]:
        return talk.get(f"/v1/subscriptions/{subscription['id']}", expand=["latest_invoice"])

    @staticmethod
    def types(talk: Any, *, of: str) -> list[str]:
        events = talk.get("/v1/events", limit=100)["data"]
        return [event["type"] for event in reversed(events) if event["type"].startswith(of)]

    @staticmethod
    def period(subscription: dict[str, Any]) -> tuple[str, str]:
        item = subscription["items"]["data"][0]
        ends = (item["current_period_start"], item["current_period_end"])
        start, end = (datetime.fromtimestamp(one, UTC).strftime("%Y-%m-%d") for one in ends)
        return start, end


@pytest.fixture
def subs() -> type[Subscribing]:
    """The set-up steps."""
    return Subscribing
