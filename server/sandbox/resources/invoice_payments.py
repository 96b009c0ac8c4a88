"""Invoice payments: which payment intent pays which invoice."""

from typing import Final

from paydesk.server.sandbox import lists
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.params import LISTING, choice, mapping, required, text, unserved
from paydesk.server.sandbox.routes import Resource

_LIST: Final = {
    **LISTING,
    "invoice": text(),
    "payment": mapping(
        {
            "payment_intent": text(),
            "type": required(choice("payment_intent", "payment_record")),
            **unserved("payment_record"),
        }
    ),
    "status": choice("canceled", "open", "paid"),
}

resource = Resource()


@resource.get("/v1/invoice_payments", _LIST)
def list_all(call: Call) -> Answer:
    """Invoice payments, newest first, by invoice, payment intent, status."""
    sent = call.params
    where = {
        "invoice": sent.get("invoice"),
        "status": sent.get("status"),
        "payment.payment_intent": sent.get("payment", {}).get("payment_intent"),
    }
    return lists.page(call, "invoice_payment", where)


@resource.get("/v1/invoice_payments/{invoice_payment}")
def retrieve(call: Call, invoice_payment: str) -> Answer:
    """One invoice payment."""
    return call.get("invoice_payment", invoice_payment)
