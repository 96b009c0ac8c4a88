"""Transfers, application fees, top-ups: money between the platform's books and its connected accounts'."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

BOTH = {"card_payments": {"requested": True}, "transfers": {"requested": True}}
DAY_S = 86_400


def connect(talk: Any, kind: str = "express") -> str:
    """A connected account that is onboarded."""
    account = talk.post("/v1/accounts", type=kind, capabilities=BOTH)["id"]
    talk.post(f"/_sandbox/accounts/{account}/onboard")
    return str(account)


def pay(talk: Any, amount: int = 50_000, account: str | None = None, **more: Any) -> dict[str, Any]:
    """A payment of a card whose money is available at once."""
    sent = {"amount": amount, "currency": "usd", "confirm": True, "payment_method_types": ["card"]}
    headers = {"Stripe-Account": account} if account else {}
    body = {**sent, "payment_method": "pm_card_bypassPending", **more}
    answer = talk.ask("POST", "/v1/payment_intents", body, headers)
    assert answer.status == 200, answer.body
    return answer.body


def rows(talk: Any, account: str | None = None) -> list[dict[str, Any]]:
    """The ledger of one set of books."""
    headers = {"Stripe-Account": account} if account else {}
    return list(talk.ask("GET", "/v1/balance_transactions", {"limit": 100}, headers).body["data"])


def balance(talk: Any, account: str | None = None) -> int:
    """Available and pending together, in usd cents."""
    headers = {"Stripe-Account": account} if account else {}
    body = talk.ask("GET", "/v1/balance", {}, headers).body
    return sum(one["amount"] for name in ("available", "pending") for one in body[name] if one["currency"] == "usd")


def test_a_transfer_moves_money_from_one_set_of_books_to_the_other(talk: Any) -> None:
    """Stripe: a transfer row here, a payment row there, and a payment that names the transfer."""
    account = connect(talk)
    pay(talk)
    before = balance(talk)
    transfer = talk.post("/v1/transfers", amount=4_000, currency="usd", destination=account, transfer_group="ORDER_1")
    assert (balance(talk), balance(talk, account)) == (before - 4_000, 4_000)
    [there] = rows(talk, account)
    assert (there["type"], there["reporting_category"], there["source"]) == (
        "payment",
        "charge",
        transfer["destination_payment"],
    )
    payment = talk.ask("GET", f"/v1/charges/{there['source']}", {}, {"Stripe-Account": account}).body
    assert (payment["source_transfer"], payment["transfer_group"]) == (transfer["id"], "ORDER_1")
    assert [one["id"] for one in talk.get("/v1/transfers", transfer_group="ORDER_1")["data"]] == [transfer["id"]]


def test_a_transfer_shows_the_payment_that_it_became_there(talk: Any) -> None:
    """Stripe: the platform may expand destination_payment, and a fee's charge, out of the other books."""
    account = connect(talk)
    split = {"transfer_data": {"destination": account}, "application_fee_amount": 100}
    pay(talk, **split)
    [transfer] = talk.get("/v1/transfers", expand=["data.destination_payment", "data.destination"])["data"]
    assert transfer["destination_payment"]["source_transfer"] == transfer["id"]
    [fee] = talk.get("/v1/application_fees", expand=["data.charge"])["data"]
    assert fee["charge"]["id"] == transfer["destination_payment"]["id"]


def test_a_transfer_needs_money_and_somewhere_to_go(talk: Any) -> None:
    """Stripe: balance_insufficient, an account that is connected and may take transfers."""
    account, blank = connect(talk), talk.post("/v1/accounts", type="express")["id"]
    sent = {"amount": 100, "currency": "usd"}
    assert talk.refused("POST", "/v1/transfers", 400, **sent, destination=account)["code"] == "balance_insufficient"
    pay(talk)
    code = talk.refused("POST", "/v1/transfers", 400, **sent, destination=blank)["code"]
    assert code == "insufficient_capabilities_for_transfer"
    unknown = talk.refused("POST", "/v1/transfers", 400, **sent, destination="acct_1Nobody")
    assert (unknown["code"], unknown["param"]) == ("resource_missing", "destination")
    assert rows(talk, account) == []


