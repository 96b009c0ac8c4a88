"""Cold start to `tools/list`, paydesk beside the bare SDK server, alternating in one run: at most 1.25 times it.

It prints and never fails: a noisy machine moves both figures, the ratio tells more than either.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 9
ANSWER_S = 60
BARE = """
from mcp.server import MCPServer
server = MCPServer("bare")
@server.tool()
def nothing(number: int) -> str:
    return str(number)
server.run()
"""
REQUEST = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/list",
    "params": {
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    },
}


def main() -> None:
    """Measure and print."""
    paydesk = [str(Path(sys.executable).parent / "paydesk"), "stdio"]
    bare = [sys.executable, "-c", BARE]
    with tempfile.TemporaryDirectory() as home:
        env = {name: value for name, value in os.environ.items() if not name.startswith("STRIPE")}  # noqa: TID251 - a child's
        env["PAYDESK_HOME"] = home
        # An installed package has its bytecode beside it, and both sides should.
        env |= {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(Path(home) / "bytecode")}
        for command in (bare, paydesk):  # once to fill the file cache
            seconds_to_tools(command, env)
        times = [(seconds_to_tools(bare, env), seconds_to_tools(paydesk, env)) for _ in range(RUNS)]
    of_bare = statistics.median(pair[0] for pair in times)
    of_paydesk = statistics.median(pair[1] for pair in times)
    ratio = statistics.median(pair[1] / pair[0] for pair in times)
    print(f"cold start to tools/list, median of {RUNS}:")
    print(f"  bare SDK {of_bare * 1000:.0f} ms, paydesk {of_paydesk * 1000:.0f} ms")
    print(f"  ratio {ratio:.2f} (target: at most 1.25){'' if ratio <= 1.25 else '  ABOVE TARGET'}")


def seconds_to_tools(command: list[str], env: dict[str, str]) -> float:
    """From starting the process to the whole answer on its standard output."""
    began = time.perf_counter()
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env, text=True
    )
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(REQUEST) + "\n")
    server.stdin.flush()
    answer = server.stdout.readline()
    took = time.perf_counter() - began
    _, said = server.communicate(timeout=ANSWER_S)
    if '"tools"' not in answer:
        raise SystemExit(f"{command[0]} did not list its tools: {answer[:200]} {said[-500:]}")
    return took


if __name__ == "__main__":
    main()
