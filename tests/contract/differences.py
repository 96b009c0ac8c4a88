"""Where the sandbox differs from Stripe's document on purpose, each time with its reason.

Judged by test_sandbox_parameters.py and test_sandbox_answers.py, which fail for a difference without a reason and for a
reason without a difference; told in docs/sandbox.md by tests/agreed/renew.py. Plain data, so that both can read it.
"""

# (sort of difference, parameters, reason); `...` stands for any beginning or end.
PARAMETERS = (
    ("invented", ("payment_method_data[card]",), "Stripe takes card numbers here, though its document leaves them out"),
    ("words", ("payment_method_data[type]",), "takes `card`, too"),
    ("type", ("card",), "Stripe's oldest way, a token as text, is taken where a card's numbers are"),
    ("type", ("source", "external_account"), "Stripe takes numbers here, though its document only names tokens"),
    ("invented", ("payment_method_options[card][moto]",), "in Stripe's guide to orders by telephone"),
    (
        "invented",
        ("payment_method_options[us_bank_account][preferred_settlement_speed]",),
        "in Stripe's guide to bank debits",
    ),
    (
        "type",
        ("exp_month", "exp_year", "card[exp_month]", "card[exp_year]"),
        "a whole number, which the document calls text in old operations",
    ),
    ("type", ("api_version", "enabled_events[]"), "versions of any date; events by the list of them"),
    ("type", ("country_options",), "one hash by country instead of one for each"),
    ("type", ("tos_acceptance[service_agreement]",), "only the two that Stripe's guide names"),
    ("words", ("...[liability][type]", "...[issuer][type]"), "never a connected account"),
    ("demanded", ("customer",), "nobody else can be named here (at Stripe `customer_account`)"),
    ("demanded", ("items",), "nothing else makes a subscription, as Stripe's guides have it"),
    ("demanded", ("payments[settlement_timing][start_of_day]...",), "a time of day takes all three"),
    ("demanded", ("shipping_cost[amount]",), "shipping rates are not looked up in tax calculations"),
)


def is_meant(name: str, path: str) -> bool:
    """Whether a name of the table means this parameter."""
    if name.startswith("..."):
        return path.endswith(name[3:])
    return path.startswith(name[:-3]) if name.endswith("...") else path == name


# Served, though Stripe's document does not list the operation.
OPERATIONS = {
    ("GET", "/v1/files/{file}/contents"): "what a file's `url` leads to",
}
# What Stripe was recorded to answer (September 2026), though its document does not list it: by the object that has it,
# or by the hash that it stands in.
BEYOND_THE_DOCUMENT = frozenset({
    "electronic_commerce_indicator",  # in a charge's card details
    "count",  # in refunds and disputes listed by charge
    "total_count",  # in lists inside an object
    "charge.dispute",
    "dispute.balance_transaction",
    "product.attributes", "product.tax_details", "product.type",
    "recurring.trial_period_days",
    "subscription.plan", "subscription.quantity", "subscription_item.plan", "end_behavior.billing_cycle_anchor",
    "invoiceitem.invoicing_rules",
})  # fmt: skip
# Never answered with 200, by design.
REFUSED = {
    ("POST", "/v1/payment_intents/{intent}/apply_customer_balance"): "customers have no cash balance",
    ("POST", "/v1/refunds/{refund}/cancel"): "no refund waits for bank details",
    ("POST", "/v1/test_helpers/refunds/{refund}/expire"): "no refund waits for bank details",
    ("GET", "/v1/quotes/{quote}/pdf"): "nothing is drawn",
}
