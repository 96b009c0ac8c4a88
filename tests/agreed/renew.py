"""Renews what is agreed after a skill changed on purpose: one snapshot a skill, the lists in the README and the docs.

`python tests/agreed/renew.py` writes; tests/test_agreed.py fails where something is missing, stale or left over.
"""

import ast
import inspect
import json
import re
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from paydesk.server.manifest import manifest, skills_table
from paydesk.server.sandbox.card_table import CARDS, Card
from paydesk.server.sandbox.catalogue import ROUTES
from paydesk.server.sandbox.debits import BANKS, SOON_S, Bank
from paydesk.server.sandbox.event_types import SNAPSHOT_TYPES
from paydesk.server.skills_page import skills_page
from paydesk.skills.catalogue import catalogue

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Beside the checkout, never copied; where it is not, what it says stays as it stands.
SPECIFICATION = ROOT.parent / "shared" / "stripe-openapi" / "spec3.json"


def snapshots() -> dict[Path, str]:
    """Every skill's contract as it is now, by the file that holds what was agreed."""
    return {
        HERE / f"{skill.name}.json": json.dumps(manifest(skill), indent=2, ensure_ascii=False) + "\n"
        for skill in catalogue().values()
    }


def documents() -> dict[Path, str]:
    """Documents whose generated parts are as they should be."""
    readme, sandbox, skills = ROOT / "README.md", ROOT / "docs/sandbox.md", ROOT / "docs/skills.md"
    return {
        readme: between(readme.read_text("utf-8"), "skills", skills_table()),
        skills: between(skills.read_text("utf-8"), "catalogue", skills_page()),
        sandbox: _all_between(
            sandbox.read_text("utf-8"),
            {
                "cards": cards_table(),
                "events": events_table(),
                "operations": operations_table(),
                "differences": differences(),
                **(
                    {"unserved": unserved(json.loads(SPECIFICATION.read_text("utf-8")))}
                    if SPECIFICATION.exists()
                    else {}
                ),
            },
        ),
    }


def _all_between(text: str, parts: dict[str, str]) -> str:
    for name, generated in parts.items():
        text = between(text, name, generated)
    return text


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


def differences() -> str:
    """Where parameters and operations differ from Stripe's document on purpose, with the reasons."""
    data = runpy.run_path(str(ROOT / "tests/contract/differences.py"))
    sorts = {"invented": "taken besides", "type": "of another type", "words": "other words", "demanded": "demanded"}
    rows = [
        f"| {', '.join(f'`{name}`' for name in names)} | {sorts[sort]} | {reason} |"
        for sort, names, reason in data["PARAMETERS"]
    ]
    for title, found in (("served besides", data["OPERATIONS"]), ("always refused", data["REFUSED"])):
        rows += [f"| `{method} {template}` | {title} | {reason} |" for (method, template), reason in found.items()]
    return "\n".join(["| what | how | why |", "|---|---|---|", *rows])


def _unserved_now() -> dict[str, str]:
    if not SPECIFICATION.exists():
        return {}
    return {"unserved": unserved(json.loads(SPECIFICATION.read_text("utf-8")))}


def unserved(document: dict[str, Any]) -> str:
    """The operations of Stripe's document that are not served, by the first part of their paths."""
    served = {(route.method, _shape(route.template)) for route in ROUTES.all}
    areas: dict[str, dict[str, bool]] = {}
    for path, methods in document["paths"].items():
        parts = path.split("/")[2:]
        area = "/".join(parts[:2]) if parts[0] == "test_helpers" else parts[0]
        for method in set(methods) & {"get", "post", "delete"}:
            areas.setdefault(area, {})[f"{method.upper()} {path}"] = (method.upper(), _shape(path)) in served
    every = [is_served for one in areas.values() for is_served in one.values()]
    wholly = ", ".join(f"`{name}`" for name, one in sorted(areas.items()) if not any(one.values()))
    rows = [f"{sum(every)} of the {len(every)} operations of Stripe's document are served. Nothing of: {wholly}.", ""]
    for name, one in sorted(areas.items()):
        lacking = {operation.split(" ")[1] for operation, is_served in one.items() if not is_served}
        if any(one.values()) and lacking:
            rows.append(f"- of `{name}`: {', '.join(f'`{path}`' for path in sorted(lacking))}")
    return "\n".join(rows)


