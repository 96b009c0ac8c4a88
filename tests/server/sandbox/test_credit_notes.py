"""Credit notes: what they take off an invoice, where the money goes, what can still be credited."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def _invoice(talk: Any, customer: str, *amounts: int, pays: bool = True, **more: Any) -> dict[str, Any]:
    for amount in amounts:
        talk.post("/v1/invoiceitems", customer=customer, amount=amount, currency="usd", description=f"Work {amount}")
    made = talk.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include", **more)
    return talk.post(f"/v1/invoices/{made['id']}/{'pay' if pays else 'finalize'}")


def _credit(talk: Any, invoice: dict[str, Any], **sent: Any) -> dict[str, Any]:
    return talk.post("/v1/credit_notes", invoice=invoice["id"], **sent)


def _refused(talk: Any, invoice: dict[str, Any], **sent: Any) -> dict[str, Any]:
    return talk.refused("POST", "/v1/credit_notes", invoice=invoice["id"], **sent)


def _look(talk: Any, invoice: dict[str, Any]) -> dict[str, Any]:
    return talk.get(f"/v1/invoices/{invoice['id']}")


def test_an_open_invoice_asks_for_less(talk: Any, subs: Any) -> None:
    """Stripe: first `amount_remaining` is lowered, and what is charged is what remains."""
    invoice = _invoice(talk, subs.customer(talk), 5_000, pays=False)
    note = _credit(talk, invoice, amount=1_200)
    assert (note["type"], note["pre_payment_amount"], note["number"]) == (
        "pre_payment",
        1_200,
        f"{invoice['number']}-CN-01",
    )
    after = _look(talk, invoice)
    assert (after["amount_remaining"], after["pre_payment_credit_notes_amount"], after["total"]) == (
        3_800,
        1_200,
        5_000,
    )
    assert talk.post(f"/v1/invoices/{invoice['id']}/pay")["amount_paid"] == 3_800


def test_a_credit_of_all_pays_an_open_invoice(talk: Any, subs: Any) -> None:
    """Stripe: nothing remains, so the invoice is paid, and nothing is charged."""
    invoice = _invoice(talk, subs.customer(talk), 5_000, pays=False)
    _credit(talk, invoice, amount=5_000)
    after = _look(talk, invoice)
    assert (after["status"], after["amount_paid"], after["amount_remaining"]) == ("paid", 0, 0)
    assert talk.get("/v1/payment_intents")["data"][0]["status"] == "canceled"


def test_a_paid_invoice_gives_back_in_three_ways(talk: Any, subs: Any) -> None:
    """Stripe: a real refund, credit on the balance, and what went outside; together what was paid too much."""
    customer = subs.customer(talk)
    invoice = _invoice(talk, customer, 5_000)
    note = _credit(talk, invoice, amount=3_000, refund_amount=1_500, credit_amount=1_000, out_of_band_amount=500)
    assert (note["type"], note["post_payment_amount"]) == ("post_payment", 3_000)
    refund = talk.get(f"/v1/refunds/{note['refunds'][0]['refund']}")
    assert (refund["amount"], refund["status"]) == (1_500, "succeeded")
    assert talk.get(f"/v1/customers/{customer}")["balance"] == -1_000
    entry = talk.get(f"/v1/customers/{customer}/balance_transactions")["data"][0]
    assert (entry["type"], entry["credit_note"], entry["id"]) == (
        "credit_note",
        note["id"],
        note["customer_balance_transaction"],
    )
    assert _look(talk, invoice)["post_payment_credit_notes_amount"] == 3_000


@pytest.mark.parametrize(
    ("sent", "param"),
    [
        ({"amount": 1_000}, "refund_amount"),
        ({"amount": 1_000, "refund_amount": 999}, "refund_amount"),
        ({"amount": 1_000, "refund_amount": 600, "credit_amount": 600}, "refund_amount"),
        ({"amount": 5_001, "credit_amount": 5_001}, "amount"),
        ({}, "amount"),
        ({"amount": 5, "lines": [{"type": "custom_line_item"}]}, "amount"),
        ({"lines": [{"type": "invoice_line_item", "invoice_line_item": "il_none"}]}, "lines[0][invoice_line_item]"),
        ({"lines": [{"type": "custom_line_item", "quantity": 1, "unit_amount": 5}]}, "lines[0][description]"),
    ],
)
def test_what_does_not_add_up_is_refused(talk: Any, subs: Any, sent: dict[str, Any], param: str) -> None:
    """Stripe: the ways must sum to what is given back; nothing is stored for a refusal."""
    invoice = _invoice(talk, subs.customer(talk), 5_000)
    assert _refused(talk, invoice, **sent)["param"] == param
    assert talk.get("/v1/credit_notes")["data"] == []


def test_refunds_made_directly_share_the_ceiling(talk: Any, subs: Any) -> None:
    """Stripe: what the merchant refunded without a credit note cannot be credited again, but can be linked to one."""
    invoice = _invoice(talk, subs.customer(talk), 5_000)
    intent = talk.get("/v1/invoice_payments", invoice=invoice["id"])["data"][0]["payment"]["payment_intent"]
    refund = talk.post("/v1/refunds", payment_intent=intent, amount=2_000)["id"]
    assert _refused(talk, invoice, amount=3_001, credit_amount=3_001)["param"] == "amount"
    note = _credit(talk, invoice, amount=2_000, refunds=[{"refund": refund}])
    assert note["refunds"][0]["amount_refunded"] == 2_000
    assert _refused(talk, invoice, amount=1, refunds=[{"refund": refund}])["param"] == "refunds[0][refund]"
    _credit(talk, invoice, amount=3_000, refund_amount=3_000)
    assert _refused(talk, invoice, amount=1, credit_amount=1)["param"] == "amount"


def test_a_line_goes_back_with_its_discount_and_its_tax(talk: Any, subs: Any) -> None:
    """Stripe: half of a line is half of its discount and half of its tax."""
    coupon = talk.post("/v1/coupons", percent_off=20)["id"]
    rate = talk.post("/v1/tax_rates", display_name="VAT", percentage=10, inclusive=False)["id"]
    invoice = _invoice(talk, subs.customer(talk), 10_000, discounts=[{"coupon": coupon}], default_tax_rates=[rate])
    assert invoice["total"] == 8_800
    line = invoice["lines"]["data"][0]["id"]
    lines = [{"type": "invoice_line_item", "invoice_line_item": line, "amount": 5_000}]
    note = _credit(talk, invoice, lines=lines, credit_amount=4_400)
    assert (note["subtotal"], note["discount_amount"], note["total_taxes"][0]["amount"]) == (5_000, 1_000, 400)
    assert (note["total"], note["total_excluding_tax"]) == (4_400, 4_000)


def test_a_preview_is_what_the_credit_note_will_be(talk: Any, subs: Any) -> None:
    """Stripe: the same parameters, nothing stored."""
    invoice = _invoice(talk, subs.customer(talk), 5_000, 3_000)
    lines = [
        {"type": "invoice_line_item", "invoice_line_item": invoice["lines"]["data"][0]["id"], "quantity": 1},
        {"type": "custom_line_item", "description": "Sorry", "quantity": 2, "unit_amount": 150},
    ]
    sent = {"invoice": invoice["id"], "lines": lines, "credit_amount": 3_300}
    preview = talk.get("/v1/credit_notes/preview", **sent)
    assert talk.get("/v1/credit_notes")["data"] == []
    page = talk.get("/v1/credit_notes/preview/lines", **sent, limit=1)
    assert (len(page["data"]), page["has_more"]) == (1, True)
    note = talk.post("/v1/credit_notes", **sent)
    for name in ("total", "subtotal", "post_payment_amount", "number", "type"):
        assert preview[name] == note[name]


def test_a_credit_note_is_voided_only_while_its_invoice_is_open(talk: Any, subs: Any) -> None:
    """Stripe: the invoice asks for all of it again; what was refunded cannot be taken back."""
    invoice = _invoice(talk, subs.customer(talk), 5_000, pays=False)
    note = _credit(talk, invoice, amount=1_200)
    voided = talk.post(f"/v1/credit_notes/{note['id']}/void")
    assert (voided["status"], voided["voided_at"]) == ("void", talk.clock.now)
    assert _look(talk, invoice)["amount_remaining"] == 5_000
    assert "already" in talk.refused("POST", f"/v1/credit_notes/{note['id']}/void")["message"]
    talk.post(f"/v1/invoices/{invoice['id']}/pay")
    paid = _credit(talk, invoice, amount=100, credit_amount=100)
    talk.refused("POST", f"/v1/credit_notes/{paid['id']}/void")


@pytest.mark.parametrize("state", ["draft", "void"])
def test_only_a_finalized_invoice_is_credited(talk: Any, subs: Any, state: str) -> None:
    """Stripe: a draft is changed instead, and a void invoice asks for nothing."""
    customer = subs.customer(talk)
    talk.post("/v1/invoiceitems", customer=customer, amount=500, currency="usd")
    made = talk.post("/v1/invoices", customer=customer, pending_invoice_items_behavior="include")
    if state == "void":
        talk.post(f"/v1/invoices/{made['id']}/finalize")
        talk.post(f"/v1/invoices/{made['id']}/void")
    assert _refused(talk, made, amount=100)["param"] == "invoice"


def test_a_credit_notes_events_are_told(talk: Any, subs: Any) -> None:
    """Stripe: created, updated, voided, each with the credit note."""
    invoice = _invoice(talk, subs.customer(talk), 5_000, pays=False)
    note = _credit(talk, invoice, amount=1_200, metadata={"a": "b"}, memo="Sorry")
    talk.post(f"/v1/credit_notes/{note['id']}", memo="Really sorry")
    talk.post(f"/v1/credit_notes/{note['id']}/void")
    assert subs.types(talk, of="credit_note") == ["credit_note.created", "credit_note.updated", "credit_note.voided"]
    updated = talk.get("/v1/events", type="credit_note.updated")["data"][0]
    assert updated["data"]["previous_attributes"] == {"memo": "Sorry"}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["refund_amount", "credit_amount", "out_of_band_amount"]), st.integers(1, 4_000)),
        max_size=5,
    )
)
def test_never_more_is_credited_than_was_billed(talk: Any, subs: Any, tries: list[tuple[str, int]]) -> None:
    """Stripe: whatever is tried in whatever order, credit notes sum to at most the total, refunds to what was paid."""
    invoice = _invoice(talk, subs.customer(talk), 6_000)
    given = 0
    for way, amount in tries:
        answer = talk.ask("POST", "/v1/credit_notes", {"invoice": invoice["id"], "amount": amount, way: amount})
        assert answer.status == (200 if given + amount <= 6_000 else 400)
        given += amount if answer.status == 200 else 0
    assert _look(talk, invoice)["post_payment_credit_notes_amount"] == given <= 6_000


def test_an_invoice_is_paid_in_parts(talk: Any, subs: Any) -> None:
    """Stripe: attached payments lower what remains; the last one pays the invoice; too much is `amount_overpaid`."""
    customer = subs.customer(talk)
    invoice = _invoice(talk, customer, 5_000, pays=False)
    sent = {"customer": customer, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    never = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    for amount, status in ((2_000, "open"), (3_500, "paid")):
        intent = talk.post("/v1/payment_intents", amount=amount, **sent, **never)["id"]
        after = talk.post(f"/v1/invoices/{invoice['id']}/attach_payment", payment_intent=intent)
        assert after["status"] == status
    assert (after["amount_paid"], after["amount_remaining"], after["amount_overpaid"]) == (5_500, 0, 500)
    assert talk.get("/v1/events", type="invoice.overpaid")["data"][0]["data"]["object"]["amount_overpaid"] == 500
    states = sorted(one["status"] for one in talk.get("/v1/invoice_payments", invoice=invoice["id"])["data"])
    assert states == ["canceled", "paid", "paid"]
    talk.refused("POST", f"/v1/invoices/{invoice['id']}/attach_payment", payment_intent=intent)


def test_what_remains_after_a_part_is_charged_by_pay(talk: Any, subs: Any) -> None:
    """Stripe: the invoice's own intent asks for the rest; an invoice that is partly paid cannot be voided."""
    customer = subs.customer(talk)
    invoice = _invoice(talk, customer, 5_000, pays=False)
    sent = {"customer": customer, "currency": "usd", "payment_method": "pm_card_visa", "confirm": True}
    never = {"automatic_payment_methods": {"enabled": True, "allow_redirects": "never"}}
    intent = talk.post("/v1/payment_intents", amount=2_000, **sent, **never)["id"]
    talk.post(f"/v1/invoices/{invoice['id']}/attach_payment", payment_intent=intent)
    error = talk.refused("POST", f"/v1/invoices/{invoice['id']}/void")
    assert error["message"] == "Invoices with `paid` payments cannot be voided."
    paid = talk.post(f"/v1/invoices/{invoice['id']}/pay")
    assert (paid["status"], paid["amount_paid"]) == ("paid", 5_000)
    charges = talk.get("/v1/charges", customer=customer)["data"]
    assert sorted(charge["amount"] for charge in charges) == [2_000, 3_000]
