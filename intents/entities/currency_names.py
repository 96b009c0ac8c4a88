"""What currencies are called in English: CLDR's names, and the shorter ones that people say.

Every name leads to one currency. Words that several currencies share ("francs") are in currency_signs.
"""

import re
import unicodedata
from typing import Final

from paydesk.intents.words import pairs

#: CLDR's English names, singular, and the plural where it does not just end in s.
CLDR: Final = pairs(
    """
    uae_dirham:aed afghan_afghani:afn albanian_lek:all albanian_lekë:all armenian_dram:amd
    netherlands_antillean_guilder:ang angolan_kwanza:aoa argentine_peso:ars australian_dollar:aud aruban_florin:awg
    azerbaijani_manat:azn bosnia-herzegovina_convertible_mark:bam barbadian_dollar:bbd bangladeshi_taka:bdt
    bulgarian_lev:bgn bulgarian_leva:bgn bahraini_dinar:bhd burundian_franc:bif bermudan_dollar:bmd brunei_dollar:bnd
    bolivian_boliviano:bob bolivian_mvdol:bov brazilian_real:brl bahamian_dollar:bsd bhutanese_ngultrum:btn
    botswanan_pula:bwp belarusian_ruble:byn belize_dollar:bzd canadian_dollar:cad congolese_franc:cdf wir_euro:che
    swiss_franc:chf wir_franc:chw chilean_peso:clp chinese_yuan:cny colombian_peso:cop colombian_real_value_unit:cou
    costa_rican_colón:crc cuban_peso:cup cape_verdean_escudo:cve czech_koruna:czk djiboutian_franc:djf
    danish_krone:dkk danish_kroner:dkk dominican_peso:dop algerian_dinar:dzd egyptian_pound:egp eritrean_nakfa:ern
    ethiopian_birr:etb euro:eur fijian_dollar:fjd falkland_islands_pound:fkp british_pound:gbp georgian_lari:gel
    ghanaian_cedi:ghs gibraltar_pound:gip gambian_dalasi:gmd guinean_franc:gnf guatemalan_quetzal:gtq
    guyanaese_dollar:gyd hong_kong_dollar:hkd honduran_lempira:hnl croatian_kuna:hrk haitian_gourde:htg
    hungarian_forint:huf indonesian_rupiah:idr israeli_new_shekel:ils indian_rupee:inr iraqi_dinar:iqd
    iranian_rial:irr icelandic_króna:isk icelandic_krónur:isk jamaican_dollar:jmd jordanian_dinar:jod japanese_yen:jpy
    kenyan_shilling:kes kyrgystani_som:kgs cambodian_riel:khr comorian_franc:kmf north_korean_won:kpw
    south_korean_won:krw kuwaiti_dinar:kwd cayman_islands_dollar:kyd kazakhstani_tenge:kzt laotian_kip:lak
    lebanese_pound:lbp sri_lankan_rupee:lkr liberian_dollar:lrd lesotho_loti:lsl libyan_dinar:lyd moroccan_dirham:mad
    moldovan_leu:mdl moldovan_lei:mdl malagasy_ariary:mga malagasy_ariaries:mga macedonian_denar:mkd
    macedonian_denari:mkd myanmar_kyat:mmk mongolian_tugrik:mnt macanese_pataca:mop mauritanian_ouguiya:mru
    mauritian_rupee:mur maldivian_rufiyaa:mvr malawian_kwacha:mwk mexican_peso:mxn mexican_investment_unit:mxv
    malaysian_ringgit:myr mozambican_metical:mzn namibian_dollar:nad nigerian_naira:ngn nicaraguan_córdoba:nio
    norwegian_krone:nok norwegian_kroner:nok nepalese_rupee:npr new_zealand_dollar:nzd omani_rial:omr
    panamanian_balboa:pab peruvian_sol:pen peruvian_soles:pen papua_new_guinean_kina:pgk philippine_peso:php
    pakistani_rupee:pkr polish_zloty:pln paraguayan_guarani:pyg qatari_riyal:qar romanian_leu:ron romanian_lei:ron
    serbian_dinar:rsd russian_ruble:rub rwandan_franc:rwf saudi_riyal:sar solomon_islands_dollar:sbd
    seychellois_rupee:scr sudanese_pound:sdg swedish_krona:sek swedish_kronor:sek singapore_dollar:sgd
    st._helena_pound:shp sierra_leonean_leone:sle somali_shilling:sos surinamese_dollar:srd south_sudanese_pound:ssp
    são_tomé_&_príncipe_dobra:stn salvadoran_colón:svc salvadoran_colones:svc syrian_pound:syp swazi_lilangeni:szl
    swazi_emalangeni:szl thai_baht:thb tajikistani_somoni:tjs turkmenistani_manat:tmt tunisian_dinar:tnd
    tongan_paʻanga:top turkish_lira:try trinidad_&_tobago_dollar:ttd new_taiwan_dollar:twd tanzanian_shilling:tzs
    ukrainian_hryvnia:uah ugandan_shilling:ugx us_dollar:usd uruguayan_peso:uyu uruguayan_nominal_wage_index_unit:uyw
    uzbekistani_som:uzs bolívar_soberano:ved venezuelan_bolívar:ves vietnamese_dong:vnd vanuatu_vatu:vuv
    samoan_tala:wst central_african_cfa_franc:xaf east_caribbean_dollar:xcd caribbean_guilder:xcg
    west_african_cfa_franc:xof cfp_franc:xpf yemeni_rial:yer south_african_rand:zar zambian_kwacha:zmw
    zimbabwean_gold:zwg
    """
)

