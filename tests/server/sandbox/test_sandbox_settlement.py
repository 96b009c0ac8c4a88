"""How an account settles: country, currency, fees and rates."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.sandbox.settlement import COUNTRIES, Settlement, settlement_for


def _pay(talk: Any, amount: int, currency: str, card: str = "pm_card_visa") -> dict[str, Any]:
    paid = talk.post(
        "/v1/payment_intents",
        amount=amount, currency=currency, payment_method=card, confirm=True,
        automatic_payment_methods={"enabled": True, "allow_redirects": "never"},
        expand=["latest_charge.balance_transaction"],
    )  # fmt: skip
    row: dict[str, Any] = paid["latest_charge"]["balance_transaction"]
    return row


def test_a_canadian_account_settles_in_its_own_currency(new_talk: Any) -> None:
    """Stripe: all becomes the account's currency at a rate that the row tells; a foreign card costs 0.8 % more."""
    talk = new_talk(settlement=settlement_for("CA"))
    account = talk.get("/v1/account")
    assert (account["country"], account["default_currency"]) == ("CA", "cad")
    own = _pay(talk, 4_400, "cad")
    # Recorded: 193 of 44.00 CAD by an American card.
    assert (own["currency"], own["fee"], own["exchange_rate"]) == ("cad", 193, None)
    other = _pay(talk, 6_000, "usd")
    assert (other["amount"], other["currency"], other["exchange_rate"]) == (8_391, "cad", 1.3985)
    balance = talk.get("/v1/balance")
    assert [one["currency"] for one in balance["pending"]] == ["cad"]
    assert balance["pending"][0]["amount"] == own["net"] + other["net"]


def test_a_card_from_home_costs_less(new_talk: Any) -> None:
    """Stripe: the share for cards from abroad is of the account's country."""
    talk = new_talk(settlement=settlement_for("CA"))
    assert _pay(talk, 4_400, "cad", "pm_card_ca")["fee"] == 158
    assert _pay(new_talk(settlement=settlement_for(fees="none")), 4_400, "usd")["fee"] == 0


def test_without_a_country_every_currency_settles_as_it_is(talk: Any) -> None:
    """Ours: the made-up business has a balance in each of its currencies."""
    assert _pay(talk, 6_000, "eur")["currency"] == "eur"


def test_a_refund_of_an_exchanged_payment_takes_back_what_was_booked(new_talk: Any) -> None:
    """Ours: rates do not move, so a full refund leaves the fee alone."""
    talk = new_talk(settlement=settlement_for("CA"))
    row = _pay(talk, 6_000, "usd")
    talk.post("/v1/refunds", charge=row["source"])
    assert talk.get("/v1/balance")["pending"][0]["amount"] == -row["fee"]


def test_fees_come_from_a_file(tmp_path: Path) -> None:
    """Ours: what the file does not say stays as standard."""
    table = tmp_path / "fees.json"
    table.write_text(json.dumps({"processing": {"cad": [100, 5]}, "dispute": {"cad": 2_000}}), encoding="utf-8")
    settlement = settlement_for("CA", fees=str(table))
    assert settlement is not None
    assert settlement.processing_fee(1_000, "cad", card_country="CA", was_exchanged=False) == 15
    assert settlement.processing_fee(1_000, "cad", card_country="US", was_exchanged=True) == 43
    assert (settlement.dispute_fee("cad"), settlement.dispute_fee("usd")) == (2_000, 1_500)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"country": "XX"}, "no account can be in 'XX'"),
        ({"currency": "xxx"}, "'xxx' is no currency"),
        ({"rates": {"cad": "0"}}, "rate of cad must be a positive number"),
        ({"rates": {"cad": "much"}}, "rate of cad must be a positive number"),
        ({"rates": {"zzz": "1"}}, "'zzz' is no currency"),
        ({"fees": "cheap"}, "neither standard nor none"),
    ],
)
def test_what_cannot_be_is_refused_by_name(asked: dict[str, Any], words: str) -> None:
    """Ours: a mistyped option must not pass for a default."""
    with pytest.raises(ValueError, match=words):
        settlement_for(**asked)


@pytest.mark.parametrize(
    "content",
    [[], {"processing": []}, {"processing": {"cad": [1]}}, {"processing": {"cad": [-1, 0]}}, {"dispute": {"cad": "1"}},
     {"foreign_card": True}, {"exchange": 20_000}, {"tax": 1}, {"dispute": {"zzz": 1}}],
)  # fmt: skip
def test_a_misshapen_table_of_fees_is_refused(content: Any, tmp_path: Path) -> None:
    """Ours: every number in it is checked."""
    table = tmp_path / "fees.json"
    table.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ValueError, match=r"fees|currency"):
        settlement_for(fees=str(table))


def test_a_file_keeps_how_it_settles(new_talk: Any, tmp_path: Path) -> None:
    """Ours: opened again without options it is the same account; with other ones it is refused."""
    new_talk(tmp_path / "s.sqlite3", settlement=settlement_for("GB"))
    assert new_talk(tmp_path / "s.sqlite3").get("/v1/account")["default_currency"] == "gbp"
    assert new_talk(tmp_path / "s.sqlite3", settlement=settlement_for("GB")).get("/v1/account")["country"] == "GB"
    with pytest.raises(ValueError, match="made for another account"):
        new_talk(tmp_path / "s.sqlite3", settlement=settlement_for("FR"))


def test_the_business_is_not_put_into_another_country(new_talk: Any) -> None:
    """Ours: its payouts and bank accounts are American; it is refused rather than made half Canadian."""
    with pytest.raises(ValueError, match="go with --empty"):
        new_talk(seed=7, settlement=settlement_for("CA"))
    talk = new_talk(seed=7, is_empty=True, settlement=settlement_for("CA"))
    assert talk.refused("POST", "/_sandbox/seed", seed=7)["param"] == "seed"


@given(st.sampled_from(COUNTRIES), st.integers(-(10**12), 10**12), st.sampled_from(["usd", "eur", "jpy", "kwd", "zar"]))
def test_exchanging_is_symmetric_and_written_down_whole(country: str, amount: int, currency: str) -> None:
    """Ours: a refund exchanges to what its payment did; and what the file keeps reads back as it was."""
    settlement = settlement_for(country)
    assert settlement is not None
    there = settlement.exchanged(amount, currency, settlement.currency)
    assert there == -settlement.exchanged(-amount, currency, settlement.currency)
    assert isinstance(there, int)
    assert Settlement.of(settlement.written()) == settlement
