"""Writes that only a command of the operator proposes: through the gate like any other, and asked about here."""

import sys

from paydesk.server.call import CallDesk, PayDesk
from paydesk.server.caller import Caller
from paydesk.server.commands.approving import decide_here
from paydesk.server.commands.output import show
from paydesk.server.commands.running import with_desk
from paydesk.server.errors import NotAllowed
from paydesk.server.settings import load_settings
from paydesk.skills.base import Json, Outcome, Skill


def propose_here(skill: Skill, arguments: Json, *, as_json: bool) -> int:
    """Propose it like any write, and ask the person at this terminal, where there is one. Raises PaydeskError."""
    settings = load_settings()
    if settings.read_only:
        raise NotAllowed("This desk only reads (PAYDESK_READ_ONLY).", code="read_only")

    async def work(desk: PayDesk, caller: Caller) -> int:
        outcome = await propose(desk, caller, skill, arguments)
        status = show(outcome, desk.mode, as_json=as_json)
        if as_json or not sys.stdin.isatty():
            return status
        return await decide_here(desk, caller, outcome, status)

    return with_desk(work, settings=settings)


async def propose(desk: PayDesk, caller: Caller, skill: Skill, arguments: Json) -> Outcome:
    """Plan and propose one of the operator's own writes. Raises PaydeskError."""
    from paydesk.server.arguments import parse_arguments

    params = parse_arguments(skill, arguments)
    gate = await desk.gate()
    plan = await skill.run(params, CallDesk(desk, await desk.door(), caller))
    return await gate.propose(skill, plan, principal=caller.principal, client_asks=False, arguments=arguments)
