"""Invoices: every transition that is allowed and every one that is not, lines, numbers, and the customer's balance."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

DAY_S = 86_400
HOUR_S = 3_600
NOT_OPEN = "You can only pass in open invoices. This invoice isn't open."


def _customer(talk: Any, card: str | None = "pm_card_visa", **more: Any) -> str:
    customer = talk.post("/v1/customers", **{"name": "Zoë", "invoice_prefix": "ZOE", **more})["id"]
    if card:
        method = talk.post(f"/v1/payment_methods/{card}/attach", customer=customer)["id"]
        talk.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": method})
    return str(customer)


def _draft(talk: Any, customer: str, *amounts: int, currency: str = "usd", **more: Any) -> dict[str, Any]:
    for amount in amounts:
        talk.post("/v1/invoiceitems", customer=customer, amount=amount, currency=currency, description="Work")
    return talk.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include", **more)


def _do(talk: Any, invoice: dict[str, Any], what: str, **more: Any) -> dict[str, Any]:
    return talk.post(f"/v1/invoices/{invoice['id']}/{what}", **more)


def _in_state(talk: Any, state: str) -> dict[str, Any]:
    sent = {"collection_method": "send_invoice", "days_until_due": 5} if state == "sendable" else {}
    invoice = _draft(talk, _customer(talk), 3_000, **sent)
    steps = {
        "draft": (),
        "sendable": ("finalize",),
        "open": ("finalize",),
        "paid": ("pay",),
        "void": ("finalize", "void"),
        "uncollectible": ("finalize", "mark_uncollectible"),
    }
    for step in steps[state]:
        invoice = _do(talk, invoice, step)
    return invoice


@pytest.mark.parametrize(
    ("state", "what", "after"),
    [
        ("draft", "finalize", "open"),
        ("draft", "pay", "paid"),
        ("open", "pay", "paid"),
        ("open", "void", "void"),
        ("open", "mark_uncollectible", "uncollectible"),
        ("sendable", "send", "open"),
        ("uncollectible", "pay", "paid"),
        ("uncollectible", "void", "void"),
    ],
)
def test_an_invoice_goes_only_where_stripe_lets_it(talk: Any, state: str, what: str, after: str) -> None:
    """Stripe: the state machine of https://docs.stripe.com/invoicing/integration/workflow-transitions."""
    assert _do(talk, _in_state(talk, state), what)["status"] == after


@pytest.mark.parametrize(
    ("state", "what", "words"),
    [
        ("draft", "void", NOT_OPEN),
        ("draft", "mark_uncollectible", NOT_OPEN),
        ("open", "finalize", "This invoice is already finalized, you can't re-finalize a non-draft invoice."),
        ("paid", "pay", "Invoice is already paid"),
        ("paid", "void", "Invoices with `paid` payments cannot be voided."),
        ("paid", "mark_uncollectible", NOT_OPEN),
        ("paid", "finalize", "This invoice is already finalized, you can't re-finalize a non-draft invoice."),
        ("void", "pay", NOT_OPEN),
        ("void", "void", NOT_OPEN),
        ("void", "mark_uncollectible", NOT_OPEN),
        ("uncollectible", "mark_uncollectible", "This invoice has already been marked uncollectible."),
        ("uncollectible", "finalize", "This invoice is already finalized, you can't re-finalize a non-draft invoice."),
    ],
)
def test_a_wrong_transition_is_refused_and_changes_nothing(talk: Any, state: str, what: str, words: str) -> None:
    """Stripe, recorded: words without code or param; no event, no charge."""
    invoice = _in_state(talk, state)
    events = talk.get("/v1/events")["data"][0]["id"]
    error = talk.refused("POST", f"/v1/invoices/{invoice['id']}/{what}")
    assert error["message"] == words
    assert not {"code", "param"} & set(error)
    assert talk.get(f"/v1/invoices/{invoice['id']}") == invoice
    assert talk.get("/v1/events")["data"][0]["id"] == events


