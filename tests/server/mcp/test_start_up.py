"""Start-up is part of the product: tools are listed before anything heavy is imported."""

import json
import os
import subprocess
import sys
from pathlib import Path

# Runs the very command over a pipe of its own, and tells what had been imported by the time it had listed its tools.
PROBE = """
import json, os, sys, threading
request = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}}}
into_read, into_write = os.pipe()
out_read, out_write = os.pipe()
kept = os.dup(1)
os.dup2(into_read, 0)
os.dup2(out_write, 1)

def ask():
    os.write(into_write, json.dumps(request).encode() + b"\\n")
    with os.fdopen(out_read) as answers:
        answer = json.loads(answers.readline())
    found = {"tools": len(answer["result"]["tools"]), "modules": sorted(sys.modules)}
    os.write(kept, json.dumps(found).encode())
    os._exit(0)

threading.Thread(target=ask, daemon=True).start()
from paydesk.server.cli import main
main(["stdio"])
"""
# uvicorn is not among them: the SDK's own import of sse_starlette brings it.
UNLISTED = ("paydesk.skills.terminal.", "paydesk.skills.tax.")
HEAVY = {"stripe", "aiohttp", "sqlalchemy", "aiosqlite", "alembic", "sqlite3", "rich", "jsonschema"}


def test_tools_are_listed_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    """Ours: neither Stripe's library nor the database, the sandbox or the CLI's colours are needed for a list."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PAYDESK_"))}  # noqa: TID251 - a child's
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**env, "PAYDESK_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found = json.loads(done.stdout)
    assert found["tools"] >= 15
    assert {module.partition(".")[0] for module in found["modules"]} & HEAVY == set()
    assert [module for module in found["modules"] if module.startswith("paydesk.server.sandbox")] == []
    # A skill that is not listed is not loaded for it.
    assert "paydesk.skills.refunds.refund_payment" in found["modules"]
    assert [name for name in found["modules"] if name.startswith(UNLISTED)] == []
    assert list(tmp_path.iterdir()) == []
