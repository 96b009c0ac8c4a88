"""The same seed, clock and requests give the same bytes, but for request ids."""

import os
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from paydesk.server.sandbox.app import Sandbox, create_sandbox
from paydesk.server.sandbox.settlement import settlement_for

REQUESTS = 350
CARDS = ("visa", "visa", "mastercard", "chargeDeclined", "createDispute", "authenticationRequired", "bypassPending")
_REQUEST_ID = re.compile(rb"req_[0-9A-Za-z]{14}")


def _bracketed(name: str) -> str:
    """`items__0__price` as a form writes it."""
    head, *rest = name.split("__")
    return head + "".join(f"[{one}]" for one in rest)


class Script:
    """A long random script of requests, each built from ids that earlier answers gave."""

    def __init__(self, sandbox: Sandbox, seed: int) -> None:
        self.sandbox, self.chance, self.heard = sandbox, random.Random(seed), list[bytes]()  # noqa: S311 - a script
        self.ids: dict[str, list[str]] = {}

    def run(self) -> bytes:
        steps: list[Callable[[], None]] = [
            self.customer, self.customer, self.price, self.pay, self.pay, self.pay, self.refund, self.subscribe,
            self.note, self.advance, self.look,
        ]  # fmt: skip
        for _ in range(REQUESTS):
            self.chance.choice(steps)()
        return _REQUEST_ID.sub(b"req", b"\n".join(self.heard))

    def say(self, method: str, path: str, **sent: Any) -> None:
        text = urlencode({_bracketed(name): value for name, value in sent.items()})
        target = f"{path}?{text}" if method != "POST" and text else path
        headers = {"Authorization": "Bearer sk_test_1"}
        asked = self.sandbox.respond(method, target, headers, text.encode() if method == "POST" else b"")
        try:
            asked.send(None)
        except StopIteration as done:
            status, _, body = done.value
        self.heard.append(b"%d %s" % (status, body))
        found = re.match(rb'{"id":"([a-z]+)_[^"]*"', body)
        if found:
            self.ids.setdefault(found[1].decode(), []).append(body.split(b'"')[3].decode())

    def any(self, prefix: str) -> str:
        return self.chance.choice(self.ids.get(prefix) or ["none"])

    def customer(self) -> None:
        """One who can pay."""
        self.say("POST", "/v1/customers", email=f"{self.chance.randrange(99)}@example.com", metadata__a="1")
        self.say("POST", "/v1/payment_methods/pm_card_visa/attach", customer=self.ids["cus"][-1])
        default = {"invoice_settings__default_payment_method": self.ids["pm"][-1]}
        self.say("POST", f"/v1/customers/{self.ids['cus'][-1]}", **default)

    def price(self) -> None:
        amount = self.chance.randrange(100, 9_000)
        recurring = {"recurring__interval": "month"} if self.chance.random() < 0.7 else {}
        self.say("POST", "/v1/prices", currency="cad", unit_amount=amount, product_data__name="Tea", **recurring)

    def pay(self) -> None:
        sent = {"amount": self.chance.randrange(60, 9_000), "currency": self.chance.choice(["usd", "cad", "jpy"])}
        card = f"pm_card_{self.chance.choice(CARDS)}"
        how = {"automatic_payment_methods__enabled": "true", "automatic_payment_methods__allow_redirects": "never"}
        self.say("POST", "/v1/payment_intents", payment_method=card, confirm="true", **sent, **how)

    def refund(self) -> None:
        self.say("POST", "/v1/refunds", payment_intent=self.any("pi"), amount=self.chance.randrange(1, 3_000))

    def subscribe(self) -> None:
        self.say(
            "POST", "/v1/subscriptions", customer=self.any("cus"), items__0__price=self.any("price"),
            payment_behavior="allow_incomplete",
        )  # fmt: skip

    def note(self) -> None:
        self.say("POST", f"/v1/customers/{self.any('cus')}", metadata__b=self.chance.randrange(9))

    def advance(self) -> None:
        self.say("POST", "/_sandbox/clock", advance=self.chance.randrange(1, 9 * 86_400))

    def look(self) -> None:
        kind = self.chance.choice(["customers", "events", "charges", "invoices", "balance_transactions", "disputes"])
        self.say("GET", f"/v1/{kind}", limit=self.chance.randrange(1, 40))
        self.say("GET", "/v1/balance")


def _opened() -> Sandbox:
    at = 1_790_000_000
    return create_sandbox(seed=11, is_empty=True, settlement=settlement_for("CA"), clock_at=at, is_clock_held=True)


def _played(seed: int = 3) -> bytes:
    sandbox = _opened()
    try:
        return Script(sandbox, seed).run()
    finally:
        sandbox.close()


def test_the_same_requests_get_the_same_bytes() -> None:
    """Ours: a suite that ran green runs green again; ids, amounts and order included."""
    one, two = _played(), _played()
    assert one == two
    assert one.count(b"\n200 ") > REQUESTS / 2
    assert b"\n500 " not in one
    assert b'"object":"subscription"' in one


def test_another_process_gets_the_same_bytes(tmp_path: Path) -> None:
    """Ours: nothing hangs on the order of a set, on the machine's time or on how strings are hashed."""
    code = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('script', {str(Path(__file__))!r})\n"
        "module = importlib.util.module_from_spec(spec); sys.modules['script'] = module\n"
        "spec.loader.exec_module(module)\n"
        "sys.stdout.buffer.write(module._played())\n"
    )
    script = tmp_path / "play.py"
    script.write_text(code, encoding="utf-8")
    here = _played()
    for hashed in ("1", "2"):
        env = {"PYTHONHASHSEED": hashed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, str(script)], env=env, capture_output=True, check=True, timeout=60)
        assert done.stdout == here


def test_another_seed_gets_other_ids() -> None:
    """Ours: two suites at once need not share ids; without a seed they come by chance."""
    opened = [create_sandbox(seed=seed, is_empty=True) for seed in (1, 2, None)]
    try:
        assert len({sandbox.account for sandbox in opened}) == 3
    finally:
        for sandbox in opened:
            sandbox.close()
