"""Who is working on a write right now, and when somebody else may take over.

A lease is a courtesy between living processes, not what makes a write happen once: that is the idempotency key.
"""

import os
import secrets
import socket
import sys
from datetime import datetime, timedelta

from paydesk.server.gate.proposals import Proposal
from paydesk.server.limits import LOOK_AGAIN_MOST_S, LOOK_AGAIN_S, SENDING_LEASE_S

_HOST = socket.gethostname()[:128]


def new_owner() -> str:
    """A name for one piece of work: `host:pid:nonce`."""
    return f"{_HOST}:{os.getpid()}:{secrets.token_hex(6)}"


def lease_until(now: datetime) -> datetime:
    """When a lease that starts now ends."""
    return now + timedelta(seconds=SENDING_LEASE_S)


def look_again_at(proposal: Proposal, now: datetime) -> datetime:
    """When the desk looks by itself for this write again, if it finds nothing now: later after every try."""
    pause_s = min(LOOK_AGAIN_S * 2 ** min(proposal.tries, 10), LOOK_AGAIN_MOST_S)
    return now + timedelta(seconds=pause_s)


def is_abandoned(proposal: Proposal, now: datetime) -> bool:
    """Whether nobody holds it any more: never held, over, or held by a process of this machine that is gone."""
    if proposal.lease_owner is None or proposal.lease_until is None or now >= proposal.lease_until:
        return True
    host, pid, _nonce = proposal.lease_owner.rsplit(":", 2)
    return host == _HOST and not _alive(int(pid))


def _alive(pid: int) -> bool:
    if sys.platform == "win32":
        return True  # there, signal 0 is a key press, not a question
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
