"""Stripe's library for Python at the other end of webhooks and v2: what a sandbox posts, its own code verifies."""

import queue
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import stripe
import uvicorn

from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.sandbox.sending import http_sender

WAIT_S = 20


class Inbox:
    """A web server of a merchant's: keeps each POST's path, signature and body."""

    def __init__(self) -> None:
        self.got: queue.Queue[tuple[str, str, bytes]] = queue.Queue()
        inbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                inbox.got.put((self.path, self.headers["Stripe-Signature"], body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Nothing to standard error."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def next(self, path: str) -> tuple[str, bytes]:
        """Signature and body of the next POST to a path; others are passed over."""
        while True:
            found, signature, body = self.got.get(timeout=WAIT_S)
            if found == path:
                return signature, body

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(timeout=10)


@pytest.fixture(scope="module")
def inbox() -> Iterator[Inbox]:
    found = Inbox()
    yield found
    found.close()


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """The address of an empty sandbox that is served on loopback and posts what it queues."""
    box = create_sandbox(None, sender=http_sender())
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(64)
    server = uvicorn.Server(uvicorn.Config(box, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()
    box.close()
    assert not thread.is_alive()


@pytest.fixture
def client(base: str) -> Iterator[stripe.StripeClient]:
    transport = stripe.RequestsClient()
    addresses: stripe.BaseAddresses = {"api": base, "meter_events": base}
    yield stripe.StripeClient("sk_test_python0123456789", base_addresses=addresses, http_client=transport)
    transport.close()


def test_its_webhook_code_takes_what_the_sandbox_posts(client: stripe.StripeClient, inbox: Inbox) -> None:
    """Stripe: `construct_event` verifies signature and time, then gives the typed event."""
    endpoint = client.v1.webhook_endpoints.create({"url": inbox.url("/hook"), "enabled_events": ["customer.created"]})
    assert endpoint.secret
    customer = client.v1.customers.create({"name": "Zoë ☃"})
    signature, body = inbox.next("/hook")
    event = client.construct_event(body, signature, endpoint.secret)
    assert (event.type, event.data.object["name"]) == ("customer.created", "Zoë ☃")
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body + b" ", signature, endpoint.secret)
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body, signature, "whsec_other")
    changed = client.v1.webhook_endpoints.update(endpoint.id, {"enabled_events": ["*"], "disabled": True})
    assert (changed.status, changed.enabled_events) == ("disabled", ["*"])
    assert endpoint.id in [one.id for one in client.v1.webhook_endpoints.list().auto_paging_iter()]
    assert client.v1.webhook_endpoints.delete(endpoint.id).deleted
    assert client.v1.customers.retrieve(customer.id).name == "Zoë ☃"


def test_its_thin_events_lead_back_to_the_sandbox(client: stripe.StripeClient, inbox: Inbox) -> None:
    """Stripe: `parse_event_notification`, then the event and the related object are fetched."""
    destinations = client.v2.core.event_destinations
    made = destinations.create(
        {
            "name": "thin",
            "type": "webhook_endpoint",
            "event_payload": "thin",
            "enabled_events": ["v1.customer.updated"],
            "webhook_endpoint": {"url": inbox.url("/thin")},
            "include": ["webhook_endpoint.signing_secret", "webhook_endpoint.url"],
        }
    )
    assert made.webhook_endpoint
    secret = made.webhook_endpoint.signing_secret
    destinations.ping(made.id)
    signature, body = inbox.next("/thin")
    ping = client.parse_event_notification(body, signature, secret)
    assert isinstance(ping, stripe.events.V2CoreEventDestinationPingEventNotification)
    assert ping.fetch_related_object().id == made.id
    customer = client.v1.customers.create({"name": "A"})
    client.v1.customers.update(customer.id, {"name": "B"})
    signature, body = inbox.next("/thin")
    changed = client.parse_event_notification(body, signature, secret)
    assert isinstance(changed, stripe.events.V1CustomerUpdatedEventNotification)
    assert changed.fetch_related_object().name == "B"
    assert changed.fetch_event().id == changed.id
    listed = client.v2.core.events.list({"object_id": customer.id, "limit": 1})
    assert [one.type for one in listed.auto_paging_iter()] == ["v1.customer.updated", "v1.customer.created"]
    assert destinations.disable(made.id).status == "disabled"
    assert destinations.update(made.id, {"metadata": {"a": "b"}}).to_dict()["metadata"] == {"a": "b"}
    assert destinations.delete(made.id).id == made.id
    with pytest.raises(stripe.InvalidRequestError) as missing:
        destinations.retrieve(made.id)
    assert (missing.value.http_status, missing.value.code) == (404, "not_found")


async def test_its_asynchronous_v2_services_work_as_well(base: str, inbox: Inbox) -> None:
    """Stripe: every service has an asynchronous twin; a session's token is the key of the meter event stream."""
    transport = stripe.AIOHTTPClient()
    addresses: stripe.BaseAddresses = {"api": base, "meter_events": base}
    client = stripe.StripeClient("sk_test_python0123456789", base_addresses=addresses, http_client=transport)
    endpoint = await client.v1.webhook_endpoints.create_async(
        {"url": inbox.url("/async"), "enabled_events": ["billing.meter.created"]}
    )
    await client.v1.billing.meters.create_async(
        {"display_name": "Calls", "event_name": "calls", "default_aggregation": {"formula": "sum"}}
    )
    customer = await client.v1.customers.create_async({"name": "Metered"})
    usage = {"stripe_customer_id": customer.id, "value": "3"}
    event = await client.v2.billing.meter_events.create_async({"event_name": "calls", "payload": usage})
    assert event.payload["value"] == "3"
    session = await client.v2.billing.meter_event_session.create_async()
    in_session = stripe.StripeClient(session.authentication_token, base_addresses=addresses, http_client=transport)
    unknown = {"event_name": "unknown", "payload": usage}
    await in_session.v2.billing.meter_event_stream.create_async(
        {"events": [{"event_name": "calls", "payload": usage}, unknown]}
    )
    with pytest.raises(stripe.AuthenticationError):
        await in_session.v1.customers.list_async()
    told = await client.v2.core.events.list_async({"types": ["v1.billing.meter.no_meter_found"]})
    assert len(told.data) == 1
    signature, body = inbox.next("/async")
    assert client.construct_event(body, signature, endpoint.secret).type == "billing.meter.created"
    await transport.close_async()
