"""The door: reads and writes as plain JSON over Stripe's own library, which keeps its retries, signing and telemetry.

The library's typed services are not used: skills read a few fields of a few objects, and wrapping every nested object
in a class costs more than the request itself against a local server.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from paydesk.server.errors import StripeBusy, StripeKeyRefused
from paydesk.server.limits import PAGE_SIZE, RATE_LIMITED_BUDGET_S, RATE_LIMITED_TRIES, STRIPE_NETWORK_RETRIES
from paydesk.server.stripe_api import lost, uploads
from paydesk.server.stripe_api.failures import after_lost_answer, problem_of, retry_after_s, unreadable
from paydesk.server.stripe_api.rate import RateLimit, Sleep, pause
from paydesk.skills.base import Json, Mode, Page, StripeRequest

if TYPE_CHECKING:
    import stripe

Close = Callable[[], Awaitable[None]]
# POSTs that move and change nothing, and the version that offers them where the library's own does not
# (https://docs.stripe.com/api/fx_quotes).
_COMPUTED: Final[Mapping[str, str | None]] = {"/v1/tax/calculations": None, "/v1/fx_quotes": "2025-11-17.preview"}
_LAST_PAGE_BOUND: Final = 10_000  # pages; a server that always says has_more must not hold a call for ever


class StripeDoor:
    """One account of Stripe, or the sandbox. Every method raises only errors of our tree."""

    def __init__(
        self,
        client: "stripe.StripeClient",
        *,
        mode: Mode,
        rate: RateLimit,
        close: Close,
        stripe_account: str | None = None,
        now: Callable[[], float] = time.time,
        sleep: Sleep = pause,
    ) -> None:
        self.mode: Mode = mode
        self._client = client
        self._rate = rate
        self._close = close
        self._now = now
        self._sleep = sleep
        self._stripe_account = stripe_account
        self._account_id = stripe_account

    def now(self) -> datetime:
        """The account's present, UTC."""
        return datetime.fromtimestamp(self._now(), UTC)

    @property
    def api_version(self) -> str:
        """The version of Stripe's API that answers are written in."""
        import stripe

        return str(stripe.api_version)

    def for_account(self, stripe_account: str) -> "StripeDoor":
        """The same door, with `Stripe-Account` set to a connected account (`acct_...`) on every call."""
        return StripeDoor(
            self._client,
            mode=self.mode,
            rate=self._rate,
            close=_stay_open,  # the line is shared; whoever opened it hangs up
            stripe_account=stripe_account,
            now=self._now,
            sleep=self._sleep,
        )

    async def account_id(self) -> str:
        """The account that requests act on, asked once."""
        if self._account_id is None:
            self._account_id = str((await self.get("/v1/account"))["id"])
        return self._account_id

    async def get(self, path: str, params: Mapping[str, Any] | None = None) -> Json:
        """GET one object. Raises StripeNotFound, StripeRefused, StripeKeyRefused, StripeBusy, StripeUnreachable."""
        return await self._ask("get", path, dict(params or {}))

    async def page(self, path: str, params: Mapping[str, Any] | None = None) -> Page:
        """GET one page of a list or a search, with the cursor of the next page (an id, or search's `next_page`)."""
        return _page(await self.get(path, params))

    async def every(self, path: str, params: Mapping[str, Any] | None = None, *, most: int) -> AsyncIterator[Json]:
        """The objects of a list or a search, page after page, `most` at the most."""
        if most < 1:
            return
        asked = {**(params or {}), "limit": min(most, PAGE_SIZE)}
        cursor_name = "page" if path.endswith("/search") else "starting_after"
        given = 0
        for _ in range(_LAST_PAGE_BOUND):
            page = await self.page(path, asked)
            for item in page.data:
                yield item
                given += 1
                if given == most:
                    return
            if not page.has_more or page.next_cursor is None or not page.data:
                return
            asked[cursor_name] = page.next_cursor

    async def preview(self, params: Mapping[str, Any]) -> Json:
        """An invoice as it would be; Stripe asks for a POST that changes nothing. Raises as `get` does."""
        return await self._ask("post", "/v1/invoices/create_preview", dict(params), reading=True)

    async def compute(self, path: str, params: Mapping[str, Any]) -> Json:
        """What Stripe works out and keeps no record of. Raises as `get` does, ValueError for other paths."""
        if path not in _COMPUTED:
            raise ValueError(f"{path} is not a computation")
        return await self._ask("post", path, dict(params), reading=True, version=_COMPUTED[path])

    async def send(self, request: StripeRequest, *, idempotency_key: str) -> Json:
        """Send one write. Only the gate calls this. StripeUnreachable means that the effect is not known."""
        with lost.watched() as lost_answers:
            try:
                return await self._ask(request.method.lower(), request.path, request.params, idempotency_key)
            except (StripeBusy, StripeKeyRefused) as refused:
                # Both are said before Stripe looks at the key, so they prove nothing about a request that was lost.
                if lost_answers:
                    raise after_lost_answer(refused) from None
                raise

    async def aclose(self) -> None:
        """Hang up."""
        await self._close()

    async def _ask(
        self,
        method: str,
        path: str,
        params: Json,
        idempotency_key: str | None = None,
        *,
        reading: bool = False,
        version: str | None = None,
    ) -> Json:
        """One request, repeated on 429 as long as Stripe asks for and the budget lasts (the library never does)."""
        import stripe

        waited_s = 0.0
        for attempt in range(1, RATE_LIMITED_TRIES + 1):
            await self._rate.turn()
            try:
                return await self._once(method, path, params, idempotency_key, version)
            except stripe.StripeError as error:
                problem = problem_of(error, reading=reading or method == "get")
                if not isinstance(problem, StripeBusy) or attempt == RATE_LIMITED_TRIES:
                    raise problem from None
                pause_s = retry_after_s(error, attempt)
                if pause_s is None or waited_s + pause_s > RATE_LIMITED_BUDGET_S:
                    raise problem from None
                waited_s += pause_s
                await self._sleep(pause_s)
        raise AssertionError("the last try either answered or raised")

    async def _once(
        self, method: str, path: str, params: Json, idempotency_key: str | None, version: str | None
    ) -> Json:
        """One request through the library, which repeats lost lines, 409 and 5xx under the same key."""
        upload: Json = {}
        if method == "post" and path == uploads.PATH:
            # Made ready for each try: sending reads a file to its end.
            upload, params = {"base": "files", "content_type": "multipart/form-data"}, await uploads.filled(params)
        try:
            answer = await self._client.raw_request_async(
                method,
                path,
                **params,
                stripe_account=self._stripe_account,
                idempotency_key=idempotency_key,
                **({"stripe_version": version} if version else {}),
                **upload,
                # Stripe keeps no keys for DELETE: one that is repeated after a lost answer would be told 404.
                max_network_retries=0 if method == "delete" else STRIPE_NETWORK_RETRIES,
            )
        except AttributeError:
            # The library trips over errors that are not Stripe's, such as a proxy's {"error": "..."}.
            raise unreadable() from None
        if not isinstance(answer.data, dict):
            raise unreadable()
        return answer.data


async def _stay_open() -> None:
    pass


def _page(answer: Json) -> Page:
    data = answer.get("data")
    if not isinstance(data, list):
        raise unreadable()
    has_more = bool(answer.get("has_more"))
    following = answer.get("next_page") or (data[-1]["id"] if data and has_more else None)
    return Page(
        data=data,
        has_more=has_more,
        next_cursor=following if has_more else None,
        total_count=answer.get("total_count"),
    )