def test_a_transfer_of_a_charge_waits_as_the_charge_does(talk: Any) -> None:
    """Stripe: source_transaction lets pending money be transferred, up to the charge, available with it."""
    account = connect(talk)
    charge = pay(talk, 10_000, payment_method="pm_card_visa")["latest_charge"]
    sent = {"currency": "usd", "destination": account, "source_transaction": charge}
    transfer = talk.post("/v1/transfers", amount=6_000, **sent)
    assert transfer["transfer_group"] == f"group_{charge}"
    [there] = rows(talk, account)
    [here] = [row for row in rows(talk) if row["type"] == "charge"]
    assert (there["status"], there["available_on"]) == ("pending", here["available_on"])
    refused = talk.refused("POST", "/v1/transfers", 400, amount=4_001, **sent)
    assert "must not exceed the source amount of $100.00" in refused["message"]
    assert talk.post("/v1/transfers", **sent)["amount"] == 4_000


def test_a_reversal_brings_back_at_most_what_was_transferred(talk: Any) -> None:
    """Stripe: in parts, until nothing is left."""
    account = connect(talk)
    pay(talk)
    transfer = talk.post("/v1/transfers", amount=4_000, currency="usd", destination=account)
    at = f"/v1/transfers/{transfer['id']}/reversals"
    first = talk.post(at, amount=1_500)
    assert "greater than unreversed amount" in talk.refused("POST", at, 400, amount=2_501)["message"]
    talk.post(at)
    found = talk.get(f"/v1/transfers/{transfer['id']}")
    assert (found["amount_reversed"], found["reversed"]) == (4_000, True)
    assert [one["amount"] for one in found["reversals"]["data"]] == [2_500, 1_500]
    assert "already fully reversed" in talk.refused("POST", at, 400)["message"]
    assert balance(talk, account) == 0
    refund = talk.ask("GET", f"/v1/refunds/{first['destination_payment_refund']}", {}, {"Stripe-Account": account})
    assert refund.body["source_transfer_reversal"] == first["id"]


def test_stripe_bears_the_losses_of_standard_accounts_so_they_cannot_be_overdrawn(talk: Any) -> None:
    """Stripe: a reversal needs the account's money, unless the platform is liable for it."""
    pay(talk)
    for kind, status in (("standard", 400), ("express", 200)):
        account = connect(talk, kind)
        transfer = talk.post("/v1/transfers", amount=4_000, currency="usd", destination=account)
        taken = talk.ask("POST", "/v1/payouts", {"amount": 3_000, "currency": "usd"}, {"Stripe-Account": account})
        assert taken.status == 200, taken.body
        assert talk.ask("POST", f"/v1/transfers/{transfer['id']}/reversals").status == status


def test_a_destination_charge_is_transferred_but_for_the_fee(talk: Any) -> None:
    """Stripe: the whole charge goes to the destination, the application fee comes back from there."""
    account = connect(talk)
    split = {"transfer_data": {"destination": account}, "application_fee_amount": 1_000, "on_behalf_of": account}
    paid = pay(talk, 10_000, **split)
    charge = talk.get(f"/v1/charges/{paid['latest_charge']}")
    assert (charge["on_behalf_of"], charge["transfer_group"]) == (account, f"group_{paid['id']}")
    assert balance(talk, account) == 9_000
    assert balance(talk) == 10_000 - 320 - 10_000 + 1_000
    [there] = rows(talk, account)
    assert [one["type"] for one in there["fee_details"]] == ["application_fee"]
    fee = talk.get(f"/v1/application_fees/{charge['application_fee']}")
    assert (fee["account"], fee["amount"], fee["originating_transaction"]) == (account, 1_000, charge["id"])
    given = talk.post("/v1/refunds", charge=charge["id"], amount=5_000, reverse_transfer=True)
    assert given["transfer_reversal"].startswith("trr_")
    assert balance(talk, account) == 4_000
    talk.post("/v1/refunds", charge=charge["id"], reverse_transfer=True, refund_application_fee=True)
    assert talk.get(f"/v1/application_fees/{fee['id']}")["amount_refunded"] == 500
    assert balance(talk, account) == -500


