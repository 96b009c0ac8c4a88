"""The pages for people: `/` and what it leads to, and its few buttons. Ours; they run alone, between two requests."""

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from paydesk.server.sandbox import deliveries, faults, wall_clock
from paydesk.server.sandbox.call import Page
from paydesk.server.sandbox.errors import StripeError, missing
from paydesk.server.sandbox.pages import board, looking, one_object, overview, shell
from paydesk.server.sandbox.params import boolean, integer, required, text
from paydesk.server.sandbox.resources import control
from paydesk.server.sandbox.routes import Resource

if TYPE_CHECKING:
    from paydesk.server.sandbox.app import Sandbox

_BOOKS: Final = {"account": text(60)}

resource = Resource()


def _account(sandbox: "Sandbox", params: dict[str, Any]) -> str:
    """Whose books are looked at: the platform's, or those of an account that has some."""
    named = str(params.get("account", sandbox.account))
    if named not in looking.accounts(sandbox.store, sandbox.account):
        raise StripeError("No such account has books here.", status=404, param="account")
    return named


def _now(sandbox: "Sandbox") -> int:
    return wall_clock.now(sandbox.store, sandbox.real_now)


@resource.control("/", _BOOKS, method="GET")
def home(sandbox: "Sandbox", params: dict[str, Any]) -> Page:
    """What is in the box and what happened last, for a browser."""
    return Page(overview.page(sandbox, _account(sandbox, params), _now(sandbox)), policy=board.POLICY)


@resource.control("/_sandbox/pages/objects/{id}", _BOOKS, method="GET")
def one(sandbox: "Sandbox", params: dict[str, Any], id: str) -> Page:  # noqa: A002 - the path parameter's own name
    """One object as JSON, with what is about it."""
    account = _account(sandbox, params)
    html = one_object.page(sandbox, account, _now(sandbox), id)
    if html is None:
        html = board.frame("Not found", account, _now(sandbox), board.section("Not found", f"<p>{shell.text(id)}</p>"))
        return Page(html, status=404, policy=board.POLICY)
    return Page(html, policy=board.POLICY)


@resource.control("/_sandbox/pages/kinds/{kind}", {**_BOOKS, "before": integer(0)}, method="GET")
def kind(sandbox: "Sandbox", params: dict[str, Any], kind: str) -> Page:
    """The objects of one kind."""
    html = one_object.kind_page(sandbox, _account(sandbox, params), _now(sandbox), kind, params)
    return Page(html, policy=board.POLICY)


@resource.control("/_sandbox/pages/requests", _BOOKS, method="GET")
def requests(sandbox: "Sandbox", params: dict[str, Any]) -> Page:
    """The last few hundred requests."""
    html = overview.requests(list(sandbox.seen)[::-1])
    return Page(board.frame("Requests", _account(sandbox, params), _now(sandbox), html), policy=board.POLICY)


def _home_again(params: dict[str, Any]) -> Page:
    account = params.get("account")
    return Page(goes_to=f"/?account={quote(account, safe='')}" if account else "/")


@resource.control("/_sandbox/pages/act/clock", {**_BOOKS, "advance": integer(0), "frozen": boolean()})
def move_clock(sandbox: "Sandbox", params: dict[str, Any]) -> Page:
    """The buttons of the clock."""
    control.clock(sandbox, {name: value for name, value in params.items() if name != "account"})
    return _home_again(params)


@resource.control("/_sandbox/pages/act/faults", _BOOKS)
def clear_faults(sandbox: "Sandbox", params: dict[str, Any]) -> Page:
    """The button that lets everything go well again."""
    with sandbox.store.transaction(writes=True):
        faults.clear(sandbox.store)
    return _home_again(params)


@resource.control("/_sandbox/pages/act/resend", {**_BOOKS, "delivery": required(text(40))})
def resend(sandbox: "Sandbox", params: dict[str, Any]) -> Page:
    """The button that sends a delivery again."""
    with sandbox.store.transaction(writes=True):
        if not deliveries.resend(sandbox.store, params["delivery"]):
            raise missing("delivery", params["delivery"], "delivery")
    return _home_again(params)


@resource.control("/_sandbox/pages/act/run", _BOOKS)
def run(sandbox: "Sandbox", params: dict[str, Any]) -> Page:
    """The button that tries what waits now."""
    with sandbox.store.transaction(writes=True):
        deliveries.run_now(sandbox.store)
    return _home_again(params)
