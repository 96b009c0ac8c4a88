"""A running subscription that changes on a day ahead: put on a schedule that keeps what is until then."""

from datetime import UTC, date, datetime, time

from paydesk.skills.base import Json, Prepared, StripeRequest
from paydesk.skills.errors import SkillError
from paydesk.skills.running_subscription import Running

_PATH = "/v1/subscription_schedules"


def check_can_move(running: Running) -> None:
    """Raises SkillError for a subscription that cannot be put on a schedule, or whose end is set already."""
    if running.status not in ("active", "past_due"):
        raise _cannot(running, f"is {running.status.replace('_', ' ')}", "update_subscription changes it now.")
    if running.body.get("schedule"):
        raise _cannot(running, "is on a schedule already", "Release that one in Stripe's dashboard first.")
    if running.body.get("cancel_at_period_end") or running.body.get("cancel_at"):
        raise _cannot(running, "is set to end", "resume_subscription lets it go on.")
    if len(running.items) != 1:
        raise _cannot(running, "bills several things", "update_subscription changes one of them.")


def _cannot(running: Running, why: str, next_step: str) -> SkillError:
    return SkillError(
        f"{running.told} {why}, so it cannot be changed ahead.",
        code="cannot_move_ahead",
        field="subscription",
        next_step=next_step,
    )


def requests(
    running: Running, on: date, phases: list[Json], then: str
) -> tuple[tuple[StripeRequest, ...], StripeRequest]:
    """What puts it on a schedule, and then what gives that schedule its phases from midnight UTC of `on`.

    Stripe makes a schedule of a running subscription with what is now as its first phase, and takes the phases in a
    second request, in which the first has to be repeated (https://docs.stripe.com/billing/subscriptions/subscription-schedules/use-cases).
    """
    begins = int(datetime.combine(on, time.min, UTC).timestamp())
    made = Prepared(0)
    first = StripeRequest("POST", _PATH, {"from_subscription": running.id})
    sent = {"end_behavior": then, "phases": [_as_it_is(running, begins), *phases]}
    return (first,), StripeRequest("POST", f"{_PATH}/{made.in_path()}", sent)


def _as_it_is(running: Running, until: int) -> Json:
    """The phase that runs: nothing of it changes before `until`."""
    item = running.items[0]
    billed: Json = {"price": str(item["price"]["id"])}
    if item.get("quantity") is not None and (item["price"].get("recurring") or {}).get("usage_type") != "metered":
        billed["quantity"] = item["quantity"]
    if item.get("tax_rates"):
        billed["tax_rates"] = [_id(rate) for rate in item["tax_rates"]]
    phase: Json = {"items": [billed], "start_date": int(item["current_period_start"]), "end_date": until}
    if running.body.get("discounts"):
        phase["discounts"] = [{"discount": _id(one)} for one in running.body["discounts"]]
    if running.body.get("default_tax_rates"):
        phase["default_tax_rates"] = [_id(rate) for rate in running.body["default_tax_rates"]]
    return phase


def _id(one: object) -> str:
    return str(one["id"]) if isinstance(one, dict) else str(one)
