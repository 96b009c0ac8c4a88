"""The desk in frameworks' hands: `python tests/clients/run.py [NAME...]`. Needs npm for the TypeScript SDK.

Each example lists the tools, reads, and calls a write, over stdio and over HTTP; no model is needed. Judged here: the
write answered that it waits for a person, its payment is as it was, and the journal holds exactly that one proposal.
Environments are made once, below the one that runs this.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = Path(sys.prefix) / "clients"
PAYDESK = str(Path(sys.executable).with_name("paydesk"))
PYTHON = {
    "openai_agents": "openai-agents==0.24.0",
    "langchain": "langchain-mcp-adapters==0.3.2",
    "pydantic_ai": "pydantic-ai-slim[mcp]==2.68.0",
    "fastmcp": "fastmcp==4.1.2",
}
TYPESCRIPT = "typescript"
AT_ONCE = 2
START_S, STEP_S = 60, 300


def main(names: list[str]) -> int:
    """Run the examples that were named, or all; the number of those that failed is the exit code."""
    wanted = names or [*PYTHON, TYPESCRIPT]
    if set(wanted) - {*PYTHON, TYPESCRIPT}:
        sys.stderr.write(f"Examples: {', '.join([*PYTHON, TYPESCRIPT])}\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="paydesk-clients-") as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        furnished = pool.submit(furnish, Path(folder) / "furnished")
        commands = dict(zip(wanted, pool.map(command, wanted), strict=True))
        chosen = furnished.result()
        journeys = [(name, how) for name in wanted for how in ("stdio", "http")]
        done = list(pool.map(lambda one: journey(*one, commands[one[0]], Path(folder), chosen), journeys))
    print(f"{sum(done)} of {len(done)} journeys of other frameworks' clients are as they should be")
    return len(done) - sum(done)


def command(name: str) -> list[str]:
    """What runs an example, after what it needs was installed."""
    if name == TYPESCRIPT:
        return _typescript()
    folder = ENVIRONMENTS / name
    python = folder / "bin" / "python"
    mark = folder / "installed"
    if not mark.exists() or mark.read_text() != PYTHON[name]:
        venv.create(folder, symlinks=True, with_pip=False, clear=True)
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-qq"]
        subprocess.run([*pip, "--disable-pip-version-check", PYTHON[name]], check=True, timeout=STEP_S)
        mark.write_text(PYTHON[name])
    return [str(python), str(HERE / f"with_{name}.py")]


def _typescript() -> list[str]:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise SystemExit("node and npm are needed for the TypeScript SDK")
    if not (HERE / "node_modules/@modelcontextprotocol/sdk/package.json").exists():
        install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--silent"]
        subprocess.run(install, cwd=HERE, check=True, timeout=STEP_S)
    return [node, str(HERE / "with_typescript.mjs")]


def furnish(home: Path) -> tuple[str, dict[str, Any]]:
    """Build a sandbox once; the id of a payment in it that can be refunded whole, and that payment."""
    page = ask(home, "list_payments", {"status": "succeeded", "limit": 100})
    payment = next(str(one["id"]) for one in page["payments"] if one["status"] == "succeeded")
    return payment, ask(home, "get_payment", {"payment": payment})


def journey(name: str, how: str, example: list[str], folder: Path, chosen: tuple[str, dict[str, Any]]) -> bool:
    """One example over one transport, in a home of its own; True where all was as it should be."""
    home, (payment, untouched) = folder / f"{name}-{how}", chosen
    shutil.copytree(folder / "furnished", home)
    with _target(how, home) as target:
        line = [*example, how, target, payment]
        done = subprocess.run(line, env=environment(home), capture_output=True, text=True, timeout=STEP_S, check=False)
    said = done.stdout.strip().splitlines()
    wrong = _wrong(json.loads(said[-1])) if done.returncode == 0 and said else [done.stderr[-3000:]]
    if ask(home, "get_payment", {"payment": payment}) != untouched:
        wrong.append("the payment changed without a yes")
    states = [one["state"] for one in ask(home, "list_proposals", {})["proposals"]]
    if states != ["waiting"]:
        wrong.append(f"the journal holds {states}, not one that waits")
    fine = "listed, read, and a refund waits for a yes"
    print(f"{name} over {how}: {'; '.join(wrong) or fine}", flush=True)
    return not wrong


def _wrong(said: dict[str, Any]) -> list[str]:
    """What is not as it should be in what a client was told."""
    found = []
    if not {"get_balance", "list_payments", "refund_payment", "get_proposal"} <= set(said["tools"]):
        found.append(f"it was offered {said['tools']}")
    if "available" not in said["read"].lower():
        found.append(f"the balance reads {said['read']}")
    if not re.search(r"\bprop_\w+", said["write"]) or not re.search("wait", said["write"]):
        found.append(f"the refund reads {said['write']}")
    return found


def ask(home: Path, skill: str, arguments: dict[str, object]) -> dict[str, Any]:
    """What the desk itself answers, by its command."""
    line = [PAYDESK, "call", skill, json.dumps(arguments), "--json"]
    done = subprocess.run(line, env=environment(home), capture_output=True, text=True, timeout=STEP_S, check=True)
    return dict(json.loads(done.stdout)["result"])


def environment(home: Path) -> dict[str, str]:
    """The sandbox in a home of its own, whatever the machine is set up for."""
    ours = ("PAYDESK_", "STRIPE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}  # noqa: TID251 - a child's
    return {**kept, "PAYDESK_HOME": str(home)}


@contextmanager
def _target(how: str, home: Path) -> Iterator[str]:
    """The command, or the address of a server that runs meanwhile."""
    if how == "stdio":
        yield PAYDESK
        return
    server = subprocess.Popen(
        [PAYDESK, "http", "--port", "0"],
        env=environment(home),
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield _address(server)
    finally:
        server.terminate()
        try:
            server.communicate(timeout=START_S)
        except subprocess.TimeoutExpired:
            server.kill()


def _address(server: "subprocess.Popen[str]") -> str:
    for line in server.stderr or ():
        found = re.search(r"http://[\d.]+:\d+/\w+", line)
        if found:
            return found[0]
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
