"""The signs and words that stand for a currency, and which of them do not say which country's."""

import re
from typing import Final, NamedTuple

from paydesk.intents.entities import currency_names
from paydesk.intents.entities.currencies import EXPONENTS
from paydesk.intents.patterns import lazy
from paydesk.intents.words import pairs, words


class Mark(NamedTuple):
    """What a sign or word says: `currency` None when several countries share it; `scale` 100 for cents and pence.

    `doubtful` marks a currency word that must be asked about ("kr"), as against one that leaves it open ("cents").
    `times` is 1000 for "kEUR" and a million for "MUSD".
    """

    currency: str | None
    scale: int = 1
    doubtful: bool = False
    generic: bool = False
    times: int = 1


SIGNS: Final = pairs(
    """
    $:usd €:eur £:gbp ￡:gbp ¥:jpy ￥:jpy ₹:inr ₨:inr ₩:krw ￦:krw ₽:rub ₴:uah ₪:ils ₫:vnd ₱:php ฿:thb ₦:ngn ₺:try
    ₡:crc ₲:pyg ₵:ghs ₸:kzt ₭:lak ₮:mnt ৳:bdt ﷼:irr ₼:azn ₾:gel 元:cny 円:jpy 원:krw ៛:khr ֏:amd
    """
)

#: Letters before a dollar sign: "CA$", "US $", "c $".
DOLLARS: Final = pairs(
    """
    us:usd u.s:usd u.s.:usd usd:usd ca:cad can:cad c:cad cad:cad cdn:cad a:aud au:aud aud:aud nz:nzd nzd:nzd hk:hkd
    hkd:hkd s:sgd sg:sgd sgd:sgd nt:twd twd:twd mx:mxn mex:mxn mxn:mxn r:brl brl:brl gy:gyd j:jmd jm:jmd tt:ttd
    bz:bzd bds:bbd ec:xcd fj:fjd n:nad ar:ars
    """
)

_ABBREVIATIONS: Final = pairs(
    """
    Rs:inr Rs.:inr rs:inr rs.:inr RS:inr Re:inr Rp:idr RM:myr TL:try Kč:czk kč:czk zł:pln Zł:pln zl:pln PLN:pln
    Ft:huf lei:ron Lei:ron leu:ron руб:rub руб.:rub р.:rub Р:rub грн:uah грн.:uah hrn:uah лв:bgn лв.:bgn тг:kzt
    SFr:chf SFr.:chf Fr.:chf sFr.:chf RMB:cny rmb:cny LE:egp L.E:egp L.E.:egp l.e.:egp VNĐ:vnd KSh:kes KShs:kes
    Ksh:kes CFA:xof FCFA:xof KD:kwd BD:bhd LD:lyd Lek:all lek:all R:zar stg:gbp S/:pen S/.:pen B/.:pab FBu:bif
    Fdj:djf Bs:bob Rf:mvr Br:etb quid:gbp Afl:awg Afl.:awg Ar:mga Cg.:xcg DA:dzd DT:tnd Db:stn KM:bam Ks:mmk kwz:aoa
    Kz:aoa FG:gnf Nfk:ern UM:mru VT:vuv Vt:vuv TSh:tzs TShs:tzs USh:ugx UShs:ugx Nu.:btn Gs.:pyg NAf.:ang Dkr:dkk
    Nkr:nok Skr:sek Ikr:isk MTn:mzn MT:mzn EC$:xcd ден:mkd ДЕН:mkd ден.:mkd дин.:rsd зл:pln сом:kgs с:kgs сўм:uzs ლ:gel
    රු:lkr රු.:lkr أ.م:mru ج.س:sdg ج.م:egp د.أ:jod د.ا:jod د.إ:aed د.ب:bhd د.ت:tnd د.ج:dzd دج:dzd د.ع:iqd
    د.ك:kwd د.ل:lyd ل.د:lyd د.م:mad ر.إ:irr ر.س:sar ر.ع:omr ر.ق:qar ر.ي:yer ل.س:syp ل.ل:lbp نافكا:ern
    """
)

