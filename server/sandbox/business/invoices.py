"""Living through bills: written, sent, paid by card or by transfer, given up, taken back."""

from dataclasses import dataclass
from typing import Any

from paydesk.server.sandbox.business.bills import DAYS_UNTIL_DUE, Bill
from paydesk.server.sandbox.business.calendar import HOUR_S
from paydesk.server.sandbox.business.life import Life
from paydesk.server.sandbox.business.shop import Shop
from paydesk.server.sandbox.resources import invoice_items, invoices


@dataclass(slots=True)
class Office:
    """Where bills are written."""

    life: Life
    shop: Shop

    def write(self, bill: Bill) -> None:
        """Put the wares on a draft; most are sent within the hour."""
        past = self.life.past
        customer = self.life.customer_ids[bill.customer.number]
        wanted: dict[str, Any] = {"customer": customer, "collection_method": "send_invoice"}
        wanted |= {"currency": bill.customer.currency, "days_until_due": DAYS_UNTIL_DUE}
        wanted |= {"pending_invoice_items_behavior": "exclude", "auto_advance": False}
        wanted |= {"description": bill.memo} if bill.memo else {}
        draft: Any = invoices.create(past.request(**wanted))
        for key, count in bill.wares:
            price = self.shop.ware_prices[key, bill.customer.currency]
            invoice_items.create(
                past.request(customer=customer, invoice=draft["id"], pricing={"price": price}, quantity=count)
            )
        if bill.ending != "draft":
            past.plan(past.now + HOUR_S, self.send, bill=bill, invoice=draft["id"])

    def send(self, bill: Bill, invoice: str) -> None:
        """Finalize a draft and mail it."""
        past = self.life.past
        invoices.send(past.request(), invoice)
        if bill.ending != "open":
            past.plan(bill.ends_at, self.end, bill=bill, invoice=invoice)

    def end(self, bill: Bill, invoice: str) -> None:
        """What becomes of a bill; one that a credit has paid already needs nothing."""
        past = self.life.past
        if past.get("invoice", invoice)["status"] != "open":
            return
        if bill.ending == "paid":
            # The default card may have begun to fail by then; a bill is paid with the one that is good.
            card = self.life.cards[bill.customer.number][0]
            invoices.pay(past.request(off_session=False, payment_method=card), invoice)
        elif bill.ending == "transferred":
            invoices.pay(past.request(paid_out_of_band=True), invoice)
        elif bill.ending == "void":
            invoices.void(past.request(), invoice)
        elif bill.ending == "uncollectible":
            invoices.mark_uncollectible(past.request(), invoice)
