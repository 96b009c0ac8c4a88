"""What the protocol adds: `get_balance` over stdio beside the same call made directly through the door, in one run.

It prints and never fails. The target is 1.2 ms above the door, at the median, with the SDK's own client; what a bare
pipe sees is the server's part of that.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from paydesk.server.settings import load_settings
from paydesk.server.wiring import open_desk

ROUNDS, CALLS, WARM = 8, 40, 20
TARGET_MS = 1.2
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
}


async def main() -> None:
    """Measure in turns, so that a slow moment of the machine meets all three."""
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "PAYDESK_HOME": home}  # noqa: TID251 - a child's
        for name in ("STRIPE_SECRET_KEY", "STRIPE_API_KEY"):
            env.pop(name, None)
        paydesk = str(Path(sys.executable).parent / "paydesk")
        parameters = StdioServerParameters(command=paydesk, args=["stdio"], env=env)
        async with open_desk(load_settings(home=Path(home))) as desk:
            door = await desk.door()
            await door.get("/v1/balance")
            pipe = _start([paydesk, "stdio"], env)
            async with Client(stdio_client(parameters)) as client:

                async def directly() -> None:
                    await door.get("/v1/balance")

                async def by_client() -> None:
                    await client.call_tool("get_balance", {})

                async def by_pipe() -> None:
                    _exchange(pipe)

                ways = {"through the door": directly, "a bare pipe": by_pipe, "the SDK's client": by_client}
                medians = await _measure(ways)
            pipe.communicate(timeout=60)
    door_ms = medians["through the door"]
    print(f"get_balance, median of {ROUNDS * CALLS}: through the door {door_ms:.2f} ms")
    for way in ("a bare pipe", "the SDK's client"):
        above = medians[way] - door_ms
        mark = "" if above <= TARGET_MS else "  ABOVE TARGET"
        print(f"  over stdio, {way}: {medians[way]:.2f} ms, {above:.2f} above{mark}")


async def _measure(ways: dict[str, Callable[[], Awaitable[None]]]) -> dict[str, float]:
    took: dict[str, list[float]] = {name: [] for name in ways}
    for call in ways.values():
        for _ in range(WARM):
            await call()
    for _ in range(ROUNDS):
        for name, call in ways.items():
            for _ in range(CALLS):
                began = time.perf_counter()
                await call()
                took[name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(times) for name, times in took.items()}


def _start(command: list[str], env: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True)


def _exchange(server: "subprocess.Popen[str]") -> None:
    assert server.stdin is not None
    assert server.stdout is not None
    params = {"name": "get_balance", "arguments": {}, "_meta": META}
    server.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}) + "\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    if '"isError":true' in answer or '"structuredContent"' not in answer:
        raise SystemExit(f"get_balance failed: {answer[:300]}")


if __name__ == "__main__":
    anyio.run(main)
