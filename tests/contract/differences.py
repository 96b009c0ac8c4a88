"""Where the sandbox's parameters differ from Stripe's document on purpose, each with its reason.

Judged by test_sandbox_parameters.py, which fails for a difference without a reason and for a reason without a
difference; told in docs/sandbox.md by tests/agreed/renew.py. Plain data, so that both can read it.
"""

# (sort of difference, pattern of the parameter, reason)
PARAMETERS = (
    ("invented", r"payment_method_data\[card\]", "Stripe takes card numbers here, though its document leaves them out"),
    ("words", r"payment_method_data\[type\]", "the same: `card`"),
    ("type", r"card", "Stripe's oldest way, a token as text, is taken where a card's numbers are"),
    ("type", r"source|external_account", "Stripe takes numbers here, though its document only names tokens"),
    ("invented", r"payment_method_options\[card\]\[moto\]", "in Stripe's guide to orders by telephone"),
    (
        "invented",
        r"payment_method_options\[us_bank_account\]\[preferred_settlement_speed\]",
        "in Stripe's guide to bank debits",
    ),
    ("type", r"(card\[)?exp_(month|year)\]?", "a whole number, which the document calls text in old operations"),
    ("type", r"api_version|enabled_events\[\]", "checked against the list of types, versions of any date"),
    ("type", r"country_options", "one hash by country instead of one for each"),
    ("type", r"tos_acceptance\[service_agreement\]", "only the two that Stripe's guide names"),
    ("words", r"(phases\[\]\[)?automatic_tax\]?\[liability\]\[type\]", "a connected account cannot owe the tax here"),
    ("demanded", r"customer", "there are no customers but `customer` here (Stripe: or `customer_account`)"),
    ("demanded", r"items", "nothing else makes a subscription, as Stripe's guides have it"),
    ("demanded", r"payments\[settlement_timing\]\[start_of_day\]\[.*\]", "a time of day takes all three"),
    ("demanded", r"shipping_cost\[amount\]", "shipping rates are not looked up in tax calculations"),
)
# Served, though Stripe's document does not list the operation.
OPERATIONS = {
    ("GET", "/v1/files/{file}/contents"): "what a file's `url` leads to",
}
