"""How fast the sandbox answers: through stripe-python over loopback HTTP, and in this process; and what it holds.

Medians (the best of three rounds), nearly empty and with 100,000 objects stored; 32 clients at once; start with a
seeded state; memory. The targets are for a machine that does nothing else. It prints and never fails, except where 32
clients lose an update or meet an error. Of a list of 100, stripe-python itself takes some 9 ms to make its objects.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.sandbox.resources.customers import blank

TURNS, WARM_UP, ROUNDS = 80, 10, 3
STORED = 100_000
CLIENTS, UPDATES = 32, 10
TARGETS_MS = {
    "create": 2.5, "retrieve": 2.0, "list of 10": 3.0, "list of 100": 12.0, "create and confirm a payment": 6.0,
}  # fmt: skip
TARGET_IN_PROCESS_MS, TARGET_START_S, TARGET_MEMORY_MB, TARGET_GROWTH = 1.2, 0.4, 120, 1.2


def median_ms(act: Callable[[], object]) -> float:
    """The median time of one act, in milliseconds."""
    taken = []
    for turn in range(TURNS + WARM_UP):
        begun = time.perf_counter()
        act()
        if turn >= WARM_UP:
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1_000


@contextmanager
def served(*options: str) -> Iterator[tuple[str, subprocess.Popen[bytes], float]]:
    """`paydesk sandbox` in a process of its own: its address, the process, and the seconds until it answered."""
    command = [str(Path(sys.executable).with_name("paydesk")), "sandbox", "--port", "0", *options]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline().decode()
            found = re.search(r"http://\S+", said)
            assert found, said
            yield found[0], process, time.perf_counter() - begun
        finally:
            process.terminate()


def speeds(address: str) -> dict[str, float]:
    """Medians of the five acts over HTTP."""
    import stripe

    client = stripe.StripeClient("sk_test_bench", base_addresses={"api": address}, max_network_retries=0).v1
    for number in range(100):
        client.customers.create({"email": f"{number}@example.com"})
    known = client.customers.create({"email": "known@example.com"}).id
    payment: Any = {"amount": 2_000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    payment["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
    return {
        "create": median_ms(
            lambda: client.customers.create({"email": "a@example.com", "name": "Ada", "metadata": {"k": "v"}})
        ),
        "retrieve": median_ms(lambda: client.customers.retrieve(known)),
        "list of 10": median_ms(lambda: client.customers.list({"limit": 10})),
        "list of 100": median_ms(lambda: client.customers.list({"limit": 100})),
        "create and confirm a payment": median_ms(lambda: client.payment_intents.create(payment)),
    }


def in_process_ms() -> float:
    """A retrieve without HTTP."""
    with closing(create_sandbox()) as sandbox:
        headers = {"Authorization": "Bearer sk_test_bench"}

        def ask(method: str, path: str) -> bytes:
            asked = sandbox.respond(method, path, headers, b"")
            try:
                asked.send(None)
            except StopIteration as done:
                return bytes(done.value[2])
            raise AssertionError

        known = json.loads(ask("POST", "/v1/customers"))["id"]
        return median_ms(lambda: ask("GET", f"/v1/customers/{known}"))


def fill(state: Path) -> None:
    """A file with STORED objects."""
    with closing(create_sandbox(state, fill=_fill)):
        pass


def _fill(call: Any) -> None:
    for start in range(0, STORED, 5_000):
        numbers = range(start, start + 5_000)
        call.bulk([blank(call.new_id("cus_", 14), call.now - STORED + n, f"{n:X}") for n in numbers])


def memory_mb(process: subprocess.Popen[bytes]) -> float:
    """What the process holds in memory now (Linux; elsewhere 0)."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return 0.0
    found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text(encoding="ascii"))
    return int(found[1]) / 1_000 if found else 0.0


def crowd(address: str) -> tuple[int, float]:
    """CLIENTS at once, each adding metadata keys to one customer: updates lost or refused, requests a second."""
    import stripe

    def one() -> Any:
        return stripe.StripeClient("sk_test_bench", base_addresses={"api": address}, max_network_retries=0).v1

    shared = one().customers.create({"email": "shared@example.com"}).id
    gate = threading.Barrier(CLIENTS)

    def add(number: int) -> int:
        client, refused = one(), 0
        gate.wait()
        for turn in range(UPDATES):
            try:
                client.customers.update(shared, {"metadata": {f"k{number}": str(turn)}})
                mine = client.customers.create({"email": f"{number}.{turn}@example.com"})
                refused += client.customers.retrieve(mine.id).email != f"{number}.{turn}@example.com"
            except stripe.StripeError:
                refused += 1
        return refused

    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        refused = sum(pool.map(add, range(CLIENTS)))
    per_s = CLIENTS * UPDATES * 3 / (time.perf_counter() - begun)
    kept = one().customers.retrieve(shared).to_dict()["metadata"]
    return refused + sum(kept.get(f"k{number}") != str(UPDATES - 1) for number in range(CLIENTS)), per_s


def main() -> int:
    """Print every measure beside its target."""
    os.environ.setdefault("PYTHONHASHSEED", "0")  # noqa: TID251 - the children's, so that runs are alike
    with tempfile.TemporaryDirectory() as folder:
        small, full, seeded = (Path(folder) / f"{name}.sqlite3" for name in ("small", "full", "seeded"))
        fill(full)
        with (
            served("--empty", "--state", str(small)) as (one, _, _),
            served("--empty", "--state", str(full)) as (two, held, _),
        ):
            # In turns, so that what else the machine does meets both alike.
            rounds = [(speeds(one), speeds(two)) for _ in range(ROUNDS)]
            held_mb = memory_mb(held)
            lost, per_s = crowd(one)
        create_sandbox(seeded, seed=7).close()
        starts = []
        for _ in range(ROUNDS):
            with served("--state", str(seeded)) as (_, _, took_s):
                starts.append(took_s)
    empty, stored = ({name: min(one[at][name] for one in rounds) for name in TARGETS_MS} for at in (0, 1))
    for name, target in TARGETS_MS.items():
        growth = stored[name] / empty[name]
        print(f"sandbox, {name}: {empty[name]:.2f} ms (target {target:g} ms); {STORED:,} stored: x {growth:.2f}")
    print(f"sandbox, retrieve in this process: {in_process_ms():.3f} ms (target {TARGET_IN_PROCESS_MS:g} ms)")
    print(f"sandbox, started with a seeded state: {statistics.median(starts):.2f} s (target {TARGET_START_S:g} s)")
    print(f"sandbox, memory with {STORED:,} objects: {held_mb:.0f} MB (target {TARGET_MEMORY_MB} MB)")
    print(f"sandbox, {CLIENTS} clients: {lost} errors or lost updates (target 0), {per_s:.0f} requests a second")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
