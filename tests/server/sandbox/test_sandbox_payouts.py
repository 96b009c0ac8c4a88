"""Payouts and external accounts: by hand and by schedule, arriving, failing, coming back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from paydesk.server.sandbox.payout_schedule import business_days_after, next_run

DAY_S = 86_400


def _earn(talk: Any, amount: int = 50_000, **headers: Any) -> None:
    sent = {"amount": amount, "currency": "usd", "confirm": True, "payment_method": "pm_card_bypassPending"}
    answer = talk.ask("POST", "/v1/payment_intents", {**sent, "payment_method_types": ["card"]}, headers)
    assert answer.status == 200, answer.body


def _types(talk: Any, start: str = "payout.") -> list[str]:
    events = talk.get("/v1/events", limit=100)["data"]
    return [event["type"] for event in reversed(events) if event["type"].startswith(start)]


def _own(talk: Any, **sent: Any) -> dict[str, Any]:
    account = talk.get("/v1/account")["id"]
    return talk.post(f"/v1/accounts/{account}/external_accounts", **sent)


def _bank(number: str) -> dict[str, str]:
    return {"object": "bank_account", "country": "US", "routing_number": "110000000", "account_number": number}


def test_a_payout_goes_to_the_bank_and_arrives(talk: Any) -> None:
    """Stripe: pending, in_transit from the next day, paid with a trace id when it arrives."""
    _earn(talk)
    payout = talk.post("/v1/payouts", amount=1_000, currency="usd")
    assert (payout["status"], payout["trace_id"]["status"]) == ("pending", "pending")
    talk.clock.pass_s(DAY_S)
    assert talk.get(f"/v1/payouts/{payout['id']}")["status"] == "in_transit"
    talk.clock.pass_s(2 * DAY_S)
    paid = talk.get(f"/v1/payouts/{payout['id']}")
    assert (paid["status"], paid["trace_id"]["status"]) == ("paid", "supported")
    assert _types(talk) == ["payout.created", "payout.updated", "payout.paid"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("000111111116", "no_account"),
        ("000111111113", "account_closed"),
        ("000222222227", "insufficient_funds"),
        ("000333333335", "debit_not_authorized"),
        ("000444444440", "invalid_currency"),
    ],
)
def test_a_test_bank_account_sends_payouts_back(talk: Any, number: str, code: str) -> None:
    """Stripe's test numbers: the payout fails with its code, a second row brings the money back."""
    _earn(talk)
    before = talk.get("/v1/balance")["available"]
    talk.post("/v1/balance_settings", payments={"payouts": {"schedule": {"interval": "manual"}}})
    bank = _own(talk, external_account=_bank(number), default_for_currency=True)
    payout = talk.post("/v1/payouts", amount=1_000, currency="usd", destination=bank["id"])
    talk.clock.pass_s(3 * DAY_S)
    failed = talk.get(f"/v1/payouts/{payout['id']}", expand=["failure_balance_transaction", "destination"])
    assert (failed["status"], failed["failure_code"]) == ("failed", code)
    assert failed["failure_message"]
    row = failed["failure_balance_transaction"]
    assert (row["type"], row["reporting_category"], row["net"]) == ("payout_failure", "payout_reversal", 1_000)
    assert failed["destination"]["status"] == "errored"
    assert talk.get("/v1/balance")["available"] == before
    assert _types(talk)[-1] == "payout.failed"


def test_a_payout_that_was_cancelled_never_arrives(talk: Any) -> None:
    """Stripe: while pending; the money comes back by a second row."""
    _earn(talk)
    payout = talk.post("/v1/payouts", amount=1_000, currency="usd")
    talk.post(f"/v1/payouts/{payout['id']}/cancel")
    talk.refused("POST", f"/v1/payouts/{payout['id']}/cancel", 400)
    talk.clock.pass_s(5 * DAY_S)
    assert talk.get(f"/v1/payouts/{payout['id']}")["status"] == "canceled"
    assert _types(talk) == ["payout.created", "payout.canceled"]


