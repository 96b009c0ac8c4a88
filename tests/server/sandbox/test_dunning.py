"""Dunning: how often an unpaid invoice is tried, how that ends, and what brings a subscription back."""

from typing import Any

import pytest

DAY_S = 86_400


def _behind(subs: Any, talk: Any, card: str = "pm_card_chargeCustomerFail") -> dict[str, Any]:
    """A subscription whose renewal was just refused."""
    customer = subs.customer(talk)
    made = subs.subscribe(talk, customer, subs.price(talk))
    bad = talk.post(f"/v1/payment_methods/{card}/attach", customer=customer)["id"]
    talk.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": bad})
    talk.clock.now = made["items"]["data"][0]["current_period_end"] + 7_200
    return subs.look(talk, made)


def _let_pass(talk: Any, days: int) -> None:
    """Let days pass one by one, as a server that is asked now and then would see them."""
    for _ in range(days):
        talk.clock.pass_s(DAY_S)
        talk.get("/v1/events", limit=1)


def test_an_invoice_is_tried_eight_times_in_two_weeks_and_then_the_subscription_ends(subs: Any, talk: Any) -> None:
    """Stripe's default of smart retries; the invoice stays open, and nothing is tried again."""
    behind = _behind(subs, talk)
    assert (behind["status"], behind["latest_invoice"]["attempt_count"]) == ("past_due", 1)
    _let_pass(talk, 13)
    assert subs.look(talk, behind)["status"] == "past_due"
    _let_pass(talk, 2)
    over = subs.look(talk, behind)
    assert (over["status"], over["cancellation_details"]["reason"]) == ("canceled", "payment_failed")
    invoice = over["latest_invoice"]
    assert (invoice["status"], invoice["attempt_count"], invoice["next_payment_attempt"]) == ("open", 8, None)


@pytest.mark.parametrize("end", ["unpaid", "past_due"])
def test_an_account_may_end_its_retries_otherwise(subs: Any, talk: Any, end: str) -> None:
    """Stripe's dashboard, here `/_sandbox/dunning`: the subscription is left unpaid, or as it is."""
    assert talk.get("/_sandbox/dunning")["end"] == "cancel"
    talk.post("/_sandbox/dunning", end=end, tries=3, every_days=1)
    behind = _behind(subs, talk)
    _let_pass(talk, 4)
    over = subs.look(talk, behind)
    assert (over["status"], over["latest_invoice"]["attempt_count"]) == (end, 3)


def test_while_unpaid_invoices_stay_drafts_and_paying_the_latest_brings_it_back(subs: Any, talk: Any) -> None:
    """Stripe: an unpaid subscription goes on making drafts; the latest one paid, it is active again."""
    talk.post("/_sandbox/dunning", end="unpaid", tries=2, every_days=1)
    behind = _behind(subs, talk)
    _let_pass(talk, 40)
    unpaid = subs.look(talk, behind)
    latest = unpaid["latest_invoice"]
    assert (unpaid["status"], latest["status"], latest["auto_advance"]) == ("unpaid", "draft", False)
    card = talk.post("/v1/payment_methods/pm_card_visa/attach", customer=unpaid["customer"])["id"]
    oldest = behind["latest_invoice"]["id"]
    talk.post(f"/v1/invoices/{oldest}/pay", payment_method=card)
    assert subs.look(talk, behind)["status"] == "unpaid"
    talk.post(f"/v1/invoices/{latest['id']}/pay", payment_method=card)
    assert subs.look(talk, behind)["status"] == "active"


def test_a_hard_decline_waits_for_another_card(subs: Any, talk: Any) -> None:
    """Stripe: a card that wants its holder is not asked again; with a new one the next planned try succeeds."""
    behind = _behind(subs, talk, "pm_card_authenticationRequired")
    intent = talk.get(f"/v1/invoices/{behind['latest_invoice']['id']}", expand=["payments"])["payments"]["data"][0]
    charges = {"payment_intent": intent["payment"]["payment_intent"], "limit": 100}
    before = len(talk.get("/v1/charges", **charges)["data"])
    _let_pass(talk, 5)
    assert len(talk.get("/v1/charges", **charges)["data"]) == before
    assert subs.look(talk, behind)["latest_invoice"]["attempt_count"] == 3
    card = talk.post("/v1/payment_methods/pm_card_visa/attach", customer=behind["customer"])["id"]
    talk.post(f"/v1/customers/{behind['customer']}", invoice_settings={"default_payment_method": card})
    _let_pass(talk, 3)
    assert (subs.look(talk, behind)["status"], subs.look(talk, behind)["latest_invoice"]["status"]) == (
        "active",
        "paid",
    )


def test_only_retries_of_its_own_raise_the_count(subs: Any, talk: Any) -> None:
    """Stripe: `attempt_count` counts automatic tries; paying by hand in between does not."""
    behind = _behind(subs, talk)
    assert talk.ask("POST", f"/v1/invoices/{behind['latest_invoice']['id']}/pay").status == 402
    assert subs.look(talk, behind)["latest_invoice"]["attempt_count"] == 1


def test_a_renewal_that_needs_the_cardholder_says_so(subs: Any, talk: Any) -> None:
    """Stripe: a card that wants 3D Secure every time fails off session with `invoice.payment_action_required`."""
    _behind(subs, talk, "pm_card_authenticationRequired")
    told = subs.types(talk, of="invoice.")
    assert "invoice.payment_action_required" in told
    assert told.index("invoice.payment_action_required") < told.index("invoice.payment_failed")


@pytest.mark.parametrize(("name", "value"), [("tries", 9), ("tries", 0), ("end", "forgive"), ("every_days", 61)])
def test_a_rule_out_of_bounds_is_refused_and_not_kept(talk: Any, name: str, value: object) -> None:
    """Ours: at most eight tries and two months, and one of the three ends; the rule stays as it was."""
    assert talk.refused("POST", "/_sandbox/dunning", **{name: value})["param"] == name
    assert talk.get("/_sandbox/dunning") == {"object": "sandbox.dunning", "end": "cancel", "every_days": 2, "tries": 8}
