"""Which words led to what: the parser's decision told step by step, for those who wonder or correct it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from paydesk.intents import documentation, gates, lexicon, sentence
from paydesk.intents.entities.dates import DateMention
from paydesk.intents.entities.ids import IdMention
from paydesk.intents.entities.money import MoneyMention, Number
from paydesk.intents.entities.quantities import Interval
from paydesk.intents.entities.shares import UNREAD
from paydesk.intents.parse import MAX_CHARACTERS, Parsed, parse
from paydesk.intents.reads import metrics
from paydesk.intents.sentence import Sentence, Token
from paydesk.intents.writes import command_forms, commands

#: Gate -> what it means that it closed, in the order in which the router looks.
_GATES: Final = (
    (gates.is_injected, "words that speak to the machine: nothing is done"),
    (gates.is_negated, "a refusal: nothing is done"),
    (gates.is_noted, "what follows was written by someone else: nothing is done"),
    (documentation.is_about_documentation, "a question about how things work, not about the account"),
    (gates.is_hypothetical, "a supposition: asked about before anything is prepared"),
    (gates.asks_advice, "advice is asked for: asked about before anything is prepared"),
    (gates.has_condition, "a condition: a write would not wait for it"),
    (gates.is_statement, "something told, not asked for"),
    (gates.is_bulk, "more than one record: a write takes one"),
    (gates.is_hedged, "not certain: a write asks for the exact figure"),
)


@dataclass(frozen=True)
class Step:
    """Words of the sentence at `start`..`end` (0..0 where none stand alone) and what they led to."""

    words: str
    means: str
    start: int = 0
    end: int = 0

    def as_json(self) -> dict[str, object]:
        """`{"words", "means", "start", "end"}`."""
        return {"words": self.words, "means": self.means, "start": self.start, "end": self.end}


def explain(
    text: str,
    *,
    now: datetime,
    names: Sequence[str] = (),
    phrases: Mapping[str, Sequence[str]] | None = None,
    zone: tzinfo = UTC,
) -> tuple[Parsed, list[Step]]:
    """The same answer as `parse`, and the steps that led to it: what was masked, what commanded, which gates closed."""
    parsed = parse(text, now=now, names=names, phrases=phrases, zone=zone)
    today: date = (now.astimezone(zone) if now.tzinfo else now).date()
    read = sentence.read(text[:MAX_CHARACTERS], today, names)
    steps = [_masked(read, token) for token in read.tokens if token.kind not in ("word", "punct", "possessive")]
    steps += _mended(read)
    found = commands.find_commands(read.gist)
    steps += [_command(read, command) for command in found]
    steps += _gates(read, commanded=bool(found))
    if parsed.skill and not found:
        steps += _question(read)
    if read.origin:
        steps = [_as_typed(step, text, read.origin) for step in steps]
    return parsed, [*steps, Step("", _outcome(parsed))]


def _as_typed(step: Step, text: str, origin: Callable[[int], int]) -> Step:
    start, end = origin(step.start), origin(step.end)
    return replace(step, words=text[start:end], start=start, end=end) if step.words else step


def _step(read: Sentence, token: Token, means: str) -> Step:
    return Step(read.text[token.start : token.end], means, token.start, token.end)


def _masked(read: Sentence, token: Token) -> Step:
    value = token.value
    if isinstance(value, MoneyMention):
        doubt = f", doubtful: {value.doubt}" if value.doubt else ""
        return _step(read, token, f"amount {value.amount} {value.currency or 'without a currency'}{doubt}")
    if isinstance(value, DateMention):
        return _step(read, token, f"dates [{value.start or 'open'}, {value.end or 'open'})")
    if isinstance(value, Interval):
        return _step(read, token, f"every {value.count} {value.unit}")
    if isinstance(value, Number):
        return _step(read, token, f"number {value.value}")
    if isinstance(value, IdMention):
        return _step(read, token, f"{value.key or 'id of another kind'}{', its case damaged' if value.damaged else ''}")
    if value == UNREAD and token.kind == "share":
        return _step(read, token, "share that cannot be read, which no write takes")
    means = {"share": f"share of {value} percent", "trial": f"trial of {value} days", "currency": f"currency {value}"}
    return _step(read, token, means.get(token.kind, f"{token.kind}, masked: nothing in it chooses a skill"))


def _mended(read: Sentence) -> list[Step]:
    typed = [(token, read.clean[token.start : token.end].lower()) for token in read.tokens if token.kind == "word"]
    return [_step(read, token, f"read as {token.lex}") for token, word in typed if word != token.lex]


def _command(read: Sentence, command: commands.Command) -> Step:
    token = read.tokens[read.index_at(command.start)]
    offered = "no skill does this" if command.skill == command_forms.UNSUPPORTED else f"commands {command.skill}"
    return _step(read, token, offered)


def _gates(read: Sentence, *, commanded: bool) -> list[Step]:
    always = _GATES[:6]
    return [Step("", means) for closed, means in (_GATES if commanded else always) if closed(read.gist)]


def _question(read: Sentence) -> list[Step]:
    found = metrics.find_metric(read.gist)
    if found:
        first, last = read.index_at(found[1]), read.index_at(found[2] - 1)
        start, end = read.tokens[first].start, read.tokens[last].end
        return [Step(read.text[start:end], f"asks for the figure {found[0]}", start, end)]
    things = [(token, lexicon.THINGS.get(token.lex)) for token in read.tokens if token.kind == "word"]
    return [_step(read, token, f"names the thing {thing}") for token, thing in things if thing]


def _outcome(parsed: Parsed) -> str:
    if parsed.skill is None:
        return "so nothing: not for the desk, or nothing may be done"
    if parsed.skill == "clarify":
        return f"so a question: {parsed.question}"
    missing = f", still missing: {', '.join(parsed.missing)}" if parsed.missing else ""
    return f"so {parsed.skill}{missing}"
