"""HTTP: who may come in, from where, and how a request narrows what it reaches."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
import uvicorn
from mcp import Client
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

from paydesk.server.call import PayDesk
from paydesk.server.caller import Bound, Scope
from paydesk.server.errors import SettingsError
from paydesk.server.mcp import transports
from paydesk.server.mcp.credentials import BearerToken, bearer_token, state_key
from paydesk.server.mcp.factory import build_server
from paydesk.server.mcp.guard import CarryNarrowing, RequireToken
from paydesk.server.mcp.transports import HttpPlace, endpoint, host_rules, listen

ERAS = pytest.mark.parametrize("mode", ["auto", "legacy"])
HERE = host_rules(HttpPlace())
EVERYWHERE = "0.0.0.0"  # noqa: S104 - these tests bind to nothing


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The application on a free port of this machine."""
    with listen(HttpPlace(port=0)) as place:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: server.serve(sockets=[place]))
            try:
                with anyio.fail_after(30):
                    yield f"http://127.0.0.1:{place.getsockname()[1]}"
            finally:
                server.should_exit = True


async def _names(client: Client) -> list[str]:
    return [tool.name for tool in (await client.list_tools()).tools]


@ERAS
@pytest.mark.parametrize(
    ("headers", "query", "names"),
    [
        ({"X-Paydesk-Toolsets": "account"}, "", ["get_balance"]),
        ({}, "?toolsets=account,payments", ["get_balance", "refund_payment"]),
        ({"X-Paydesk-Readonly": "true"}, "?toolsets=account,payments", ["get_balance"]),
        ({"X-Paydesk-Toolsets": "account", "X-Paydesk-Tools": "ask"}, "", ["ask", "get_balance"]),
        ({"X-Paydesk-Toolsets": "all"}, "?exclude_tools=ask&readonly=1", ["get_balance", "get_proposal"]),
        ({"X-Paydesk-Readonly": "false"}, "?toolsets=payments", ["refund_payment"]),
        ({"X-Paydesk-Toolsets": ""}, "", []),
    ],
)
async def test_a_request_narrows_what_it_reaches(
    desk: PayDesk, mode: Any, headers: dict[str, str], query: str, names: list[str]
) -> None:
    """Ours, after GitHub's server: headers and address narrow this request, each on its own."""
    app = endpoint("http", build_server(desk), HERE)
    async with serving(app) as url, httpx2.AsyncClient(headers=headers) as http:
        transport = streamable_http_client(f"{url}/mcp{query}", http_client=http)
        async with Client(transport, mode=mode) as client:
            assert await _names(client) == names


@ERAS
async def test_a_request_cannot_widen_what_the_operator_allows(desk: PayDesk, mode: Any) -> None:
    """Ours: flags are the upper bound; a header is written by whoever wrote the client."""
    scope = Scope((Bound(toolsets=frozenset({"account", "payments"}), read_only=True),))
    app = endpoint("http", build_server(desk, scope=scope), HERE)
    headers = {"X-Paydesk-Toolsets": "all", "X-Paydesk-Tools": "refund_payment", "X-Paydesk-Readonly": "false"}
    async with (
        serving(app) as url,
        httpx2.AsyncClient(headers=headers) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
    ):
        assert await _names(client) == ["get_balance"]
        refused = await client.call_tool("refund_payment", {"payment": "pi_1"})
        assert refused.structured_content["error"]["code"] == "unknown_skill"


async def test_narrowing_to_what_does_not_exist_is_told(desk: PayDesk) -> None:
    """Ours: a misspelt toolset would otherwise look like a desk without tools."""
    async with serving(endpoint("http", build_server(desk), HERE)) as url, httpx2.AsyncClient() as http:
        said = await http.post(
            f"{url}/mcp",
            json={"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": _INITIALIZE},
            headers={"X-Paydesk-Toolsets": "payment", "accept": "application/json, text/event-stream"},
        )
    assert "Known: account, all, customers, default, desk, payments." in said.text


_INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


async def test_what_a_stream_narrows_its_messages_narrow_too(desk: PayDesk) -> None:
    """Ours: on server-sent events the address of the stream is not the address that messages are posted to."""
    app = CarryNarrowing(endpoint("sse", build_server(desk), HERE))
    async with serving(app) as url:
        async with Client(sse_client(f"{url}/sse?toolsets=payments,account&readonly=yes")) as client:
            assert await _names(client) == ["get_balance"]
        async with Client(sse_client(f"{url}/sse?tools=ask", headers={"X-Paydesk-Toolsets": "desk"})) as client:
            assert await _names(client) == ["ask"]
        async with Client(sse_client(f"{url}/sse")) as client:
            assert len(await _names(client)) == 5


async def test_a_foreign_host_or_origin_and_a_huge_body_are_refused(desk: PayDesk) -> None:
    """MCP: a page of another site must not speak to a server on this machine (DNS rebinding)."""
    for kind, path in (("http", "/mcp"), ("sse", "/messages/?session_id=0")):
        async with serving(endpoint(kind, build_server(desk), HERE)) as url, httpx2.AsyncClient() as http:
            status = {
                "host": (await http.post(url + path, json={}, headers={"host": "evil.example"})).status_code,
                "origin": (await http.post(url + path, json={}, headers={"origin": "http://evil.example"})).status_code,
                "body": (await http.post(url + path, content=b"x" * 1_000_001)).status_code,
            }
        assert status == {"host": 421, "origin": 403, "body": 413}


