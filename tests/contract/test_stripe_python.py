"""Stripe's library for Python, its typed services, sync and async, against a sandbox behind a real socket."""

import socket
import threading
from collections.abc import Iterator

import pytest
import stripe
import uvicorn

from paydesk.server.sandbox.app import create_sandbox

CARD = "pm_card_visa"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """The address of an empty sandbox that is served on loopback."""
    box = create_sandbox(None)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)  # connections queue from here on, before the server's thread has started
    server = uvicorn.Server(uvicorn.Config(box, log_level="error", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()
    box.close()


@pytest.fixture
def client(base: str) -> Iterator[stripe.StripeClient]:
    """The library's client for synchronous code."""
    transport = stripe.RequestsClient()
    yield stripe.StripeClient("sk_test_python0123456789", base_addresses={"api": base}, http_client=transport)
    transport.close()


def test_a_business_day_through_the_typed_services(client: stripe.StripeClient) -> None:
    """Stripe: its own library is the first client of anything that says it is a Stripe."""
    v1 = client.v1
    customer = v1.customers.create({"name": "Pia", "payment_method": CARD, "metadata": {"desk": "1"}})
    paid = v1.payment_intents.create(
        {
            "amount": 2500,
            "currency": "usd",
            "customer": customer.id,
            "payment_method": CARD,
            "payment_method_types": ["card"],
            "confirm": True,
            "expand": ["latest_charge.balance_transaction"],
        }
    )
    assert paid.status == "succeeded"
    row = paid.latest_charge.balance_transaction  # type: ignore[union-attr]  # expanded above
    assert row.amount - row.fee == row.net
    assert v1.refunds.create({"payment_intent": paid.id, "amount": 500}).status == "succeeded"
    found = v1.customers.search({"query": 'metadata["desk"]:"1"'})
    assert [one.id for one in found.data] == [customer.id]
    assert v1.events.list({"type": "charge.refunded", "limit": 1}).data[0].data.object["amount_refunded"] == 500


def test_its_paging_and_its_errors_work_as_at_stripe(client: stripe.StripeClient) -> None:
    """Stripe: auto-paging iterators, and an exception class for each kind of error."""
    for number in range(5):
        client.v1.customers.create({"email": "paging@example.com", "name": str(number)})
    pages = client.v1.customers.list({"email": "paging@example.com", "limit": 2})
    assert [one.name for one in pages.auto_paging_iter()] == list("43210")
    with pytest.raises(stripe.CardError) as declined:
        client.v1.payment_intents.create(
            {
                "amount": 900,
                "currency": "eur",
                "payment_method": "pm_card_chargeDeclinedExpiredCard",
                "payment_method_types": ["card"],
                "confirm": True,
            }
        )
    assert declined.value.code == "expired_card"
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.customers.retrieve("cus_missing")
    assert missing.value.http_status == 404


async def test_the_asynchronous_services_work_as_well(base: str) -> None:
    """Stripe: every service has an asynchronous twin."""
    transport = stripe.AIOHTTPClient()
    client = stripe.StripeClient("sk_test_python0123456789", base_addresses={"api": base}, http_client=transport)
    product = await client.v1.products.create_async({"name": "Desk"})
    price = await client.v1.prices.create_async(
        {"product": product.id, "unit_amount": 4900, "currency": "usd", "recurring": {"interval": "month"}}
    )
    customer = await client.v1.customers.create_async(
        {"payment_method": CARD, "invoice_settings": {"default_payment_method": CARD}}
    )
    subscription = await client.v1.subscriptions.create_async(
        {"customer": customer.id, "items": [{"price": price.id}]}, {"idempotency_key": "subscribe-once"}
    )
    again = await client.v1.subscriptions.create_async(
        {"customer": customer.id, "items": [{"price": price.id}]}, {"idempotency_key": "subscribe-once"}
    )
    assert (subscription.status, again.id) == ("active", subscription.id)
    invoices = await client.v1.invoices.list_async({"subscription": subscription.id})
    assert [one.amount_paid for one in invoices.data] == [4900]
    await transport.close_async()
