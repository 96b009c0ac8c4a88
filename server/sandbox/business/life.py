"""Living through the business: each customer, order, refund and dispute that was drawn, by the sandbox's own rules."""

from dataclasses import dataclass, field
from hashlib import sha256

from paydesk.server.sandbox import cards, instruments, paying
from paydesk.server.sandbox.business.calendar import DAY_S, HOUR_S
from paydesk.server.sandbox.business.customers import Customer
from paydesk.server.sandbox.business.orders import Contested, Order, Returned
from paydesk.server.sandbox.business.past import Past
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import whole_address
from paydesk.server.sandbox.resources import customers, disputes, payment_intents, refunds

_EVIDENCE = "The signed delivery note and the correspondence with the customer."
_ANSWERED_AFTER_S = 3 * DAY_S
_DECIDED_AFTER_S = 26 * DAY_S
_ABANDONED_AFTER_S = 2 * HOUR_S
_FIRST_ORDER = 1_001


def _own_digits(drawn_from: str, year: int) -> Object:
    """A card of one's own: other last digits, expiry and fingerprint than everybody's test card. It pays as that does.

    Told by the customer's id, so that nothing else that is drawn changes.
    """
    digest = sha256(drawn_from.encode()).hexdigest()
    number = int(digest[:12], 16)
    return {
        "exp_month": 1 + number % 12,
        "exp_year": year + number // 12 % 4,
        "fingerprint": digest[16:32],
        "last4": f"{number // 48 % 10_000:04}",
    }


@dataclass(slots=True)
class Life:
    """What the business has made so far, by the number of the drawn customer."""

    past: Past
    customer_ids: dict[int, str] = field(default_factory=dict)
    cards: dict[int, list[str]] = field(default_factory=dict)
    orders: int = 0

    def join(self, customer: Customer) -> None:
        """A customer registers and saves a card, some of them two."""
        past = self.past.request()
        body = customers.blank(past.new_id("cus_", 14), past.now, past.new_id("", 8).upper())
        address = whole_address(
            {
                "city": customer.place.city,
                "country": customer.name.country,
                "line1": customer.street,
                "postal_code": customer.place.postal_code,
            }
        )
        body.update(name=customer.name.text, email=customer.email, phone=customer.phone, address=address)
        body["metadata"] = {"kind": "company" if customer.name.is_company else "person"}
        self.customer_ids[customer.number] = body["id"]
        names = [customer.card, customer.second_card] if customer.second_card else [customer.card]
        saved = [self.save_card(body, name) for name in names]
        self.cards[customer.number] = [method["id"] for method in saved]
        body["invoice_settings"]["default_payment_method"] = saved[0]["id"]
        past.create(body, emits="customer.created")
        for method in saved:
            past.emit("payment_method.attached", method)

    def save_card(self, customer: Object, name: str) -> Object:
        """A test card, by name, as a payment method of the customer."""
        past = self.past
        card = cards.by_name(name) or cards.by_fingerprint(None)
        method = instruments.card_object(past.new_id("pm_1", 23), past.now, card, customer=customer["id"])
        method["billing_details"].update(email=customer["email"], name=customer["name"], phone=customer["phone"])
        method["billing_details"]["address"] = dict(customer["address"])
        checks = {"address_line1_check": card.line1_check, "address_postal_code_check": card.postal_check}
        method["card"]["checks"].update(checks)
        if not card.decline and not card.authentication:
            method["card"].update(_own_digits(f"{customer['id']} {name}", method["card"]["exp_year"]))
        return past.create(method)

    def place(self, order: Order) -> None:
        """An order's payment is made and tried, unless it is left untried; what follows is put off."""
        past = self.past.request()
        intent = self._intent(order)
        if order.ending in ("untried", "canceled"):
            past.create(intent, emits="payment_intent.created")
            if order.ending == "canceled":
                past.plan(past.now + _ABANDONED_AFTER_S, self.abandon, intent=intent)
            return
        if order.ending == "held":
            intent["capture_method"] = "manual"
        past.create(intent, emits="payment_intent.created")
        paying.pay(past, intent, self._method(order), off_session=False, refusal=order.decline)
        if order.retried_at:
            past.plan(order.retried_at, self.retry, order=order, intent=intent)
        for returned in order.returned:
            past.plan(returned.at, self.give_back, intent=intent, returned=returned)
        if order.contested:
            past.plan(order.contested.at, self.contest, intent=intent, contested=order.contested)

    def _intent(self, order: Order) -> Object:
        past = self.past
        new = past.new_id
        intent = paying.intent_object(new("pi_3", 23), past.now, order.amount_minor, order.currency, new("", 25))
        self.orders += 1
        intent.update(
            customer=self.customer_ids[order.customer.number],
            description=order.description,
            metadata={"order": f"L-{_FIRST_ORDER + self.orders}"},
            receipt_email=order.customer.email,
        )
        return intent

    def _method(self, order: Order) -> str:
        if order.ending == "asked":
            card = cards.by_name("threeDSecure2Required") or cards.by_fingerprint(None)
            method = instruments.card_object(self.past.new_id("pm_1", 23), self.past.now, card)
            return str(self.past.create(method)["id"])
        saved = self.cards[order.customer.number]
        # One order in five is paid with the second card, where there is one.
        return saved[-1] if order.at % 5 == 0 else saved[0]

    def retry(self, order: Order, intent: Object) -> None:
        """The customer tries a declined payment again, and it goes through."""
        paying.pay(self.past.request(), intent, self._method(order), off_session=False)

    def abandon(self, intent: Object) -> None:
        """A checkout that nobody finished is cancelled."""
        payment_intents.cancel_open(self.past.request(), intent, "abandoned")

    def give_back(self, intent: Object, returned: Returned) -> None:
        """Refund a payment, whole or in part."""
        past = self.past.request()
        charge = past.get("charge", intent["latest_charge"])
        amount = charge["amount_captured"] * returned.percent // 100
        refunds.make(past, charge, {"amount": amount, "reason": returned.reason})

    def contest(self, intent: Object, contested: Contested) -> None:
        """The cardholder disputes a payment; evidence is sent or not, as was drawn."""
        past = self.past
        charge = past.get("charge", intent["latest_charge"])
        case = "inquiry" if contested.is_inquiry else "chargeback"
        dispute = disputes.open_for(past, charge, disputes.Opening(contested.reason, case=case))
        if contested.ending in ("won", "lost", "answered"):
            past.plan(past.now + _ANSWERED_AFTER_S, self.answer, dispute=dispute["id"])
        if contested.ending in ("won", "lost"):
            is_won = contested.ending == "won" or contested.is_inquiry
            past.plan(past.now + _DECIDED_AFTER_S, self.decide, dispute=dispute["id"], is_won=is_won)

    def answer(self, dispute: str) -> None:
        """Send evidence."""
        disputes.update(self.past.request(evidence={"uncategorized_text": _EVIDENCE}), dispute)

    def decide(self, dispute: str, *, is_won: bool) -> None:
        """The bank decides: the test words stand in for its judgement and are taken back afterwards."""
        found = self.past.get("dispute", dispute)
        found["evidence"]["uncategorized_text"] = "winning_evidence" if is_won else "losing_evidence"
        disputes.decide(self.past, dispute)
        found["evidence"]["uncategorized_text"] = _EVIDENCE