_WORDS: Final = pairs(
    """
    dollar:usd buck:usd greenback:usd pound:gbp quid:gbp sterling:gbp euro:eur yen:jpy rupee:inr yuan:cny
    renminbi:cny kuai:cny won:krw rand:zar ruble:rub rouble:rub zloty:pln złoty:pln złote:pln złotych:pln forint:huf
    shekel:ils baht:thb ringgit:myr
    rupiah:idr dong:vnd naira:ngn cedi:ghs hryvnia:uah lira:try taka:bdt real:brl reais:brl tugrik:mnt lari:gel
    geneh:egp koruna:czk lev:bgn leva:bgn tenge:kzt colon:crc dram:amd birr:etb quetzal:gtq lempira:hnl
    guarani:pyg saudiriyal:sar afghani:afn kwanza:aoa boliviano:bob ngultrum:btn
    pula:bwp gourde:htg ariary:mga kyat:mmk pataca:mop ouguiya:mru rufiyaa:mvr metical:mzn balboa:pab lilangeni:szl
    somoni:tjs paanga:top vatu:vuv dalasi:gmd nakfa:ern riel:khr denar:mkd denari:mkd
    """
)
_MINOR_WORDS: Final = {"cent": None, "pence": "gbp", "penny": None, "pennies": None}
_COINS: Final = {"dime": 10, "nickel": 20}
#: Shared by several countries and common to none: asked about before money moves.
_SHARED: Final = (
    "kr",
    "kr.",
    "krona",
    "krone",
    "kronor",
    "kroner",
    "krónur",
    "peso",
    "dinar",
    "riyal",
    "rial",
    "dirham",
    "franc",
    "din",
    "shilling",
    "kwacha",
    "guilder",
    "florin",
    "manat",
    "som",
    "crown",
    "ƒ",
    "圓",
    "جنيه",
    "درهم",
    "ريال",
    "دينار",
    "تومان",
)

#: ISO codes that are also English words or given names; in lower case they are words.
ALSO_WORDS: Final = words(
    """
    all ang ars bam bob bow che cop cup dop ern gel ges kid lak mad mop mur nad nok npr pab pen php ron scr sll sos
    std top try ves won
    """
)
_MINOR_LETTERS: Final = {"c": Mark(None, 100), "p": Mark("gbp", 100), "¢": Mark(None, 100)}


def _marks() -> dict[str, Mark]:
    marks = {code: Mark(code) for code in EXPONENTS if code not in ALSO_WORDS}
    marks |= {word + end: Mark(code) for word, code in _WORDS.items() for end in ("", "s")}
    marks |= {word + end: Mark("usd", generic=True) for word in ("dollar", "buck") for end in ("", "s")}
    marks |= {word + end: Mark(None, doubtful=True) for word in _SHARED for end in ("", "s")}
    marks |= {word + end: Mark(code, 100) for word, code in _MINOR_WORDS.items() for end in ("", "s")}
    return marks | {coin + end: Mark(None, scale) for coin, scale in _COINS.items() for end in ("", "s")}


_LOWER: Final = _marks()
#: How accountants write thousands and millions of a currency: "kEUR 5", "30 MUSD".
_MULTIPLES: Final = {"k": 1_000, "K": 1_000, "T": 1_000, "m": 1_000_000, "M": 1_000_000}
_EXACT: Final = (
    {code.upper(): Mark(code) for code in EXPONENTS}
    | {
        letter + code.upper(): Mark(code, times=n)
        for letter, n in _MULTIPLES.items()
        for code in EXPONENTS.keys() - ALSO_WORDS
    }
    | {word: Mark(code) for word, code in _ABBREVIATIONS.items()}
    | {sign: Mark(code, generic=sign == "$") for sign, code in SIGNS.items()}
    | _MINOR_LETTERS
)
#: Every word of three letters, in lower case, that `mark_of_word` knows.
THREE_LETTERS: Final = frozenset(word.lower() for word in _EXACT.keys() | _LOWER.keys() if len(word) == 3)
_SIGN_CLASS = "".join(map(re.escape, SIGNS))
_BEFORE: Final = lazy(
    rf"(?:(?<![^\W_])([A-Za-z.]{{1,4}})(\s?)\$|([{_SIGN_CLASS}])|(?<![^\W_])(S/\.?|B/\."
    r"|[^\W\d_][^\W\d_.]*\.?(?:[^\W\d_]\.?)?))"
    r"([ :]{0,2})$"
)
_AFTER: Final = lazy(rf" ?(?:([A-Za-z.]{{1,4}}) ?\$|([{_SIGN_CLASS}¢])(?!\w)|([{_SIGN_CLASS}])|(S/\.?|B/\.))")
_WORDS_AFTER = lazy(r"[ -]?([^\W\d_]+\.?(?:[^\W\d_]\.?)?)(?: ([^\W\d_]+))?")
_WITH_CENTS: Final = lazy(r"[0-9][0-9,.' ]*[.,][0-9]{2}(?![0-9])")
# "in euros 20 payments": the word says which currency, not how much.
_NOT_BEFORE: Final = lazy(r"(?:\bin|\d) ?$|\w$", re.IGNORECASE)
#: Letters that may stand apart from their dollar sign; "a $5 fee" and "can $5 go back" are English.
_APART: Final = words(
    """
    us u.s u.s. usd ca c cad cdn au aud nz nzd hk hkd sg sgd nt twd mx mex mxn brl gy
    """
)


