"""The look that all of the sandbox's own pages share: one stylesheet, one frame, no script, nothing from elsewhere.

Whatever comes from outside is escaped where it is put into HTML: `text` here, or `escape` at the place.
"""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from typing import Final

STYLESHEET: Final = """
:root{--ink:#1a1f36;--quiet:#5b6478;--ground:#f6f8fa;--card:#fff;--line:#d5dbe3;--deep:#1a1f36;--on:#fff;--bad:#b3093c;
--good:#0b6b45;--soft:#eef1f6;color-scheme:light dark}
@media(prefers-color-scheme:dark){:root{--ink:#e7eaf3;--quiet:#a3acbf;--ground:#11141d;--card:#1b2030;--line:#39415a;
--deep:#dfe5f5;--on:#141827;--bad:#ff8aa6;--good:#6fd8a8;--soft:#242b3f}}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink);background:var(--ground);margin:0}
main{max-width:30rem;margin:6vh auto;background:var(--card);padding:1.75rem 2rem;border-radius:.75rem;
border:1px solid var(--line);overflow-wrap:anywhere}
main.wide{max-width:60rem}
h1{font-size:1.3rem;line-height:1.3;margin:0 0 .5rem}h2{font-size:1rem;margin:1.5rem 0 .5rem}p{margin:.5rem 0}
a{color:inherit}ul{padding-left:1.2rem}small,.quiet{color:var(--quiet)}small{font-size:.85rem}
.bad{color:var(--bad)}.good{color:var(--good)}
.note{border:1px solid currentColor;border-radius:.4rem;padding:.6rem .8rem;margin:1rem 0}
.columns{display:grid;gap:2.5rem;grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
table{width:100%;border-collapse:collapse}td,th{padding:.35rem 0;text-align:left;vertical-align:top;font-weight:400}
td:last-child{text-align:right;white-space:nowrap;padding-left:1rem}
tr.sum td,tr.sum th{border-top:1px solid var(--line);font-weight:600}tr.rule td{border-top:1px solid var(--line)}
label{display:block;margin:.75rem 0 0;font-size:.9rem}
label.row{display:flex;gap:.6rem;align-items:center}
input,select{display:block;width:100%;font:inherit;color:inherit;background:var(--card);padding:.5rem .65rem;
margin-top:.2rem;border:1px solid var(--line);border-radius:.4rem}
input[type=radio],input[type=checkbox]{width:auto;margin:0;flex:none;display:inline-block}
input.few{width:5.5rem;display:inline-block;margin:0 0 0 .6rem;padding:.25rem .5rem}
::placeholder{color:var(--quiet);opacity:1}
section>form>h2:first-of-type{margin-top:0}
fieldset{border:1px solid var(--line);border-radius:.4rem;margin:1rem 0 0;padding:.4rem .9rem .9rem}
legend{font-weight:600;font-size:.9rem;padding:0 .3rem}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 .75rem}
button,a.button{font:inherit;display:inline-block;text-decoration:none;text-align:center;padding:.5rem 1rem;
border-radius:.4rem;border:1px solid var(--line);background:var(--card);color:inherit;cursor:pointer}
button.yes,a.yes{background:var(--deep);color:var(--on);border-color:var(--deep)}
button.whole{width:100%;padding:.7rem;margin-top:1.25rem;font-weight:600}
.choices{display:flex;gap:.75rem;margin-top:1.25rem}.choices>*{flex:1}
:focus-visible{outline:3px solid #5b8def;outline-offset:2px}
details{margin-top:1rem}summary{cursor:pointer}code{background:var(--soft);padding:.05rem .3rem;border-radius:.25rem}
.way:not(:has(>label>input:checked))>.inside{display:none}
footer{margin-top:1.75rem;padding-top:.75rem;border-top:1px solid var(--line)}
@media(max-width:44rem){main,main.wide{margin:0;min-height:100vh;border:0;border-radius:0;padding:1.25rem}
.columns{grid-template-columns:minmax(0,1fr);gap:1rem}}
"""
# `form-action` is left out: what a form answers leads to the shop's own address, which browsers would count.
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLESHEET.encode()).digest()).decode()}'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_NOTE: Final = "The sandbox's own page: no money moves, no bank is asked."


def page(title: str, words: str = "", more: str = "", *, note: str = _NOTE, is_wide: bool = False) -> str:
    """A whole page: `title`, `words` and `note` are text, `more` is HTML that was escaped where it was made."""
    shape = ' class="wide"' if is_wide else ""
    said = f"<p>{text(words)}</p>" if words else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{text(title)}</title><style>{STYLESHEET}</style></head><body><main{shape}><h1>{text(title)}</h1>"
        f"{said}{more}<footer><small>{text(note)}</small></footer></main></body></html>"
    )


def text(value: object) -> str:
    """Anything as text inside HTML or inside a quoted attribute; characters that turn the reading direction go."""
    return escape("".join(one for one in str(value) if one not in _TURNING))


# U+202A to U+202E and U+2066 to U+2069 let a name from outside rearrange the words around it.
_TURNING: Final = frozenset(chr(one) for one in (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def error(message: str) -> str:
    """What went wrong, above a form."""
    return f'<p class="note bad" role="alert">{text(message)}</p>' if message else ""


def field(
    label: str, name: str, *, value: str = "", kind: str = "text", hint: str = "", fills: str = "", must: bool = False
) -> str:
    """One labelled input; `fills` is what a browser may fill in (`autocomplete`)."""
    attributes = f' placeholder="{text(hint)}"' if hint else ""
    attributes += f' autocomplete="{fills}"' if fills else ""
    attributes += " required" if must else ""
    return f'<label>{text(label)}<input type="{kind}" name="{text(name)}" value="{text(value)}"{attributes}></label>'


def select(label: str, name: str, options: Mapping[str, str], value: str = "") -> str:
    """A labelled choice of one of `options` (value: words)."""
    inside = "".join(
        f'<option value="{text(one)}"{" selected" if one == value else ""}>{text(words)}</option>'
        for one, words in options.items()
    )
    return f'<label>{text(label)}<select name="{text(name)}">{inside}</select></label>'


def hidden(name: str, value: str | None) -> str:
    """What a form carries along unseen; nothing for None."""
    return f'<input type="hidden" name="{text(name)}" value="{text(value)}">' if value else ""


def safe_link(url: str | None) -> str | None:
    """The address if a browser may follow it from a page: only http and https."""
    return url if url and url.lower().startswith(("http://", "https://")) else None
