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
from paydesk.server.sandbox.card_table import CARDS, Card
from paydesk.server.sandbox.catalogue import ROUTES
from paydesk.server.sandbox.debits import BANKS, SOON_S, Bank
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
        sandbox: between(between(sandbox.read_text("utf-8"), "operations", operations_table()), "cards", cards_table()),
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