def test_a_direct_charge_pays_the_fee_from_its_own_row(talk: Any) -> None:
    """Stripe: on the connected account's books, with Stripe's fee and the platform's in the row's details."""
    account = connect(talk)
    paid = pay(talk, 10_000, account, application_fee_amount=700)
    [row] = rows(talk, account)
    assert (row["type"], row["fee"], row["net"]) == ("charge", 1_020, 8_980)
    assert [one["type"] for one in row["fee_details"]] == ["stripe_fee", "application_fee"]
    [fee] = talk.get("/v1/application_fees", charge=paid["latest_charge"])["data"]
    assert (balance(talk), fee["amount"], fee["account"]) == (700, 700, account)
    [earned] = rows(talk)
    assert (earned["type"], earned["reporting_category"]) == ("application_fee", "platform_earning")


def test_a_charge_of_a_token_may_be_split_too(talk: Any) -> None:
    """Stripe: the older way of charging takes transfer_data and application_fee_amount as well."""
    account = connect(talk)
    split = {"transfer_data": {"destination": account}, "application_fee_amount": 100}
    charge = talk.post("/v1/charges", amount=2_000, currency="usd", source="tok_visa", **split)
    assert charge["transfer"].startswith("tr_")
    assert balance(talk, account) == 1_900
    assert talk.get("/v1/transfers")["data"][0]["source_transaction"] == charge["id"]


def test_the_balance_says_what_the_platform_answers_for(talk: Any) -> None:
    """Stripe: connect_reserved are the debts of connected accounts whose losses the platform bears."""
    assert "connect_reserved" not in talk.get("/v1/balance")
    account = connect(talk)
    pay(talk)
    transfer = talk.post("/v1/transfers", amount=4_000, currency="usd", destination=account)
    there = {"Stripe-Account": account}
    assert talk.ask("POST", "/v1/payouts", {"amount": 3_000, "currency": "usd"}, there).status == 200
    talk.post(f"/v1/transfers/{transfer['id']}/reversals")
    assert talk.get("/v1/balance")["connect_reserved"] == [{"amount": 3_000, "currency": "usd"}]


def test_a_fee_is_taken_where_there_is_an_account_to_take_it_from(talk: Any) -> None:
    """Stripe: neither on the platform's own payments, nor more than the payment."""
    account = connect(talk)
    sent = {"amount": 1_000, "currency": "usd"}
    alone = talk.refused("POST", "/v1/payment_intents", 400, **sent, application_fee_amount=5)
    assert alone["param"] == "application_fee_amount"
    there = {"transfer_data": {"destination": account}}
    much = talk.refused("POST", "/v1/payment_intents", 400, **sent, **there, application_fee_amount=1_001)
    assert much["param"] == "application_fee_amount"
    both = {"transfer_data": {"destination": account, "amount": 5}, "application_fee_amount": 5}
    assert talk.refused("POST", "/v1/payment_intents", 400, **sent, **both)["param"] == "transfer_data[amount]"


def test_what_arrived_by_transfer_is_given_back_by_the_platform_only(talk: Any) -> None:
    """Ours: a destination payment is refunded by reversing its transfer, never around it."""
    account = connect(talk)
    pay(talk)
    payment = talk.post("/v1/transfers", amount=500, currency="usd", destination=account)["destination_payment"]
    assert talk.ask("POST", "/v1/refunds", {"charge": payment}, {"Stripe-Account": account}).status == 400
    assert balance(talk, account) == 500


def test_a_top_up_arrives_or_is_called_off(talk: Any) -> None:
    """Stripe: pending for days, then succeeded or failed; only a pending one can be cancelled."""
    good = talk.post("/v1/topups", amount=5_000, currency="usd")
    bad = talk.post("/v1/topups", amount=600, currency="usd", source="btok_us_noAccount")
    off = talk.post("/v1/topups", amount=70, currency="usd")
    assert balance(talk) == 5_670
    talk.post(f"/v1/topups/{off['id']}/cancel")
    talk.clock.pass_s(7 * DAY_S)
    states = {one["id"]: one["status"] for one in talk.get("/v1/topups")["data"]}
    assert states == {good["id"]: "succeeded", bad["id"]: "failed", off["id"]: "canceled"}
    assert talk.get(f"/v1/topups/{bad['id']}")["failure_code"] == "no_account"
    assert balance(talk) == 5_000
    assert "succeeded" in talk.refused("POST", f"/v1/topups/{good['id']}/cancel", 400)["message"]


