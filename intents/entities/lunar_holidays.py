"""Holidays that follow the moon: their dates from 2013 to 2034, as calendars print them for the day itself.

Islamic days are those of the tabular and announced calendars and can differ by one from country to country; Jewish
days are given without the evening they begin on. Outside these years nothing is known and the name is no date.
"""

from datetime import date, timedelta
from typing import Final

from paydesk.intents.entities.periods import Period
from paydesk.intents.words import pairs

FIRST_YEAR: Final = 2013
#: Month and day of each year, one after the other; 0000 in a year without it.
_DAYS: Final = {
    "eid al-fitr": "0808072807170706062506150604052405130502042104100330032003090226021402040124011401021212",
    "eid al-adha": "1015100409230911090108210811073107200709062806160606052705160505042404130402032203110301",
    "ramadan": "0709062806180606052705160506042404130402032303110301021802080128011601051215120411231112",
    "islamic new year": "1104102510141002092109110831082008090730071907070626061606060525051405030423041104010321",
    "ashura": "1113110310231011093009200909082908180808072807160705062506150603052305120502042004100330",
    "mawlid": "0124011301031211113011201109102910181008092709150904082508140803072407130702062006090530",
    "laylat al-qadr": "0804072407140702062206110601052005090428041804060327031603060223021101310121011012191208",
    "isra and mi'raj": "0606052605160504042404130403032203110228021802080127011601051214120311231112110110211010",
    "jumu'atul-wida": "0802072507100701062306080531052205070429041404050328031303050225020902010117010912161208",
    "diwali": "1103102311111030101911071027111411041024111210311020110810291017110510261114110210221110",
    "holi": "0327031703060324031303020321031003290318030803250314030403220311030103200309032703160305",
    "dussehra": "1013100310221011093010191008102510151005102410121002102010090927101610061025101410031022",
    "ganesh chaturthi": "0909082909170905082509130902082209100831091909070827091409040823091109010920090808280916",
    "janmashtami": "0828081809050825081509030824081208300819090708260816090408250813090108210810082808170906",
    "karva chauth": "1022101110301019100810271017110410241013110110201010102910181007102610151102102110111030",
    "maha shivaratri": "0310022702170307022402130304022103110301021803080226021503060223021103020220031002270217",
    "raksha bandhan": "0820081008290818080708260815080308220811083008190809082808170805082308130802082008100829",
    "ram navami": "0419040803280415040403250413040204210410033004170406032604150403042204120401041904070328",
    "onam": "0820090608280913090408240911083108210908082909150905082609120901082209090830082009060828",
    "navratri": "1005092510131001092110100929101710070926101510030922101109300919100809281017100509241013",
    "mahavir jayanti": "0424041304020420040903290417040604250414040404210410033104180407042604160405042304120401",
    "guru nanak jayanti": "1117110611251114110411231112113011191108112711151105112411141102112111101128111711061125",
    "guru ravidas jayanti": "0225021402030222021001310219020902270216020502240212020102200210013002180207022602140203",
    "guru gobind singh": "0118010701050116010500000113010201200109000001170106000001150104011501100000011801070117",
    "valmiki jayanti": "1018100810271016100510241013103110201009102810171007102610151003102210111030101810081027",
    "vasant panchami": "0214020401240212020101220209012902160205012602140202012302110131011902070127021502040124",
    "makar sankranti": "0114011401150115011401140115011501140114011401140114011401150115011401140115011501140114",
    "vaisakhi": "0413041404140413041404140414041304140414041404130413041404140413041404140414041304140414",
    "chinese new year": "0210013102190208012802160205012502120201012202100129021702060126021302030123021101310219",
    "mid-autumn festival": "0919090809270915100409240913100109210910092909171006092509151003092209121001091909080927",
    "dragon boat festival": "0612060206200609053006180607062506140603062206100531061906090528061606050624061206010620",
    "hanukkah": "1128121712071225121312031223121111291219120812261215120512251213120212211210112812171207",
    "passover": "0326041504040423041103310420040903280416040604230413040204220411033104180408032704140404",
    "purim": "0224031603050324031203010321031002260317030703240314030303230312030103190309022603150305",
    "rosh hashanah": "0905092509141003092109100930091909070926091610030923091210020921091009280918090609240914",
    "shavuot": "0515060405240612053105200609052905170605052606120602052206110531052006070528051606030524",
    "sukkot": "0919100909281017100509241014100309211010093010171007092610161005092410121002092010080928",
    "yom kippur": "0914100409231012093009191009092809161005092510121002092110110930091910070927091510030923",
    "vesak": "0524051305030521051005290519050705260515050405220512050105200509052705160506052305130503",
}  # fmt: skip
_LASTS: Final = {"navratri": 9, "hanukkah": 8, "passover": 8, "sukkot": 7, "rosh hashanah": 2}
_OTHER_NAMES: Final = pairs(
    """
    eid:eid_al-fitr eid_al_fitr:eid_al-fitr eid_ul-fitr:eid_al-fitr eid_ul_fitr:eid_al-fitr eid_al_adha:eid_al-adha
    eid_ul-adha:eid_al-adha id_ul-adha:eid_al-adha bakrid:eid_al-adha sacrifice_feast:eid_al-adha
    feast_of_sacrifice:eid_al-adha hijri_new_year:islamic_new_year muharram:islamic_new_year day_of_ashura:ashura
    mawlid_al-nabawi:mawlid laylat_al_kadr:laylat_al-qadr laylat_al_qadr:laylat_al-qadr
    night_of_measures:laylat_al-qadr night_of_power:laylat_al-qadr the_prophet's_ascension:isra_and_mi'raj
    jamat_ul-vida:jumu'atul-wida deepavali:diwali festival_of_lights:diwali holi_day:holi dhulandi:holi phagwah:holi
    dussera:dussehra dasara:dussehra vijayadashami:dussehra ganesha_chaturthi:ganesh_chaturthi
    krishna_janmashtami:janmashtami gokulashtami:janmashtami karwa_chauth:karva_chauth shivaratri:maha_shivaratri
    maha_shivratri:maha_shivaratri rakhi:raksha_bandhan rama_navami:ram_navami thiruvonam:onam
    durga_puja:navratri guru_nanak_birthday:guru_nanak_jayanti gurpurab:guru_nanak_jayanti
    guru_ravidass_birthday:guru_ravidas_jayanti guru_ravidass_jayanti:guru_ravidas_jayanti
    guru_gobind_singh_birthday:guru_gobind_singh guru_govind_singh_jayanti:guru_gobind_singh
    guru_gobind_singh_jayanti:guru_gobind_singh
    pargat_diwas:valmiki_jayanti basant_panchami:vasant_panchami baisakhi:vaisakhi vasakhi:vaisakhi
    vaishakhi:vaisakhi lunar_new_year:chinese_new_year cny:chinese_new_year spring_festival:chinese_new_year
    tet:chinese_new_year mid_autumn_festival:mid-autumn_festival hanukah:hanukkah chanukah:hanukkah
    channukah:hanukkah pesach:passover rosh_hashana:rosh_hashanah rosh_hashanna:rosh_hashanah
    buddha_day:vesak vaisakha:vesak wesak:vesak
    """
)
LUNAR: Final = frozenset(_DAYS) | frozenset(_OTHER_NAMES) - {"eid", "tet", "muharram"}


def lunar_holiday(name: str, year: int) -> Period | None:
    """The days of a holiday named in LUNAR; None outside the years of the table."""
    name = _OTHER_NAMES.get(name, name).replace("_", " ")
    start = _first(name, year)
    if start is None:
        return None
    if name == "ramadan":
        following = _first("eid al-fitr", year)
        ends = following if following and following > start else start + timedelta(days=30)
        return Period(start, ends, "range")
    days = _LASTS.get(name, 1)
    return Period(start, start + timedelta(days=days), "day" if days == 1 else "range")


def _first(name: str, year: int) -> date | None:
    at = 4 * (year - FIRST_YEAR)
    digits = _DAYS[name][at : at + 4] if at >= 0 else ""
    return date(year, int(digits[:2]), int(digits[2:])) if digits.strip("0") else None
