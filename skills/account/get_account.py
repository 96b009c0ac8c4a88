"""Whose account this is, where it lives and what it may do."""

from typing import Any

from paydesk.skills.base import Desk, Effect, Json, Mode, Result, Strict, skill
from paydesk.skills.hostile_text import clean, clean_or_none
from paydesk.skills.reading import Detail


class Params(Strict):
    detail: Detail = "concise"


class Account(Result):
    """The account: `enabled` are its active capabilities, `due` what Stripe still wants to know before it says yes."""

    id: str
    name: str | None = None
    country: str | None = None
    default_currency: str | None = None
    mode: Mode
    charges_enabled: bool
    payouts_enabled: bool
    due: list[str] | None = None
    email: str | None = None
    enabled: list[str] | None = None
    time_zone: str | None = None
    payout_schedule: str | None = None

    def sentence(self) -> str:
        """Name, id, mode, place, currency, and what it may do."""
        place = f" in {self.country}" if self.country else ""
        currency = f", default currency {self.default_currency}" if self.default_currency else ""
        may = f"charges {_on(self.charges_enabled)}, payouts {_on(self.payouts_enabled)}"
        due = f" Stripe still asks for: {', '.join(self.due)}." if self.due else ""
        return f"{self.name or 'Account'} ({self.id}, {self.mode} mode){place}{currency}: {may}.{due}"

    def lines(self) -> list[str]:
        """What `full` adds."""
        told = {
            "email": self.email,
            "enabled": ", ".join(self.enabled or ()),
            "time zone": self.time_zone,
            "payouts": self.payout_schedule,
        }
        return [f"{label}: {value}" for label, value in told.items() if value]


@skill(
    effect=Effect.READ,
    toolset="account",
    says=(
        "which account is this",
        "show my account",
        "account details",
        "what account am I connected to",
        "am I in test mode",
        "are payouts enabled",
        "can we take payments",
        "what is our default currency",
    ),
    examples=({}, {"detail": "full"}),
)
async def get_account(params: Params, desk: Desk) -> Account:
    """Show the account: name, country, default currency, mode, what is enabled."""
    found = await desk.stripe.get("/v1/account")
    account = Account(
        id=found["id"],
        name=_name(found),
        country=found.get("country"),
        default_currency=found.get("default_currency"),
        mode=desk.mode,
        charges_enabled=bool(found.get("charges_enabled")),
        payouts_enabled=bool(found.get("payouts_enabled")),
        due=_due(found),
    )
    return account.model_copy(update=_more(found)) if params.detail == "full" else account


def _on(enabled: bool) -> str:
    return "enabled" if enabled else "disabled"


def _part(found: Json, *path: str) -> Any:
    """A nested member, None where any step of the path is null or absent."""
    value: Any = found
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _name(found: Json) -> str | None:
    name = _part(found, "settings", "dashboard", "display_name") or _part(found, "business_profile", "name")
    return clean_or_none(name)


def _due(found: Json) -> list[str] | None:
    """What is overdue first, then what is due, each once."""
    wanted = [*(_part(found, "requirements", "past_due") or ()), *(_part(found, "requirements", "currently_due") or ())]
    return [clean(field) for field in dict.fromkeys(wanted)] or None


def _more(found: Json) -> Json:
    capabilities: Json = found.get("capabilities") or {}
    return {
        "email": clean_or_none(found.get("email")),
        "enabled": sorted(clean(name) for name, state in capabilities.items() if state == "active"),
        "time_zone": clean_or_none(_part(found, "settings", "dashboard", "timezone")),
        "payout_schedule": _schedule(_part(found, "settings", "payouts", "schedule")),
    }


def _schedule(schedule: Json | None) -> str | None:
    """Such as `weekly on monday, 2 days later`: the interval, its day, and how long funds wait."""
    if not schedule or not schedule.get("interval"):
        return None
    weekly, monthly = schedule.get("weekly_anchor"), schedule.get("monthly_anchor")
    day = f" on {weekly}" if weekly else f" on day {monthly}" if monthly else ""
    delay = schedule.get("delay_days")
    return clean(f"{schedule['interval']}{day}" + (f", {delay} days after payment" if delay else ""))
