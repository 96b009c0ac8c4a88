"""What mends the write that waits, or the question that stands: "make it $10", "no, the other Jane", "refund the rest".

A write that is changed is planned first, so that what cannot be done leaves the old one as it was; then the old one is
withdrawn, and only then the new one is proposed. Both never wait.
"""

from abc import ABC, abstractmethod
from dataclasses import replace
from decimal import Decimal
from typing import Any

from paydesk.intents import amendments, questions
from paydesk.intents.amendments import Change
from paydesk.intents.conversation import Asked, Item, Turn
from paydesk.intents.entities.currencies import exponent, iso_to_stripe, minor_units, stripe_exponent
from paydesk.intents.sentence import Sentence, Token
from paydesk.server.following import Following
from paydesk.server.recalling import items_of
from paydesk.server.talking import NOTHING
from paydesk.skills.answer import Answer
from paydesk.skills.base import Json

_SUMS = ("amount_minor", "percent")
# Kind of thing -> the skill that lists them newest first, and what shows one.
_LISTED = {
    "payment": ("list_payments", "get_payment", "payment"),
    "invoice": ("list_invoices", "get_invoice", "invoice"),
    "payout": ("list_payouts", "", ""),
    "dispute": ("list_disputes", "get_dispute", "dispute"),
    "refund": ("list_refunds", "", ""),
}
_STEPPED_THROUGH = 100