@pytest.mark.parametrize("state", ["open", "paid", "void", "uncollectible"])
def test_what_was_finalized_is_neither_deleted_nor_rewritten(talk: Any, state: str) -> None:
    """Stripe: only drafts are deleted or changed; metadata may be set for ever."""
    at = f"/v1/invoices/{_in_state(talk, state)['id']}"
    assert talk.refused("DELETE", at)["message"] == "You can only delete draft invoices."
    error = talk.refused("POST", at, description="other")
    assert (error["message"], error["param"]) == ("Finalized invoices can't be updated in this way", "description")
    assert talk.post(at, metadata={"a": "b"})["metadata"] == {"a": "b"}
    assert talk.refused("POST", f"{at}/add_lines", lines=[{"amount": 5}])["message"].startswith("Finalized")


def test_numbers_follow_one_another_without_gaps(talk: Any) -> None:
    """Stripe: `<prefix>-0001`, given when finalized, per customer; drafts and deleted drafts take none."""
    customer = _customer(talk)
    first, second, third = (_draft(talk, customer, 500 + n) for n in range(3))
    talk.delete(f"/v1/invoices/{second['id']}")
    assert first["number"] is None
    assert _do(talk, third, "finalize")["number"] == "ZOE-0001"
    assert _do(talk, first, "finalize")["number"] == "ZOE-0002"
    assert talk.get(f"/v1/customers/{customer}")["next_invoice_sequence"] == 3
    own = _draft(talk, customer, 700, number="2026-7")
    assert _do(talk, own, "finalize")["number"] == "2026-7"
    assert talk.refused("POST", "/v1/invoices", customer=customer, number="2026-7")["param"] == "number"


def test_paying_moves_the_money_once(talk: Any) -> None:
    """Stripe: the invoice's payment is an intent, its charge, and a row of the balance; the dates agree."""
    customer = _customer(talk)
    paid = _do(talk, _draft(talk, customer, 2_000, 1_500), "pay", expand=["payments"])
    assert (paid["amount_paid"], paid["amount_remaining"], paid["attempt_count"]) == (3_500, 0, 1)
    moments = paid["status_transitions"]
    assert moments["finalized_at"] == moments["paid_at"] == paid["effective_at"] == talk.clock.now
    intent = talk.get(f"/v1/payment_intents/{paid['payments']['data'][0]['payment']['payment_intent']}")
    charges = talk.get("/v1/charges", customer=customer)["data"]
    assert [(one["amount"], one["payment_intent"]) for one in charges] == [(3_500, intent["id"])]
    assert [row["amount"] for row in talk.get("/v1/balance_transactions")["data"]] == [3_500]


