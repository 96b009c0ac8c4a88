"""`paydesk sandbox`: its options, and what it says where they cannot be."""

import json
import queue
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from paydesk.server.commands.serving import sandbox

NOON = 1_789_992_000  # 2026-09-21T12:00:00Z


@contextmanager
def _served(*options: str) -> Iterator[str]:
    code = "import sys; from paydesk.server.commands.serving import sandbox; sandbox(sys.argv[1:])"
    command = [sys.executable, "-c", code, "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as process:
        try:
            assert process.stdout is not None
            found = re.search(r"http://\S+", process.stdout.readline().decode())
            assert found
            yield found[0]
        finally:
            process.terminate()


def _ask(address: str, path: str, body: bytes | None = None) -> Any:
    request = urllib.request.Request(f"{address}{path}", data=body, headers={"Authorization": "Bearer sk_test_1"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def test_an_account_starts_as_it_is_asked_for(tmp_path: Path) -> None:
    """Ours: country, clock and emptiness come from the options; the same ones make the same account again."""
    options = ("--empty", "--country", "CA", "--clock", "2026-09-21T12:00:00Z", "--frozen", "--rate", "cad=2")
    with _served(*options, "--state", str(tmp_path / "s.sqlite3")) as address:
        account = _ask(address, "/v1/account")
        assert (account["country"], account["default_currency"]) == ("CA", "cad")
        customer = _ask(address, "/v1/customers", b"name=Ada")
        assert customer["created"] == NOON
    with _served(*options, "--state", str(tmp_path / "s.sqlite3")) as address:
        assert _ask(address, f"/v1/customers/{customer['id']}") == customer
        assert _ask(address, "/v1/account")["id"] == account["id"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--country", "XX"], "no account can be in 'XX'"),
        (["--clock", "noon"], "'noon' is no time"),
        (["--rate", "cad"], "a rate is written as cad=1.39"),
        (["--rate", "cad=-1"], "the rate of cad must be a positive number"),
        (["--fees", "nowhere.json"], "neither standard nor none"),
        (["--currency", "zzz"], "'zzz' is no currency"),
        (["--rate-limit", "0"], "Invalid value for '--rate-limit'"),
        (["--webhook-retries", "soon"], "'soon' is no list of seconds"),
        (["--country", "CA"], "go with --empty"),
    ],
)
def test_an_option_that_cannot_be_is_named(options: list[str], words: str) -> None:
    """Ours: one sentence that says what would be right, and no traceback."""
    done = CliRunner().invoke(sandbox, options)
    assert done.exit_code == 2
    assert words in done.output
    assert "Traceback" not in done.output


def test_a_delivery_that_failed_before_a_stop_is_tried_after_the_next_start(tmp_path: Path) -> None:
    """Ours: with a state file a delivery survives a restart; the served sandbox posts by itself."""
    got: queue.Queue[bytes] = queue.Queue()

    class Shop(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            """Nothing to standard error."""

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    options = ("--empty", "--webhook-retries", "1,1,1,1,1,1,1,1,1,1", "--state", str(tmp_path / "s.sqlite3"))
    with _served(*options) as address:
        _ask(address, "/v1/webhook_endpoints", f"url=http://127.0.0.1:{port}/&enabled_events[]=*".encode())
        _ask(address, "/v1/customers", b"name=Ada")
    with ThreadingHTTPServer(("127.0.0.1", port), Shop) as shop:
        threading.Thread(target=shop.serve_forever, daemon=True).start()
        with _served(*options):
            assert json.loads(got.get(timeout=20))["data"]["object"]["name"] == "Ada"
        shop.shutdown()


def test_a_port_that_is_taken_is_named() -> None:
    """Ours: the address, and what the system said."""
    with _served("--empty") as address:
        port = address.rpartition(":")[2]
        done = CliRunner().invoke(sandbox, ["--empty", "--port", port])
    assert done.exit_code == 2
    assert f"cannot listen at 127.0.0.1:{port}" in done.output
