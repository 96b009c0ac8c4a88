"""Words about a proposal of this conversation, and about how something was understood; none of them approves."""

import re

from paydesk.intents import phrases
from paydesk.intents.reads.desk import about_the_desk
from paydesk.intents.sentence import Sentence
from paydesk.server.talking import NOTHING, Talking
from paydesk.skills.answer import Answer

_UNDECIDED = re.compile(r"\b(?:wait(?:s|ing)|pending|open|approvals?|yes)\b")


def _asks_what_waits(read: Sentence) -> bool:
    """Whether only those proposals are asked for that nobody has decided yet."""
    listed = about_the_desk(read.gist) == "list_proposals"
    return phrases.asks_what_waits(read) or (listed and _UNDECIDED.search(read.gist) is not None)


class AboutProposals(Talking):
    """Withdrawing, undoing, looking at a proposal, and telling why."""

    async def _about_the_desk(self, read: Sentence) -> Answer | None:
        """Words about a proposal of this conversation, or about how something was understood."""
        if phrases.asks_why(read) and self.memory.text:
            return self._explained()
        if _asks_what_waits(read) and self._offers("list_proposals"):
            return await self._call_with("list_proposals", {"state": "waiting"}, {}, read.text)
        if phrases.approves(read):
            waiting = await self._waiting() or await self._others_waiting()
            return Answer(says=f"Only a person can approve, and not by words said here. {waiting}")
        proposal = phrases.proposal_in(read) or self._last_proposal()
        wanted = phrases.about_proposal(read, named=phrases.proposal_in(read) is not None)
        if proposal is None or wanted is None:
            return None
        if wanted == "cancel":
            # "cancel that" takes back what only waits; a thing that was done is cancelled in its own right.
            waits = self.memory.asked is None and (await self._desk.proposal(proposal)).state == "waiting"
            return await self._with_proposal("withdraw", proposal, read) if waits else None
        return await self._with_proposal(wanted, proposal, read)

    async def _with_proposal(self, wanted: str, proposal: str, read: Sentence) -> Answer:
        if wanted == "undo":
            back = (await self._desk.proposal(proposal)).undo_call
            if not back or not self._offers(str(back["skill"])):
                return Answer(says=f"There is nothing that takes this back. {NOTHING}")
            return await self._call_with(str(back["skill"]), dict(back["arguments"]), {}, read.text)
        skill = {"withdraw": "cancel_proposal", "state": "get_proposal"}[wanted]
        if not self._offers(skill):
            return Answer(says=f"This desk does not offer that here. {NOTHING}")
        return await self._call_with(skill, {"proposal": proposal}, {}, read.text)

    async def _others_waiting(self) -> str:
        """What waits that no sentence of this conversation proposed."""
        count = sum(outcome.state == "waiting" for outcome in await self._desk.proposals())
        if not count:
            return "Nothing waits."
        wait = "1 proposal waits" if count == 1 else f"{count} proposals wait"
        return f"{wait}; list_proposals shows the ids, and a person runs `paydesk approve ID`."

    def _last_proposal(self) -> str | None:
        """The proposal that the last turn was about; looking at what waits changes nothing about that."""
        turns = [turn for turn in self.memory.turns if turn.skill != "list_proposals"]
        last = turns[-1] if turns else None
        return next((item.id for item in reversed(last.about) if item.kind == "proposal"), None) if last else None

    def _explained(self) -> Answer:
        from paydesk.intents.explain import explain

        now, zone = self._desk.now(), self._zone
        _, steps = explain(self.memory.text, now=now, names=self._names, phrases=self._phrases, zone=zone)
        told = [f'"{step.words}" {step.means}' if step.words else step.means for step in steps]
        told = [f'"{one.words}" was taken for {one.item.label or one.item.id}' for one in self.memory.referents] + told
        return Answer(says="; ".join(told) + ".", referents=[one.told() for one in self.memory.referents] or None)
