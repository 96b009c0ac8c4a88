"""Taking what is personal out of Stripe's objects: names, addresses, e-mails, numbers of cards, free text.

What figures are made of stays: amounts, states, times, ids, countries, brands of cards.
"""

from typing import Any, Final

from paydesk.skills.base import Json

# Members that are emptied wherever they stand in an object about a customer.
_EMPTIED: Final = frozenset(
    """
    name email phone individual_name business_name description metadata receipt_email receipt_url receipt_number
    customer_name customer_email customer_phone customer_shipping customer_tax_ids customer_address shipping
    shipping_details tax_ids tax_id preferred_locales custom_fields footer invoice_prefix evidence hosted_invoice_url
    invoice_pdf comment feedback statement_descriptor statement_descriptor_suffix calculated_statement_descriptor
    last4 fingerprint exp_month exp_year iin issuer_name network_transaction_id authorization_code mandate reference
    verified_name cardholder_name bank_name iban sort_code account_number routing_number bic seller_message
    last_payment_error last_setup_error reason_message owner client_secret next_action ip_address user_agent
    """.split()  # noqa: SIM905 - as words it can be read
)


def scrubbed(it: Any) -> Any:
    """A copy with everything personal emptied; of an address the country stays, as figures by country need it."""
    if isinstance(it, list):
        return [scrubbed(one) for one in it]
    if not isinstance(it, dict):
        return it
    return {key: _kept(key, value) for key, value in it.items()}


def _kept(key: str, value: Any) -> Any:
    if key == "address" and isinstance(value, dict):
        return {"country": value.get("country")}
    if key in _EMPTIED:
        return {} if isinstance(value, dict) else [] if isinstance(value, list) else None
    return scrubbed(value)


def scrubbed_event(event: Json) -> Json:
    """An event whose object and previous attributes are scrubbed; what it is and when it was stay."""
    data = event.get("data")
    return {**event, "data": scrubbed(data)} if isinstance(data, dict) else event