_ARABIC: Final = pairs(
    """
    دينار_كويتي:kwd دينار_أردني:jod دينار_بحريني:bhd ريال_سعودي:sar ريال_قطري:qar ريال_عماني:omr درهم_إماراتي:aed
    درهم_مغربي:mad جنيه_مصري:egp جنيه_استرليني:gbp
    """
)
_ADJECTIVES: Final = pairs(
    """
    us:us u.s.:us u.s:us american:us canadian:ca australian:au aussie:au new_zealand:nz kiwi:nz hong_kong:hk
    singapore:sg singaporean:sg taiwan:tw taiwanese:tw british:gb uk:gb swiss:ch swedish:se norwegian:no danish:dk
    icelandic:is
    czech:cz mexican:mx colombian:co chilean:cl argentine:ar argentinian:ar philippine:ph filipino:ph uruguayan:uy
    dominican:do cuban:cu kuwaiti:kw kuwait:kw bahraini:bh bahrain:bh jordanian:jo jordan:jo tunisian:tn iraqi:iq
    libyan:ly serbian:rs algerian:dz macedonian:mk saudi:sa qatari:qa qatar:qa omani:om yemeni:ye iranian:ir uae:ae
    emirati:ae moroccan:ma egyptian:eg lebanese:lb turkish:tr japanese:jp chinese:cn korean:kr south_korean:kr
    indian:in pakistani:pk sri_lankan:lk nepalese:np nepali:np malaysian:my malaysia:my indonesian:id south_african:za
    brazilian:br russian:ru polish:pl hungarian:hu israeli:il thai:th jamaican:jm romanian:ro bulgarian:bg kenyan:ke
    tanzanian:tz ugandan:ug bermudian:bm caymanian:ky nigerian:ng ghanaian:gh vietnamese:vn ukrainian:ua
    """
)
_BY_COUNTRY: Final = {
    "dollar": "us:usd ca:cad au:aud nz:nzd hk:hkd sg:sgd tw:twd jm:jmd bm:bmd ky:kyd",
    "buck": "us:usd ca:cad au:aud",
    "peso": "mx:mxn co:cop cl:clp ar:ars ph:php uy:uyu do:dop cu:cup",
    "dinar": "kw:kwd bh:bhd jo:jod tn:tnd iq:iqd ly:lyd rs:rsd dz:dzd mk:mkd",
    "krona": "se:sek is:isk dk:dkk no:nok", "krone": "no:nok dk:dkk se:sek", "kr": "se:sek no:nok dk:dkk is:isk",
    "kronor": "se:sek", "kroner": "no:nok dk:dkk", "franc": "ch:chf",
    "riyal": "sa:sar qa:qar ye:yer om:omr", "rial": "om:omr ye:yer ir:irr qa:qar sa:sar",
    "dirham": "ae:aed ma:mad", "pound": "gb:gbp eg:egp lb:lbp", "rupee": "in:inr pk:pkr lk:lkr np:npr",
    "shilling": "ke:kes tz:tzs ug:ugx", "naira": "ng:ngn", "cedi": "gh:ghs", "dong": "vn:vnd", "hryvnia": "ua:uah",
    "lira": "tr:try", "yen": "jp:jpy", "yuan": "cn:cny", "won": "kr:krw", "ringgit": "my:myr", "rupiah": "id:idr",
    "rand": "za:zar", "real": "br:brl", "reais": "br:brl", "ruble": "ru:rub", "rouble": "ru:rub", "zloty": "pl:pln",
    "forint": "hu:huf", "shekel": "il:ils", "baht": "th:thb", "koruna": "cz:czk",
    "crown": "cz:czk se:sek no:nok dk:dkk",
    "leu": "ro:ron", "lei": "ro:ron", "lev": "bg:bgn", "leva": "bg:bgn",
}  # fmt: skip


