"""Where the account collects tax: its registrations, its settings, and what it must take of somebody at a place."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from paydesk.server.sandbox import tax_table
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.splitting import half_up

SETTINGS_ID: Final = "settings"
NONTAXABLE: Final = "txcd_00000000"
DEFAULT_CODE: Final = "txcd_10000000"
# Prices in these are usually told without tax (Stripe's OpenAPI: `inferred_by_currency`).
_TOLD_NET: Final = ("usd", "cad")


def _settings_shown(_call: Call, settings: Object) -> Object:
    settings.pop("id", None)
    return settings


def _registration_shown(call: Call, registration: Object) -> Object:
    return {**registration, "status": status_of(registration, call.now)}


TAX_SETTINGS: Final = Kind(name="tax.settings", prefix="", called="tax settings", shows=_settings_shown)
TAX_REGISTRATION: Final = Kind(
    name="tax.registration", prefix="taxreg_", called="tax registration", shows=_registration_shown
)


@dataclass(frozen=True, slots=True)
class Taken:
    """One tax of a place for one customer: how much and why, `percentage` as exact text, "0" where none is taken."""

    levy: tax_table.Levy
    reason: str
    percentage: str


def settings(call: Call) -> Object:
    """The account's tax settings; pending until it says where it sits and what it sells."""
    found = call.find("tax.settings", SETTINGS_ID)
    if found is None:
        defaults = {"provider": "stripe", "tax_behavior": None, "tax_code": None}
        found = {
            "id": SETTINGS_ID,
            "object": "tax.settings",
            "defaults": defaults,
            "head_office": None,
            "livemode": False,
            "status": "pending",
            "status_details": {"pending": {"missing_fields": ["head_office", "defaults.tax_code"]}},
        }
    return found


def behavior(call: Call, currency: str) -> str:
    """Whether amounts in a currency include tax where nobody says."""
    wanted = settings(call)["defaults"]["tax_behavior"]
    if wanted == "inferred_by_currency":
        return "exclusive" if currency in _TOLD_NET else "inclusive"
    return wanted or "exclusive"


def status_of(registration: Object, at: int) -> str:
    """Whether a registration is active at a time."""
    if registration["expires_at"] is not None and registration["expires_at"] <= at:
        return "expired"
    return "active" if registration["active_from"] <= at else "scheduled"


def no_location(param: str) -> StripeError:
    """An address that does not tell where tax is owed."""
    return StripeError(
        "We could not determine the customer's tax location based on the provided customer address. "
        "The sandbox needs a country, and in the US and in Canada the two-letter state or province.",
        code="customer_tax_location_invalid",
        param=param,
    )


def _place(address: Object) -> tuple[str, str | None]:
    return (address.get("country") or "").upper(), (address.get("state") or "").upper() or None


@dataclass(frozen=True, slots=True)
class Location:
    """Where a customer owes tax, and what tells it."""

    country: str
    state: str | None
    source: str
    address: Object


def location(customer: Object) -> Location | None:
    """A customer's place: where goods go, else the billing address; None where neither tells it."""
    shipping = (customer["shipping"] or {}).get("address")
    for source, address in (("shipping_destination", shipping), ("billing_address", customer["address"])):
        country, state = _place(address or {})
        if country and tax_table.levies(country, state) is not None:
            return Location(country, state, source, dict(address or {}))
    return None


def support(call: Call, customer: Object) -> str:
    """Whether tax is taken of a customer automatically, in Stripe's words."""
    place = location(customer)
    if place is None:
        return "unrecognized_location"
    taken = of_place(call, place.address, at=call.now, tax_ids=[])
    return "not_collecting" if any(one.reason == "not_collecting" for one in taken) else "supported"


def of_place(call: Call, address: Object, *, at: int, tax_ids: list[Object], override: str = "none") -> list[Taken]:
    """What is taken of somebody at an address; StripeError where the address does not tell the place."""
    country, state = _place(address)
    levies = tax_table.levies(country, state) if country else None
    if levies is None:
        raise no_location("customer_details[address]")
    active = [one for one in call.every("tax.registration") if status_of(one, at) == "active"]
    found = []
    for levy in levies:
        reason = "standard_rated" if levy.percentage != "0" else "not_subject_to_tax"
        if not any(_covers(one, levy) for one in active):
            reason = "not_collecting"
        elif override != "none":
            reason = override
        elif _reverses(call, levy, tax_ids):
            reason = "reverse_charge"
        found.append(Taken(levy, reason, levy.percentage if reason == "standard_rated" else "0"))
    return found


def _covers(registration: Object, levy: tax_table.Levy) -> bool:
    country = registration["country"]
    options: Any = registration["country_options"][country.lower()]
    if country in tax_table.EU and levy.country in tax_table.EU:
        return bool(country == levy.country or options["type"] in ("oss_union", "oss_non_union"))
    if country != levy.country:
        return False
    if country == "US":
        return bool(options["type"] == "state_sales_tax" and options["state"] == levy.state)
    if country == "CA" and levy.tax_type in ("pst", "qst", "rst"):
        return bool(options.get("province_standard", {}).get("province") == levy.state)
    return bool(country != "CA" or options["type"] != "province_standard")


def _reverses(call: Call, levy: tax_table.Levy, tax_ids: list[Object]) -> bool:
    """A business in another country of the EU than the seller's pays its VAT itself."""
    office = settings(call)["head_office"]
    home = office and office["address"]["country"]
    abroad = levy.country in tax_table.EU and levy.country != home
    return bool(abroad and any(one["type"] == "eu_vat" for one in tax_ids))


def amounts(amount_minor: int, taken: list[Taken], *, inclusive: bool) -> list[tuple[int, int]]:
    """Taxable amount and tax, in minor units, of each tax of an amount; rounded one by one, half up."""
    shares = [Fraction(one.percentage) / 100 for one in taken]
    net = Fraction(amount_minor) / (1 + sum(shares)) if inclusive else Fraction(amount_minor)
    taxes = [half_up(net * share) for share in shares]
    base = amount_minor - sum(taxes) if inclusive else amount_minor
    return [(base if one.percentage != "0" else 0, tax) for one, tax in zip(taken, taxes, strict=True)]
