"""Invoices that are paid from a bank account, or with a customer's old card."""

from typing import Any

import pytest

from paydesk.server.sandbox import debits

ACCEPTED = {"customer_acceptance": {"type": "offline", "offline": {}}}


def _saved(talk: Any, name: str) -> tuple[str, str]:
    """A customer and the bank account that may be debited again."""
    customer = talk.post("/v1/customers")["id"]
    sent = {"payment_method_types": ["us_bank_account"], "confirm": True, "mandate_data": ACCEPTED}
    saved = talk.post("/v1/setup_intents", **sent, customer=customer, payment_method=f"pm_usBankAccount_{name}")
    talk.post(f"/v1/customers/{customer}", invoice_settings={"default_payment_method": saved["payment_method"]})
    return customer, saved["payment_method"]


def _invoice(talk: Any, customer: str) -> str:
    invoice = talk.post("/v1/invoices", customer=customer)["id"]
    talk.post("/v1/invoiceitems", customer=customer, invoice=invoice, amount=5_000, currency="usd")
    return f"/v1/invoices/{invoice}"


@pytest.mark.parametrize(("name", "status"), [("success", "paid"), ("insufficientFunds", "open")])
def test_an_invoice_waits_for_the_bank(talk: Any, name: str, status: str) -> None:
    """Stripe: while the debit is processing the invoice is open; then it is paid, or its payment has failed."""
    customer, _ = _saved(talk, name)
    at = _invoice(talk, customer)
    assert talk.post(f"{at}/pay")["status"] == "open"
    talk.clock.pass_s(debits.SOON_S)
    assert talk.get(at)["status"] == status
    failed = talk.get("/v1/events", type="invoice.payment_failed")["data"]
    assert len(failed) == (0 if status == "paid" else 1)


def test_a_customers_old_card_pays_its_invoices(talk: Any) -> None:
    """Stripe: without a default payment method the default source is charged."""
    customer = talk.post("/v1/customers", source="tok_visa")["id"]
    assert talk.post(f"{_invoice(talk, customer)}/pay")["status"] == "paid"