def _plain(name: str) -> str:
    """Without accents: "costa rican colon"."""
    return "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c)).replace("ʻ", "'")


def _names() -> dict[str, str]:
    short = {
        f"{adjective} {word}": code
        for word, countries in _BY_COUNTRY.items()
        for land, _, code in (pair.partition(":") for pair in countries.split())
        for adjective, country in _ADJECTIVES.items()
        if country == land
    }
    found = CLDR | _ARABIC | short
    return found | {_plain(name): code for name, code in found.items() if not name.isascii()}


_NAMES: Final = _names()


def _by_word(place: int) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for name in _NAMES:
        word = name.split()[place]
        for key in {word, word + "s"} if place else {word}:
            table.setdefault(key, []).append(name)
    for found in table.values():
        found.sort(key=len, reverse=True)
    return table


_BY_FIRST: Final = _by_word(0)
_BY_LAST: Final = _by_word(-1)
#: The words that names begin with; cheap to look at before `name_at`.
FIRST_WORDS: Final = frozenset(_BY_FIRST)


def name_at(text: str, start: int) -> tuple[str, int] | None:
    """The currency whose name of two words or more begins at `start`, and where the name ends; None if none does."""
    low = text[start : start + 48].lower()
    first, _, rest = low.partition(" ")
    if not rest:
        return None
    for name in _BY_FIRST.get(first, ()):
        if " " in name and low.startswith(name):
            end = start + len(name)
            end += low[len(name) : len(name) + 1] == "s"
            if not text[end : end + 1].isalnum():
                return _NAMES[name], end
    return None


def name_before(text: str, end: int) -> tuple[str, int] | None:
    """The currency whose name of two words or more ends just before `end`, and where it begins: "Swiss francs 20"."""
    window = text[max(0, end - 48) : end].rstrip()
    stop, head = max(0, end - 48) + len(window), window.lower()
    for name in _BY_LAST.get(head[head.rfind(" ") + 1 :], ()):
        for said in (name, name + "s"):
            if " " in name and head.endswith(said):
                start = stop - len(said)
                if start == 0 or not text[start - 1].isalnum():
                    return _NAMES[name], start
    return None


_FAMILY: Final = {"usd": "dollar", "gbp": "pound", "inr": "rupee", "sek": "krona", "jpy": "yen"}
_COUNTRY_WORDS: Final = frozenset(adjective.split()[0] for adjective in _ADJECTIVES) - {
    "us"
}  # "charge us" is no country


def country_after(text: str, start: int, currency: str) -> tuple[str | None, int] | None:
    """ "$20 canadian": whose dollar is meant (None for "€20 canadian"), and where that ends; None without a country."""
    if text[start : start + 1] != " ":
        return None
    low = text[start + 1 : start + 24].lower()
    if re.split(r"\W", low, maxsplit=1)[0] not in _COUNTRY_WORDS:
        return None
    for adjective in sorted(_ADJECTIVES, key=len, reverse=True):
        end = len(adjective)
        if low.startswith(adjective) and not low[end : end + 1].isalnum():
            return _NAMES.get(f"{adjective} {_FAMILY.get(currency)}"), start + 1 + end
    return None
