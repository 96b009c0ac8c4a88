"""The approval page: its addresses, and what is done at each. It decides through the gate and nothing else."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from paydesk.server.approval import rendering
from paydesk.server.approval.first_pin import FILE, FirstPinCode
from paydesk.server.approval.guard import BadForm, Guarded, HostNames, read_form
from paydesk.server.approval.links import PATH, Links
from paydesk.server.approval.visitors import Visitor, Visitors
from paydesk.server.errors import GateError, NotFound, PaydeskError
from paydesk.server.gate.pins import person_of
from paydesk.skills.base import Mode

if TYPE_CHECKING:
    from paydesk.server.gate import Gate
    from paydesk.server.gate.showing import Shown

COOKIE = "paydesk_page"
_SOMEBODY = "somebody with the link"
_MISMATCH = "That name and that PIN do not belong together. Nothing was sent."
_WAITS_AFTER = "After five wrong PINs each further try has to wait."
_STATUS = {"pin_locked": 429, "pin_wrong": 403, "pin_unknown": 403, "pin_needed": 403}


@dataclass(frozen=True)
class PageFacts:
    """What the page stands on: the gate (opened when first needed), its mode, links, names, and the first PIN's code.

    `is_local` is whether only this machine reaches it: then it may name a file and the one person who has a PIN.
    `is_secure` is whether browsers reach it by TLS: then the cookie is for that alone.
    """

    gate: "Callable[[], Awaitable[Gate]]"
    mode: Mode
    links: Links
    hosts: HostNames
    visitors: Visitors
    first_pin: FirstPinCode
    is_local: bool
    is_secure: bool


@dataclass(frozen=True)
class Notice:
    """Something to tell before all else: `kind` is `problem` or `done`."""

    kind: str
    text: str
    next_step: str = ""


def approval_page(facts: PageFacts) -> ASGIApp:
    """The application; its paths begin with PATH."""
    page = ApprovalPage(facts)
    one = PATH + "/{proposal_id}/{token}"
    routes = [
        Route(PATH, page.waiting),
        Route(f"{PATH}/", page.waiting),
        Route(f"{PATH}/style.css", page.style),
        Route(f"{PATH}/sign-in", page.sign_in, methods=["POST"]),
        Route(f"{PATH}/sign-out", page.sign_out, methods=["POST"]),
        Route(one, page.proposal),
        Route(f"{one}/approve", page.approve, methods=["POST"]),
        Route(f"{one}/reject", page.reject, methods=["POST"]),
        Route(f"{one}/first-pin", page.set_first_pin, methods=["POST"]),
    ]
    handlers: dict[Any, Any] = {404: page.nothing_here, 405: page.nothing_here, PaydeskError: page.went_wrong}
    return Guarded(Starlette(routes=routes, exception_handlers=handlers), facts.hosts)


class ApprovalPage:
    """One page's handlers."""

    def __init__(self, facts: PageFacts) -> None:
        self._facts = facts

    async def style(self, _: Request) -> Response:
        """The style sheet."""
        return Response(rendering.style(), media_type="text/css")

    async def waiting(self, request: Request) -> Response:
        """What waits, for who signed in; else the form to sign in."""
        visitor = self._visitor(request)
        if visitor.person is None:
            return await self._sign_in_form(visitor)
        gate = await self._facts.gate()
        found = [await gate.show(one.proposal_id) for one in await gate.list(principal=None, state="waiting")]
        rows = [(one, self._facts.links.path(one.id)) for one in found]
        return self._page("waiting.html", visitor, rows=rows)

    async def sign_in(self, request: Request) -> Response:
        """Hold a name and a PIN against each other, and open the list."""
        visitor, form = await self._form(request)
        gate = await self._facts.gate()
        try:
            await gate.pins.check(form.get("name", ""), form.get("pin", ""))
        except GateError as wrong:
            return await self._sign_in_form(visitor, _notice(wrong), status=_STATUS.get(wrong.code, 403))
        fresh = self._facts.visitors.sign_in(visitor, person_of(form.get("name", "")))
        return self._with_cookie(RedirectResponse(PATH, 303), fresh)

    async def sign_out(self, request: Request) -> Response:
        """Forget who signed in."""
        visitor, _ = await self._form(request)
        self._facts.visitors.sign_out(visitor)
        return RedirectResponse(PATH, 303)

    async def proposal(self, request: Request) -> Response:
        """One proposal: to decide on while it waits, and what came of it afterwards."""
        shown = await self._shown(request)
        notice = None
        if "instead" in request.query_params and shown.state == "waiting":
            notice = Notice(
                "problem", "The account has changed since you looked. Nothing was sent; this is the new plan."
            )
        return await self._proposal_page(request, shown, notice=notice)

    async def approve(self, request: Request) -> Response:
        """A person's yes, with their PIN: the desk then sends it, once."""
        _, form = await self._form(request)
        shown = await self._shown(request)
        gate = await self._facts.gate()
        name = person_of(form.get("name", ""))
        # Where nobody has a PIN the gate refuses as well: on a page, a yes is never without a secret.
        decide = partial(gate.approve, shown.id, via="page", principal=None, pin=form.get("pin", ""))
        try:
            outcome = await decide(approver=f"page:{name}")
        except PaydeskError as wrong:
            again = await gate.show(shown.id)
            return await self._proposal_page(
                request, again, notice=_notice(wrong), name=name, status=_STATUS.get(wrong.code, 409)
            )
        links = self._facts.links
        after = links.path(shown.id)
        if outcome.state == "stale" and outcome.replaced_by:
            after = f"{links.path(outcome.replaced_by)}?instead=1"
        return RedirectResponse(after, 303)

    async def reject(self, request: Request) -> Response:
        """A person's no. It needs no PIN: nothing is sent, and the log names who signed in, or nobody."""
        visitor, _ = await self._form(request)
        shown = await self._shown(request)
        gate = await self._facts.gate()
        try:
            await gate.reject(shown.id, approver=f"page:{visitor.person or _SOMEBODY}", via="page", principal=None)
        except PaydeskError as wrong:
            return await self._proposal_page(request, await gate.show(shown.id), notice=_notice(wrong), status=409)
        return RedirectResponse(self._facts.links.path(shown.id), 303)

    async def set_first_pin(self, request: Request) -> Response:
        """Set the first PIN, given the code that stands in the desk's home. Once anybody has one, this is closed."""
        _, form = await self._form(request)
        shown = await self._shown(request)
        gate = await self._facts.gate()
        try:
            if await gate.pins.people():
                raise GateError("Somebody has a PIN already.", code="pins_exist", next_step="Use yours, or ask them.")
            if not self._facts.first_pin.fits(form.get("code", "")):
                raise GateError("That is not the code.", code="wrong_code", field="code")
            if form.get("pin", "") != form.get("again", ""):
                raise GateError("The two PINs differ; nothing was set.", code="pins_differ", field="pin")
            await gate.pins.set(form.get("name", ""), form.get("pin", ""))
        except PaydeskError as wrong:
            return await self._proposal_page(request, shown, notice=_notice(wrong), status=403)
        self._facts.first_pin.spend()
        return RedirectResponse(self._facts.links.path(shown.id), 303)

    async def nothing_here(self, request: Request, _: Exception) -> Response:
        """An address that leads nowhere, or a token that does not fit: told alike."""
        notice = Notice(
            "problem",
            "There is no such proposal here.",
            "The link may be incomplete, or of another desk. The command paydesk proposals lists what waits.",
        )
        return self._page("message.html", self._visitor(request), notice=notice, heading="Not found", status=404)

    async def went_wrong(self, request: Request, wrong: Exception) -> Response:
        """An error of ours, in words."""
        status = wrong.status if isinstance(wrong, BadForm) else 404 if isinstance(wrong, NotFound) else 503
        if status == 404:
            return await self.nothing_here(request, wrong)
        notice = _notice(wrong) if isinstance(wrong, PaydeskError) else Notice("problem", "Something went wrong.")
        heading = "Nothing was done"
        return self._page("message.html", self._visitor(request), notice=notice, heading=heading, status=status)

    async def _shown(self, request: Request) -> "Shown":
        """The proposal of this address. Raises NotFound where the token is not its own, before anything is read."""
        proposal_id, token = request.path_params["proposal_id"], request.path_params["token"]
        if not self._facts.links.fits(proposal_id, token):
            raise NotFound("There is no such proposal here.")
        return await (await self._facts.gate()).show(proposal_id)

    async def _form(self, request: Request) -> tuple[Visitor, dict[str, str]]:
        """The browser and the fields that it sent. Raises BadForm where the form is not one that we gave it."""
        form = await read_form(request)
        visitor = self._visitor(request)
        if not self._facts.visitors.sent_by(visitor, form.get("mark", "")):
            raise BadForm("This form is out of date, so nothing was done.", status=403)
        return visitor, form

    async def _proposal_page(
        self, request: Request, shown: "Shown", *, notice: Notice | None, name: str = "", status: int = 200
    ) -> Response:
        visitor = self._visitor(request)
        people = await (await self._facts.gate()).pins.people() if shown.state == "waiting" else []
        known = people[0] if self._facts.is_local and len(people) == 1 else ""
        code_file = ""
        if shown.state == "waiting" and not people:
            self._facts.first_pin.text()  # so that the file is there
            code_file = str(self._facts.first_pin.file) if self._facts.is_local else FILE
        replaced_by = shown.outcome.replaced_by
        return self._page(
            "proposal.html",
            visitor,
            status=status,
            shown=shown,
            notice=notice,
            name=name or visitor.person or known,
            has_pins=bool(people),
            code_file=code_file,
            path=self._facts.links.path(shown.id),
            instead=self._facts.links.path(replaced_by) if replaced_by else None,
            figures=list(rendering.figures(shown.outcome.result)),
        )

    async def _sign_in_form(self, visitor: Visitor, notice: Notice | None = None, status: int = 200) -> Response:
        people = await (await self._facts.gate()).pins.people()
        return self._page("sign_in.html", visitor, notice=notice, has_pins=bool(people), status=status)

    def _page(self, template: str, visitor: Visitor, *, status: int = 200, **values: Any) -> Response:
        text = rendering.page(template, mode=self._facts.mode, home=PATH, visitor=visitor, **values)
        answer = HTMLResponse(text, status)
        return self._with_cookie(answer, visitor) if visitor.is_new else answer

    def _visitor(self, request: Request) -> Visitor:
        if not hasattr(request.state, "visitor"):  # one request, one visitor: a new one is made up only once
            request.state.visitor = self._facts.visitors.of(request.cookies.get(COOKIE))
        return request.state.visitor  # type: ignore[no-any-return]  # starlette's state is untyped

    def _with_cookie(self, answer: Response, visitor: Visitor) -> Response:
        secure = self._facts.is_secure
        answer.set_cookie(COOKIE, visitor.cookie, path=PATH, httponly=True, samesite="strict", secure=secure)
        return answer


def _notice(wrong: PaydeskError) -> Notice:
    if wrong.code in ("pin_wrong", "pin_unknown", "pin_needed"):  # alike, so that nobody learns who has a PIN
        return Notice("problem", _MISMATCH, _WAITS_AFTER)
    return Notice("problem", wrong.message, wrong.next_step or "")
