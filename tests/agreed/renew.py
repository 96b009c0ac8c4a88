"""Renews what is agreed after a skill changed on purpose: one snapshot a skill, the lists in the README and the docs.

`python tests/agreed/renew.py` writes; tests/test_agreed.py fails where something is missing, stale or left over.
"""

import inspect
import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

from paydesk.server.manifest import manifest, skills_table
from paydesk.server.sandbox.catalogue import ROUTES
from paydesk.skills.catalogue import catalogue

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def snapshots() -> dict[Path, str]:
    """Every skill's contract as it is now, by the file that holds what was agreed."""
    return {
        HERE / f"{skill.name}.json": json.dumps(manifest(skill), indent=2, ensure_ascii=False) + "\n"
        for skill in catalogue().values()
    }


def documents() -> dict[Path, str]:
    """Documents whose generated parts are as they should be."""
    readme, sandbox = ROOT / "README.md", ROOT / "docs/sandbox.md"
    return {
        readme: between(readme.read_text("utf-8"), "skills", skills_table()),
        sandbox: between(sandbox.read_text("utf-8"), "operations", operations_table()),
    }


def between(text: str, name: str, generated: str) -> str:
    """The text with what stands between `<!-- name: ... -->` and `<!-- /name -->` replaced."""
    pattern = re.compile(rf"(<!-- {name}:[^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"there is no place for {name}")
    return pattern.sub(lambda found: found.group(1) + generated + "\n" + found.group(2), text)


def operations_table() -> str:
    """The sandbox's operations, one a row."""
    rows = sorted((route.template, route.method, _first_line(route.handler)) for route in ROUTES.all)
    table = [f"| `{method} {template}` | {says} |" for template, method, says in rows]
    return "\n".join(["| operation | what it does |", "|---|---|", *table])


def _first_line(handler: Callable[..., object]) -> str:
    return (inspect.getdoc(handler) or "").partition("\n")[0]


def main() -> int:
    """Write what differs and remove what is left over."""
    wanted = snapshots() | documents()
    for path, text in wanted.items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"renewed {path.relative_to(ROOT)}\n")
    for path in set(HERE.glob("*.json")) - set(wanted):
        path.unlink()
        sys.stdout.write(f"removed {path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
