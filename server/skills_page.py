"""The page docs/skills.md, made from the catalogue: by toolset, a short paragraph and one example a skill."""

import json
from itertools import groupby

from paydesk.server.mcp.schemas import input_schema
from paydesk.server.toolsets import LISTED_BY_DEFAULT
from paydesk.skills.base import Effect, Json, Skill
from paydesk.skills.catalogue import catalogue

_EFFECTS = {
    Effect.READ: "It reads only.",
    Effect.DESK: "It changes the desk's own papers, nothing at Stripe, and needs no yes.",
    Effect.WRITE: "It becomes a proposal that a person approves; it moves no money by itself.",
    Effect.MONEY: "**It can move money**; it becomes a proposal that a person approves.",
}
# Every write has them; the page says so once.
_EVERY_WRITE = ("again", "dry_run")
_VALUES_MOST = 12


def skills_page() -> str:
    """All skills in Markdown, below one heading a toolset."""
    found = sorted(catalogue().values(), key=lambda one: (one.toolset, one.name))
    parts = []
    for toolset, skills in groupby(found, key=lambda one: one.toolset):
        parts.append(f"## {toolset}\n")
        parts += [_entry(skill) for skill in skills]
    return "\n".join(parts).rstrip()


def _entry(skill: Skill) -> str:
    listed = " Listed by default." if skill.name in LISTED_BY_DEFAULT else ""
    example = f"paydesk call {skill.name} {_shell(skill.examples[0] if skill.examples else {})}".rstrip()
    lines = [
        f"### {skill.name}\n",
        f"{skill.description} {_EFFECTS[skill.effect]}{listed} {_takes(input_schema(skill))}\n",
        f"```console\n$ {example}\n```\n",
    ]
    return "\n".join(lines)


def _shell(arguments: Json) -> str:
    """Arguments as a shell takes them: JSON in single quotes."""
    written = json.dumps(arguments, ensure_ascii=False).replace("'", "'\\''")
    return f"'{written}'" if arguments else ""


def _takes(schema: Json) -> str:
    """What may be given, what has to be, and the words that are taken where they are few."""
    needed = set(schema.get("required", ()))
    given = [
        f"`{name}`{_values(one)}{' (needed)' if name in needed else ''}"
        for name, one in schema["properties"].items()
        if name not in _EVERY_WRITE
    ]
    return f"Takes {', '.join(given)}." if given else "Takes nothing."


def _values(parameter: Json) -> str:
    words = parameter.get("enum", ())
    return f" ({' | '.join(str(word) for word in words)})" if 0 < len(words) <= _VALUES_MOST else ""
