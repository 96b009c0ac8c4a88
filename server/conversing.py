"""One sentence of a conversation, answered: what it refers to, what it answers, and what it asks for.

What is referred to becomes an id in the sentence, and the sentence then takes the path of every other. Nothing that is
said here approves a write: that is a person's, in their client, on the page or at the terminal.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from paydesk.intents import conversation as talk
from paydesk.intents import gates, phrases, replies, several
from paydesk.intents import parse as parsing
from paydesk.intents.conversation import Asked, Item, Referent, Turn
from paydesk.intents.entities import cards
from paydesk.intents.parse import Parsed
from paydesk.intents.reads import searching
from paydesk.intents.router import WRITES
from paydesk.intents.sentence import Sentence
from paydesk.intents.writes import commands
from paydesk.server import warming
from paydesk.server.account_zone import AccountZone
from paydesk.server.amending import Amending
from paydesk.server.call import CallDesk, PayDesk
from paydesk.server.caller import Caller
from paydesk.server.conversations import Conversations
from paydesk.server.errors import Ambiguous, PaydeskError
from paydesk.server.recalling import options_of
from paydesk.server.talking import NOTHING
from paydesk.skills.answer import Answer, together

_NOT_UNDERSTOOD = (
    "I did not find a request about this Stripe account in that. I answer questions such as "
    '"what\'s my balance?" or "show failed payments from last week", and prepare refunds and other writes for approval.'
)
_NO_CARD_NUMBERS = "Of the card number only the last four digits were kept; please never send a whole one."
_LOOKED_UP_MOST = 3


class Conversing:
    """Answers sentences, and remembers what each conversation was about."""

    def __init__(self, conversations: Conversations | None = None) -> None:
        self._conversations = Conversations() if conversations is None else conversations
        self._zone = AccountZone()
        self._is_warming = False

    async def ask(
        self, paydesk: PayDesk, desk: CallDesk, text: str, caller: Caller, conversation: str | None = None
    ) -> Answer:
        """Understand `text` in its conversation and answer it as `caller`. Raises what the skill it calls raises."""
        safe = cards.masked(text)
        async with self._conversations.turn(caller.principal, conversation) as held:
            this = _Talk(paydesk, desk, caller, held.memory)
            answer = await this.answer(safe, self._zone)
            held.memory = this.memory
            told = {"conversation": held.id}
            if safe != text:
                told["says"] = f"{answer.says} {_NO_CARD_NUMBERS}"
            self._warm(paydesk)
            return answer.model_copy(update=told)

    def _warm(self, paydesk: PayDesk) -> None:
        """After the first answer, prepare the parser for those that follow; who asks no sentence never pays for it."""
        if not self._is_warming and paydesk.beside is not None:
            self._is_warming = True
            paydesk.beside(warming.ready)


class _Talk(Amending):
    """Whatever a sentence is: an answer to a question, words about a proposal, what follows up, something new."""

    async def answer(self, text: str, zone: AccountZone) -> Answer:
        """Whatever the sentence is: an answer to a question, a word about a proposal, something new."""
        self._names = await self._desk.customers.named_in(text)
        if len(text) > parsing.MAX_CHARACTERS:
            return await self._parsed(self._understand(text), text, ())
        read = self._read(text)
        if read.dates or self.memory.asked or self.memory.turns:
            self._zone = await zone.of(self._desk.stripe)
            read = self._read(text)
        about = await self._about_the_desk(read)
        if about is not None:
            return about
        mended = await self._mended(read)
        if mended is not None:
            return mended
        asked = self.memory.asked
        if asked is not None:
            answered = await self._replied(read, asked)
            if answered is not None:
                return answered
            self.memory = replace(self.memory, asked=None)
        elif replies.is_yes(read) or replies.is_no(read):
            return await self._unasked(yes=replies.is_yes(read))
        pieces = several.pieces(read, self._understand) if several.may_be_cut(read) else []
        return await self._several(pieces) if len(pieces) > 1 else await self._one(text)

    async def _anew(self, text: str) -> Answer:
        return await self._one(text)

    # What refers, and what is new

    async def _one(self, text: str, chosen: Item | None = None) -> Answer:
        """A sentence that asks or commands one thing."""
        resolved = await self._resolved(text, chosen)
        if isinstance(resolved, Answer):
            return resolved
        if resolved.question:
            alone = self._understand(text)
            if alone.skill is None and not self.memory.turns:
                return await self._parsed(alone, text, ())
            how: Literal["which", "who"] = "which" if resolved.options else "who"
            return self._ask(resolved.question, Asked(how, text, resolved.options))
        self.memory = replace(self.memory, she=resolved.she)
        read = self._read(resolved.text)
        if [one.item.kind for one in resolved.referents] == ["proposal"]:
            about = await self._about_the_desk(read)
            if about is not None:
                return about
        changed = self._changed(read)
        if isinstance(changed, Answer):
            return changed
        if changed is not None:
            skill, entities = changed
            return await self._call(skill, entities, resolved.text, resolved.referents)
        parsed = self._understand(resolved.text)
        if parsed.skill is None and len(resolved.referents) == 1 and phrases.shows_one(read):
            return await self._open(resolved.referents[0], resolved.text)
        return await self._parsed(parsed, resolved.text, resolved.referents)

    async def _resolved(self, text: str, chosen: Item | None) -> "talk.Resolved | Answer":
        read = self._read(text)
        writing = bool(commands.find_commands(read.gist))
        for _ in range(_LOOKED_UP_MOST):
            resolved = talk.resolve(read, self.memory, chosen=chosen, writing=writing)
            if resolved.needs is None:
                return resolved
            try:
                customer_id, called = await self._look_up(resolved.needs)
            except Ambiguous as wrong:
                options = options_of(wrong.choices)
                return self._ask(wrong.as_text(), Asked("which", text, options) if options else None)
            if chosen is not None and chosen.is_same(resolved.needs):
                chosen = Item("customer", customer_id, called)
            self.memory = self.memory.knowing(resolved.needs, customer_id, called)
        return self._ask("Who is meant? Please give a name, an e-mail address or a customer id.", None)

    async def _open(self, referent: Referent, text: str) -> Answer:
        """ "the second one" by itself: it is shown."""
        item = referent.item
        skill, place = {
            "payment": ("get_payment", "payment_intent_id"),
            "customer": ("get_customer", "customer_id"),
        }.get(item.kind, ("", ""))
        if skill and self._offers(skill):
            return await self._call(skill, {place: item.id}, text, (referent,))
        self.memory = self.memory.with_turn(Turn(about=(item,)))
        return Answer(says=f"That is {item.label or item.id}.", referents=[referent.told()])

    # What was understood

    async def _parsed(self, parsed: Parsed, text: str, referents: Sequence[Referent]) -> Answer:
        if parsed.skill in (None, "find_customers") and self._offers("search"):
            query = searching.everywhere(self._read(text))
            if query is not None:
                return await self._call("search", {"query": query}, text, referents)
        if parsed.skill is None and not parsed.question and gates.is_negated(self._read(text).gist):
            return await self._unasked(yes=False)
        if parsed.skill is None:
            return Answer(says=parsed.question or _NOT_UNDERSTOOD)
        if parsed.skill == "clarify" or parsed.missing:
            question = parsed.question or "What exactly should be done, and for whom?"
            return self._ask(question, self._open_question(parsed, text), referents)
        if not self._offers(parsed.skill):
            told = parsed.skill.replace("_", " ")
            return Answer(says=f"That would be {told}, which this desk does not offer. {NOTHING}")
        return await self._call(parsed.skill, parsed.entities, text, referents)

    def _open_question(self, parsed: Parsed, text: str) -> Asked | None:
        if parsed.unclear:
            return Asked("reading", text, unclear=parsed.unclear)
        if parsed.missing:
            return Asked("slot", text, missing=tuple(parsed.missing))
        texts = phrases.commanded(self._read(text))
        if len(texts) > 1:
            return Asked("first", text, texts=texts)
        if parsed.question and "should i prepare" in parsed.question.lower():
            plain = phrases.as_command(self._read(text))
            meant = self._understand(plain) if plain else None
            if plain and meant and meant.skill in WRITES and not meant.missing:
                return Asked("yes", plain)
        return None

    # Several things at once

    async def _several(self, pieces: list[str]) -> Answer:
        """Each question is answered; a command among them is asked about, and several are taken one at a time."""
        commanded = [text for text in pieces if commands.find_commands(self._read(text).gist)]
        if len(commanded) == len(pieces):
            return await self._one(" and ".join(pieces))
        answers = [await self._told(text) for text in pieces if text not in commanded]
        if len(commanded) == 1:
            question = f'I have prepared nothing yet. Should I prepare "{commanded[0]}"?'
            answers.append(self._ask(question, Asked("yes", commanded[0])))
        elif commanded:
            question = "Those are several changes, and each needs its own yes. Which one should come first?"
            answers.append(self._ask(question, Asked("first", "", texts=tuple(commanded))))
        return together(answers)

    async def _told(self, text: str) -> Answer:
        """The answer to one of several; what goes wrong with it is told in its place."""
        try:
            return await self._one(text)
        except PaydeskError as wrong:
            return Answer(says=wrong.as_text())

    # Answers to questions

    async def _replied(self, read: Sentence, asked: Asked) -> Answer | None:
        reply = replies.reply(read, asked)
        if reply is None:
            return None
        if reply.declined:
            self.memory = replace(self.memory, asked=None)
            return await self._unasked(yes=False)
        if reply.again:
            return self._ask(asked.question, asked)
        self.memory = replace(self.memory, asked=None)
        if reply.item is not None:
            return await self._picked(reply.item, asked)
        if asked.how == "yes" and asked.skill:
            return await self._call(asked.skill, dict(asked.arguments), read.text)
        if asked.how == "slot":
            return await self._filled(read, asked)
        if reply.unsure and self._understand(reply.texts[0]).skill in (None, "clarify"):
            return self._ask(asked.question, asked)
        return await self._one(reply.texts[0])

    async def _picked(self, item: Item, asked: Asked) -> Answer:
        answer = await self._with(item, asked)
        if asked.options and self.memory.asked is None:
            self.memory = replace(self.memory, picked=(asked, item))
        return answer

    async def _with(self, item: Item, asked: Asked) -> Answer:
        """The sentence or the call that was asked about, with what was picked."""
        if asked.how in ("which", "who"):
            return await self._one(asked.text, chosen=item)
        if asked.skill is None or asked.argument is None:
            return self._ask(asked.question, asked)
        arguments = {**dict(asked.arguments), asked.argument: item.id}
        entities = dict(self._understand(asked.text).entities)
        if asked.argument == "customer":
            entities = {k: v for k, v in entities.items() if k not in replies.BRINGS["customer"]} | {
                "customer_id": item.id
            }
        referent = Referent(asked.argument, item)
        return await self._call_with(asked.skill, arguments, entities, asked.text, (referent,))

    async def _filled(self, read: Sentence, asked: Asked) -> Answer | None:
        """The sentence that lacked something, completed; None where the answer does not fill just that."""
        resolved = talk.resolve(read, self.memory)
        reply = replies.reply(self._read(resolved.text), asked)
        before = self._understand(asked.text)
        for text in reply.texts if reply else ():
            parsed = self._understand(text)
            if replies.fills(before, parsed, asked.missing[0]):
                return await self._parsed(parsed, text, resolved.referents)
        if self._understand(read.text).skill is None and len(read.tokens) <= 6:
            return self._ask(asked.question, asked)
        return None

    async def _unasked(self, *, yes: bool) -> Answer:
        """A yes or no that nothing was asked for here; what waits for a person waits on."""
        waiting = await self._waiting()
        if yes and waiting:
            return Answer(says=f"A yes here approves nothing. {waiting}")
        if yes:
            return Answer(says=f"I asked nothing that a yes would answer. {NOTHING}")
        return Answer(says=f"{NOTHING} {waiting}".strip() if waiting else NOTHING)