class Amending(Following, ABC):
    """What mends the last turn, or looks at what it showed from another side."""

    async def _mended(self, read: Sentence) -> Answer | None:
        """The answer to a sentence that mends or checks the last one; None where it is something else."""
        change = amendments.change(read)
        if change is not None:
            return await self._with_change(change, read)
        if amendments.refunds_the_rest(read):
            return await self._rest(read)
        who = amendments.other(read)
        if who is not None:
            return await self._other(who, read)
        step = amendments.step(read)
        if step is not None:
            return await self._stepped(step, read)
        trait = amendments.checked(read)
        return self._checked(trait) if trait is not None else None

    # "make it $10"

    async def _with_change(self, change: Change, read: Sentence) -> Answer | None:
        asked = self.memory.asked
        if asked is not None:
            return await self._question_with(change, asked, read)
        turn = next((turn for turn in reversed(self.memory.turns) if turn.skill != "list_proposals"), None)
        proposal = self._last_proposal()
        if turn is None or proposal is None or turn.skill is None or not self._paydesk.catalogue[turn.skill].writes:
            return None
        state = (await self._desk.proposal(proposal)).state
        if state != "waiting":
            told = "it is done already" if state == "succeeded" else f"it is {state}"
            return Answer(says=f"{proposal} can no longer be changed: {told}. {NOTHING}")
        arguments = self._changed_arguments(turn.skill, dict(turn.arguments), change)
        if arguments is None or isinstance(arguments, str):
            return self._ask(arguments, None) if arguments else None
        if arguments == dict(turn.arguments):
            return Answer(says=f"That is what {proposal} says already. It still waits for a person's yes.")
        return await self._replaced(turn.skill, arguments, turn, read)

    async def _replaced(self, skill: str, arguments: Json, turn: Turn, read: Sentence) -> Answer:
        """Withdraw what waits and propose it as it is to be; what cannot be planned leaves the old one waiting."""
        proposal = self._last_proposal()
        await self._paydesk.call(skill, {**arguments, "dry_run": True}, self._caller)
        if proposal is not None:
            await self._desk.cancel_proposal(proposal)
        answer = await self._call_with(skill, arguments, dict(turn.entities), read.text)
        return answer.model_copy(update={"says": f"{proposal} was withdrawn. {answer.says}"}) if proposal else answer

    def _changed_arguments(self, skill: str, arguments: Json, change: Change) -> Json | str | None:
        """The call's arguments as they are to be; a question where that is unclear, None where it fits nothing."""
        fields = self._paydesk.catalogue[skill].params.model_fields
        rest = {name: value for name, value in arguments.items() if name not in _SUMS}
        if change.money or change.number:
            return _with_amount(arguments, rest, fields, change)
        if change.percent or change.full:
            if "percent" not in fields:
                return None
            rest.pop("currency", None)
            return {**rest, "percent": change.percent} if change.percent else rest
        if change.currency and "amount_minor" in arguments and isinstance(arguments.get("currency"), str):
            moved = _in_currency(int(arguments["amount_minor"]), str(arguments["currency"]), change.currency)
            return {**arguments, "amount_minor": moved, "currency": change.currency} if moved else None
        if change.interval and "interval" in fields:
            counted = {"interval_count": change.interval.count} if change.interval.count != 1 else {}
            kept = {name: value for name, value in arguments.items() if name != "interval_count"}
            return {**kept, "interval": change.interval.unit, **counted}
        if change.at_period_end is not None and "at_period_end" in fields:
            return {**arguments, "at_period_end": change.at_period_end}
        return None

    async def _question_with(self, change: Change, asked: Asked, read: Sentence) -> Answer | None:
        """The question that stands, about the sentence or the call with another amount in it."""
        if asked.unclear is not None or not (change.money or change.number or change.percent or change.full):
            return None
        if asked.skill is not None and asked.how == "argument":
            arguments = self._changed_arguments(asked.skill, dict(asked.arguments), change)
            if not isinstance(arguments, dict):
                return self._ask(arguments, asked) if arguments else None
            self.memory = replace(self.memory, asked=None)
            entities = dict(self._understand(asked.text).entities)
            return await self._call_with(asked.skill, arguments, entities, asked.text)
        whole = self._read(asked.text)
        sums = whole.of("money") or whole.of("number") or whole.of("share")
        said = [token for token in read.tokens if token.kind in ("money", "number", "share")]
        if len(sums) != 1 or len(said) != 1:
            return None
        put = read.text[said[0].start : said[0].end]
        self.memory = replace(self.memory, asked=None)
        return await self._anew(f"{whole.text[: sums[0].start]}{put}{whole.text[sums[0].end :]}")

    @abstractmethod
    async def _anew(self, text: str) -> Answer:
        """The answer to a whole sentence, taken as new."""

    # "refund the rest"

    async def _rest(self, read: Sentence) -> Answer | None:
        ids = [token for token in read.tokens if token.lex in ("<pi>", "<ch>")]
        payment = read.text[ids[0].start : ids[0].end] if ids else self._last_payment()
        proposal = self._last_proposal()
        if payment is None or not self._offers("refund_payment"):
            return None
        if proposal and (await self._desk.proposal(proposal)).state in ("waiting", "sending", "unknown"):
            return Answer(
                says=f"{proposal} is not decided yet, so nobody knows what will be left. Approve or withdraw it first."
            )
        return await self._call_with("refund_payment", {"payment": payment}, {"payment_intent_id": payment}, read.text)

    def _last_payment(self) -> str | None:
        """The one payment that the newest turn about any was about."""
        for turn in reversed(self.memory.turns):
            found = {item.id if item.kind == "payment" else item.of for item in turn.about} - {"", None}
            if found:
                return next(iter(found)) if len(found) == 1 else None
        return None

    # "no, the other Jane"

    async def _other(self, who: str, read: Sentence) -> Answer | None:
        turn = self.memory.turns[-1] if self.memory.turns else None
        if turn is None or turn.skill is None or self.memory.asked is not None:
            return None
        if self.memory.picked is not None:
            asked, taken = self.memory.picked
            others = [option for option in asked.options if not option.is_same(taken)]
        else:
            others = await self._namesakes(who, turn)
        if who:
            words = who.casefold().split()
            others = [one for one in others if all(word in one.label.casefold() for word in words)]
        place = next(
            (name for name in ("customer", "query", "payment", "subscription") if name in dict(turn.arguments)), None
        )
        if not others or place is None:
            return (
                Answer(says=f"I know of no other{f' {who}' if who else ' that was meant'}. {NOTHING}") if who else None
            )
        asked = Asked("argument", read.text, tuple(others), skill=turn.skill, arguments=turn.arguments, argument=place)
        if len(others) > 1:
            return self._ask(f"Which one? {'; '.join(option.label or option.id for option in others)}.", asked)
        arguments = {**dict(turn.arguments), place: others[0].id}
        proposal = self._last_proposal()
        if proposal and (await self._desk.proposal(proposal)).state == "waiting":
            return await self._replaced(turn.skill, arguments, turn, read)
        return await self._call_with(turn.skill, arguments, dict(turn.entities), read.text)

    async def _namesakes(self, who: str, turn: Turn) -> list[Item]:
        """Customers of that name, or of the name that the last turn asked for, without the one that was taken."""
        said = who or str(dict(turn.arguments).get("customer") or "")
        if not said or not self._offers("find_customers"):
            return []
        found = await self._paydesk.call("find_customers", {"query": said}, self._caller)
        known = {item.id for item in turn.about} | {item.owner_id for item in turn.about}
        named = dict(turn.arguments).get("customer")
        if isinstance(named, str) and not named.startswith("cus_"):
            known.add((await self._look_up(Item("customer", "", named, said=named)))[0])
        return [
            item for item in items_of(found.structured()) if item.kind == "customer" and item.id not in known | {named}
        ]

    # "and the one before that?"

    async def _stepped(self, step: int, read: Sentence) -> Answer | None:
        turn = self.memory.turns[-1] if self.memory.turns else Turn()
        things = [item for item in turn.about if item.kind in _LISTED and item.id]
        if len(things) != 1 or self.memory.asked is not None:
            return None
        lister, shower, argument = _LISTED[things[0].kind]
        row = self._beside(things[0], step)
        if row is None and self._offers(lister):
            asked: Json = {"limit": _STEPPED_THROUGH}
            owner = things[0].person()
            if owner and "customer" in self._paydesk.catalogue[lister].params.model_fields:
                asked["customer"] = owner.id or (await self._look_up(owner))[0]
            if isinstance(status := dict(turn.entities).get("status"), str):
                asked["status"] = status
            found = await self._paydesk.call(lister, asked, self._caller)
            row = _next_to(things[0], items_of(found.structured()), step)
        if row is None:
            return Answer(says=f"There is none {'before' if step > 0 else 'after'} it. {NOTHING}")
        if shower and self._offers(shower):
            return await self._call_with(shower, {argument: row.id}, dict(turn.entities), read.text)
        self.memory = self.memory.with_turn(Turn(about=(row,)))
        return Answer(says=f"That is {row.label or row.id}.")

    def _beside(self, item: Item, step: int) -> Item | None:
        """What stands next to it in the list that was shown last, where that is newest first."""
        for turn in reversed(self.memory.turns):
            if turn.lists and dict(turn.arguments).get("sort", "newest") == "newest":
                row = _next_to(item, turn.items, step)
                if row is not None:
                    return row
        return None

    # "was that from yesterday?"

    def _checked(self, trait: Token | str) -> Answer | None:
        turn = self.memory.turns[-1] if self.memory.turns else Turn()
        things = [item for item in turn.about if item.kind not in ("customer", "proposal")]
        if len(things) != 1 or self.memory.asked is not None:
            return None
        fits = amendments.fits(trait, things[0])
        if fits is None:
            return None
        return Answer(says=f"{'Yes' if fits else 'No'}: that is {things[0].label or things[0].id}.")


