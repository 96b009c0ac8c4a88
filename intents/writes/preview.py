"""What a change of a subscription would cost: the change is planned, shown and never proposed."""

from dataclasses import replace
from typing import Final

from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence, part
from paydesk.intents.words import pairs

SKILL: Final = "update_subscription"
_ASKED: Final = lazy(
    r"(?:please |can you |could you )*(?:(?:what|how much) would it cost (?:us |them |him |her )?(?:to|if (?:we|i|you))"
    r"|(?:show me )?(?:a )?preview(?: of)?(?: what it costs to)?) (?P<verb>change|changed|changing|switch|switched"
    r"|switching|upgrade|upgraded|upgrading|downgrade|downgraded|downgrading|increase|increased|increasing|raise|raised"
    r"|raising|move|moved|moving|set|setting) "
)
_BASE: Final = pairs(
    """
    changed:change changing:change switched:switch switching:switch upgraded:upgrade upgrading:upgrade
    downgraded:downgrade downgrading:downgrade increased:increase increasing:increase raised:raise raising:raise
    moved:move moving:move setting:set
    """
)


def request(sentence: Sentence) -> Sentence | None:
    """The change that a preview is asked of ("preview switching sub_... to Pro"), as a command; None if none is."""
    found = _ASKED.match(sentence.gist)
    if found is None:
        return None
    first = sentence.index_at(found.start("verb"))
    tokens = [token._replace(lex=_BASE.get(token.lex, token.lex)) for token in sentence.tokens[first : first + 1]]
    changed = replace(sentence, tokens=sentence.tokens[:first] + tokens + sentence.tokens[first + 1 :])
    return part(changed, first, len(changed.tokens))
