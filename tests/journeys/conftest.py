"""The same conversation over every transport: a client in this process, and paydesk behind the way that is named."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.streams.text import TextReceiveStream
from mcp import Client, StdioServerParameters
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client

from paydesk.server.mcp.factory import build_server
from paydesk.server.settings import Settings, load_settings
from paydesk.server.wiring import open_desk
from paydesk.skills.base import StripeRequest

PAYDESK = str(Path(sys.executable).parent / "paydesk")
JONES = "jones@journey.example"
START_S, JOURNEY_S = 60, 120
# SSE exists in the handshake era only; everything else speaks both.
WAYS = [
    ("in process", "auto"),
    ("in process", "legacy"),
    ("stdio", "auto"),
    ("stdio", "legacy"),
    ("http", "auto"),
    ("http", "legacy"),
    ("sse", "legacy"),
]
Connect = Callable[..., AbstractAsyncContextManager[Client]]


@dataclass(frozen=True)
class Till:
    """A home of its own with one payment of 40.00 USD in its sandbox, and that payment's id."""

    home: Path
    payment: str

    @property
    def settings(self) -> Settings:
        """What a desk in this process is opened with."""
        return load_settings(home=self.home)

    @property
    def env(self) -> dict[str, str]:
        """What a process is started with."""
        return {**os.environ, "PAYDESK_HOME": str(self.home)}  # noqa: TID251 - a child's

    @property
    def command(self) -> str:
        """The installed command."""
        return PAYDESK

    def run(self, *arguments: str, env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        """The command `paydesk`, as a person would type it, with more in the environment where given."""
        return subprocess.run(
            [PAYDESK, *arguments],
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=JOURNEY_S,
            check=False,
        )


@pytest.fixture(scope="session", autouse=True)
def no_stripe_key() -> Iterator[None]:
    """Journeys go through the sandbox, whatever the machine is set up for."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("PAYDESK_", "STRIPE_"))]:  # noqa: TID251 - removed
            patch.delenv(name)
        yield


@pytest.fixture(scope="session")
def furnished_home(no_stripe_key: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A sandbox that was built once, with a payment that the journeys may refund, and a customer with a card."""
    home = tmp_path_factory.mktemp("furnished")

    async def pay() -> str:
        async with open_desk(load_settings(home=home)) as desk:
            door = await desk.door()
            params = {"amount": 4000, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
            params["automatic_payment_methods"] = {"enabled": True, "allow_redirects": "never"}
            paid = await door.send(StripeRequest("POST", "/v1/payment_intents", params), idempotency_key="journey")
            jones = {"name": "Journey Jones", "email": JONES}
            customer = await door.send(StripeRequest("POST", "/v1/customers", jones), idempotency_key="jones")
            card = StripeRequest("POST", "/v1/payment_methods/pm_card_visa/attach", {"customer": customer["id"]})
            await door.send(card, idempotency_key="card")
            return str(paid["id"])

    return home, anyio.run(pay)


@pytest.fixture
def till(furnished_home: tuple[Path, str], tmp_path: Path) -> Iterator[Till]:
    """A copy of the furnished home, for one journey."""
    home = tmp_path / "home"
    shutil.copytree(furnished_home[0], home)
    yield Till(home, furnished_home[1])


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0]}-{way[1]}")
def connect(request: pytest.FixtureRequest, till: Till) -> Connect:
    """Connects a client: `async with connect(elicitation_callback=...) as client`."""
    way, mode = request.param

    @asynccontextmanager
    async def connected(**options: Any) -> AsyncIterator[Client]:
        with anyio.fail_after(JOURNEY_S):
            async with _target(way, till) as target, Client(target, mode=mode, **options) as client:
                yield client

    return connected


@asynccontextmanager
async def _target(way: str, till: Till) -> AsyncIterator[Any]:
    if way == "in process":
        async with open_desk(till.settings) as desk:
            yield build_server(desk)
    elif way == "stdio":
        yield stdio_client(StdioServerParameters(command=PAYDESK, args=["stdio"], env=till.env))
    else:
        async with _serving(way, till) as url:
            yield sse_client(url) if way == "sse" else url


@asynccontextmanager
async def _serving(kind: str, till: Till) -> AsyncIterator[str]:
    """`paydesk http` or `paydesk sse` on a free port; the address is what it tells a person."""
    async with await anyio.open_process(
        [PAYDESK, kind, "--port", "0"], env=till.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as server:
        assert server.stderr is not None
        said = ""
        with anyio.fail_after(START_S):
            async for text in TextReceiveStream(server.stderr):
                said += text
                if "http://" in said and "(Ctrl-C" in said:
                    break
        address = next((word for word in said.split() if word.startswith("http://")), None)
        assert address, said
        try:
            yield address
        finally:
            server.terminate()
