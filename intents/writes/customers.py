"""The slots of a customer to create or to change."""

import re
from typing import Final

from paydesk.intents import targets
from paydesk.intents.patterns import lazy
from paydesk.intents.sentence import Sentence
from paydesk.intents.targets import Entities
from paydesk.intents.writes.commands import Command
from paydesk.intents.writes.filling import Filled, after_thing, object_of

_NEW_CUSTOMER: Final = lazy(
    r"(?:customer|client)(?: (?:record|account|profile|entry))?(?: (?:for|named|called|by the name of"
    r"|with (?:the )?name|name|is|whose name is|:|-|,|with email|with e-mail|with))* ?:? ?"
)
_LABELS = lazy(
    r"\b(?P<label>e-?mail|phone(?: number)?|mobile|name|description|note|locale"
    r"|language)(?: address)?(?: (?:is|of|to|as|:|=))* (?P<value><mail>|<tel>|<quote>)"
)


def fill_new_customer(sentence: Sentence, command: Command, filled: Filled) -> None:
    """Name, e-mail, phone and description of the customer to create."""
    emails, phones = sentence.of("email"), sentence.of("phone")
    if re.match(r"\w+ (?:\w+ |<n> )?(?:customers|clients)\b", sentence.gist[command.start :]):
        filled.doubt = "bulk"
        return
    found = _new_name(sentence, command)
    if found:
        filled.entities["customer"] = found
    if len(emails) == 1:
        filled.entities["email"] = emails[0].value
    elif emails:
        filled.doubt = "several"
    if phones:
        filled.entities["phone"] = phones[0].value
    for match in _LABELS.finditer(sentence.gist):
        if match["label"] in ("description", "note") and match["value"] == "<quote>":
            filled.entities["description"] = sentence.tokens[sentence.index_at(match.start("value"))].value
    _locale(sentence, filled, "preferred_locale")
    if not filled.entities.keys() & {"customer", "email"}:
        filled.missing.append("customer")


def _new_name(sentence: Sentence, command: Command) -> object | None:
    for match in _NEW_CUSTOMER.finditer(sentence.gist):
        if match.end() < len(sentence.gist):
            found = targets.at(sentence, sentence.index_at(match.end()))
            if found and "customer" in found[0]:
                return found[0]["customer"]
    before = object_of(sentence, command)
    if before and "customer" in before[0]:
        return before[0]["customer"]
    for finder in (targets.after_naming, lambda s: targets.after_preposition(s, "for|named|called")):
        found = finder(sentence)
        if found and "customer" in found[0]:
            return found[0]["customer"]
    name = targets.anywhere(sentence)
    return name[0].get("customer") if name else None


_FIELD: Final = (
    r"(?P<field>(?:e-?mail|(?<!<)mail)(?: address)?|phone(?: number)?|mobile(?: number)?|cell(?: number)?"
    r"|telephone(?: number)?|number|contact|name|description|note|notes|locale|preferred (?:language"
    r"|locale)|language|details|info)"
)
_TO_VALUE = lazy(
    r"(?<!\S)(?:to|as|is|=|:(?! (?:the )?(?:new )?name (?:becomes|is|should|will)\b)|becomes|into|with|be|reads?|say) "
    r"(?P<value>.+?)$"
)
_FROM_NAME = lazy(r"\bfrom (?P<old>.+?) to ")
_RENAME = lazy(r"\brename (?:the )?(?:customer |client )?(?P<who>.+?) (?:to|as|into) (?P<new>.+)$")


def fill_customer_change(sentence: Sentence, command: Command, filled: Filled) -> None:
    """Which customer, and the new e-mail, phone, name, description or language."""
    gist, entities = sentence.gist, filled.entities
    emails, phones = sentence.of("email"), sentence.of("phone")
    renamed = _RENAME.search(gist, command.start)
    field = _field(gist)
    if renamed:
        _rename(sentence, renamed, filled)
        return
    _new_contact(sentence, filled, field)
    if phones and "new_phone" not in entities:
        entities["new_phone"] = phones[-1].value
    if field == "name":
        _new_name_value(sentence, filled, command.object_at)
    if field == "description":
        _new_description(sentence, filled)
    if field == "locale":
        _locale(sentence, filled, "preferred_locale")
    if re.search(r"\bfrom <mail> to <mail>", gist) and (
        entities.keys() & {"customer_id"}
        or targets.possessor(sentence)
        or targets.after_preposition(sentence, "of|for")
    ):
        entities.pop("email", None)  # the old address is not what finds the customer
    _changed_customer(sentence, command, filled, with_email=len(emails) > ("new_email" in entities))
    if not entities.keys() & {"customer", "email", "customer_id"}:
        filled.missing.append("customer")
    if not entities.keys() & {"new_email", "new_phone", "new_name", "description", "preferred_locale"}:
        filled.missing.append("change")


def _field(gist: str) -> str | None:
    said = re.search(rf"\b{_FIELD}\b(?! 's)", gist)
    if said is None:
        return None
    word = said["field"].replace("-", "")
    for name, starts in (
        ("email", ("email", "mail")),
        ("phone", ("phone", "mobile", "cell", "tele", "number", "contact")),
        ("name", ("name",)),
    ):
        if word.startswith(starts):
            return name
    return "description" if word.startswith(("desc", "note")) else "locale" if "l" in word and word[0] in "lp" else None