def test_a_declined_payment_leaves_the_invoice_open(talk: Any) -> None:
    """Stripe: 402 with the card's own words, one attempt counted, another card may pay."""
    customer = _customer(talk, "pm_card_chargeCustomerFail")
    invoice = _draft(talk, customer, 900)
    error = talk.refused("POST", f"/v1/invoices/{invoice['id']}/pay", 402)
    assert (error["type"], error["code"], error["payment_intent"]["status"]) == (
        "card_error",
        "card_declined",
        "requires_payment_method",
    )
    after = talk.get(f"/v1/invoices/{invoice['id']}")
    assert (after["status"], after["attempt_count"], after["attempted"]) == ("open", 1, True)
    good = talk.post("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
    assert _do(talk, invoice, "pay", payment_method=good)["status"] == "paid"
    assert talk.get(f"/v1/customers/{customer}")["delinquent"] is False


def test_an_invoice_is_not_charged_to_another_customers_card(talk: Any) -> None:
    """Ours: a payment method of someone else is refused by name, and without any the answer says what is missing."""
    invoice = _draft(talk, _customer(talk, None), 900)
    other = talk.post("/v1/customers", name="Other")["id"]
    method = talk.post("/v1/payment_methods/pm_card_visa/attach", customer=other)["id"]
    at = f"/v1/invoices/{invoice['id']}/pay"
    assert talk.refused("POST", at, payment_method=method)["param"] == "payment_method"
    assert "no attached payment source" in talk.refused("POST", at)["message"]
    assert talk.get(f"/v1/invoices/{invoice['id']}")["status"] == "draft"


def test_paid_elsewhere_moves_no_money_here(talk: Any) -> None:
    """Stripe, recorded: paid in full without an attempt; the intent is canceled, so it cannot be paid twice."""
    customer = _customer(talk)
    opened = _do(talk, _draft(talk, customer, 4_400), "finalize", expand=["payments"])
    paid = _do(talk, opened, "pay", paid_out_of_band=True)
    assert (paid["status"], paid["amount_paid"], paid["attempt_count"]) == ("paid", 4_400, 0)
    intent = opened["payments"]["data"][0]["payment"]["payment_intent"]
    assert talk.get(f"/v1/payment_intents/{intent}")["status"] == "canceled"
    assert talk.get("/v1/charges")["data"] == []


def test_a_void_invoices_intent_cannot_be_paid(talk: Any) -> None:
    """Stripe: voiding cancels the intent for `void_invoice`; the amounts stay on the paper."""
    opened = _do(talk, _draft(talk, _customer(talk), 3_000), "finalize", expand=["payments"])
    void = _do(talk, opened, "void")
    assert (void["amount_due"], void["amount_remaining"], void["status_transitions"]["voided_at"]) == (
        3_000,
        3_000,
        talk.clock.now,
    )
    intent = talk.get(f"/v1/payment_intents/{opened['payments']['data'][0]['payment']['payment_intent']}")
    assert (intent["status"], intent["cancellation_reason"]) == ("canceled", "void_invoice")


def test_an_invoice_that_advances_is_finalized_and_charged_after_an_hour(talk: Any) -> None:
    """Stripe, recorded: at created + 3601 s; switched off in between, nothing happens."""
    customer = _customer(talk)
    goes, stays = (_draft(talk, customer, 900 + n, auto_advance=True) for n in range(2))
    talk.post(f"/v1/invoices/{stays['id']}", auto_advance=False)
    talk.clock.pass_s(HOUR_S + 1)
    assert talk.get(f"/v1/invoices/{goes['id']}")["status"] == "paid"
    assert talk.get(f"/v1/invoices/{stays['id']}")["status"] == "draft"


def test_an_invoice_finalized_to_advance_is_charged_an_hour_later(talk: Any) -> None:
    """Stripe: finalizing opens it at once; the charge comes by itself."""
    opened = _do(talk, _draft(talk, _customer(talk), 900), "finalize", auto_advance=True)
    assert (opened["status"], opened["next_payment_attempt"]) == ("open", talk.clock.now + HOUR_S)
    talk.clock.pass_s(HOUR_S)
    assert talk.get(f"/v1/invoices/{opened['id']}")["status"] == "paid"


def test_a_sent_invoice_has_a_day_by_which_it_is_due(talk: Any) -> None:
    """Stripe: `days_until_due` or `due_date`, one of them; invoices are listed by it."""
    customer = _customer(talk)
    sent = {"collection_method": "send_invoice"}
    near = _draft(talk, customer, 900, **sent, days_until_due=7)
    far = _draft(talk, customer, 901, **sent, due_date=talk.clock.now + 40 * DAY_S)
    assert near["due_date"] == talk.clock.now + 7 * DAY_S
    due_soon = talk.get("/v1/invoices", due_date={"lt": far["due_date"]})["data"]
    assert [one["id"] for one in due_soon] == [near["id"]]
    assert len(talk.get("/v1/invoices", collection_method="send_invoice", customer=customer)["data"]) == 2
    both = {**sent, "days_until_due": 1, "due_date": talk.clock.now + 9}
    assert talk.refused("POST", "/v1/invoices", customer=customer, **both)["param"] == "due_date"
    past = {**sent, "due_date": talk.clock.now}
    assert talk.refused("POST", "/v1/invoices", customer=customer, **past)["param"] == "due_date"
    automatic = _draft(talk, customer, 902)
    assert "send an invoice" in talk.refused("POST", f"/v1/invoices/{automatic['id']}/send")["message"]


def test_credit_is_used_up_by_invoices_and_given_back_by_voiding(talk: Any) -> None:
    """Stripe: the balance lowers what is due; a void invoice returns what it had used."""
    customer = _customer(talk)
    at = f"/v1/customers/{customer}/balance_transactions"
    talk.post(at, amount=-700, currency="usd", description="gift")
    draft = _draft(talk, customer, 1_000)
    assert (draft["starting_balance"], draft["amount_due"], draft["total"]) == (-700, 300, 1_000)
    opened = _do(talk, draft, "finalize")
    assert (opened["ending_balance"], talk.get(f"/v1/customers/{customer}")["balance"]) == (0, 0)
    _do(talk, opened, "void")
    assert talk.get(f"/v1/customers/{customer}")["balance"] == -700
    moves = [(one["type"], one["amount"]) for one in talk.get(at)["data"]]
    assert moves == [("unapplied_from_invoice", -700), ("applied_to_invoice", 700), ("adjustment", -700)]


def test_a_draft_follows_the_customers_balance(talk: Any) -> None:
    """Stripe: an unfinalized invoice shows the balance as it is now."""
    customer = _customer(talk)
    draft = _draft(talk, customer, 1_000)
    talk.post(f"/v1/customers/{customer}/balance_transactions", amount=-1_500, currency="usd")
    assert talk.get(f"/v1/invoices/{draft['id']}")["amount_due"] == 0
    paid = _do(talk, draft, "finalize")
    assert (paid["status"], paid["amount_due"], paid["ending_balance"]) == ("paid", 0, -500)


AMOUNTS = st.lists(st.integers(-2_000, 3_000), min_size=1, max_size=4)


# The fixture opens an empty sandbox each time it is called, so examples share nothing.
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(invoices=st.lists(AMOUNTS, min_size=1, max_size=4))
def test_no_cent_is_lost_between_invoices_and_the_balance(new_talk: Any, invoices: list[list[int]]) -> None:
    """Ours: what was charged and what the customer's balance moved always add up to what was invoiced."""
    talk = new_talk()
    customer = _customer(talk)
    charged = 0
    for amounts in invoices:
        paid = _do(talk, _draft(talk, customer, *amounts), "pay")
        assert paid["amount_due"] in (0, paid["amount_paid"])
        assert paid["total"] + paid["starting_balance"] == paid["amount_paid"] + paid["ending_balance"]
        charged += paid["amount_paid"]
        # Nothing below the least charge is asked for.
        assert paid["amount_paid"] == 0 or paid["amount_paid"] >= 50
    balance = talk.get(f"/v1/customers/{customer}")["balance"]
    assert charged + balance == sum(map(sum, invoices))
    moves = talk.get(f"/v1/customers/{customer}/balance_transactions", limit=100)["data"]
    assert sum(one["amount"] for one in moves) == balance
    assert sum(one["amount"] for one in talk.get("/v1/charges", limit=100)["data"]) == charged


def test_pending_items_join_only_invoices_of_their_currency(talk: Any) -> None:
    """Stripe: an item in another currency waits on; a draft takes each item once."""
    customer = _customer(talk)
    talk.post("/v1/invoiceitems", customer=customer, amount=500, currency="eur")
    first = _draft(talk, customer, 900, currency="usd")
    assert (first["currency"], first["total"]) == ("usd", 900)
    assert [one["currency"] for one in talk.get("/v1/invoiceitems", pending=True)["data"]] == ["eur"]
    assert _draft(talk, customer)["total"] == 500


def test_an_item_costs_what_its_price_says(talk: Any) -> None:
    """Stripe: a price and a quantity, a decimal unit amount, or an amount; one of them."""
    customer = _customer(talk)
    price = talk.post("/v1/prices", product_data={"name": "Cup"}, currency="usd", unit_amount_decimal="12.5")["id"]
    item = talk.post("/v1/invoiceitems", customer=customer, pricing={"price": price}, quantity=3)
    assert (item["amount"], item["quantity"], item["description"]) == (38, 3, "Cup")
    assert item["pricing"]["price_details"]["price"] == price
    by_unit = talk.post("/v1/invoiceitems", customer=customer, unit_amount_decimal="0.5", quantity=7, currency="usd")
    assert (by_unit["amount"], by_unit["pricing"]["unit_amount_decimal"]) == (4, "0.5")
    assert talk.post(f"/v1/invoiceitems/{item['id']}", quantity=4)["amount"] == 50
    both = {"amount": 5, "pricing": {"price": price}}
    assert talk.refused("POST", "/v1/invoiceitems", customer=customer, **both)["param"] == "amount"
    monthly = talk.post(
        "/v1/prices", product_data={"name": "M"}, currency="usd", unit_amount=1, recurring={"interval": "month"}
    )
    error = talk.refused("POST", "/v1/invoiceitems", customer=customer, pricing={"price": monthly["id"]})
    assert "type=one_time" in error["message"]


def test_a_line_taken_off_a_draft_waits_again_or_is_gone(talk: Any) -> None:
    """Stripe: `unassign` makes the item pending, `delete` deletes it; the total follows."""
    draft = _draft(talk, _customer(talk), 100, 200, 300)
    newest, middle, _ = (line["id"] for line in draft["lines"]["data"])
    taken = [{"id": newest, "behavior": "unassign"}, {"id": middle, "behavior": "delete"}]
    after = _do(talk, draft, "remove_lines", lines=taken)
    assert (after["total"], after["lines"]["total_count"]) == (100, 1)
    assert [one["amount"] for one in talk.get("/v1/invoiceitems", pending=True)["data"]] == [300]


def test_long_invoices_show_ten_lines_and_page_the_rest(talk: Any) -> None:
    """Stripe: the list inside an invoice holds ten; the lines' own path has them all, forwards and backwards."""
    draft = _draft(talk, _customer(talk), *range(100, 112))
    assert (len(draft["lines"]["data"]), draft["lines"]["has_more"], draft["lines"]["total_count"]) == (10, True, 12)
    assert draft["total"] == sum(range(100, 112))
    at = f"/v1/invoices/{draft['id']}/lines"
    first = talk.get(at, limit=8)
    rest = talk.get(at, limit=8, starting_after=first["data"][-1]["id"])
    assert (first["has_more"], rest["has_more"], len(rest["data"])) == (True, False, 4)
    back = talk.get(at, limit=8, ending_before=rest["data"][0]["id"])
    assert back["data"] == first["data"]
    assert talk.refused("GET", at, starting_after="il_nope")["param"] == "starting_after"
    page = talk.get("/v1/invoices")["data"][0]
    assert len(page["lines"]["data"]) == 10


def test_invoices_are_found_by_what_stripe_searches(talk: Any) -> None:
    """Stripe: number, total, status and customer in the query language; filters of the list hold together."""
    customer = _customer(talk)
    paid = _do(talk, _draft(talk, customer, 5_000), "pay")
    _draft(talk, customer, 100)
    for query in ("number:'ZOE-0001'", "total>4999", f"status:'paid' AND customer:'{customer}'"):
        assert [one["id"] for one in talk.get("/v1/invoices/search", query=query)["data"]] == [paid["id"]]
    assert [one["id"] for one in talk.get("/v1/invoices", customer=customer, status="paid")["data"]] == [paid["id"]]


def test_a_subscriptions_invoice_is_not_deleted_by_hand(talk: Any) -> None:
    """Stripe: it belongs to the subscription; its lines too."""
    price = talk.post(
        "/v1/prices", product_data={"name": "M"}, currency="usd", unit_amount=900, recurring={"interval": "month"}
    )["id"]
    sent = {"collection_method": "send_invoice", "days_until_due": 5}
    made = talk.post(
        "/v1/subscriptions", customer=_customer(talk), items=[{"price": price}], **sent, expand=["latest_invoice"]
    )
    invoice = made["latest_invoice"]
    assert "subscriptions" in talk.refused("DELETE", f"/v1/invoices/{invoice['id']}")["message"]
    line = {"id": invoice["lines"]["data"][0]["id"], "behavior": "delete"}
    error = talk.refused("POST", f"/v1/invoices/{invoice['id']}/remove_lines", lines=[line])
    assert "change with the subscription" in error["message"]


@pytest.mark.parametrize(
    ("path", "sent", "param"),
    [
        ("/v1/invoices", {}, "customer"),
        ("/v1/invoices", {"customer": "cus_nope"}, "customer"),
        ("/v1/invoiceitems", {"amount": 5, "currency": "usd"}, "customer"),
        ("/v1/invoiceitems", {"customer": "cus_nope", "amount": 5}, "customer"),
        ("/v1/invoiceitems", {"amount": 100_000_000, "currency": "usd"}, "amount"),
        ("/v1/invoices/in_nope/pay", {"forgive": True}, "forgive"),
        ("/v1/invoices/in_nope/lines/il_nope", {"amount": 5}, "invoice"),
    ],
)
def test_what_is_missing_is_named(talk: Any, path: str, sent: dict[str, Any], param: str) -> None:
    """Stripe: the parameter at fault; what the sandbox does not serve is refused rather than ignored."""
    answer = talk.ask("POST", path, sent)
    assert answer.status in (400, 404)
    assert answer.error["param"] == param


def test_a_paid_intent_of_an_invoice_pays_it(talk: Any) -> None:
    """Stripe: confirming the intent from the client's side is the same as paying the invoice."""
    opened = _do(talk, _draft(talk, _customer(talk), 1_200), "finalize", expand=["confirmation_secret"])
    intent = opened["confirmation_secret"]["client_secret"].partition("_secret_")[0]
    talk.post(f"/v1/payment_intents/{intent}/confirm", payment_method="pm_card_visa", return_url="https://example.com")
    paid = talk.get(f"/v1/invoices/{opened['id']}", expand=["payments"])
    assert (paid["status"], paid["amount_paid"], paid["payments"]["data"][0]["status"]) == ("paid", 1_200, "paid")


def test_two_payments_of_one_invoice_charge_once(talk: Any) -> None:
    """Ours: the second request finds a paid invoice, with or without an idempotency key."""
    invoice = _draft(talk, _customer(talk), 1_200)
    _do(talk, invoice, "pay")
    talk.refused("POST", f"/v1/invoices/{invoice['id']}/pay")
    assert len(talk.get("/v1/charges")["data"]) == 1


def test_each_currency_has_a_balance_of_its_own(talk: Any) -> None:
    """Stripe: credit goes to invoices of its own currency alone; what is too little to charge waits for the next."""
    customer = _customer(talk)
    at = f"/v1/customers/{customer}/balance_transactions"
    talk.post(at, amount=-700, currency="usd")
    euro = _do(talk, _draft(talk, customer, 2_000, currency="eur"), "pay")
    assert (euro["amount_paid"], euro["starting_balance"]) == (2_000, 0)
    assert "invoice_credit_balance" not in talk.get(f"/v1/customers/{customer}")
    tiny = _do(talk, _draft(talk, customer, 3, currency="eur"), "finalize")
    assert (tiny["status"], tiny["amount_due"], tiny["ending_balance"]) == ("paid", 0, 3)
    moved = talk.get(at)["data"][0]
    assert (moved["type"], moved["amount"], moved["currency"], moved["ending_balance"]) == (
        "invoice_too_small", 3, "eur", 3,
    )  # fmt: skip
    talk.post(at, amount=-103, currency="eur")
    found = talk.get(f"/v1/customers/{customer}")
    assert (found["balance"], found["currency"], found["invoice_credit_balance"]) == (-700, "usd", {"eur": 100})
    told = talk.get("/v1/events", type="customer.updated", limit=1)["data"][0]["data"]["previous_attributes"]
    assert told == {"invoice_credit_balance": {"eur": -3}}
    next_ = _do(talk, _draft(talk, customer, 2_000, currency="eur"), "finalize")
    assert (next_["starting_balance"], next_["amount_due"]) == (-100, 1_900)
    _do(talk, next_, "void")
    assert talk.get(f"/v1/customers/{customer}")["invoice_credit_balance"] == {"eur": 100}


def test_a_subscription_is_billed_while_the_balance_is_in_another_currency(talk: Any) -> None:
    """Ours: an invoice that comes to nothing or to less than can be charged advances by itself, like any other."""
    customer = _customer(talk)
    talk.post(f"/v1/customers/{customer}/balance_transactions", amount=-700, currency="usd")
    draft = _draft(talk, customer, 3, currency="eur", auto_advance=True)
    talk.clock.pass_s(2 * 3_600)
    done = talk.get(f"/v1/invoices/{draft['id']}")
    assert (done["status"], done["amount_due"]) == ("paid", 0)