def test_a_payout_needs_money_an_account_and_its_currency(talk: Any) -> None:
    """Stripe: balance_insufficient, an external account that exists and takes the currency."""
    assert talk.refused("POST", "/v1/payouts", 400, amount=1, currency="usd")["code"] == "balance_insufficient"
    _earn(talk)
    refused = talk.refused("POST", "/v1/payouts", 400, amount=1, currency="usd", destination="ba_nobody")
    assert (refused["code"], refused["param"]) == ("resource_missing", "destination")
    numbers = {"object": "bank_account", "country": "DE", "account_number": "DE89370400440532013000"}
    euros = _own(talk, external_account=numbers)["id"]
    assert talk.refused("POST", "/v1/payouts", 400, amount=1, currency="usd", destination=euros)["param"] == (
        "destination"
    )


def test_an_instant_payout_needs_an_account_that_takes_it_and_costs_one_percent(talk: Any) -> None:
    """Stripe: instant goes to debit cards; it is there at once, and its fee is in the row."""
    _earn(talk)
    bank = _own(talk, external_account="btok_us_verified")["id"]
    sent = {"amount": 10_000, "currency": "usd", "method": "instant"}
    refused = talk.refused("POST", "/v1/payouts", 400, **sent, destination=bank)
    assert refused["code"] == "instant_payouts_unsupported"
    card = _own(talk, external_account="tok_visa_debit")["id"]
    payout = talk.post("/v1/payouts", **sent, destination=card, expand=["balance_transaction"])
    assert (payout["type"], payout["balance_transaction"]["fee"]) == ("card", 100)
    assert talk.get(f"/v1/payouts/{payout['id']}")["status"] == "paid"


def test_what_could_be_paid_out_at_once_is_in_the_balance(talk: Any) -> None:
    """Stripe: instant_available is there once an account takes instant payouts, with what would arrive after fees."""
    _earn(talk)
    assert "instant_available" not in talk.get("/v1/balance")
    card = _own(talk, external_account="tok_visa_debit")["id"]
    [instant] = talk.get("/v1/balance")["instant_available"]
    [net] = instant["net_available"]
    assert (instant["amount"], net["destination"]) == (talk.get("/v1/balance")["available"][0]["amount"], card)
    talk.post("/v1/payouts", amount=net["amount"], currency="usd", method="instant")
    assert talk.get("/v1/balance")["available"][0]["amount"] == 0


def test_automatic_payouts_take_everything_available_on_their_days(talk: Any) -> None:
    """Stripe: on the schedule, each the sum of the rows listed by it; then reconciled."""
    weekly = {"interval": "weekly", "weekly_payout_days": ["thursday"]}
    talk.post("/v1/balance_settings", payments={"payouts": {"schedule": weekly}})
    _earn(talk, 20_000)
    _earn(talk, 30_000)
    talk.clock.pass_s(14 * DAY_S)
    [payout] = talk.get("/v1/payouts")["data"]
    assert payout["automatic"] is True
    assert datetime.fromtimestamp(payout["created"], UTC).strftime("%A %H:%M") == "Thursday 02:00"
    rows = talk.get("/v1/balance_transactions", payout=payout["id"])["data"]
    assert sum(row["net"] for row in rows if row["type"] != "payout") == payout["amount"]
    assert sum(row["net"] for row in rows) == 0
    assert payout["reconciliation_status"] == "completed"
    assert "payout.reconciliation_completed" in _types(talk)
    assert talk.get("/v1/balance")["available"][0]["amount"] == 0
    _earn(talk, 5_000)
    talk.clock.pass_s(14 * DAY_S)
    assert len(talk.get("/v1/payouts")["data"]) == 2


