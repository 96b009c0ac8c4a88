"""Building the business: drawn from the seed, lived through until today, written into the new file at once."""

import random
from typing import Final

from paydesk.server.sandbox import automatic_payouts
from paydesk.server.sandbox.bank_accounts import implied, shown
from paydesk.server.sandbox.business import bills, customers, orders, payouts, subscribers
from paydesk.server.sandbox.business.calendar import Span
from paydesk.server.sandbox.business.invoices import Office
from paydesk.server.sandbox.business.life import Life
from paydesk.server.sandbox.business.membership import Membership
from paydesk.server.sandbox.business.past import Past, begin
from paydesk.server.sandbox.business.plans import BUSINESS_NAME, CURRENCIES
from paydesk.server.sandbox.business.shop import open_shop
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.catalogue import ROUTES
from paydesk.server.sandbox.resources.account import account_object

_OPENED_BEFORE_S: Final = 41 * 86_400


def build(call: Call, seed: int) -> int:
    """Fill the empty books that a call is about with the business of a seed; how many objects were made.

    Everything is a function of the seed and the day (UTC) of `call.now`. Runs inside the caller's transaction.
    """
    span = Span.until(call.now)
    rng = random.Random(seed)  # noqa: S311 - not a secret: the same seed must give the same business
    drawn = customers.draw(rng, span)
    past = begin(call, start=span.start, until=span.end, actions=ROUTES.actions)
    life = Life(past)
    _open_account(past, span)
    for customer in drawn:
        past.plan(customer.joined_at, life.join, customer=customer)
    _plan_subscriptions(rng, span, drawn, life)
    for order in orders.draw(rng, span, drawn):
        past.plan(order.at, life.place, order=order)
    for at, weeks_left in payouts.days(span):
        past.plan(at, payouts.pay_out, past=past, weeks_left=weeks_left)
    past.live()
    made = past.write()
    automatic_payouts.arm(call)
    return made


def _plan_subscriptions(rng: random.Random, span: Span, drawn: list[customers.Customer], life: Life) -> None:
    shop = open_shop(life.past)
    membership, office = Membership(life, shop), Office(life, shop)
    for subscriber in subscribers.draw(rng, span, drawn):
        life.past.plan(subscriber.at, membership.begin, subscriber=subscriber)
    for bill in bills.draw(rng, span, drawn):
        life.past.plan(bill.at, office.write, bill=bill)


def _open_account(past: Past, span: Span) -> None:
    account = account_object(past.account, name=BUSINESS_NAME, created=span.start - _OPENED_BEFORE_S)
    schedule = {"delay_days": 7, "interval": "weekly", "weekly_anchor": payouts.weekday(span)}
    account["settings"]["payouts"]["schedule"] = schedule
    past.create(account)
    banks = [past.create(implied(past, code)) for code in CURRENCIES]
    account["external_accounts"]["data"] = [shown(bank) for bank in banks]
