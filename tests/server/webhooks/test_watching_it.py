"""Health and measures: for operators, and for no page of another site."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from paydesk.server.mcp.credentials import bearer_token
from paydesk.server.mcp.transports import HttpPlace, http_app
from paydesk.server.settings import Settings


async def _client(app: Any) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1:8000")


async def test_operators_on_this_machine_see_measures_and_other_sites_do_not(tmp_path: Path) -> None:
    """Ours, against DNS rebinding: a page of another site that resolves to this machine reads nothing."""
    settings = Settings(home=tmp_path, mirror="off")
    async with http_app("http", settings, HttpPlace()) as app, await _client(app) as http:
        for _ in range(6):  # a desk that starts on a busy machine answers 503 after its bound
            seen = await http.get("/metrics")
            if seen.status_code != 503:
                break
        assert seen.status_code == 200
        assert "paydesk_events_pending" in seen.text
        assert (await http.get("/metrics", headers={"host": "evil.example"})).status_code == 421
        health = (await http.get("/healthz")).json()
        assert health["status"] == "ok"
        assert health["mirror"] == "off"
        assert health["events"] == {"pending": 0, "set_aside": 0, "lag_s": 0.0}
        assert (await http.get("/healthz", headers={"host": "evil.example"})).json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/metrics", "/healthz"])
async def test_with_a_token_only_its_bearer_sees_how_the_desk_is_doing(tmp_path: Path, path: str) -> None:
    """Ours: whoever asks without it hears that the server lives, and nothing else."""
    _, token = bearer_token(tmp_path)
    place = HttpPlace(host="0.0.0.0", hosts=("127.0.0.1:8000",))  # noqa: S104 - nothing listens
    async with http_app("http", Settings(home=tmp_path), place) as app, await _client(app) as http:
        for headers in ({}, {"authorization": "Bearer wrong"}):
            answer = await http.get(path, headers=headers)
            assert (answer.status_code, "pending" in answer.text) == ((401 if path == "/metrics" else 200), False)
        bearer = {"authorization": f"Bearer {token}"}
        assert (await http.get("/metrics", headers=bearer)).status_code == 200
        assert "pending" in (await http.get(path, headers=bearer)).text
