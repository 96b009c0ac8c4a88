"""E-mail addresses, web addresses and phone numbers, as written."""

import re
from operator import itemgetter
from typing import NamedTuple

from paydesk.intents.patterns import lazy


class Contact(NamedTuple):
    """`kind` is email, phone, url or domain ("@acme.com"); `value` is the text as written."""

    kind: str
    value: str
    start: int
    end: int


_EMAIL = lazy(r"(?<![\w.+@-])[\w][\w.+'%&-]{0,63}@[\w-]{1,63}(?:\.[\w-]{1,63})*\.[^\W\d_]{2,24}(?![\w@])")
_URL = lazy(r"\b(?:https?://|www\.)[^\s<>\"']+[^\s<>\"'.,;:!?)]", re.IGNORECASE)
_AT_DOMAIN = lazy(r"(?<![\w.+-])@([\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,24})(?!\w)")
_DOMAIN = lazy(
    r"(?<![\w@./-])([a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|co|dev|edu|gov|de|fr|uk|eu"
    r"|us|ai|app|biz|info|es|it|nl|ch|jp|au|ca|ie|be|at|se|dk|fi|pt|pl|cz|br|mx|nz|za|sg|hk|kr|cn|ke|ng|gh|tv|xyz|shop"
    r"|store|cloud|tech|club|online|agency|studio|design|co\.in|org\.in|net\.in)"
    r"|(?<=domain )[a-z0-9-]+(?:\.[a-z]{2,12})+)"
    r"(?![\w-]|\.\w)",
    re.IGNORECASE,
)
_PHONE = lazy(r"(?<![\w.$€£¥,/-])(?:\+[0-9]|\(?[0-9])[0-9 ().-]{5,22}[0-9](?![\w%]|[.,-][0-9])")
_DIGIT = lazy(r"[0-9]")
_INNER_DOT = lazy(r"\.\w")
_PHONE_SHAPE = lazy(r"\(?[0-9]{3}\)?[ .-]?[0-9]{3}[ .-][0-9]{4}|[0-9]{3}-[0-9]{4}|0[0-9]{2,5}[ -][0-9 -]{5,12}")
_PHONE_WORD = lazy(r"\b(?:phone|mobile|cell|cellphone|telephone|tel|call)(?: (?:number|no\.?|#))?\b", re.IGNORECASE)
_ISO_DATE = lazy(r"(?:19|20)[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}")


_START = itemgetter(2)


def find_contacts(text: str) -> list[Contact]:
    """Every e-mail, web address, bare domain and phone number, in order, without overlaps."""
    found: list[Contact] = []
    if "@" in text:
        for match in _EMAIL.finditer(text):
            value = match[0]
            # jane@example.com's: the possessive belongs to the sentence.
            found.append(Contact("email", value, match.start(), match.end()))
        found += [Contact("domain", m[1], m.start(), m.end()) for m in _AT_DOMAIN.finditer(text)]
    if "." in text:
        if "://" in text or "www." in text.lower():
            found += [Contact("url", m[0], *m.span()) for m in _URL.finditer(text) if _free(found, *m.span())]
        if _INNER_DOT.search(text):
            found += [Contact("domain", m[1], *m.span()) for m in _DOMAIN.finditer(text) if _free(found, *m.span())]
    found += [Contact("phone", *span) for span in _phones(text) if _free(found, span[1], span[2])]
    if len(found) > 1:
        found.sort(key=_START)
    return found


def _phones(text: str) -> list[tuple[str, int, int]]:
    phones = []
    said = None
    for match in _PHONE.finditer(text) if _DIGIT.search(text) else ():
        value = match[0]
        digits = sum(c.isdigit() for c in value)
        if not 7 <= digits <= 15 or _ISO_DATE.search(value):
            continue
        said = _PHONE_WORD.search(text) is not None if said is None else said
        if value.startswith("+") or said or _PHONE_SHAPE.fullmatch(value):
            phones.append((value, match.start(), match.end()))
    return phones


def _free(found: list[Contact], start: int, end: int) -> bool:
    return not any(contact.start < end and start < contact.end for contact in found)
