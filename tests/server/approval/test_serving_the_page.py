"""Where the page stands: on loopback from the first proposal on, or under a server's address without its token."""

import re
import socket
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from paydesk.server.approval.serving import LoopbackPage, PageOr, links_of
from paydesk.server.mcp.transports import HttpPlace, http_app, people_come_to
from paydesk.server.settings import load_settings


class Desk:
    """As much of a desk as a page stands on."""

    mode = "sandbox"

    def __init__(self, tasks: Any = None) -> None:
        self.beside = None if tasks is None else tasks.start_soon

    async def gate(self) -> Any:
        raise AssertionError("nothing is read for a link that does not fit")


async def test_it_comes_up_with_the_first_proposal_and_goes_with_the_desk(tmp_path: Path) -> None:
    """Ours: a desk that proposes nothing opens no port; every link then leads to the one that was opened."""
    async with anyio.create_task_group() as tasks:
        page = LoopbackPage(Desk(tasks), tmp_path)  # type: ignore[arg-type]
        assert not (tmp_path / "approval-link.key").exists()
        first, second = page.address_of("prop_1"), page.address_of("prop_2")
        assert first and second
        assert first.startswith("http://127.0.0.1:")
        assert first.rsplit("/", 2)[0] == second.rsplit("/", 2)[0]
        assert (tmp_path / "approval-link.key").stat().st_mode & 0o077 == 0
        async with httpx2.AsyncClient() as http:
            assert (await http.get(first + "0")).status_code == 404
        tasks.cancel_scope.cancel()
    async with httpx2.AsyncClient() as http:
        with pytest.raises(httpx2.ConnectError):
            await http.get(first)


async def test_a_port_that_is_taken_costs_the_page_and_not_the_proposal(tmp_path: Path, capsys: Any) -> None:
    """Ours: without the page a person still has the terminal."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with anyio.create_task_group() as tasks:
            page = LoopbackPage(Desk(tasks), tmp_path, port=taken.getsockname()[1])  # type: ignore[arg-type]
            assert page.address_of("prop_1") is None
            assert page.address_of("prop_2") is None
    assert capsys.readouterr().err.count("Use paydesk approve") == 1
    assert LoopbackPage(Desk(), tmp_path).address_of("prop_1") is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("place", "public_url", "address"),
    [
        (HttpPlace(port=8000), None, "http://127.0.0.1:8000"),
        (HttpPlace(port=8000), "https://desk.example/", "https://desk.example"),
        (HttpPlace("10.0.0.5", 8000, ("desk.example",)), None, "http://desk.example:8000"),
        (HttpPlace("10.0.0.5", 8000, ("desk.example:80",)), None, "http://desk.example:80"),
        (HttpPlace("::1", 8000), None, "http://[::1]:8000"),
    ],
)
def test_links_lead_to_where_people_reach_the_server(place: HttpPlace, public_url: str | None, address: str) -> None:
    """Ours: a server behind a proxy does not know its own name, so the operator says it."""
    settings = load_settings(public_url=public_url.rstrip("/") if public_url else None)
    assert people_come_to(settings, place) == address


async def test_under_a_server_the_page_needs_no_bearer_token_and_gives_none(tmp_path: Path) -> None:
    """Ours: a browser brings no token; everything else still asks for it, and nothing slips through beside the page."""
    settings = load_settings(home=tmp_path, public_url="https://desk.example")
    place = HttpPlace("10.0.0.5", 8000, ("10.0.0.5",))
    async with http_app("http", settings, place) as app:
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="https://desk.example") as http:
            unknown = await http.get("/approve/prop_1/nothing")
            assert (unknown.status_code, "; Secure" in unknown.headers["set-cookie"]) == (404, True)
            for path in ("/mcp", "/", "/approved", "/approve-all", "//approve", "/mcp/approve", "/Approve"):
                assert (await http.post(path)).status_code == 401, path
            strange = await http.get("/approve", headers={"Host": "evil.example"})
            assert strange.status_code == 421


async def test_only_the_pages_own_paths_go_to_the_page() -> None:
    """Ours: the rest is the other application's, with whatever guards it."""
    reached: list[tuple[str, str]] = []

    def application(name: str) -> Any:
        async def app(scope: Any, _: Any, __: Any) -> None:
            reached.append((name, scope.get("path", "")))

        return app

    both = PageOr(application("page"), application("other"))
    for path in ("/approve", "/approve/", "/approve/x", "/approvex", "/", "/mcp"):
        await both({"type": "http", "path": path}, None, None)  # type: ignore[arg-type]
    await both({"type": "lifespan"}, None, None)  # type: ignore[arg-type]
    assert [name for name, _ in reached] == ["page", "page", "page", "other", "other", "other", "other"]


def test_links_are_the_same_in_every_process_of_a_home(tmp_path: Path) -> None:
    """Ours: a restart spoils no link, and another home's key makes others."""
    one, again, other = links_of(tmp_path / "a"), links_of(tmp_path / "a"), links_of(tmp_path / "b")
    assert one.path("prop_1") == again.path("prop_1") != other.path("prop_1")
    assert re.fullmatch(r"/approve/prop_1/[0-9a-f]{40}", one.path("prop_1"))
