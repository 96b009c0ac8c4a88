"""The customer portal's page: subscriptions, the payment method, invoices, and what may be done about them."""

from collections.abc import Sequence
from dataclasses import dataclass

from paydesk.server.sandbox.pages.shell import error, field, page, safe_link, text

_NOTE = "The sandbox's own page: it stands for Stripe's customer portal."


@dataclass(frozen=True, slots=True)
class Plan:
    """A subscription as the page tells it; `button`: ("cancel" or "resume") where the customer may."""

    id: str
    words: str
    state: str
    button: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A saved payment method; one of them is the default."""

    id: str
    words: str
    is_default: bool


_BUTTONS = {"cancel": "Cancel", "resume": "Don't cancel"}


def whole(
    name: str,
    plans: Sequence[Plan],
    cards: Sequence[Card] | None,
    invoices: Sequence[tuple[str, str]] | None,
    *,
    back: str | None,
    message: str = "",
    headline: str = "",
) -> str:
    """The page. `cards` and `invoices` None: not shown, for the configuration leaves them out."""
    parts = [error(message), "<h2>Subscriptions</h2>", _plans(plans)]
    if cards is not None:
        parts.append(f"<h2>Payment method</h2>{_cards(cards)}")
    if invoices:
        rows = "".join(f"<tr><td>{text(words)}</td><td>{text(amount)}</td></tr>" for words, amount in invoices)
        parts.append(f"<h2>Invoices</h2><table>{rows}</table>")
    link = safe_link(back)
    if link:
        parts.append(f'<p><a href="{text(link)}">← Back</a></p>')
    return page(headline or "Your plan", f"Signed in as {name}.", "".join(parts), note=_NOTE)


def _plans(plans: Sequence[Plan]) -> str:
    rows = []
    for one in plans:
        button = ""
        if one.button:
            button = f'<button name="{one.button}" value="{text(one.id)}">{_BUTTONS[one.button]}</button>'
        rows.append(f"<tr><td>{text(one.words)}<br><small>{text(one.state)}</small></td><td>{button}</td></tr>")
    inside = "".join(rows) or "<tr><td>No subscription</td><td></td></tr>"
    return f'<form method="post"><table>{inside}</table></form>'


def _cards(cards: Sequence[Card]) -> str:
    rows = []
    for one in cards:
        mark = "<small>Default</small>"
        if not one.is_default:
            mark = f'<button name="default" value="{text(one.id)}">Make default</button>'
        rows.append(f"<tr><td>{text(one.words)}</td><td>{mark}</td></tr>")
    known = f'<form method="post"><table>{"".join(rows)}</table></form>' if rows else '<p class="quiet">None yet</p>'
    return (
        f'{known}<details><summary>Add a card</summary><form method="post">'
        + field("Card number", "number", hint="4242 4242 4242 4242", fills="cc-number", must=True)
        + f'<div class="pair">{field("Expiry (MM / YY)", "expiry", hint="12 / 34", fills="cc-exp", must=True)}'
        + field("Security code", "cvc", hint="123", fills="cc-csc", must=True)
        + '</div><button class="yes whole" name="add" value="card">Add, and use from now on</button></form></details>'
    )


def nothing() -> str:
    """The page of a link that leads nowhere."""
    return page("Nothing to do here", "This link is not (or no longer) good.", note=_NOTE)
