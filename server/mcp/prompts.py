"""Prompts: three pieces of work that a person starts and an assistant does with the desk's tools.

Every call that a prompt proposes is written as tool name and JSON, and a test holds each one to the tool's own schema.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, GetPromptResult, Prompt, PromptArgument, PromptMessage, TextContent

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.mcp.answers import marked
from paydesk.skills.hostile_text import clean

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_TEXT_CHARACTERS = 200


@dataclass(frozen=True)
class DeskPrompt:
    """One prompt: its arguments (name -> what it is), which of them are needed, the tools it uses, and its text."""

    name: str
    title: str
    description: str
    arguments: Mapping[str, str]
    required: frozenset[str]
    tools: frozenset[str]
    text: Callable[[Mapping[str, str]], str]


def _month_end_review(given: Mapping[str, str]) -> str:
    start, end = month_range(given["month"])
    span = {"start": start, "end": end}
    return f"""Review {given["month"]} (UTC, {start} up to but not including {end}) for the person who keeps the books.

1. {_call("get_balance")}
2. {_call("list_payments", **span, sort="largest", limit=20)}
3. {_call("list_payments", **span, status="failed", limit=20)}
4. {_call("list_refunds", **span)}
5. {_call("list_disputes", **span)}
6. {_call("list_payouts", **span)}

Follow next_cursor where a list says has_more and you need the rest; never add up a list that was not read to its end.
Keep currencies apart. Then write one page: money in, refunded, disputed and paid out per currency; what failed and why;
three things that deserve a look, each with its id. Read only: propose no refund."""


def _refund_request_triage(given: Mapping[str, str]) -> str:
    customer = given["customer"]
    reason = f"\nThe reason they gave, as data: {json.dumps(given['reason'])}" if "reason" in given else ""
    return f"""A customer asks for a refund. Customer, as data: {json.dumps(customer)}{reason}

1. {_call("find_customers", query=customer)} If several fit, ask me which one and stop.
2. {_call("list_payments", customer=customer, limit=5)}
3. {_call("list_refunds", customer=customer)}
4. {_call("list_disputes", customer=customer)}

Say which payment is meant, whether it is refundable and for how much, and whether a refund or a dispute for it exists
already (a disputed payment must not be refunded as well). Recommend in two sentences: all of it, a part, or none.
Only if I then agree, call refund_payment for that payment. It makes a proposal; a person approves it, not you."""


def _dunning_follow_up(given: Mapping[str, str]) -> str:
    who = {"customer": given["customer"]} if "customer" in given else {}
    return f"""Follow up on money that is owed{" by one customer" if who else ""}.

1. {_call("list_invoices", **who, status="open", limit=20)}
2. {_call("list_subscriptions", **who, status="past_due", limit=20)}
3. {_call("list_payments", **who, status="failed", limit=20)}

Group by customer: what is owed, since when, why the last payment failed, what was tried. Put the largest first.
For each draft a short and friendly message in plain words, with the amount and its currency and one next step; an
expired card needs another wording than one without funds. Send nothing, change nothing: I decide what goes out."""


def _call(tool: str, **arguments: str | int) -> str:
    return f"{tool} {json.dumps(arguments, ensure_ascii=False)}"


PROMPTS = {
    one.name: one
    for one in (
        DeskPrompt(
            "dunning_follow_up",
            "Dunning follow-up",
            "Who owes money, why it failed, and a message to each",
            {"customer": "Only this customer (id, e-mail or name)"},
            frozenset(),
            frozenset({"list_invoices", "list_subscriptions", "list_payments"}),
            _dunning_follow_up,
        ),
        DeskPrompt(
            "month_end_review",
            "Month-end review",
            "One page about a month: money in, refunds, disputes, payouts, failures",
            {"month": "The month, as 2026-10"},
            frozenset({"month"}),
            frozenset({"get_balance", "list_payments", "list_refunds", "list_disputes", "list_payouts"}),
            _month_end_review,
        ),
        DeskPrompt(
            "refund_request_triage",
            "Refund request triage",
            "Whether a refund that a customer asks for is right, before anybody proposes it",
            {"customer": "Who asks (id, e-mail or name)", "reason": "What they wrote"},
            frozenset({"customer"}),
            frozenset({"find_customers", "list_payments", "list_refunds", "list_disputes"}),
            _refund_request_triage,
        ),
    )
}


def listed(desk: PayDesk, caller: Caller) -> list[Prompt]:
    """The prompts whose tools this caller may use."""
    return [
        Prompt(
            name=one.name,
            title=one.title,
            description=one.description,
            arguments=[
                PromptArgument(name=name, description=said, required=name in one.required)
                for name, said in one.arguments.items()
            ],
        )
        for one in PROMPTS.values()
        if _offered(desk, caller, one)
    ]


def render(desk: PayDesk, caller: Caller, name: str, given: Mapping[str, str]) -> GetPromptResult:
    """The prompt as messages. Raises MCPError where there is none of that name or an argument does not fit."""
    one = PROMPTS.get(name)
    if one is None or not _offered(desk, caller, one):
        raise MCPError(code=INVALID_PARAMS, message="There is no prompt of that name here; prompts/list shows them")
    unknown = sorted(set(given) - set(one.arguments))
    missing = sorted(one.required - {key for key, value in given.items() if value.strip()})
    if unknown or missing:
        wrong = f"lacks {', '.join(missing)}" if missing else "has an unknown argument"
        known = ", ".join(one.arguments)
        raise MCPError(code=INVALID_PARAMS, message=f"{name} {wrong}; its arguments are: {known}")
    kept = {key: clean(value, _TEXT_CHARACTERS) for key, value in given.items() if value.strip()}
    text = TextContent(type="text", text=marked(one.text(kept), desk.mode))
    return GetPromptResult(description=one.description, messages=[PromptMessage(role="user", content=text)])


def month_range(month: str) -> tuple[str, str]:
    """First day of a month and of the next, as ISO dates. Raises MCPError for what is no month."""
    found = _MONTH.fullmatch(month.strip())
    if found is None:
        raise MCPError(code=INVALID_PARAMS, message="month must be a year and a month, such as 2026-10")
    year, number = int(found[1]), int(found[2])
    if not 2000 <= year <= 2999:
        raise MCPError(code=INVALID_PARAMS, message="month must lie between 2000-01 and 2999-12")
    after = date(year + number // 12, number % 12 + 1, 1)
    return date(year, number, 1).isoformat(), after.isoformat()


def _offered(desk: PayDesk, caller: Caller, one: DeskPrompt) -> bool:
    return one.tools <= {skill.name for skill in desk.offered(caller)}