MOVES = st.lists(
    st.tuples(
        st.sampled_from(("transfer", "reverse", "destination", "direct", "refund", "fee", "wait", "payout")),
        st.integers(1, 9_000),
        st.booleans(),
    ),
    max_size=12,
)


@given(moves=MOVES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_money_between_books_is_neither_made_nor_lost(new_talk: Any, moves: list[tuple[str, int, bool]]) -> None:
    """Stripe: whatever happens, both balances together are what came from cards, less fees, refunds and payouts; and
    each is the sum of its rows.
    """
    talk = new_talk()
    account = connect(talk)
    pay(talk, 20_000)
    for move, amount, flag in moves:
        _move(talk, account, move, amount, flag=flag)
    outside = 0
    for books in (None, account):
        ledger = rows(talk, books)
        assert balance(talk, books) == sum(row["net"] for row in ledger)
        assert all(row["net"] == row["amount"] - row["fee"] for row in ledger)
        assert all(row["fee"] == sum(one["amount"] for one in row["fee_details"]) for row in ledger)
        outside += sum(row["amount"] for row in ledger if row["type"] in ("charge", "refund", "payout"))
        outside -= sum(
            one["amount"] for row in ledger for one in row["fee_details"] if one["type"] != "application_fee"
        )
    assert balance(talk) + balance(talk, account) == outside


def _move(talk: Any, account: str, move: str, amount: int, *, flag: bool) -> None:
    """One step, refused where it cannot be."""
    there = {"Stripe-Account": account}
    charged = {"amount": amount + 50, "currency": "usd", "confirm": True, "payment_method_types": ["card"]}
    charged |= {"payment_method": "pm_card_visa" if flag else "pm_card_bypassPending"}
    if move == "transfer":
        talk.ask("POST", "/v1/transfers", {"amount": amount, "currency": "usd", "destination": account})
    elif move == "reverse":
        for one in talk.get("/v1/transfers", limit=1)["data"]:
            talk.ask("POST", f"/v1/transfers/{one['id']}/reversals", {} if flag else {"amount": amount})
    elif move == "destination":
        more = {"transfer_data": {"destination": account}, "application_fee_amount": amount // 3}
        assert talk.ask("POST", "/v1/payment_intents", {**charged, **more}).status == 200
    elif move == "direct":
        more = {"application_fee_amount": amount // 7}
        assert talk.ask("POST", "/v1/payment_intents", {**charged, **more}, there).status == 200
    elif move == "refund":
        for one in talk.get("/v1/charges", limit=1)["data"]:
            back = {
                "reverse_transfer": bool(one.get("transfer")),
                "refund_application_fee": bool(one["application_fee"]),
            }
            talk.ask("POST", "/v1/refunds", {"charge": one["id"], "amount": amount, **(back if flag else {})})
    elif move == "fee":
        for one in talk.get("/v1/application_fees", limit=1)["data"]:
            talk.ask("POST", f"/v1/application_fees/{one['id']}/refunds", {"amount": amount} if flag else {})
    elif move == "payout":
        talk.ask("POST", "/v1/payouts", {"amount": amount, "currency": "usd"}, there if flag else {})
    else:
        talk.clock.pass_s(amount * 60)


@pytest.mark.parametrize("kind", ["standard", "express", "custom"])
def test_connected_accounts_are_paid_out_on_their_own_schedule(talk: Any, kind: str) -> None:
    """Stripe: daily by default, to the account's own bank, with events in its own books."""
    account = connect(talk, kind)
    pay(talk)
    talk.post("/v1/transfers", amount=4_000, currency="usd", destination=account)
    talk.clock.pass_s(7 * DAY_S)
    there = {"Stripe-Account": account}
    [payout] = talk.ask("GET", "/v1/payouts", {}, there).body["data"]
    assert (payout["amount"], payout["automatic"], payout["status"]) == (4_000, True, "paid")
    assert balance(talk, account) == 0
    types = {one["type"] for one in talk.ask("GET", "/v1/events", {"limit": 100}, there).body["data"]}
    assert {"payout.created", "payout.paid", "payout.reconciliation_completed"} <= types
    assert talk.get("/v1/payouts")["data"] == []
