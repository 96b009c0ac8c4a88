"""Balance settings: when payouts happen, what is always left, after how many days card money is available.

The same schedule stands in the account's settings; this is its newer, own place
(https://docs.stripe.com/api/balance-settings).
"""

from typing import Any, Final

from paydesk.server.sandbox import automatic_payouts, connect, ledger
from paydesk.server.sandbox.account_params import PAYOUT_WEEKDAYS
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    boolean,
    choice,
    clearable,
    integer,
    list_of,
    mapping,
    required,
    table,
    text,
    unserved,
)
from paydesk.server.sandbox.payout_schedule import schedule_of
from paydesk.server.sandbox.resources import external_accounts
from paydesk.server.sandbox.resources.account import own_account
from paydesk.server.sandbox.routes import Resource

resource = Resource()

_SCHEDULE: Final = {
    "interval": choice("daily", "manual", "monthly", "weekly"),
    "monthly_payout_days": list_of(integer(1, 31)),
    "weekly_payout_days": list_of(choice(*PAYOUT_WEEKDAYS)),
}
_START: Final = {"hour": required(integer(0, 23)), "minutes": required(integer(0, 59)), "timezone": required(text())}
_UPDATE: Final = {
    "payments": mapping(
        {
            "debit_negative_balances": boolean(),
            "payouts": mapping(
                {
                    "minimum_balance_by_currency": clearable(table(clearable(integer(0)))),
                    "schedule": mapping(_SCHEDULE),
                    "statement_descriptor": text(22),
                    **unserved("automatic_transfer_rules_by_currency"),
                }
            ),
            "settlement_timing": mapping(
                {"delay_days_override": clearable(integer(0, 31)), "start_of_day": clearable(mapping(_START))}
            ),
        }
    )
}


def settings_of(call: Call, account: Object) -> Object:
    """The settings as Stripe shows them."""
    payouts = account["settings"]["payouts"]
    schedule = payouts["schedule"]
    shown: Object = {"interval": schedule["interval"]}
    for name in ("monthly_payout_days", "weekly_payout_days"):
        if name in schedule:
            shown[name] = schedule[name]
    if schedule["interval"] == "weekly" and "weekly_payout_days" not in schedule:
        shown["weekly_payout_days"] = [schedule["weekly_anchor"]]
    if schedule["interval"] == "monthly" and "monthly_payout_days" not in schedule:
        shown["monthly_payout_days"] = [schedule["monthly_anchor"]]
    timing: Object = {"delay_days": ledger.delay_days(call), "start_of_day": account.get("_start_of_day")}
    if account.get("_delay_override") is not None:
        timing["delay_days_override"] = account["_delay_override"]
    return {
        "object": "balance_settings",
        "payments": {
            "debit_negative_balances": payouts["debit_negative_balances"],
            "payouts": {
                "automatic_transfer_rules_by_currency": None,
                "minimum_balance_by_currency": account.get("_minimum_balances"),
                "schedule": shown,
                "statement_descriptor": payouts["statement_descriptor"],
                "status": "enabled" if account["payouts_enabled"] else "disabled",
            },
            "settlement_timing": timing,
        },
    }


@resource.get("/v1/balance_settings")
def retrieve(call: Call) -> Answer:
    """The settings of these books."""
    return settings_of(call, own_account(call))


@resource.post("/v1/balance_settings", _UPDATE)
def update(call: Call) -> Answer:
    """Change when payouts happen and what is left."""
    account = own_account(call)
    before = settings_of(call, account)
    sent = call.params.get("payments", {})
    payouts = account["settings"]["payouts"]
    if "debit_negative_balances" in sent:
        payouts["debit_negative_balances"] = sent["debit_negative_balances"]
    _payouts(call, account, sent.get("payouts", {}))
    _timing(call, account, sent.get("settlement_timing", {}))
    connect.refresh(call, account)
    automatic_payouts.arm(call)
    after = settings_of(call, account)
    if before != after:
        call.emit("balance_settings.updated", after, {"payments": before["payments"]})
    return after


def _payouts(call: Call, account: Object, sent: dict[str, Any]) -> None:
    payouts = account["settings"]["payouts"]
    if "schedule" in sent:
        payouts["schedule"] = schedule_of(payouts["schedule"], sent["schedule"], account)
        if payouts["schedule"]["interval"] != "manual":
            external_accounts.destination_for(call, account["default_currency"])
    if "statement_descriptor" in sent:
        payouts["statement_descriptor"] = sent["statement_descriptor"]
    if "minimum_balance_by_currency" in sent:
        kept = {**(account.get("_minimum_balances") or {}), **(sent["minimum_balance_by_currency"] or {})}
        kept = {code: amount for code, amount in kept.items() if amount} if sent["minimum_balance_by_currency"] else {}
        account["_minimum_balances"] = kept or None


def _timing(call: Call, account: Object, sent: dict[str, Any]) -> None:
    if "start_of_day" in sent:
        account["_start_of_day"] = sent["start_of_day"]
    if "delay_days_override" not in sent:
        return
    override = sent["delay_days_override"]
    usual = 2 if account.get("_platform") else ledger.SETTLES_AFTER_DAYS
    if override is not None and account.get("_platform") and override < usual:
        raise StripeError(
            f"delay_days_override must be at least {usual} for this account.",
            param="payments[settlement_timing][delay_days_override]",
        )
    account["_delay_override"] = override
    ledger.set_delay_days(call, usual if override is None else override)