def _next_to(item: Item, listed: "tuple[Item, ...] | list[Item]", step: int) -> Item | None:
    places = [place for place, one in enumerate(listed) if one.id == item.id]
    place = places[0] + step if places else -1
    return listed[place] if 0 <= place < len(listed) else None


def _with_amount(arguments: Json, rest: Json, fields: Any, change: Change) -> Json | str | None:
    """The arguments with another amount, in the currency that is said or was said."""
    mention = change.money
    if (mention and mention.doubt) or (change.number and change.number.doubtful):
        return questions.for_doubt(f"amount_{mention.doubt if mention and mention.doubt else 'separator'}", {})
    currency = (mention.currency if mention else None) or arguments.get("currency")
    if not isinstance(currency, str):
        return "Which currency is the amount in? Please write it like $10.00."
    amount = mention.amount if mention else change.number.value if change.number else Decimal(0)
    try:
        amount_minor = iso_to_stripe(minor_units(amount, exponent(currency)), currency)
    except ValueError:
        return questions.for_doubt("amount_decimals", {})
    if amount_minor <= 0:
        return questions.for_doubt("amount_sign", {})
    if "amount_minor" in fields:
        return {**rest, "amount_minor": amount_minor, "currency": currency}
    items = arguments.get("items")
    if isinstance(items, list) and len(items) == 1:
        return {**arguments, "currency": currency, "items": [{**items[0], "amount_minor": amount_minor}]}
    return None


def _in_currency(amount_minor: int, before: str, after: str) -> int | None:
    """As many units of another currency: 20.00 dollars become 20 yen; None where that leaves a fraction."""
    try:
        return minor_units(Decimal(amount_minor).scaleb(-stripe_exponent(before)), stripe_exponent(after)) or None
    except ValueError:
        return None
