"""Every served operation with parameters as Stripe's document types them, at random: an answer, never a 500."""

import json
import logging
import random
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from paydesk.server.sandbox.app import Sandbox, create_sandbox
from paydesk.server.sandbox.catalogue import ROUTES
from paydesk.server.sandbox.routes import Route

ROUNDS, SEEDS = 4, (1, 2)
MAX_DEPTH = 3
SPARES, RENEWS, HINTED, ADVANCES = 0.8, 300, 0.8, 60
QUERIES = ("created>0", "metadata['k']:null", "-status:'x' OR created<9", "email~'exa'", "status:'open'", "x:'y'", "(")
STRIPES = [route for route in ROUTES.all if route.template.startswith("/v1/")]
ODD = ("", "0", "-1", "1", "7", "100", "1790000000", "1792592000", "99999999999", "1.5", "true", "usd", "eur", "jpy")


# What the document does not call required, though hardly anything happens without it.
HINTS = {
    "/v1/charges": {"amount": "900", "currency": "usd", "source": "tok_visa"},
    "/v1/coupons": {"percent_off": "10"},
    "/v1/credit_notes": {"invoice": "{invoice}", "amount": "100"},
    "/v1/customers/{customer}/sources": {"source": "tok_visa"},
    "/v1/invoiceitems": {"customer": "{customer}", "amount": "700", "currency": "usd"},
    "/v1/invoices": {"customer": "{customer}", "pending_invoice_items_behavior": "include"},
    "/v1/invoices/create_preview": {"customer": "{customer}", "subscription": "{subscription}"},
    "/v1/payment_intents": {"amount": "900", "currency": "usd", "payment_method": "pm_card_visa", "confirm": "true",
                            "payment_method_types[0]": "card"},
    "/v1/payment_methods": {"type": "card", "card[token]": "tok_visa"},
    "/v1/payouts": {"amount": "50", "currency": "usd"},
    "/v1/prices": {"currency": "usd", "unit_amount": "900", "product": "{product}"},
    "/v1/quotes": {"customer": "{customer}", "line_items[0][price]": "{price}"},
    "/v1/refunds": {"payment_intent": "{payment_intent}", "amount": "100"},
    "/v1/setup_intents": {"payment_method": "pm_card_visa", "customer": "{customer}"},
    "/v1/subscription_schedules": {"from_subscription": "{subscription}"},
    "/v1/subscriptions": {"customer": "{customer}", "items[0][price]": "{price}"},
    "/v1/tax/calculations": {"currency": "usd", "line_items[0][amount]": "500", "line_items[0][reference]": "x",
                             "customer_details[address][country]": "DE", "customer_details[address_source]": "billing"},
    "/v1/transfers": {"amount": "50", "currency": "usd", "destination": "{account}"},
}  # fmt: skip


