"""Tax ids: what each type looks like, and which country it is of.

Formats are those of Stripe's table (https://docs.stripe.com/billing/customer/tax-ids); types without a pattern here
take any letters, digits and signs.
"""

import re
from typing import Final

_ALL: Final = (
    "ad_nrt ae_trn al_tin am_tin ao_tin ar_cuit au_abn au_arn aw_tin az_tin ba_tin bb_tin bd_bin bf_ifu bg_uic bh_vat "
    "bj_ifu bo_tin br_cnpj br_cpf bs_tin by_tin ca_bn ca_gst_hst ca_pst_bc ca_pst_mb ca_pst_sk ca_qst cd_nif ch_uid "
    "ch_vat cl_tin cm_niu cn_tin co_nit cr_tin cv_nif de_stn do_rcn ec_ruc eg_tin es_cif et_tin eu_oss_vat eu_vat "
    "fo_vat gb_vat ge_vat gi_tin gn_nif hk_br hr_oib hu_tin ic_nif id_npwp il_vat in_gst is_vat it_cf jp_cn jp_rn "
    "jp_trn ke_pin kg_tin kh_tin kr_brn kz_bin la_tin li_uid li_vat lk_vat ma_vat md_vat me_pib mk_vat mr_nif mx_rfc "
    "my_frp my_itn my_sst ng_tin no_vat no_voec np_pan nz_gst om_vat pe_ruc ph_tin pl_nip py_ruc ro_tin rs_pib ru_inn "
    "ru_kpp sa_vat sg_gst sg_uen si_tin sn_ninea sr_fin sv_nit th_vat tj_tin tr_tin tw_vat tz_vat ua_vat ug_tin us_ein "
    "uy_ruc uz_tin uz_vat ve_rif vn_tin za_vat zm_tin zw_tin"
)
TYPES: Final = tuple(_ALL.split())
_EU_VAT: Final = (
    r"ATU\d{8}|BE[01]\d{9}|BG\d{9,10}|CY\d{8}[A-Z]|CZ\d{8,10}|DE\d{9}|DK\d{8}|EE\d{9}|EL\d{9}|ES[A-Z0-9]\d{7}[A-Z0-9]|"
    r"FI\d{8}|FR[A-Z0-9]{2}\d{9}|HR\d{11}|HU\d{8}|IE\d[A-Z0-9+*]\d{5}[A-Z]{1,2}|IT\d{11}|LT(\d{9}|\d{12})|LU\d{8}|"
    r"LV\d{11}|MT\d{8}|NL\d{9}B\d{2}|PL\d{10}|PT\d{9}|RO\d{2,10}|SE\d{12}|SI\d{8}|SK\d{10}|XI\d{9}"
)
_PATTERNS: Final = {
    "ae_trn": r"\d{15}",
    "au_abn": r"\d{11}",
    "au_arn": r"\d{12}",
    "br_cnpj": r"\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}",
    "br_cpf": r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}",
    "ca_bn": r"\d{9}",
    "ca_gst_hst": r"\d{9}RT\d{4}",
    "ca_pst_bc": r"PST-\d{4}-\d{4}",
    "ca_pst_mb": r"\d{6}-\d",
    "ca_pst_sk": r"\d{7}",
    "ca_qst": r"\d{10}TQ\d{4}",
    "ch_uid": r"CHE-?\d{3}\.?\d{3}\.?\d{3}( ?(HR|MWST|TVA|IVA))?",
    "ch_vat": r"CHE-?\d{3}\.?\d{3}\.?\d{3} ?(MWST|TVA|IVA)",
    "cl_tin": r"\d{2}\.?\d{3}\.?\d{3}-[\dK]",
    "de_stn": r"\d{10,13}",
    "es_cif": r"[A-Z]\d{7}[A-Z0-9]",
    "eu_oss_vat": r"EU\d{9}",
    "eu_vat": _EU_VAT,
    "gb_vat": r"GB(\d{9}|\d{12}|GD\d{3}|HA\d{3})",
    "hk_br": r"\d{8}",
    "hu_tin": r"\d{8}-\d-\d{2}",
    "id_npwp": r"[\d.\-]{15,22}",
    "il_vat": r"\d{9}",
    "in_gst": r"\d{2}[A-Z]{5}\d{4}[A-Z][A-Z\d]Z[A-Z\d]",
    "is_vat": r"\d{5,6}",
    "jp_cn": r"\d{13}",
    "jp_rn": r"\d{5}",
    "jp_trn": r"T\d{13}",
    "kr_brn": r"\d{3}-\d{2}-\d{5}",
    "li_uid": r"CHE\d{9}",
    "mx_rfc": r"[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}",
    "my_frp": r"\d{8}",
    "no_vat": r"\d{9}(MVA)?",
    "no_voec": r"\d{7}",
    "nz_gst": r"\d{8,9}",
    "pl_nip": r"\d{10}",
    "ru_inn": r"\d{10}|\d{12}",
    "ru_kpp": r"\d{9}",
    "sa_vat": r"\d{15}",
    "sg_gst": r"[A-Z]\d{8}[A-Z]",
    "sg_uen": r"(\d{8,9}|[TSR]\d{2}[A-Z]{2}\d{4})[A-Z]",
    "th_vat": r"\d{13}",
    "tr_tin": r"\d{10}",
    "tw_vat": r"\d{8}",
    "ua_vat": r"\d{9,12}",
    "us_ein": r"\d{2}-\d{7}",
    "za_vat": r"4\d{9}",
}
_ANYTHING: Final = r"[A-Z0-9][A-Z0-9 ./\-]{1,29}"
_SHARED: Final = {"eu_vat": None, "eu_oss_vat": None, "ic_nif": "ES"}
# Verified against a register in live mode; test mode knows these values by heart
# (https://docs.stripe.com/billing/testing#tax-id-verification).
_VERIFIED_TYPES: Final = frozenset({"au_abn", "eu_vat", "gb_vat"})
_OUTCOMES: Final = {"000000000": "verified", "111111111": "unverified", "222222222": "pending"}


def fits(type_: str, value: str) -> bool:
    """Whether a value looks like an id of that type."""
    if type_ in _VERIFIED_TYPES and value in _OUTCOMES:
        return True
    return re.fullmatch(_PATTERNS.get(type_, _ANYTHING), value, re.ASCII) is not None


def country_of(type_: str, value: str) -> str | None:
    """The country that issued it; of a European id its first letters tell (`EL` is Greece, `XI` Northern Ireland)."""
    if type_ == "eu_vat":
        head = value[:2]
        return {"EL": "GR", "XI": "GB"}.get(head, head) if head.isalpha() else None
    return _SHARED[type_] if type_ in _SHARED else type_[:2].upper()


def verification_of(type_: str, value: str) -> str:
    """Where its verification stands: `unavailable` for types that no register is asked about."""
    if type_ not in _VERIFIED_TYPES:
        return "unavailable"
    return _OUTCOMES.get(value, "pending")
