"""What every sentence of a conversation needs: reading it, calling a skill for it, asking back, remembering.

`Talking` is one sentence on its way; the classes above it know what may be said about proposals and what follows up.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, tzinfo

from paydesk.intents import parse as parsing
from paydesk.intents import replies
from paydesk.intents import sentence as sentences
from paydesk.intents.conversation import Asked, Item, Memory, Referent, Turn
from paydesk.intents.parse import Parsed
from paydesk.intents.sentence import Sentence
from paydesk.server import account_zone, picturing
from paydesk.server.asking import arguments_for, dated_by
from paydesk.server.call import CallDesk, PayDesk
from paydesk.server.caller import Caller
from paydesk.server.errors import Ambiguous, SkillError
from paydesk.server.next_steps import next_steps, reasons_of_failure
from paydesk.server.recalling import options_of, owner_of, proposal_of, shown
from paydesk.skills.answer import Answer
from paydesk.skills.base import Json
from paydesk.skills.who import customer_meant, label

NOTHING = "Nothing was done."


class Talking:
    """One sentence on its way through a conversation; `memory` is what the next one will know."""

    def __init__(self, paydesk: PayDesk, desk: CallDesk, caller: Caller, memory: Memory) -> None:
        self._paydesk, self._desk, self._caller = paydesk, desk, caller
        self._zone: tzinfo = UTC
        self._names: Sequence[str] = ()
        self._phrases = {skill.name: skill.says for skill in paydesk.catalogue.values()}
        self._offered = frozenset(self._phrases)
        self.memory = memory

    def _read(self, text: str) -> Sentence:
        return sentences.read(text, self._desk.now().astimezone(self._zone).date(), self._names)

    def _understand(self, text: str) -> Parsed:
        return parsing.parse(
            picturing.plain(text),
            now=self._desk.now(),
            names=self._names,
            phrases=self._phrases,
            offered=self._offered,
            zone=self._zone,
        )

    async def _call(
        self, name: str, entities: "dict[str, object]", text: str, referents: Sequence[Referent] = ()
    ) -> Answer:
        if name == "get_payment" and not entities.keys() - {"payment_ref", "status", "start", "end"}:
            # The newest payment of all, not of one customer.
            name, entities = "list_payments", {**entities, "payment_ref": None, "limit": 1}
        skill = self._paydesk.catalogue[name]
        arguments, left = arguments_for(skill, entities)
        if "currency" in left and "amount" in entities:
            return self._ask("Which currency is the amount in?", Asked("slot", text, missing=("currency",)), referents)
        if left:
            told = " or ".join(word.replace("_", " ") for word in left)
            return self._ask(f"I understood {name}, but it cannot take the {told} you gave. Ask without it?", None)
        arguments = dated_by(skill, arguments, text)
        arguments = picturing.with_table(skill, picturing.with_chart(skill, arguments, text), text)
        answer = await self._call_with(name, arguments, entities, text, referents)
        about_days = self._about_days(entities, text) if answer.skill else None
        return answer.model_copy(update={"says": f"{answer.says} {about_days}"}) if about_days else answer

    def _about_days(self, entities: "dict[str, object]", text: str) -> str | None:
        """What whoever spoke of times of day, or lives in another zone, has to know about the days in the answer."""
        if not entities.keys() & {"start", "end"}:
            return None
        said = any(mention.grain == "time" for mention in self._read(text).dates)
        days = ["Times of day are left out: these are whole days."] if said else []
        zone = account_zone.told(self._zone, self._desk.now())
        return " ".join([*days, *([zone] if zone else [])]) or None

    async def _call_with(
        self, name: str, arguments: Json, entities: "dict[str, object]", text: str, referents: Sequence[Referent] = ()
    ) -> Answer:
        try:
            result = await self._paydesk.call(name, arguments, self._caller)
        except Ambiguous as wrong:
            options = options_of(wrong.choices)
            kept = tuple(arguments.items())
            asked = Asked("argument", text, options, skill=name, arguments=kept, argument=wrong.field)
            return self._ask(wrong.as_text(), asked if options and wrong.field else None, referents)
        except SkillError as wrong:
            if wrong.code != "payment_missing":
                raise
            return self._ask(wrong.as_text(), Asked("slot", text, missing=("payment",)), referents)
        told = result.structured()
        # "The second one" may be said of a table, too, whose rows the answer itself holds as text.
        whole = result.whole()
        turn = replace(shown(name, arguments, whole, entities), arguments=tuple(arguments.items()))
        self._remember(turn, told, text, referents)
        more = reasons_of_failure(name, whole)
        return Answer(
            says=f"{result.sentence()} {more}" if more else result.sentence(),
            skill=name,
            arguments=arguments,
            result=told,
            referents=[one.told() for one in referents] or None,
            next=next_steps(name, whole, self._offers) or None,
            text_lines=list(result.lines()),
            drawn=result.drawing(),
        )

    def _remember(self, turn: Turn, told: Json, text: str, referents: Sequence[Referent]) -> None:
        if "proposal_id" in told:
            known = [one.item for one in referents]
            about = known + [item for item in turn.about if not any(item.is_same(other) for other in known)]
            about.append(proposal_of(turn.skill, told))
            turn = replace(turn, about=tuple(about))
        self.memory = replace(self.memory.with_turn(turn), text=text, referents=tuple(referents))

    def _ask(self, question: str, asked: Asked | None, referents: Sequence[Referent] = ()) -> Answer:
        self.memory = replace(self.memory, asked=replace(asked, question=question) if asked else None)
        return Answer(
            says=question,
            question=question,
            choices=list(replies.choices(asked)) or None if asked else None,
            referents=[one.told() for one in referents] or None,
        )

    async def _look_up(self, person: Item) -> tuple[str, str]:
        """The id of a customer who is known by a name, or by something of theirs, and how they are called."""
        if person.said:
            customer = await customer_meant(self._desk, person.said)
            return str(customer["id"]), f"{label(customer)} {customer['id']}"
        customer_id = await owner_of(self._desk.stripe, person.of or "")
        if customer_id is None:
            raise Ambiguous(
                "This belongs to no customer.",
                code="customer_missing",
                field="customer",
                next_step="Give a name, an e-mail address or a customer id.",
            )
        return customer_id, f"{person.label} {customer_id}"

    async def _waiting(self) -> str | None:
        """What of this conversation waits for a person, and how they approve it."""
        for turn in reversed(self.memory.turns):
            for item in turn.about:
                if item.kind == "proposal":
                    outcome = await self._desk.proposal(item.id)
                    if outcome.state == "waiting":
                        return (
                            f"{item.id} waits for a person's yes: {outcome.approve or 'it is asked for in the client'}"
                        )
        return None

    def _offers(self, name: str) -> bool:
        skill = self._paydesk.catalogue.get(name)
        return skill is not None and self._caller.scope.allows(skill)
