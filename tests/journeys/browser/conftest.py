"""A real browser for the approval page: Debian's Chromium through playwright, without a window."""

import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
async def chromium() -> AsyncIterator[Any]:
    """The browser, one a test: playwright's loop is the test's. Skips where there is none, fails in CI (CI=true)."""
    if CHROMIUM is None:
        message = "chromium is not installed (apt-get install chromium)"
        if os.environ.get("CI") == "true":  # noqa: TID251 - the tests' own switch, not a setting of paydesk
            pytest.fail(message)
        pytest.skip(message)
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()


LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1100, "height": 900}, "color_scheme": "light"},
    "phone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light", "is_mobile": True, "has_touch": True},
    "dark": {"viewport": {"width": 1100, "height": 900}, "color_scheme": "dark"},
}


@pytest.fixture
def open_browser(chromium: Any) -> Callable[..., Awaitable[Any]]:
    """Opens a page of its own profile: `await open_browser("phone", java_script_enabled=False)`."""

    async def opened(look: str = "desktop", **options: Any) -> Any:
        context = await chromium.new_context(**LOOKS[look], **options)
        page = await context.new_page()
        page.set_default_timeout(20_000)
        return page

    return opened


@pytest.fixture(scope="session")
def screenshots() -> Path | None:
    """Where pictures are kept to be looked at: SCREENSHOTS_TO, or nowhere."""
    where = os.environ.get("SCREENSHOTS_TO")  # noqa: TID251 - the tests' own switch
    if not where:
        return None
    Path(where).mkdir(parents=True, exist_ok=True)
    return Path(where)


@pytest.fixture
def standing_page(till: Any) -> Iterator[str]:
    """`paydesk approvals` over the till's store; its address, as it tells a person."""
    server = subprocess.Popen(
        [till.command, "approvals", "--port", "0"], env=till.env, stderr=subprocess.PIPE, text=True
    )
    try:
        assert server.stderr is not None
        told = ""
        while "(Ctrl-C" not in told:
            line = server.stderr.readline()
            assert line, told
            told += line
        yield next(word for word in told.split() if word.startswith("http://"))
    finally:
        server.terminate()
        server.wait(timeout=30)
        assert server.stderr is not None
        server.stderr.close()