def mark_of_word(word: str) -> Mark | None:
    """What one word says about the currency; ISO codes in any case unless in lower case they are English words."""
    low = word.lower()
    code = low in EXPONENTS and (low in ALSO_WORDS or not word.istitle())
    return _EXACT.get(word) or _LOWER.get(word if code and not word[:1].islower() else low)


def mark_before(text: str, start: int) -> tuple[Mark, int] | None:
    """The currency written just before the number at `start`, and where it begins: "US$5", "EUR 20", "Rs.5"."""
    window = max(0, start - 10)
    match = _BEFORE.search(text[window:start])
    if match is None:
        return None
    letters, apart, sign, word, gap = match.groups()
    if letters is not None:
        code = DOLLARS.get(letters.lower())
        if code and (not apart or letters.lower() in _APART):
            return Mark(code), window + match.start()
        return Mark("usd", generic=True), window + match.start() + len(letters) + len(apart)
    if sign is not None:
        at = window + match.start()
        if sign == "¥" and text[:at].upper().endswith("CN"):
            return Mark("cny"), at - 2
        wider = mark_before(text, at) if sign == "$" and text[:at].rstrip()[-3:].isupper() else None
        return wider or (_EXACT[sign], at)
    at = window + match.start()
    named = currency_names.name_before(text, at + len(word)) if gap else None
    if named:
        return Mark(named[0]), named[1]
    mark = _EXACT.get(word) or _LOWER.get(word.lower())
    if mark and word.lower() not in EXPONENTS and word not in _EXACT and _NOT_BEFORE.search(text, window, at):
        return None
    if mark is None or mark.scale > 1 or (word == "R" and gap) or word in ("Br", "Re", "won", "Won"):
        return None  # "disputes won 2025"
    if word in ("ALL", "TOP") and not _WITH_CENTS.match(text, start):  # "TOP 10" counts
        return None
    return mark, at - 2 if text[max(0, at - 2) : at] == "$ " else at


def mark_after(text: str, end: int) -> tuple[Mark, int] | None:
    """The currency written just after a number that ends at `end`, and where it stops: "5 €", "10 us dollars"."""
    match = _AFTER.match(text, end)
    if match is None:
        return words_after(text, end)
    letters, closed, sign, word = match.groups()
    if letters is not None:
        code = DOLLARS.get(letters.lower())
        return (Mark(code), match.end()) if code and (len(letters) > 1 or letters == "R") else None
    return _EXACT[closed or sign or word.rstrip(".") if not word else "S/" if word[0] == "S" else "B/."], match.end()


def words_after(text: str, end: int) -> tuple[Mark, int] | None:
    """The currency said in words from `end` on, and where they stop: "Hong Kong dollars", "pounds sterling"."""
    match = _WORDS_AFTER.match(text, end)
    if match is None:
        return None
    words = [word for word in match.groups() if word]
    named = currency_names.name_at(text, match.start(1))
    if named:
        return Mark(named[0]), named[1]
    mark = mark_of_word(words[0]) or mark_of_word(words[0].rstrip("."))
    if mark is None:
        return None
    if len(words) > 1 and words[1].lower() == "sterling":
        return Mark("gbp"), match.end(2)
    return mark, match.end(1) - (words[0].endswith(".") and words[0] not in _EXACT)