class Fuzzer:
    """Draws requests from the document, with the ids that earlier answers gave, and sends them."""

    def __init__(self, sandbox: Sandbox, document: dict[str, Any], seed: int) -> None:
        self.sandbox = sandbox
        self.chance = random.Random(seed)  # noqa: S311 - a script that must repeat
        self.schemas = document["components"]["schemas"]
        self.operations = {
            (method.upper(), re.sub(r"\{[^}]*\}", "{}", path)): declared
            for path, methods in document["paths"].items()
            for method, declared in methods.items()
        }
        self.ids: dict[str, list[str]] = {}

    def send(self, method: str, path: str, sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
        text = urlencode(sent)
        target = f"{path}?{text}" if method != "POST" and text else path
        headers = {"Authorization": "Bearer sk_test_1"}
        asked = self.sandbox.respond(method, target, headers, text.encode() if method == "POST" else b"")
        try:
            asked.send(None)
        except StopIteration as done:
            status, told, body = done.value
        answer = json.loads(body) if told["Content-Type"] == "application/json" else {}
        self._learn(answer, 0)
        return status, answer

    def _learn(self, value: Any, depth: int) -> None:
        if isinstance(value, dict) and depth < MAX_DEPTH:
            if isinstance(value.get("id"), str) and isinstance(value.get("object"), str):
                # `billing.meter` is asked for as `meter`.
                self.ids.setdefault(value["object"].split(".")[-1], []).append(value["id"])
            for one in value.values():
                self._learn(one, depth + 1)
        elif isinstance(value, list) and depth < MAX_DEPTH:
            for one in value[:3]:
                self._learn(one, depth + 1)

    def try_once(self, route: Route) -> tuple[int, str]:
        declared = self.operations.get((route.method, re.sub(r"\{[^}]*\}", "{}", route.template)), {})
        path = re.sub(r"\{([^}]*)\}", lambda found: self._id(found[1], route.template), route.template)
        sent: dict[str, str] = {}
        content = declared.get("requestBody", {}).get("content", {})
        schema = next(iter(content.values()), {}).get("schema", {})
        properties = dict(schema.get("properties", {}))
        properties |= {one["name"]: one["schema"] for one in declared.get("parameters", []) if one["in"] == "query"}
        needed = set(schema.get("required", []))
        # Few at a time, so that many requests get past the first check.
        rate = self.chance.choice([0.0, 0.1, 0.2, 0.5])
        for name, one in properties.items():
            if name in route.takes and (name in needed or self.chance.random() < rate):
                self._fill(sent, name, one, 0)
        if route.method == "POST" and self.chance.random() < HINTED:
            for name, value in HINTS.get(route.template, {}).items():
                sent.setdefault(name, re.sub(r"\{(.*)\}", lambda found: self._id(found[1], ""), value))
        if "query" in sent:
            sent["query"] = self.chance.choice(QUERIES)
        status, _ = self.send(route.method, path, sent)
        return status, f"{route.method} {path} {sent}"

    def _fill(self, sent: dict[str, str], name: str, schema: dict[str, Any], depth: int) -> None:
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rsplit("/", 1)[1]]
        if "anyOf" in schema:
            self._fill(sent, name, self.chance.choice(schema["anyOf"]), depth)
        elif schema.get("type") == "array":
            for index in range(self.chance.choice([0, 1, 1, 2])):
                self._fill(sent, f"{name}[{index}]", schema["items"], depth + 1)
        elif schema.get("type") == "object":
            if schema.get("properties") and depth < MAX_DEPTH:
                needed = schema.get("required", [])
                for inner, one in schema["properties"].items():
                    if inner in needed or self.chance.random() < 0.3:
                        self._fill(sent, f"{name}[{inner}]", one, depth + 1)
            else:
                sent[f"{name}[k{self.chance.randrange(3)}]"] = self.chance.choice(["", "v", "é"])
        else:
            sent[name] = self._scalar(name, schema)

    def _scalar(self, name: str, schema: dict[str, Any]) -> str:
        if self.chance.random() < 0.05:
            return self.chance.choice(ODD)
        if schema.get("enum"):
            return str(self.chance.choice(schema["enum"]))
        kind = schema.get("type")
        if kind == "boolean":
            return self.chance.choice(["true", "false"])
        if kind in ("integer", "number"):
            if schema.get("format") == "unix-time":
                return str(1_790_000_000 + self.chance.randrange(-90, 400) * 86_400)
            return self.chance.choice(["0", "1", "2", "50", "100", "999", "5000", "-100", "12.5"])
        last = name.replace("]", "").split("[")[-1]
        if last == "currency":
            return self.chance.choice(["usd", "usd", "usd", "eur", "jpy", "kwd"])
        return self._id(last, name)

    def _id(self, name: str, context: str) -> str:
        """An id that may be meant by a name: `customer`, `latest_invoice`, the collection in a path."""
        if self.chance.random() < 0.05:
            return self.chance.choice([*ODD[1:], "nothing_here", "x" * 300])
        collection = context.strip("/").split("/")
        words = [name, re.sub(r"^(default|latest|source)_", "", name)]
        if context.startswith("/"):
            words += [part.removesuffix("s") for part in reversed(collection) if not part.startswith("{")]
        for kind in (*words, *(word.removesuffix("s") for word in words)):
            if self.ids.get(kind):
                return self.chance.choice(self.ids[kind][-12:])
        if "payment_method" in name:
            return self.chance.choice(["pm_card_visa", "pm_card_chargeDeclined", "pm_card_authenticationRequired"])
        return self.chance.choice(["abc", "a@example.com", "2", "12.5", "US", "https://example.com/x"])


