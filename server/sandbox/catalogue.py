"""Every resource that the sandbox serves. A new resource file is added to this list, and nowhere else."""

from typing import Final

from paydesk.server.sandbox.resources import (
    account,
    balance,
    charges,
    control,
    coupons,
    customer_balances,
    customers,
    disputes,
    dunning,
    events,
    faults,
    invoice_items,
    invoice_lines,
    invoice_payments,
    invoices,
    payment_intents,
    payment_methods,
    payouts,
    prices,
    products,
    promotion_codes,
    refunds,
    subscription_items,
    subscriptions,
    tax_rates,
    test_clocks,
)
from paydesk.server.sandbox.routes import Routes

ROUTES: Final = Routes(
    module.resource
    for module in (
        account,
        balance,
        charges,
        control,
        coupons,
        customer_balances,
        customers,
        disputes,
        dunning,
        events,
        faults,
        invoice_items,
        invoice_lines,
        invoice_payments,
        invoices,
        payment_intents,
        payment_methods,
        payouts,
        prices,
        products,
        promotion_codes,
        refunds,
        subscription_items,
        subscriptions,
        tax_rates,
        test_clocks,
    )
)