def _new_contact(sentence: Sentence, filled: Filled, field: str | None) -> None:
    """Of two addresses the later is the new one; a single one is new where it follows "to" or "email"."""
    emails = sentence.of("email")
    if len(emails) >= 2:
        filled.entities["email"], filled.entities["new_email"] = emails[0].value, emails[-1].value
        if len(emails) > 2:
            filled.doubt = "several"
    elif len(emails) == 1:
        is_new = field == "email" and re.search(
            r"(?:\bto|\bas|\bis|\bbecomes|\bit's|\bit should be|\bbe|=|:|\bwith|\be-?mail(?: address)?|\binto"
            r"|\badd) (?:the )?(?:e-?mail(?: address)? )?<mail>",
            sentence.gist,
        )
        addressed = re.search(r"\b(?:of|for|from) <mail>|<mail> 's\b", sentence.gist)
        filled.entities["new_email" if is_new and not addressed else "email"] = emails[0].value


def _changed_customer(sentence: Sentence, command: Command, filled: Filled, *, with_email: bool) -> None:
    if filled.entities.keys() & {"customer_id"}:
        return
    if (with_email and "email" in filled.entities) or "customer" in filled.entities:
        return
    found = (
        targets.possessor(sentence)
        or targets.after_preposition(sentence, "of|for|on|from")
        or _named_customer(sentence)
        or object_of(sentence, command)
    )
    if found and ("customer" in found[0] or found[0].get("email") != filled.entities.get("new_email")):
        value = found[0].get("customer")
        if value is None or value != filled.entities.get("new_name"):
            filled.entities.update(found[0])
            return
    opens = re.search(r"\b(?:his|her|their)\b|^\S+(?: \S+)? (?:has|have|got) ", sentence.gist)
    opening = targets.at(sentence, 0) if opens else None
    if opening and opening[1] == 0:
        filled.entities.update(opening[0])  # "Globex moved, change their email to ..."
        return
    after = after_thing(sentence)
    if after and "customer" in after[0] and after[0]["customer"] != filled.entities.get("new_name"):
        filled.entities.update(after[0])
        return
    names = [token.value for token in sentence.of("name") if token.value != filled.entities.get("new_name")]
    if len(names) == 1:
        filled.entities["customer"] = names[0]


def _named_customer(sentence: Sentence) -> tuple[Entities, int, int] | None:
    for match in re.finditer(r"\b(?:customer|client) (?!record|'s)", sentence.gist):
        found = targets.at(sentence, sentence.index_at(match.end()))
        if found:
            return found
    return None


def _rename(sentence: Sentence, match: re.Match[str], filled: Filled) -> None:
    who = targets.at(sentence, sentence.index_at(match.start("who")))
    new = _value(sentence, match.start("new"))
    if who and "customer" in who[0]:
        filled.entities["old_name"] = who[0]["customer"]
    elif who:
        filled.entities.update(who[0])
    if new:
        filled.entities["new_name"] = new
    if not filled.entities.keys() & {"old_name", "email", "customer_id"}:
        filled.missing.append("customer")
    if "new_name" not in filled.entities:
        filled.missing.append("change")


def _value(sentence: Sentence, position: int) -> str | None:
    """The raw text from a place of the gist to the end of the sentence, without a "please" or a full stop."""
    first = sentence.index_at(position)
    token = sentence.tokens[first]
    if token.kind == "quote":
        return str(token.value)
    tail = sentence.text[token.start :].strip()
    return re.sub(r"(?:[,.!?]|\s|\bplease\b|\bthanks\b|\bthank you\b)+$", "", tail, flags=re.IGNORECASE) or None


def _new_name_value(sentence: Sentence, filled: Filled, start: int) -> None:
    old = _FROM_NAME.search(sentence.gist, start)
    if old:
        found = targets.at(sentence, sentence.index_at(old.start("old")))
        other = filled.entities.keys() & {"customer_id", "email"} or targets.possessor(sentence)
        if found and "customer" in found[0]:
            filled.entities["old_name" if other else "customer"] = found[0]["customer"]
    match = _TO_VALUE.search(sentence.gist, start)
    if match and (value := _value(sentence, match.start("value"))):
        filled.entities["new_name"] = value


def _new_description(sentence: Sentence, filled: Filled) -> None:
    quotes = sentence.of("quote")
    if quotes:
        filled.entities["description"] = quotes[-1].value
        return
    match = re.search(
        r"\b(?:description|notes?)\b.*?(?<!\S)(?:to|as|:|=|that|saying|reading) (?P<value>.+)$", sentence.gist
    )
    if match and (value := _value(sentence, match.start("value"))):
        filled.entities["description"] = value


_LOCALE = lazy(
    r"\b(?:language|locale)(?: (?:of|for) \S+(?: \S+)?)?(?: 's)? ?(?:to|is|as|="
    r"|:)? (?P<value>[a-z]{2}(?:-[a-z]{2})?|[a-z]{4,12})\b$|\b(?:to|as"
    r"|in) (?P<value2>[a-z]{2}-[a-z]{2}|[a-z]{2}|[a-z]{4,12})(?= ?(?:as .*)?(?:language"
    r"|locale)?[ .!]*$)"
)


def _locale(sentence: Sentence, filled: Filled, key: str) -> None:
    if not re.search(r"\b(?:language|locale)\b", sentence.gist):
        return
    made = re.search(
        r"\b(?:make|use|set) (?P<made>[a-z]{2}-[a-z]{2}|[a-z]{2}|[a-z]{4,12}) (?:the|as|be|his|her|their) ",
        sentence.gist,
    )
    if made:
        index = sentence.index_at(made.start("made"))
        filled.entities[key] = sentence.raw(index, index + 1)
        return
    match = _LOCALE.search(sentence.gist)
    if match:
        group = "value" if match["value"] else "value2"
        index = sentence.index_at(match.start(group))
        filled.entities[key] = sentence.raw(index, index + 1)
