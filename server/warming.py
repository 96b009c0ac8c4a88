"""The parser made ready beside the answers of a server, so that each sentence takes what a sentence takes.

Unprepared, a pattern is compiled when a sentence first needs it, and tried on every sentence.
"""

import threading
from functools import partial

import anyio

from paydesk.server.limits import WARM_AFTER_S, WARM_MOST_S, WARM_PAUSE_S


async def ready(*, after_s: float = WARM_AFTER_S) -> None:
    """Prepare the parser's patterns in a thread, once what was just answered has gone out; ends with the desk."""
    await anyio.sleep(after_s)
    stopped = threading.Event()
    try:
        with anyio.move_on_after(WARM_MOST_S):
            # Who hangs up does not wait for it: the thread sees that it is not wanted any more.
            await anyio.to_thread.run_sync(partial(_warm, stopped), abandon_on_cancel=True)
    finally:
        stopped.set()


def _warm(stopped: threading.Event) -> None:
    from paydesk.intents.parse import warm

    # Requests have their turn between one pattern and the next: whoever asks meanwhile is not to wait for this.
    warm(partial(stopped.wait, WARM_PAUSE_S))