def _shape(template: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", template)


def events_table() -> str:
    """The types of events that the sandbox emits, one subject a row."""
    happenings: dict[str, list[str]] = {}
    for one in sorted(emitted_types()):
        subject, _, happening = one.rpartition(".")
        happenings.setdefault(subject, []).append(f"`{happening}`")
    rows = [f"| `{subject}` | {' '.join(found)} |" for subject, found in happenings.items()]
    return "\n".join(["| about | what happened |", "|---|---|", *rows])


# A word of `topup.{status}` that no top-up of the sandbox ever has.
_NEVER = frozenset({"topup.reversed"})


def emitted_types() -> set[str]:
    """Every type of event that the sandbox's code writes, whole or with a part that is filled in."""
    found: set[str] = set()
    for path in sorted((ROOT / "server/sandbox").rglob("*.py")):
        if path.name == "event_types.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and node.value in SNAPSHOT_TYPES:
                found.add(str(node.value))
            elif isinstance(node, ast.JoinedStr):
                found |= _filled_in(node)
    return found - _NEVER


def _filled_in(node: ast.JoinedStr) -> set[str]:
    texts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
    if not isinstance(texts[0], str) or "." not in texts[0]:
        return set()
    pattern = re.compile("".join("[a-z_]+" if one is None else re.escape(str(one)) for one in texts))
    return {one for one in SNAPSHOT_TYPES if pattern.fullmatch(one)}


def cards_table() -> str:
    """The test cards and bank accounts that mean something, one a row; plain cards of a country share one."""
    told = [card for card in CARDS if _meaning(card) or card.country == "US" or card.brand != "visa" or card.networks]
    rows = [f"| {card.number} | {_names(card)} | {_kind(card)} | {_meaning(card) or 'pays'} |" for card in told]
    plain = ", ".join(f"`{card.names[0]}` {card.number}" for card in CARDS if card not in told)
    rows.append(f"| by country | {plain} | visa | pays |")
    for bank in BANKS:
        names = ", ".join(f"`pm_{name}`" for name in bank.names)
        rows.append(f"| {bank.number} | {names} | {bank.type}, {bank.country} | {_answer(bank)} |")
    head = "| number | names (`tok_...`, `pm_card_...`) | what it is | what it does |"
    return "\n".join([head, "|---|---|---|---|", *rows])


def _names(card: Card) -> str:
    return ", ".join(f"`{name}`" for name in card.names)


def _kind(card: Card) -> str:
    return f"{' and '.join(card.networks) or card.brand} {card.funding}, {card.country}"


def _meaning(card: Card) -> str:
    """What a card does beyond paying."""
    asks = {
        "always": "asks for 3D Secure always",
        "unless_set_up": "asks for 3D Secure, off session only until it is set up",
        "on_session": "asks for 3D Secure, never off session",
        "frictionless": "3D Secure without the customer",
        "error": "3D Secure is needed and fails: declined",
    }
    said = [
        asks.get(card.authentication, ""),
        "" if card.authentication else _CHALLENGES.get(card.challenge, ""),
        f"declines: `{card.decline}`{'' if card.declines_on_attach or card.risk == 'highest' else ', but can be saved'}"
        if card.decline
        else "",
        f"risk {card.risk}" if card.risk != "normal" else "",
        *(
            f"{what} check: {result}"
            for what, result in (
                ("CVC", card.cvc_check),
                ("address line 1", card.line1_check),
                ("postal code", card.postal_check),
            )
            if result != "pass"
        ),
        _dispute(card),
        "early fraud warning" if card.warns_of_fraud else "",
        {"pending": "refunds are pending for a minute", "fails": "refunds fail after a minute"}.get(
            card.refund or "", ""
        ),
        "money is available at once" if card.skips_pending else "",
    ]
    return "; ".join(part for part in said if part)


_CHALLENGES = {
    "ask": "3D Secure where it is requested",
    "error": "3D Secure where it is requested, and it fails; pays",
    "unsupported": "no 3D Secure",
}


def _dispute(card: Card) -> str:
    if not card.dispute:
        return ""
    times = f", {card.disputes} times" if card.disputes > 1 else ""
    return f"disputed: {card.case} `{card.dispute}`{times}{f', `{card.eligible_for}`' if card.eligible_for else ''}"


def _answer(bank: Bank) -> str:
    """What the bank says, and when."""
    if bank.is_blocked:
        return "blocked as too risky"
    if bank.refuses_microdeposits:
        return "microdeposits fail"
    if bank.answers_after_s is None:
        return "processing for ever"
    after = "" if bank.answers_after_s == SOON_S else f" after {bank.answers_after_s} seconds"
    if bank.failure:
        return f"fails: `{bank.failure}`{after}"
    return f"pays{after}{', and is disputed and lost' if bank.is_disputed else ''}"


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
