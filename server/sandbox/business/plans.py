"""What the business sells: plans by the month and by the year in four currencies, and things that are bought once.

Amounts are Stripe's minor units: cents, pence, and whole yen.
"""

from dataclasses import dataclass
from typing import Final

CURRENCIES: Final = ("usd", "eur", "gbp", "jpy")
BUSINESS_NAME: Final = "Lantern Booking"


@dataclass(frozen=True, slots=True)
class Plan:
    """A product that is subscribed to; `monthly` by currency. A year costs ten months."""

    key: str
    name: str
    description: str
    monthly: dict[str, int]
    share: int

    def price(self, currency: str, interval: str) -> int:
        """What a month or a year costs, in minor units."""
        return self.monthly[currency] * (10 if interval == "year" else 1)


PLANS: Final = (
    Plan(
        "starter", "Starter", "One calendar, e-mail reminders",
        {"usd": 1900, "eur": 1800, "gbp": 1500, "jpy": 2800}, 40,
    ),
    Plan(
        "pro", "Pro", "Five calendars, text reminders, payments at booking",
        {"usd": 4900, "eur": 4500, "gbp": 3900, "jpy": 7200}, 35,
    ),
    Plan(
        "team", "Team", "Twenty calendars, roles, reports",
        {"usd": 12900, "eur": 11900, "gbp": 9900, "jpy": 18900}, 19,
    ),
    Plan(
        "enterprise", "Enterprise", "Every calendar, single sign-on, a person to call",
        {"usd": 49900, "eur": 45900, "gbp": 39900, "jpy": 73000}, 6,
    ),
)  # fmt: skip

# No longer sold: an inactive product, as every shop has one.
OLD_PLAN: Final = Plan(
    "solo", "Solo (until 2025)", "One calendar, nothing else",
    {"usd": 900, "eur": 900, "gbp": 700, "jpy": 1200}, 0,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ware:
    """Something bought once, in packs of 1 to `most`; `share` is how often it is chosen among all."""

    key: str
    name: str
    unit: dict[str, int]
    most: int
    share: int


WARES: Final = (
    Ware("sms_500", "500 text messages", {"usd": 1200, "eur": 1100, "gbp": 950, "jpy": 1800}, 6, 44),
    Ware("sms_5000", "5,000 text messages", {"usd": 9000, "eur": 8500, "gbp": 7000, "jpy": 13000}, 4, 14),
    Ware("reader", "Card reader", {"usd": 5900, "eur": 5400, "gbp": 4900, "jpy": 8800}, 5, 16),
    Ware("session", "Onboarding session", {"usd": 15000, "eur": 14000, "gbp": 12000, "jpy": 22000}, 3, 9),
    Ware("domain", "Own domain, one year", {"usd": 2400, "eur": 2200, "gbp": 1900, "jpy": 3600}, 1, 12),
    Ware("migration", "Calendar migration", {"usd": 34900, "eur": 32900, "gbp": 27900, "jpy": 52000}, 4, 5),
)

# The demo customer's last order: easy to tell from every other.
DEMO_AMOUNT_MINOR: Final = 6_400
