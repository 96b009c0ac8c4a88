"""The look of the pages that show what is in the sandbox: frame, tables, buttons. Narrow screens get cards for rows."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final
from urllib.parse import quote, urlencode

from paydesk.server.sandbox.pages import shell
from paydesk.server.sandbox.pages.shell import text

PAGES: Final = "/_sandbox/pages"
_MORE: Final = """
body{font-size:15px}
header.top{background:var(--deep);color:var(--on);padding:.9rem 1.25rem}
header.top>div{max-width:84rem;margin:auto;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;align-items:baseline}
header.top a{color:inherit;text-decoration:none;font-weight:700;font-size:1.1rem}
header.top code{background:none;padding:0}header.top time{margin-left:auto}
main.board{max-width:84rem;margin:1.25rem auto;padding:0 1.25rem;background:none;border:0;display:grid;gap:1.25rem;
grid-template-columns:minmax(0,1fr) 21rem;align-items:start;min-height:0}
main.board.single{grid-template-columns:minmax(0,1fr)}
main.board>div{display:grid;gap:1.25rem;grid-template-columns:minmax(0,1fr)}
section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.25rem;min-width:0}
section>h1{margin:0}
section>h2{margin:0 0 .5rem;display:flex;justify-content:space-between;gap:1rem;align-items:baseline}
section>h2 a{font-weight:400;font-size:.85rem}
section table{font-size:.875rem}
section th{white-space:nowrap;color:var(--quiet);font-size:.78rem;padding:.2rem .75rem .2rem 0}
section td{padding:.32rem .75rem .32rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}
section td:last-child{text-align:left;white-space:normal;padding-left:0;padding-right:0}
section td.n,section th.n{text-align:right;padding-right:0;white-space:nowrap;font-variant-numeric:tabular-nums}
td.t{white-space:nowrap;color:var(--quiet);font-variant-numeric:tabular-nums}
td.p{min-width:12rem}
section td.k,section td.k:last-child{white-space:nowrap}
code{font:.82rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}td code,h1 code{background:none;padding:0}
h1 code{font-size:1.1rem}
pre{font:.8rem/1.55 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin:0;white-space:pre-wrap;
overflow-wrap:anywhere}
section form{display:inline-block;margin:0}.buttons{display:flex;flex-wrap:wrap;gap:.4rem}
ul.counts{list-style:none;margin:0;padding:0}
ul.counts span{white-space:nowrap}
ul.counts li{display:flex;justify-content:space-between;gap:.5rem;font-size:.875rem;padding:.3rem 0;
border-top:1px solid var(--line);font-variant-numeric:tabular-nums}
section button{padding:.25rem .7rem;font-size:.85rem;background:var(--soft)}
section button:hover{border-color:currentColor}
.now{font-size:1.25rem;font-weight:600;font-variant-numeric:tabular-nums;margin:.1rem 0 .6rem}
.none{color:var(--quiet);margin:.25rem 0}
.skip{position:absolute;left:-99rem}.skip:focus{position:static}
@media(max-width:74rem){main.board{grid-template-columns:minmax(0,1fr);margin:.75rem auto;padding:0 .75rem;gap:.75rem}
main.board>div{gap:.75rem}main.board>div.first{order:-1}
ul.counts{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:0 1.25rem}
section{padding:.8rem .9rem}}
@media(max-width:44rem){header.top time{margin-left:0}
section table.rows,section table.rows tbody{display:block}
section table.rows thead{position:absolute;left:-99rem}section table.rows tr{display:flex;flex-wrap:wrap;gap:0 .75rem;
border-top:1px solid var(--line);padding:.45rem 0}
section table.rows td{border:0;padding:0;text-align:left}}
"""
_STYLE: Final = shell.STYLESHEET + _MORE
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def frame(
    title: str, account: str, now: int, main: str, side: str | None = None, *, is_side_first: bool = False
) -> str:
    """A whole page; `title` and `account` are text, `main` and `side` HTML that was escaped where it was made.

    `is_side_first`: on a narrow screen, where they stand one below the other.
    """
    name = "side first" if is_side_first else "side"
    inside = f'<div id="main">{main}</div>' + (f'<div class="{name}">{side}</div>' if side is not None else "")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        '<link rel="icon" href="data:,">'
        f"<title>{text(title)}</title><style>{_STYLE}</style></head><body>"
        '<a class="skip" href="#main">To the content</a>'
        f'<header class="top"><div><a href="/">Stripe in a box</a><code>{text(account)}</code>{moment(now)}</div>'
        "</header>"
        f'<main class="board{"" if side is not None else " single"}">{inside}</main></body></html>'
    )


def section(title: str, inside: str, *, link: str = "", name: str = "") -> str:
    """A card with a heading; `inside` and `link` are HTML."""
    mark = f' id="{name}"' if name else ""
    return f"<section{mark}><h2>{text(title)}{link}</h2>{inside}</section>"


Cell = tuple[str, str]


def table(headings: Sequence[Cell], rows: Iterable[Sequence[Cell]], none: str) -> str:
    """A table of (class, HTML) cells, or the words for having none."""
    body = "".join(f"<tr>{''.join(f'<td{_class(name)}>{inside}</td>' for name, inside in row)}</tr>" for row in rows)
    if not body:
        return f'<p class="none">{text(none)}</p>'
    head = "".join(f'<th scope="col"{_class(name)}>{text(words)}</th>' for name, words in headings)
    return f'<table class="rows"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _class(name: str) -> str:
    return f' class="{name}"' if name else ""


def moment(seconds: float) -> str:
    """A time, in UTC to the second."""
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return text(seconds)
    return f'<time datetime="{at:%Y-%m-%dT%H:%M:%SZ}">{at:%Y-%m-%d %H:%M:%S}</time>'


def link(words: str, *path: str, **query: str | None) -> str:
    """A link to one of these pages: `path` segments and query are encoded, `words` are text."""
    return f'<a href="{address(*path, **query)}">{text(words)}</a>'


def address(*path: str, **query: str | None) -> str:
    """Where one of these pages is, fit for an attribute."""
    asked = urlencode({name: value for name, value in query.items() if value})
    # A page's path is split at slashes and matched whole; "." and ".." would be resolved by the browser.
    parts = (quote(one, safe="") for one in path)
    found = "/".join(("%2E" + one[1:] if one in (".", "..") else one) for one in parts)
    return text(f"{PAGES}/{found}{'?' + asked if asked else ''}")


def button(words: str, action: str, back: str | None = None, **fields: str | int) -> str:
    """A form of one button that posts to an action of these pages; `back` is the account to return to."""
    sent = {**fields, **({"account": back} if back else {})}
    hidden = "".join(shell.hidden(name, str(value)) for name, value in sent.items())
    return f'<form method="post" action="{PAGES}/act/{action}">{hidden}<button>{text(words)}</button></form>'
