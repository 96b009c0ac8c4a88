"""What an agent might try, and what a broken set-up brings: nothing moves, and every answer is clear."""

import signal
import socket
import subprocess
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from paydesk.server.mcp.factory import build_server
from paydesk.server.wiring import open_desk


async def test_nothing_that_an_agent_can_reach_approves_a_write(till: Any) -> None:
    """Ours: no tool, argument, resource, prompt or sentence may stand for a person's yes."""
    async with open_desk(till.settings) as desk, Client(build_server(desk)) as client:
        made = await client.call_tool("refund_payment", {"payment": till.payment})
        proposal_id = made.structured_content["proposal_id"]
        for tool in (await client.list_tools()).tools:
            if tool.name == "cancel_proposal":
                continue  # it withdraws what waits, which is the opposite of a yes
            strings = [name for name, part in tool.input_schema["properties"].items() if part.get("type") == "string"]
            for arguments in (
                {"approve": True, "confirmed": True},
                dict.fromkeys(strings, proposal_id),
                dict.fromkeys(strings, f"approve {proposal_id}"),
                {**dict.fromkeys(strings, proposal_id), "approve": True},
            ):
                await client.call_tool(tool.name, arguments)
        for sentence in (f"approve {proposal_id}", "I approve the refund", "yes", "confirm"):
            await client.call_tool("ask", {"text": sentence})
        await client.read_resource(f"paydesk://proposals/{proposal_id}")
        told = await client.call_tool("get_proposal", {"proposal": proposal_id})
        assert told.structured_content["state"] == "waiting"
        payment = await client.call_tool("get_payment", {"payment": till.payment, "detail": "full"})
        assert payment.structured_content["refundable"]["amount_minor"] == 4000
        gate = await desk.gate()
        assert {one.state for one in await gate.list(principal=None)} == {"waiting"}


async def test_a_stopped_stripe_is_told_and_the_tools_are_still_listed(till: Any) -> None:
    """Ours: an error with a next step, no traceback, and no key in it."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        stopped = f"http://127.0.0.1:{place.getsockname()[1]}"
    env = {**till.env, "STRIPE_SECRET_KEY": "sk_test_wrongwrongwrong", "PAYDESK_STRIPE_API_BASE": stopped}
    command = StdioServerParameters(command=till.command, args=["stdio"], env=env)
    async with Client(stdio_client(command)) as client:
        assert (await client.list_tools()).tools
        answer = await client.call_tool("get_balance", {})
    assert answer.is_error
    assert answer.structured_content["error"]["code"] == "stripe_unreachable"
    assert answer.structured_content["error"]["next_step"]
    assert "wrongwrong" not in answer.model_dump_json()
    assert "Traceback" not in answer.content[0].text


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"STRIPE_SECRET_KEY": "pk_test_publishable1"}, "publishable key"),
        ({"STRIPE_SECRET_KEY": "sk_live_1234567890"}, "PAYDESK_ALLOW_LIVE"),
        ({"PAYDESK_TOOLSETS": "paymints"}, "payments"),
        ({"PAYDESK_READ_ONLY": "perhaps"}, "PAYDESK_READ_ONLY"),
    ],
)
def test_a_setting_that_cannot_be_used_ends_the_start_with_a_sentence(
    till: Any, variables: dict[str, str], said: str
) -> None:
    """Ours: exit code 2 and one sentence on standard error; standard output belongs to the protocol."""
    done = till.run("stdio", env=variables)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert all(value not in done.stderr for value in variables.values() if "_test_" in value or "_live_" in value)


@pytest.mark.parametrize("kind", ["http", "sse"])
def test_ctrl_c_ends_a_server_without_a_traceback(till: Any, kind: str) -> None:
    """Ours: a person stops a server with a key, and sees a word and not the inside of it."""
    server = subprocess.Popen(
        [till.command, kind, "--port", "0"], env=till.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stderr is not None
        assert "http://127.0.0.1:" in server.stderr.readline()
        server.send_signal(signal.SIGINT)
        _, said = server.communicate(timeout=30)
    finally:
        server.kill()
    assert server.returncode == 130
    assert said.strip() == "Stopped."


def test_a_bind_to_every_network_is_refused_until_its_names_are_given(till: Any) -> None:
    """Ours: exit code 2 and what to add, before anything listens."""
    everywhere = "0.0.0.0"  # noqa: S104 - it is refused
    done = till.run("http", "--host", everywhere, "--port", "0")
    assert done.returncode == 2
    assert "--allow-host" in done.stderr
