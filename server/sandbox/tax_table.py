"""Which tax a place takes: the standard rates of some countries, US states and Canadian provinces, as of 2026.

A sandbox's table, no advice: one rate for everything, no local taxes, no reduced rates. Percentages are exact text.
"""

from dataclasses import dataclass
from typing import Final


def _table(text: str) -> dict[str, str]:
    """`AT 20, BE 21` as a mapping."""
    return dict(one.split() for one in text.split(", "))


_EU_VAT: Final = _table(
    "AT 20, BE 21, BG 20, CY 19, CZ 21, DE 19, DK 25, EE 24, ES 21, FI 25.5, FR 20, GR 24, HR 25, HU 27, IE 23, IT 22, "
    "LT 21, LU 17, LV 21, MT 18, NL 21, PL 23, PT 23, RO 21, SE 25, SI 22, SK 23"
)
EU: Final = frozenset(_EU_VAT)
_VAT: Final = {**_EU_VAT, **_table("CH 8.1, GB 20, IS 24, NO 25, ZA 15, AE 5, SA 15")}
_GST: Final = _table("AU 10, IN 18, NZ 15, SG 9")
_US: Final = _table(
    "AK 0, AL 4, AR 6.5, AZ 5.6, CA 7.25, CO 2.9, CT 6.35, DC 6, DE 0, FL 6, GA 4, HI 4, IA 6, ID 6, IL 6.25, IN 7, "
    "KS 6.5, KY 6, LA 5, MA 6.25, MD 6, ME 5.5, MI 6, MN 6.875, MO 4.225, MS 7, MT 0, NC 4.75, ND 5, NE 5.5, NH 0, "
    "NJ 6.625, NM 4.875, NV 6.85, NY 4, OH 5.75, OK 4.5, OR 0, PA 6, RI 7, SC 6, SD 4.2, TN 7, TX 6.25, UT 4.85, "
    "VA 4.3, VT 6, WA 6.5, WI 5, WV 6, WY 4"
)
_HST: Final = _table("NB 15, NL 15, NS 14, ON 13, PE 15")
_PST: Final = {"BC": ("pst", "7"), "MB": ("rst", "7"), "QC": ("qst", "9.975"), "SK": ("pst", "6")}
_PROVINCES: Final = frozenset({*_HST, *_PST, "AB", "NT", "NU", "YT"})
_NAMES: Final = {
    "gst": "GST",
    "hst": "HST",
    "jct": "Consumption Tax",
    "pst": "PST",
    "qst": "QST",
    "rst": "RST",
    "sales_tax": "Sales Tax",
    "vat": "VAT",
}


@dataclass(frozen=True, slots=True)
class Levy:
    """One tax of a place; `state` where a state or a province takes it, `percentage` as exact text."""

    country: str
    state: str | None
    tax_type: str
    percentage: str

    @property
    def display_name(self) -> str:
        """As receipts write it."""
        return _NAMES[self.tax_type]


def levies(country: str, state: str | None) -> list[Levy] | None:
    """The taxes that a place takes; [] where the table knows of none, None where the state is needed and not known."""
    if country == "US":
        percentage = _US.get(state or "")
        return None if percentage is None else [Levy("US", state, "sales_tax", percentage)]
    if country == "CA":
        return _of_canada(state)
    if country == "JP":
        return [Levy("JP", None, "jct", "10")]
    if country in _GST:
        return [Levy(country, None, "gst", _GST[country])]
    return [Levy(country, None, "vat", _VAT[country])] if country in _VAT else []


def _of_canada(province: str | None) -> list[Levy] | None:
    if province not in _PROVINCES:
        return None
    if province in _HST:
        return [Levy("CA", province, "hst", _HST[province])]
    federal = Levy("CA", None, "gst", "5")
    return [federal, Levy("CA", province, *_PST[province])] if province in _PST else [federal]
