"""Completions: what could be written into a prompt's argument or a resource's address."""

from mcp.types import Completion, CompletionArgument, PromptReference, ResourceTemplateReference

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.errors import PaydeskError
from paydesk.server.limits import COMPLETIONS_MOST
from paydesk.server.mcp.prompts import PROMPTS
from paydesk.server.mcp.resources import SCHEME
from paydesk.skills.hostile_text import clean

_MONTHS = 18


async def complete(
    desk: PayDesk, caller: Caller, about: PromptReference | ResourceTemplateReference, argument: CompletionArgument
) -> Completion:
    """At most a few values that fit what was typed; none where nothing helps or the desk cannot be asked."""
    typed = clean(argument.value, 60)
    try:
        values = await _values(desk, caller, about, argument.name, typed)
    except PaydeskError:
        # A hint that cannot be had is no hint: the person types on, and the call itself will say what is wrong.
        values = []
    kept = values[:COMPLETIONS_MOST]
    return Completion(values=kept, total=len(values), has_more=len(values) > len(kept))


async def _values(
    desk: PayDesk,
    caller: Caller,
    about: PromptReference | ResourceTemplateReference,
    name: str,
    typed: str,
) -> list[str]:
    if isinstance(about, PromptReference):
        if about.name not in PROMPTS or name not in PROMPTS[about.name].arguments:
            return []
        if name == "month":
            return [month for month in await _months(desk) if month.startswith(typed)]
        return await _customers(desk, caller, typed, "name") if name == "customer" else []
    if about.uri == f"{SCHEME}customers/{{id}}":
        return await _customers(desk, caller, typed, "id")
    if about.uri == f"{SCHEME}proposals/{{id}}":
        gate = await desk.gate()
        found = await gate.list(principal=caller.principal)
        return [one.proposal_id for one in found if one.proposal_id.startswith(typed)]
    return []


async def _months(desk: PayDesk) -> list[str]:
    """The months before the account's present, the last one first."""
    now = (await desk.door()).now()
    count = now.year * 12 + now.month - 1
    return [f"{(count - back) // 12:04d}-{(count - back) % 12 + 1:02d}" for back in range(1, _MONTHS + 1)]


async def _customers(desk: PayDesk, caller: Caller, typed: str, member: str) -> list[str]:
    if len(typed) < 3:  # less fits everybody, and nothing is found for it
        return []
    found = await desk.call("find_customers", {"query": typed, "limit": COMPLETIONS_MOST}, caller)
    rows = found.structured().get("customers", [])
    return list(dict.fromkeys(str(row[member]) for row in rows if row.get(member)))