def test_what_is_pending_waits_for_a_later_payout(talk: Any) -> None:
    """Stripe: a payout takes what is available; card money of today comes days later, in a payout of its own."""
    talk.post("/v1/balance_settings", payments={"payouts": {"schedule": {"interval": "daily"}}})
    _earn(talk, 20_000)
    sent = {"amount": 3_000, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
    talk.post("/v1/payment_intents", **sent, payment_method_types=["card"])
    talk.clock.pass_s(3 * DAY_S)
    [first] = talk.get("/v1/payouts")["data"]
    assert talk.get("/v1/balance")["pending"][0]["amount"] == 2_883
    talk.clock.pass_s(7 * DAY_S)
    assert [one["amount"] for one in talk.get("/v1/payouts")["data"]] == [2_883, first["amount"]]


def test_the_made_up_business_goes_on_being_paid_out_every_week(new_talk: Any) -> None:
    """Ours: after the present the payouts of the past continue on their weekday, each the sum of its rows."""
    talk = new_talk(seed=7)
    before = {one["id"] for one in talk.get("/v1/payouts", limit=100)["data"]}
    talk.clock.pass_s(15 * DAY_S)
    made = [one for one in talk.get("/v1/payouts", limit=100)["data"] if one["id"] not in before]
    assert {one["currency"] for one in made} == {"usd", "eur", "gbp", "jpy"}
    [anchor] = talk.get("/v1/balance_settings")["payments"]["payouts"]["schedule"]["weekly_payout_days"]
    for payout in made:
        assert datetime.fromtimestamp(payout["created"], UTC).strftime("%A").lower() == anchor
        rows = talk.get("/v1/balance_transactions", payout=payout["id"], limit=100)
        assert rows["has_more"] or sum(row["net"] for row in rows["data"]) == 0


def test_a_minimum_balance_is_always_left(talk: Any) -> None:
    """Stripe's balance settings: payouts leave it, and hold and release rows say so."""
    kept = {"minimum_balance_by_currency": {"usd": 10_000}, "schedule": {"interval": "daily"}}
    talk.post("/v1/balance_settings", payments={"payouts": kept})
    _earn(talk, 20_000)
    talk.clock.pass_s(7 * DAY_S)
    assert talk.get("/v1/balance")["available"][0]["amount"] == 10_000
    [payout] = talk.get("/v1/payouts")["data"]
    rows = talk.get("/v1/balance_transactions", payout=payout["id"])["data"]
    assert sum(row["net"] for row in rows) == 0
    talk.post("/v1/balance_settings", payments={"payouts": {"minimum_balance_by_currency": None}})
    talk.clock.pass_s(7 * DAY_S)
    assert talk.get("/v1/balance")["available"][0]["amount"] == 0


def test_an_empty_sandbox_pays_nothing_out_by_itself(talk: Any) -> None:
    """Recorded: an account without a bank account of its own gathers its balance; payouts are made by hand."""
    _earn(talk)
    talk.clock.pass_s(30 * DAY_S)
    assert talk.get("/v1/payouts")["data"] == []


def test_failed_automatic_payouts_wait_for_the_bank_account_to_be_changed(talk: Any) -> None:
    """Stripe: nothing more is sent to an account that failed; a change of it resumes payouts with all the money."""
    bank = _own(talk, external_account=_bank("000111111113"))
    _earn(talk, 20_000)
    talk.clock.pass_s(20 * DAY_S)
    [failed] = talk.get("/v1/payouts")["data"]
    assert failed["status"] == "failed"
    assert talk.get("/v1/balance")["available"][0]["amount"] == failed["amount"]
    account = talk.get("/v1/account")["id"]
    talk.post(f"/v1/accounts/{account}/external_accounts/{bank['id']}", account_holder_name="Zoë")
    talk.clock.pass_s(3 * DAY_S)
    assert len(talk.get("/v1/payouts")["data"]) == 2


@pytest.mark.parametrize(
    ("schedule", "after", "wanted"),
    [
        ({"interval": "daily"}, "2026-09-25T03:00", "2026-09-28T02:00"),
        ({"interval": "weekly", "weekly_anchor": "monday"}, "2026-09-28T02:00", "2026-10-05T02:00"),
        ({"interval": "monthly", "monthly_anchor": 31}, "2027-02-01T00:00", "2027-02-28T02:00"),
        ({"interval": "monthly", "monthly_payout_days": [1, 15]}, "2026-10-02T00:00", "2026-10-15T02:00"),
        ({"interval": "manual"}, "2026-09-25T03:00", None),
    ],
)
def test_the_next_payout_is_on_the_schedule(schedule: dict[str, Any], after: str, wanted: str | None) -> None:
    """Stripe: daily means days of business, the 31st of a short month is its last day."""
    at = int(datetime.fromisoformat(after).replace(tzinfo=UTC).timestamp())
    found = next_run(schedule, at)
    assert (None if found is None else datetime.fromtimestamp(found, UTC).isoformat()[:16]) == wanted


def test_a_weekend_delays_a_payout() -> None:
    """Stripe: banks do not work on Saturday and Sunday."""
    friday = int(datetime(2026, 9, 25, 10, tzinfo=UTC).timestamp())
    assert datetime.fromtimestamp(business_days_after(friday, 2), UTC).isoformat()[:10] == "2026-09-29"


def test_the_first_external_account_of_a_currency_is_its_default(talk: Any) -> None:
    """Stripe: the default cannot be deleted while it is that of the account's own currency."""
    account = talk.post("/v1/accounts", type="custom", country="US", capabilities={"transfers": {"requested": True}})
    at = f"/v1/accounts/{account['id']}/external_accounts"
    first = talk.post(at, external_account="btok_us_verified")
    second = talk.post(at, external_account=_bank("000123456789"))
    assert (first["default_for_currency"], second["default_for_currency"]) == (True, False)
    talk.refused("DELETE", f"{at}/{first['id']}", 400)
    talk.post(f"{at}/{second['id']}", default_for_currency=True)
    assert talk.get(f"{at}/{first['id']}")["default_for_currency"] is False
    assert talk.delete(f"{at}/{first['id']}")["deleted"] is True
    assert [one["id"] for one in talk.get(at)["data"]] == [second["id"]]
    assert talk.refused("GET", f"{at}/{first['id']}", 404)["code"] == "resource_missing"


@pytest.mark.parametrize(
    ("sent", "code", "param"),
    [
        ("btok_nobody", "resource_missing", "external_account"),
        ("tok_visa", "invalid_card_type", "external_account"),
        ({"object": "bank_account", "country": "US"}, "parameter_missing", "external_account[account_number]"),
        (_bank("12"), "account_number_invalid", "account_number"),
        ({**_bank("000123456789"), "routing_number": "110000001"}, "routing_number_invalid", "routing_number"),
        ({**_bank("000123456789"), "country": "ZZ"}, None, "country"),
    ],
)
def test_an_external_account_that_cannot_be_is_refused(talk: Any, sent: Any, code: str | None, param: str) -> None:
    """Stripe: tokens that exist, debit cards only, numbers that a bank could have."""
    account = talk.post("/v1/accounts", type="express")["id"]
    error = talk.refused("POST", f"/v1/accounts/{account}/external_accounts", 400, external_account=sent)
    assert (error.get("code"), error["param"]) == (code, param)


def test_a_bank_accounts_token_is_good_once(talk: Any) -> None:
    """Stripe: single-use."""
    numbers = {name: value for name, value in _bank("000123456789").items() if name != "object"}
    token = talk.post("/v1/tokens", bank_account=numbers)["id"]
    account = talk.post("/v1/accounts", type="express")["id"]
    at = f"/v1/accounts/{account}/external_accounts"
    assert talk.post(at, external_account=token)["last4"] == "6789"
    assert talk.refused("POST", at, 400, external_account=token)["code"] == "token_already_used"
