"""Whose days "yesterday" and "last month" are: those of the time zone that the account's settings name."""

from datetime import UTC, datetime, time, tzinfo

from paydesk.server.errors import PaydeskError
from paydesk.skills.base import StripeReader


class AccountZone:
    """The time zone of one account, asked for once; UTC where the account names none or may not be read."""

    def __init__(self) -> None:
        self._zone: tzinfo | None = None

    async def of(self, stripe: StripeReader) -> tzinfo:
        """The zone of the account that `stripe` reads (settings.dashboard.timezone, an IANA name)."""
        if self._zone is None:
            try:
                account = await stripe.get("/v1/account")
            except PaydeskError:
                return UTC  # a restricted key may not read it; it is asked for again next time
            self._zone = zone_of(account)
        return self._zone


def zone_of(account: object) -> tzinfo:
    """The zone that an account object names; UTC for none, and for one that nobody knows."""
    for name in ("settings", "dashboard", "timezone"):
        account = account.get(name) if isinstance(account, dict) else None
    if not isinstance(account, str) or account in ("", "UTC", "Etc/UTC"):
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(account)
    except (ValueError, OSError, KeyError):
        return UTC


def told(zone: tzinfo, now: datetime) -> str | None:
    """When the zone's day begins in UTC, which is where the skills' days are counted; None where it is UTC itself."""
    begins = datetime.combine(now.astimezone(zone).date(), time.min, zone).astimezone(UTC)
    if begins.time() == time.min:
        return None
    return f"Days are counted in UTC; in {zone} they begin at {begins:%H:%M} UTC."
