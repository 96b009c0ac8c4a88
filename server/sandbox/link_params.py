"""What the operations of payment links take."""

from typing import Final

from paydesk.server.sandbox import (
    checkout_terms,
    connected_payments,
)
from paydesk.server.sandbox.params import (
    boolean,
    choice,
    clearable,
    currency,
    integer,
    list_of,
    mapping,
    metadata,
    required,
    text,
    unserved,
)

_AFTER: Final = mapping(
    {
        "hosted_confirmation": mapping({"custom_message": text(500)}),
        "redirect": mapping({"url": required(text())}),
        "type": required(choice("hosted_confirmation", "redirect")),
    }
)
_LIMIT: Final = mapping({"completed_sessions": required(mapping({"limit": required(integer(1))}))})
_SHIPPING: Final = list_of(mapping({"shipping_rate": text()}), maximum=10)
_USAGE: Final = choice("off_session", "on_session")
_PAYMENT_TEXTS: Final = {
    "description": clearable(text(1_000)),
    "metadata": metadata(),
    "setup_future_usage": clearable(_USAGE),
    "statement_descriptor": clearable(text(22)),
    "statement_descriptor_suffix": clearable(text(22)),
    "transfer_group": clearable(text()),
}
_SUBSCRIPTION: Final = {
    "invoice_settings": mapping({"issuer": checkout_terms.SELF}),
    "metadata": metadata(),
    "trial_period_days": clearable(integer(1, 730)),
    "trial_settings": clearable(checkout_terms.TRIAL_SETTINGS),
}
_SHARED: Final = {
    **checkout_terms.ASKED,
    "after_completion": _AFTER,
    "inactive_message": clearable(text(500)),
    "name_collection": clearable(checkout_terms.NAMES),
    "restrictions": clearable(_LIMIT),
    "shipping_address_collection": clearable(checkout_terms.COUNTRIES_TO),
    "shipping_options": clearable(_SHIPPING),
    **unserved("application_fee_percent", "payment_method_options"),
}
CREATE: Final = {
    **_SHARED,
    "application_fee_amount": integer(0),
    "currency": currency(),
    "custom_fields": checkout_terms.CUSTOM_FIELDS,
    "line_items": required(
        list_of(
            mapping(
                {
                    "adjustable_quantity": checkout_terms.ADJUSTABLE,
                    "price": text(),
                    "price_data": checkout_terms.PRICE_DATA,
                    "quantity": required(checkout_terms.QUANTITY),
                }
            ),
            maximum=20,
        )
    ),
    "on_behalf_of": text(),
    "optional_items": checkout_terms.OPTIONAL_ITEMS,
    "payment_intent_data": mapping(
        {**_PAYMENT_TEXTS, "capture_method": choice("automatic", "automatic_async", "manual")}
    ),
    "payment_method_types": list_of(checkout_terms.LINK_TYPES),
    "subscription_data": mapping({**_SUBSCRIPTION, "description": text(500)}),
    "transfer_data": connected_payments.BY_CHECKOUT["transfer_data"],
}
UPDATE: Final = {
    **{name: param for name, param in _SHARED.items() if name != "managed_payments"},
    "active": boolean(),
    "application_fee_amount": clearable(integer(0)),
    "custom_fields": clearable(checkout_terms.CUSTOM_FIELDS),
    "line_items": list_of(
        mapping(
            {
                "adjustable_quantity": checkout_terms.ADJUSTABLE,
                "id": required(text()),
                "quantity": checkout_terms.QUANTITY,
            }
        )
    ),
    "on_behalf_of": clearable(text()),
    "optional_items": clearable(checkout_terms.OPTIONAL_ITEMS),
    "payment_intent_data": mapping(_PAYMENT_TEXTS),
    "payment_method_types": clearable(list_of(checkout_terms.LINK_TYPES)),
    "subscription_data": mapping(_SUBSCRIPTION),
    "transfer_data": clearable(mapping({"amount": clearable(integer(0)), "destination": required(text())})),
}
