"""Questions about the desk itself: which account it works on, and what waits for a yes. Whole sentences only."""

from typing import Final

from paydesk.intents.patterns import worded
from paydesk.intents.words import lexes_in, words

_POLITE: Final = r"^(?:please |can you |could you |hey |ok |so )*"
_ACCOUNT = worded(
    _POLITE + r"(?:(?:which|what|whose) (?:stripe )?account (?:is this|is it|am i (?:on|in|using|connected to)"
    r"|are we (?:on|in|using|connected to))"
    r"|(?:show |get |give |see |what are |what's )?(?:me )?(?:my |our |the )?(?:stripe )?account"
    r" (?:details|info|information|status|id|settings)"
    r"|(?:show |get )(?:me )?(?:my |our |the )(?:stripe )?account"
    r"|(?:are|is) (?:our |the )?(?:payouts|charges|card payments) (?:enabled|switched on|turned on)"
    r"|can we (?:take|accept) (?:card )?payments|what(?: is|'s) our (?:default|main|settlement) currency"
    r"|(?:am i|are we|is this) (?:in |on )?(?:the )?(?:test|live|sandbox)(?: mode| data| account)?)(?: [?.!])*"
)
_PROPOSALS = worded(
    _POLITE + r"(?:(?:show |list |get |see |what are |any |are there any )?(?:me )?(?:my |our |the |all )*"
    r"(?:pending |waiting |open )?(?:proposals?|approvals)(?: (?:are )?(?:waiting|pending|open))?"
    r"|what(?: 's|'s| is)? (?:waits|waiting|pending) (?:for |on )?(?:my |an? |your |our )?(?:approval|yes|ok)"
    r"|what needs (?:my |our |an? )?(?:approval|yes))(?: [?.!])*"
)
# Each way of the pattern above holds one of these words.
_WAITING: Final = words("proposal proposals approval approvals yes ok")


def about_the_desk(gist: str) -> str | None:
    """The skill that answers a question about the desk itself, or None."""
    if not _WAITING.isdisjoint(lexes_in(gist)) and _PROPOSALS.fullmatch(gist):
        return "list_proposals"
    return "get_account" if _ACCOUNT.fullmatch(gist) else None
