"""Stripe's library for Node against a served sandbox: `python tests/contract/other_clients/run.py`. Needs npm."""

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
START_S = 60
STEP_S = 300


def main() -> int:
    """Install the library once, serve an empty sandbox, run the journey; its exit code is ours."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        print("node and npm are needed for this judge")
        return 1
    if not (HERE / "node_modules/stripe/package.json").exists():
        install = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock", "--silent"]
        subprocess.run(install, cwd=HERE, check=True, timeout=STEP_S)
    port = _free_port()
    command = [str(Path(sys.executable).with_name("paydesk")), "sandbox", "--empty", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        return subprocess.run([node, str(HERE / "stripe_node.mjs"), str(port)], timeout=STEP_S, check=False).returncode
    finally:
        server.terminate()
        server.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the sandbox did not start")


if __name__ == "__main__":
    sys.exit(main())