async def test_without_the_token_only_health_is_answered(desk: PayDesk, tmp_path: Path) -> None:
    """Ours: any bind but loopback needs the token; a load balancer's question tells nothing."""
    token, text = bearer_token(tmp_path)
    app = RequireToken(endpoint("http", build_server(desk), HERE), token)
    async with serving(app) as url, httpx2.AsyncClient() as http:
        healthy = await http.get(f"{url}/healthz")
        assert (healthy.status_code, healthy.json()) == (200, {"status": "ok"})
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {text}"}, _bearer("x")):
            refused = await http.post(f"{url}/mcp", json={}, headers=headers)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"].startswith('Bearer realm="paydesk"')
            assert "wrong" not in refused.text
        http.headers.update(_bearer(text or ""))
        async with Client(streamable_http_client(f"{url}/mcp", http_client=http)) as client:
            assert len(await _names(client)) == 5


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@ERAS
async def test_a_token_is_a_principal_of_its_own(desk: PayDesk, gate: Any, tmp_path: Path, mode: Any) -> None:
    """Ours: what one principal proposed another neither sees nor finishes."""
    token, text = bearer_token(tmp_path)
    app = RequireToken(endpoint("http", build_server(desk), HERE), token)
    async with (
        serving(app) as url,
        httpx2.AsyncClient(headers=_bearer(text or "")) as http,
        Client(streamable_http_client(f"{url}/mcp", http_client=http), mode=mode) as client,
    ):
        made = await client.call_tool("refund_payment", {"payment": "pi_1"})
    proposal_id = made.structured_content["proposal_id"]
    assert gate.proposals[proposal_id][0] == token.principal
    async with Client(build_server(desk), mode=mode) as client:
        foreign = await client.call_tool("get_proposal", {"proposal": proposal_id})
    assert foreign.is_error


def test_a_token_is_kept_as_its_hash_for_the_owners_eyes_and_shown_once(tmp_path: Path) -> None:
    """Ours: who reads the folder learns no token."""
    home = tmp_path / "home"
    token, text = bearer_token(home)
    assert text is not None
    assert len(text) > 40
    assert token.fits(text)
    assert not token.fits(text[:-1])
    assert bearer_token(home) == (token, None)
    assert text not in "".join(path.read_text() for path in home.iterdir())
    assert {path.stat().st_mode & 0o777 for path in home.iterdir()} == {0o600}


def test_a_new_token_ends_the_old_one(tmp_path: Path) -> None:
    """Ours: renewing is how a token that got out is taken back."""
    _, old = bearer_token(tmp_path)
    renewed, new = bearer_token(tmp_path, renew=True)
    assert renewed.fits(new or "")
    assert not renewed.fits(old or "")
    assert bearer_token(tmp_path)[0] == renewed


def test_a_damaged_token_file_lets_nobody_in(tmp_path: Path) -> None:
    """Ours: what cannot be read is an error that says how to mend it, not an open door."""
    bearer_token(tmp_path)
    next(tmp_path.iterdir()).write_text("not a hash")
    with pytest.raises(SettingsError, match="damaged"):
        bearer_token(tmp_path)


def test_the_key_of_request_state_survives_a_restart(tmp_path: Path) -> None:
    """Ours: a person may answer after the server was restarted."""
    assert state_key(tmp_path) == state_key(tmp_path)
    assert len(state_key(tmp_path)) == 32


def test_a_folder_that_cannot_be_written_is_a_setting_to_mend(tmp_path: Path) -> None:
    """Ours: a clear error instead of a traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="cannot keep its files"):
        bearer_token(tmp_path / "file" / "home")


@pytest.mark.parametrize(
    ("place", "loopback"),
    [
        (HttpPlace("127.0.0.1"), True),
        (HttpPlace("127.8.8.8"), True),
        (HttpPlace("::1"), True),
        (HttpPlace("localhost"), True),
        (HttpPlace(EVERYWHERE), False),
        (HttpPlace("192.168.1.5"), False),
        (HttpPlace("paydesk.example"), False),
        (HttpPlace("::"), False),
    ],
)
def test_only_loopback_goes_without_a_token(place: HttpPlace, loopback: bool) -> None:
    """Ours: whoever can reach the desk from another machine has to show the token."""
    assert place.is_loopback is loopback
    assert transports.needs_token(place) is not loopback
    assert transports.needs_token(HttpPlace(place.host, new_token=True))


def test_a_bind_to_every_network_wants_the_names_it_is_reached_by() -> None:
    """MCP: without the names, the check of the Host header would be empty."""
    with pytest.raises(SettingsError, match="names"):
        host_rules(HttpPlace(EVERYWHERE))
    rules = host_rules(HttpPlace(EVERYWHERE, hosts=("desk.example",)))
    assert rules.allowed_hosts == ["desk.example", "desk.example:*"]
    assert host_rules(HttpPlace("192.168.1.5")).allowed_hosts == ["192.168.1.5", "192.168.1.5:*"]


def test_a_port_that_is_taken_is_told() -> None:
    """Ours: exit with a sentence, not with a traceback."""
    with listen(HttpPlace(port=0)) as taken, pytest.raises(SettingsError, match="cannot be listened on"):
        listen(HttpPlace(port=taken.getsockname()[1]))


def test_tokens_are_compared_as_hashes() -> None:
    """Ours: text that is no ASCII must be refused, not crash the comparison."""
    assert not BearerToken("0" * 64).fits("påss\udc80")
