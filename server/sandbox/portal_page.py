"""The look of the billing portal's page: one column, no script, nothing from elsewhere."""

from html import escape
from typing import Final

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;color:#1a1f36;background:#f6f8fa;margin:0}"
    "main{max-width:34rem;margin:8vh auto;background:#fff;padding:2rem;border-radius:.75rem;box-shadow:0 1px 4px #0002}"
    "h1{font-size:1.25rem;margin:0 0 .5rem}h2{font-size:1rem;margin:1.5rem 0 .5rem}ul{padding-left:1.2rem}"
    "button{font:inherit;padding:.1rem .7rem;border-radius:.4rem;border:1px solid #c1c9d2;background:#fff}"
    "small{color:#697386}"
)


def page(title: str, words: str, more: str = "") -> str:
    """A whole page: `title` and `words` are text, `more` is HTML that was escaped where it was made."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style><main><h1>{escape(title)}</h1><p>{escape(words)}</p>"
        f"{more}<p><small>The sandbox's own page: it stands for Stripe's customer portal.</small></p></main></html>"
    )
