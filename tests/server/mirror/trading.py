"""A random business on a sandbox: customers come and go, pay, take back, subscribe, change, dispute; time passes."""

import random
from typing import Any

from tests.conftest import Talk

CARDS = ("pm_card_visa", "pm_card_visa", "pm_card_mastercard", "pm_card_chargeDeclined", "pm_card_createDispute")


class Trade:
    """One thing after another, drawn from a seed; what Stripe refuses is simply not done."""

    def __init__(self, talk: Talk, seed: int) -> None:
        self.talk = talk
        self.draw = random.Random(seed)  # noqa: S311 - a test
        self.customers: list[str] = []
        self.prices: list[str] = []
        self.intents: list[str] = []
        self.subscriptions: list[str] = []
        self.invoices: list[str] = []
        self.products: list[str] = []
        self.coupon = str(self.talk.post("/v1/coupons", percent_off=25, duration="forever")["id"])
        self._new_price()

    def ask(self, method: str, path: str, /, **params: Any) -> dict[str, Any] | None:
        """One request; None where it was refused."""
        answer = self.talk.ask(method, path, params)
        assert answer.status < 500, answer.body
        return answer.body if answer.status == 200 else None

    def act(self) -> None:
        """Do one thing."""
        acts = (
            (self._new_customer, 4),
            (self._change_customer, 3),
            (self._pay, 8),
            (self._refund, 4),
            (self._subscribe, 4),
            (self._change_subscription, 4),
            (self._cancel, 1),
            (self._bill, 3),
            (self._end_invoice, 3),
            (self._new_price, 1),
            (self._change_product, 2),
            (self._delete_customer, 1),
            (self._pass_time, 6),
        )
        self.draw.choices([act for act, _ in acts], [weight for _, weight in acts])[0]()

    def _one(self, these: list[str]) -> str | None:
        return self.draw.choice(these) if these else None

    def _keep(self, these: list[str], made: dict[str, Any] | None) -> None:
        if made is not None:
            these.append(str(made["id"]))

    def _new_customer(self) -> None:
        number = self.draw.randrange(10**6)
        address = {"country": self.draw.choice(["DE", "US", "JP"]), "city": "Somewhere", "line1": "1 Road"}
        made = self.ask(
            "POST", "/v1/customers", name=f"Person {number}", email=f"p{number}@example.com", address=address
        )
        self._keep(self.customers, made)
        if made is not None and self.draw.random() < 0.8:
            card = self.ask("POST", "/v1/payment_methods/pm_card_visa/attach", customer=made["id"])
            if card is not None:
                chosen = {"default_payment_method": card["id"]}
                self.ask("POST", f"/v1/customers/{made['id']}", invoice_settings=chosen)

    def _change_customer(self) -> None:
        self.ask("POST", f"/v1/customers/{self._one(self.customers)}", name=f"Other {self.draw.randrange(99)}")

    def _delete_customer(self) -> None:
        if len(self.customers) > 3:
            self.ask("DELETE", f"/v1/customers/{self._one(self.customers)}")

    def _new_price(self) -> None:
        made = self.ask("POST", "/v1/products", name=f"Ware {self.draw.randrange(999)}")
        self._keep(self.products, made)
        for interval in ("month", "year"):
            price = self.ask(
                "POST",
                "/v1/prices",
                product=self.products[-1],
                currency="usd",
                unit_amount=self.draw.choice([999, 1_250, 10_001]),
                recurring={"interval": interval},
            )
            self._keep(self.prices, price)

    def _change_product(self) -> None:
        self.ask("POST", f"/v1/products/{self._one(self.products)}", name=f"Thing {self.draw.randrange(99)}")

    def _pay(self) -> None:
        made = self.ask(
            "POST",
            "/v1/payment_intents",
            amount=self.draw.randrange(100, 9_999),
            currency=self.draw.choice(["usd", "eur"]),
            confirm=True,
            payment_method=self.draw.choice(CARDS),
            payment_method_types=["card"],
            **({"customer": one} if (one := self._one(self.customers)) else {}),
        )
        self._keep(self.intents, made)

    def _refund(self) -> None:
        part = {"amount": self.draw.randrange(1, 500)} if self.draw.random() < 0.6 else {}
        self.ask("POST", "/v1/refunds", payment_intent=self._one(self.intents), **part)

    def _subscribe(self) -> None:
        more: dict[str, Any] = {"trial_period_days": 5} if self.draw.random() < 0.3 else {}
        if self.draw.random() < 0.3:
            more["discounts"] = [{"coupon": self.coupon}]
        items = [{"price": self._one(self.prices), "quantity": self.draw.randrange(1, 4)}]
        made = self.ask("POST", "/v1/subscriptions", customer=self._one(self.customers), items=items, **more)
        self._keep(self.subscriptions, made)

    def _change_subscription(self) -> None:
        found = self.ask("GET", f"/v1/subscriptions/{self._one(self.subscriptions)}")
        if found is None:
            return
        item = found["items"]["data"][0]["id"]
        change: dict[str, Any] = self.draw.choice(
            [
                {"items": [{"id": item, "quantity": self.draw.randrange(1, 5)}]},
                {"items": [{"id": item, "price": self._one(self.prices)}]},
                {"items": [{"price": self._one(self.prices)}]},
                {"cancel_at_period_end": self.draw.random() < 0.5},
            ]
        )
        self.ask("POST", f"/v1/subscriptions/{found['id']}", **change)

    def _cancel(self) -> None:
        self.ask("DELETE", f"/v1/subscriptions/{self._one(self.subscriptions)}")

    def _bill(self) -> None:
        customer = self._one(self.customers)
        made = self.ask("POST", "/v1/invoices", customer=customer, currency="usd")
        self._keep(self.invoices, made)
        for _ in range(self.draw.choice([1, 2, 12]) if made is not None else 0):
            invoice = made["id"] if made is not None else ""
            self.ask("POST", "/v1/invoiceitems", customer=customer, invoice=invoice, amount=250, currency="usd")

    def _end_invoice(self) -> None:
        one = self._one(self.invoices)
        how = self.draw.choice(["finalize", "pay", "void", ""])
        self.ask("POST" if how else "DELETE", f"/v1/invoices/{one}" + (f"/{how}" if how else ""))

    def _pass_time(self) -> None:
        self.talk.clock.pass_s(self.draw.choice([0, 1, 7, 200, 400, 3_600, 86_400, 400_000]))
