"""Sentences that change what was asked or commanded before: "and last month?", "the same for Bob", "make it $10".

A question is asked again with what is different. A command is never repeated unasked, and where one that waits is
changed, what it was is withdrawn before what it is now is proposed, so that both never wait.
"""

from paydesk.intents import follow_ups, replies
from paydesk.intents.conversation import Asked, Turn
from paydesk.intents.router import WRITES
from paydesk.intents.sentence import Sentence
from paydesk.server.about_proposals import AboutProposals
from paydesk.skills.answer import Answer


class Following(AboutProposals):
    """What follows up on the last turn."""

    def _changed(self, read: Sentence) -> "tuple[str, dict[str, object]] | Answer | None":
        """The last question with what is different now, as "and last month?" wants it."""
        turn = next((turn for turn in reversed(self.memory.turns) if turn.skill), None)
        if turn is None or turn.skill is None:
            return None
        if turn.skill in WRITES or self._paydesk.catalogue[turn.skill].writes:
            return self._same_for_another(read, turn) if turn is self.memory.turns[-1] else None
        if len(read.tokens) and self._understand(read.text).skill not in (None, turn.skill):
            return None
        before = dict(turn.entities)
        for text in follow_ups.differences(read, turn.skill, before):
            parsed = self._understand(text)
            kin = {parsed.skill, turn.skill} <= {"find_customers", "get_customer"}
            if (parsed.skill == turn.skill or kin) and parsed.entities and not parsed.missing:
                said = {k: v for k, v in parsed.entities.items() if k not in ("payment_ref", "metric")}
                if said and parsed.skill:
                    return parsed.skill, follow_ups.merged(before, said)
        return None

    def _same_for_another(self, read: Sentence, turn: Turn) -> Answer | None:
        """ "the same for Bob" after a write is asked about, with what it would be, and prepared on a yes."""
        if self._understand(read.text).skill is not None:
            return None  # it asks for something of its own
        found = follow_ups.differences(read, "list_payments", {})
        who: dict[str, object] = {}
        for text in found:
            parsed = self._understand(text)
            if (
                parsed.skill == "list_payments"
                and parsed.entities.keys() <= replies.BRINGS["customer"]
                and parsed.entities
            ):
                who = parsed.entities
                break
        if not who or turn.skill is None:
            return None
        entities = {**follow_ups.portable(dict(turn.entities)), **who}
        called = str(next(iter(who.values())))
        question = f"Should I prepare the same for {called}: {turn.skill.replace('_', ' ')}?"
        return self._ask(question, Asked("yes", "", skill=turn.skill, arguments=tuple(entities.items())))