@pytest.fixture(scope="module")
def document(shared: Path) -> dict[str, Any]:
    """Stripe's OpenAPI document."""
    found: dict[str, Any] = json.loads((shared / "stripe-openapi" / "spec3.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def opened() -> Iterator[Sandbox]:
    """A sandbox whose clock stands."""
    with closing(create_sandbox(seed=1, is_empty=True, clock_at=1_790_000_000, is_clock_held=True)) as sandbox:
        yield sandbox


def _live(fuzzer: Fuzzer) -> None:
    """One of the things that much else hangs on."""
    _, customer = fuzzer.send("POST", "/v1/customers", {"email": "a@example.com", "payment_method": "pm_card_visa"})
    _, method = fuzzer.send("POST", "/v1/payment_methods/pm_card_visa/attach", {"customer": customer["id"]})
    default = {"invoice_settings[default_payment_method]": method["id"]}
    fuzzer.send("POST", f"/v1/customers/{customer['id']}", default)
    for amount in ("1000", "2500"):
        price = {"currency": "usd", "unit_amount": amount, "product_data[name]": "T", "recurring[interval]": "month"}
        _, made = fuzzer.send("POST", "/v1/prices", price)
        fuzzer.send("POST", "/v1/subscriptions", {"customer": customer["id"], "items[0][price]": made["id"]})
    for what, sent in (
        ("invoiceitems", {"customer": customer["id"], "amount": "700", "currency": "usd"}),
        ("invoices", {"customer": customer["id"], "pending_invoice_items_behavior": "include"}),
        (
            "billing/meters",
            {"display_name": "M", "event_name": f"e{len(fuzzer.ids['price'])}", "default_aggregation[formula]": "sum"},
        ),
    ):
        fuzzer.send("POST", f"/v1/{what}", sent)
    for card in ("visa", "createDispute", "authenticationRequired", "bypassPending"):
        paid = {"amount": "900", "currency": "usd", "confirm": "true", "payment_method": f"pm_card_{card}"}
        fuzzer.send("POST", "/v1/payment_intents", {**paid, "payment_method_types[]": "card"})


def _content(sandbox: Sandbox) -> Any:
    """What tells one content from another, short of reading it all."""
    return sandbox.store.execute("SELECT max(seq), sum(length(body)) FROM objects").fetchone()


@pytest.mark.parametrize("seed", SEEDS)
def test_no_typed_request_breaks_an_operation(
    seed: int, opened: Sandbox, document: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Ours: values of the right type, ids of real objects, in every combination: a 500 nobody asked for is a defect."""
    fuzzer = Fuzzer(opened, document, seed)
    broken = []
    with caplog.at_level(logging.ERROR):
        order = random.Random(seed).sample(STRIPES * ROUNDS, len(STRIPES) * ROUNDS)  # noqa: S311 - a script
        for number, route in enumerate(order):
            if number % RENEWS == 0:
                _live(fuzzer)
            if number % ADVANCES == 0:
                days = fuzzer.chance.choice([1, 7, 33])
                fuzzer.send("POST", "/_sandbox/clock", {"advance": str(days * 86_400)})
            # What is deleted takes much else with it.
            if route.method == "DELETE" and fuzzer.chance.random() < SPARES:
                continue
            # What was put off until now or earlier happens first, refused or not.
            fuzzer.send("GET", "/v1/balance", {})
            before = _content(opened)
            status, request = fuzzer.try_once(route)
            if status >= 500:
                broken.append(f"{request} {caplog.text[-600:]}")
            if status in (400, 403, 404) and _content(opened) != before:
                broken.append(f"{request} was refused with {status}, and changed something")
    assert broken == []
    # What could not happen at its time is undone and only logged.
    assert [record.getMessage() for record in caplog.records if "what was due" in record.getMessage()] == []
