"""How unpaid invoices are tried again: an account's setting, which at Stripe only the dashboard has. Ours."""

from dataclasses import asdict
from typing import Final

from paydesk.server.sandbox import dunning
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.params import choice, integer
from paydesk.server.sandbox.routes import Resource

_SETTING: Final = {
    "end": choice(*dunning.ENDS),
    "every_days": integer(1, dunning.MAX_DAYS),
    "tries": integer(1, dunning.MAX_TRIES),
}

resource = Resource()


def _shown(rule: dunning.Rule) -> Answer:
    return {"object": "sandbox.dunning", **asdict(rule)}


@resource.get("/_sandbox/dunning")
def retrieve(call: Call) -> Answer:
    """Ours: how often an unpaid invoice is tried, and what becomes of its subscription."""
    return _shown(dunning.rule_of(call))


@resource.post("/_sandbox/dunning", _SETTING)
def update(call: Call) -> Answer:
    """Ours: set `tries` in all, `every_days`, and the `end`: cancel, unpaid or past_due."""
    sent = {name: value for name, value in call.params.items() if name in _SETTING}
    return _shown(dunning.keep(call, dunning.Rule(**{**asdict(dunning.rule_of(call)), **sent})))
