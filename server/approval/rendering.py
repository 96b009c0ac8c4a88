"""Pages as HTML: every value is escaped, nothing is inline, and no page needs a script."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from paydesk.skills.base import Json
from paydesk.skills.hostile_text import clean

_FOLDER = Path(__file__).parent / "templates"
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(_FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEXT_CHARACTERS = 1_000
_VALUE_CHARACTERS = 200
_ENVIRONMENT.filters["told"] = lambda text: clean(str(text), _TEXT_CHARACTERS)
_ENVIRONMENT.filters["moment"] = lambda moment: f"{moment:%Y-%m-%d %H:%M} UTC"


def page(template: str, **values: Any) -> str:
    """A whole page."""
    return _ENVIRONMENT.get_template(template).render(**values)


def style() -> str:
    """The one style sheet."""
    return (_FOLDER / "style.css").read_text(encoding="utf-8")


def figures(result: Json | None) -> Iterator[tuple[str, str]]:
    """What a write brought, as label and value: money by its text, plain values as they are, the rest left out."""
    for name, value in (result or {}).items():
        label = name.removesuffix("_minor").replace("_", " ")
        if isinstance(value, dict) and isinstance(value.get("text"), str):
            yield label, clean(value["text"], _VALUE_CHARACTERS)
        elif isinstance(value, bool):
            yield label, "yes" if value else "no"
        elif isinstance(value, str | int):
            yield label, clean(str(value), _VALUE_CHARACTERS)
