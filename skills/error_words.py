"""What Stripe's error codes and decline codes mean, and what to do: one sentence and one next step each.

Codes by Stripe (https://docs.stripe.com/error-codes, https://docs.stripe.com/declines/codes); the words are ours.
"""

from typing import NamedTuple


class Words(NamedTuple):
    """What a code means, and what to do next."""

    means: str
    then: str


_ASK_BANK = "The customer should call their bank, or pay with another card."
_OTHER_CARD = "Ask the customer for another card."
_RETRY_ONCE = "Try once more; if it is declined again, the customer should call their bank."
_DO_NOT_RETRY = "Do not try this card again; ask the customer for another one."
# Telling the customer would warn a thief: Stripe asks to present these as a plain decline.
_SAY_DECLINED = "Tell the customer only that the card was declined, and ask for another one."
_CHECK_CARD = "Ask the customer to enter it again."
_LOOK = "Look at the object's present state, then decide."

DECLINES: dict[str, Words] = {
    "approve_with_id": Words("The bank could not authorise the payment in one go.", _RETRY_ONCE),
    "authentication_required": Words(
        "The bank wants the customer to authenticate, and the customer was not there.",
        "Let the customer pay online (send_invoice, create_payment_link, create_checkout) and authenticate there.",
    ),
    "authentication_not_handled": Words(
        "The bank asked for 3D Secure and nobody answered.", "Let the customer pay online and authenticate."
    ),
    "call_issuer": Words("The bank declined without saying why.", _ASK_BANK),
    "card_not_supported": Words("The card does not allow this kind of purchase.", _ASK_BANK),
    "card_velocity_exceeded": Words(
        "The card went over its limit of amount or count.", "Wait, or ask for another card."
    ),
    "currency_not_supported": Words(
        "The card does not take this currency.", "Charge in another currency, or another card."
    ),
    "do_not_honor": Words("The bank declined without saying why.", _ASK_BANK),
    "do_not_try_again": Words("The bank declined for good.", _DO_NOT_RETRY),
    "duplicate_transaction": Words(
        "The same amount was charged to this card a moment ago.",
        "See whether the first payment went through before charging again.",
    ),
    "expired_card": Words("The card has expired.", _OTHER_CARD),
    "fraudulent": Words("The payment was blocked as likely fraud.", _SAY_DECLINED),
    "generic_decline": Words("The bank declined without saying why, or the payment was blocked as risky.", _ASK_BANK),
    "incorrect_cvc": Words("The security code is wrong.", _CHECK_CARD),
    "incorrect_number": Words("The card number is wrong.", _CHECK_CARD),
    "incorrect_pin": Words("The PIN is wrong.", _CHECK_CARD),
    "incorrect_zip": Words("The postal code does not fit the card.", _CHECK_CARD),
    "insufficient_funds": Words(
        "There is not enough money on the card's account.", "Charge again later, or ask for another card."
    ),
    "invalid_account": Words("The card, or its account, is not valid.", _ASK_BANK),
    "invalid_amount": Words(
        "The amount is not valid, or more than the card allows.",
        "Check the amount; if it is right, the customer should call their bank.",
    ),
    "invalid_cvc": Words("The security code is wrong.", _CHECK_CARD),
    "invalid_expiry_month": Words("The month of expiry is wrong.", _CHECK_CARD),
    "invalid_expiry_year": Words("The year of expiry is wrong.", _CHECK_CARD),
    "invalid_number": Words("The card number is wrong.", _CHECK_CARD),
    "invalid_pin": Words("The PIN is wrong.", _CHECK_CARD),
    "issuer_not_available": Words("The bank could not be reached.", _RETRY_ONCE),
    "lost_card": Words("The card is reported lost.", _SAY_DECLINED),
    "merchant_blacklist": Words("The payment matches a value on your block list.", _SAY_DECLINED),
    "mobile_device_authentication_required": Words(
        "The wallet wants the customer to authenticate on the phone.", "Ask the customer to confirm on the phone."
    ),
    "new_account_information_available": Words("The card, or its account, is not valid.", _ASK_BANK),
    "no_action_taken": Words("The bank declined without saying why.", _ASK_BANK),
    "not_permitted": Words("The payment is not allowed for this card.", _ASK_BANK),
    "offline_pin_required": Words("The card wants its PIN.", "Insert the card and enter the PIN."),
    "online_or_offline_pin_required": Words("The card wants its PIN.", "Enter the PIN."),
    "partial_approval": Words("The bank allowed a part of the amount only.", _OTHER_CARD),
    "pickup_card": Words("The card may not be used; it may be lost or stolen.", _SAY_DECLINED),
    "pin_try_exceeded": Words("The PIN was wrong too often.", _OTHER_CARD),
    "previously_declined_do_not_retry": Words(
        "The bank has declined this before and allows no further try.", _DO_NOT_RETRY
    ),
    "processing_error": Words("Something went wrong while the card was processed.", _RETRY_ONCE),
    "reenter_transaction": Words("The bank could not process the payment.", _RETRY_ONCE),
    "restricted_card": Words("The card may not be used; it may be lost or stolen.", _SAY_DECLINED),
    "revocation_of_all_authorizations": Words(
        "The customer has revoked every payment to you on this card.", _DO_NOT_RETRY
    ),
    "revocation_of_authorization": Words("The customer has revoked this payment.", _DO_NOT_RETRY),
    "security_violation": Words("The bank declined without saying why.", _ASK_BANK),
    "service_not_allowed": Words("The bank declined without saying why.", _ASK_BANK),
    "stolen_card": Words("The card is reported stolen.", _SAY_DECLINED),
    "stop_payment_order": Words("The customer has told their bank to stop these payments.", _DO_NOT_RETRY),
    "testmode_decline": Words(
        "A test card was used where only real ones count, or the other way round.",
        "Use a real card in live mode and a test card in test mode.",
    ),
    "transaction_not_allowed": Words("The bank does not allow this payment.", _ASK_BANK),
    "try_again_later": Words("The bank declined without saying why.", _RETRY_ONCE),
    "withdrawal_count_limit_exceeded": Words("The card went over its limit.", "Wait, or ask for another card."),
}

ERRORS: dict[str, Words] = {
    "account_closed": Words("The customer's bank account is closed.", "Ask for another bank account."),
    "account_invalid": Words(
        "The account in Stripe-Account does not exist, or is not connected to you.",
        "Check the account's id and that it is still connected.",
    ),
    "amount_too_large": Words(
        "The amount is more than Stripe takes in one payment.", "Split it, or ask Stripe for a higher limit."
    ),
    "amount_too_small": Words(
        "The amount is below the least that Stripe charges in this currency (50 cents in usd).",
        "Charge more, or gather small amounts on one invoice.",
    ),
    "api_key_expired": Words(
        "The API key has expired or was rolled.", "Set the new key and start again; `paydesk doctor` checks it."
    ),
    "authentication_required": DECLINES["authentication_required"],
    "balance_insufficient": Words(
        "The Stripe balance does not hold as much in this currency.",
        "Wait until pending money is available, top up, or move less.",
    ),
    "bank_account_exists": Words("This bank account is already there.", "Use the one that is there."),
    "bank_account_unverified": Words(
        "The bank account is not verified yet.", "Verify it with the two small deposits first."
    ),
    "card_declined": Words("The bank declined the card; its decline code says more.", "Explain the decline code."),
    "charge_already_captured": Words(
        "This payment is captured already.", "Nothing is left to capture; refund it if it was too much."
    ),
    "charge_already_refunded": Words(
        "This payment is refunded in full already.",
        "Nothing is left to refund; list its refunds to see when it was done.",
    ),
    "charge_disputed": Words(
        "The customer has disputed this payment, so it cannot be refunded.",
        "Answer or accept the dispute; a refund besides would give the money back twice.",
    ),
    "charge_exceeds_source_limit": Words(
        "The payment goes over the rolling limit of this way to pay.", "Wait, or ask for another way to pay."
    ),
    "charge_expired_for_capture": Words(
        "The hold has expired; banks keep one for about a week.", "Charge the customer anew."
    ),
    "charge_invalid_parameter": Words("One of the values of the charge is not allowed.", "The message names it."),
    "charge_not_refundable": Words("This payment cannot be refunded.", _LOOK),
    "country_unsupported": Words(
        "Stripe does not offer this in that country.", "Check which countries the feature covers."
    ),
    "coupon_expired": Words("The coupon has expired or was used up.", "Use another coupon, or make a new one."),
    "currency_not_supported": DECLINES["currency_not_supported"],
    "customer_max_payment_methods": Words(
        "The customer has as many saved ways to pay as Stripe keeps.", "Detach those that are no longer used."
    ),
    "customer_max_subscriptions": Words(
        "The customer has as many subscriptions as Stripe allows (500).", "Cancel what is no longer used."
    ),
    "customer_tax_location_invalid": Words(
        "Tax cannot be computed: the customer's address is missing or unknown.",
        "Give the customer a country and a postal code.",
    ),
    "debit_not_authorized": Words(
        "The customer told their bank that they did not allow this debit.",
        "Talk to the customer before debiting again.",
    ),
    "email_invalid": Words("The e-mail address is not valid.", "Correct it."),
    "expired_card": DECLINES["expired_card"],
    "idempotency_key_in_use": Words(
        "The same request is being handled right now.", "Wait a moment; the desk repeats it by itself."
    ),
    "incorrect_address": Words("The address does not fit the card.", _CHECK_CARD),
    "incorrect_cvc": DECLINES["incorrect_cvc"],
    "incorrect_number": DECLINES["incorrect_number"],
    "incorrect_zip": DECLINES["incorrect_zip"],
    "instant_payouts_unsupported": Words(
        "This bank account or card takes no instant payouts.",
        "Pay out the standard way, or to a debit card that takes them.",
    ),
    "insufficient_funds": DECLINES["insufficient_funds"],
    "intent_invalid_state": Words("The payment is not in a state that allows this.", _LOOK),
    "invalid_card_type": Words("This kind of card cannot be used here.", "A payout needs a debit card."),
    "invalid_characters": Words("A value holds characters that are not allowed there.", "The message names the field."),
    "invalid_charge_amount": Words(
        "The amount is not a whole number of the smallest unit above zero.",
        "Give the amount in minor units: 1050 for 10.50.",
    ),
    "invalid_cvc": DECLINES["invalid_cvc"],
    "invalid_expiry_month": DECLINES["invalid_expiry_month"],
    "invalid_expiry_year": DECLINES["invalid_expiry_year"],
    "invalid_number": DECLINES["invalid_number"],
    "invalid_source_usage": Words("This way to pay cannot be used like that any more.", _OTHER_CARD),
    "invoice_no_customer_line_items": Words("The customer has nothing to be invoiced for.", "Add an item first."),
    "invoice_no_payment_method_types": Words(
        "The invoice allows no way to pay.", "Allow one in Stripe's invoice settings."
    ),
    "invoice_no_subscription_line_items": Words(
        "The subscription has nothing to be invoiced for now.", "Wait for its renewal, or add an item."
    ),
    "invoice_not_editable": Words(
        "The invoice is finalized and can no longer change.", "Void it and make a new one, or credit it."
    ),
    "invoice_payment_intent_requires_action": Words(
        "The customer has to authenticate to pay this invoice.",
        "Send the invoice, so that the customer pays it online.",
    ),
    "invoice_upcoming_none": Words(
        "The customer has no invoice coming up.", "See whether the subscription is running."
    ),
    "livemode_mismatch": Words(
        "A test object was used with a live key, or the other way round.", "Use objects and key of the same mode."
    ),
    "lock_timeout": Words(
        "Something else is changing this object right now.", "Wait a moment; the desk repeats it by itself."
    ),
    "lost_payment": Words("The payment was lost on its way.", _LOOK),
    "missing": Words("The customer has no such way to pay.", "Save one first, or let the customer pay through a link."),
    "no_account": Words("The bank account does not exist.", "Ask the customer to check the numbers."),
    "parameter_invalid_empty": Words("A value that is needed was empty.", "The message names the field."),
    "parameter_invalid_integer": Words(
        "A value must be a whole number and is not.", "Amounts are in minor units, without a point."
    ),
    "parameter_invalid_string_blank": Words("A text holds nothing but blanks.", "The message names the field."),
    "parameter_invalid_string_empty": Words("A text is empty that must not be.", "The message names the field."),
    "parameter_missing": Words("Something that is needed was not given.", "The message names it."),
    "parameter_unknown": Words(
        "Stripe does not know one of the parameters.", "The message names it; check its spelling and the API version."
    ),
    "parameters_exclusive": Words("Two of the values exclude each other.", "Give one of them."),
    "payment_intent_action_required": Words(
        "The customer has to do something first, such as 3D Secure.", "Let the customer finish the payment online."
    ),
    "payment_intent_authentication_failure": Words(
        "The customer did not authenticate, or failed to.", "Ask the customer to try again, or for another card."
    ),
    "payment_intent_incompatible_payment_method": Words(
        "This payment does not take that way to pay.", "Use one that it allows."
    ),
    "payment_intent_payment_attempt_expired": Words("The customer took too long.", "Start the payment anew."),
    "payment_intent_payment_attempt_failed": Words(
        "The last try to pay failed.", "Look at the payment's last error for the reason."
    ),
    "payment_intent_unexpected_state": Words("The payment is not in a state that allows this.", _LOOK),
    "payment_method_customer_decline": Words(
        "The customer declined on the page of their bank or wallet.", "Ask whether they want to try again."
    ),
    "payment_method_not_available": Words("That way to pay does not work at the moment.", "Try later, or another one."),
    "payment_method_provider_decline": Words("The provider of that way to pay declined.", _OTHER_CARD),
    "payment_method_unactivated": Words(
        "That way to pay is not activated in your account.", "Activate it in Stripe's payment method settings."
    ),
    "payment_method_unexpected_state": Words("The saved way to pay cannot be used like that now.", _LOOK),
    "payouts_not_allowed": Words("Payouts are off for this account.", "See in Stripe which details are missing."),
    "platform_api_key_expired": Words(
        "The platform's key no longer opens this account.", "The account was disconnected; connect it again."
    ),
    "postal_code_invalid": Words("The postal code is wrong.", _CHECK_CARD),
    "processing_error": DECLINES["processing_error"],
    "product_inactive": Words("The product is archived.", "Use an active one, or bring it back."),
    "promotion_code_already_used": Words(
        "This promotion code was used already, or does not suit the customer.", "Use another code."
    ),
    "quote_not_editable": Words("The quote is finalized and can no longer change.", "Make a new revision of it."),
    "rate_limit": Words("Too many requests at once.", "Wait; the desk slows down and repeats by itself."),
    "refund_disputed_payment": Words(
        "The payment is disputed, so it cannot be refunded.", "Answer or accept the dispute instead."
    ),
    "resource_already_exists": Words("Something of this id exists already.", "Use it, or take another id."),
    "resource_missing": Words(
        "There is nothing of this id in this account and mode.", "Check the id, and whether it is a test or a live one."
    ),
    "return_intent_already_processed": Words("The refund was handled already.", _LOOK),
    "secret_key_required": Words(
        "A publishable key was used where a secret one is needed.", "Set a key that begins with sk_ or rk_."
    ),
    "sepa_unsupported_account": Words(
        "The account takes no SEPA payments in this setup.", "Check the account's country and currency."
    ),
    "setup_attempt_failed": Words("Saving the card failed.", "Look at the last setup error for the reason."),
    "setup_intent_authentication_failure": Words(
        "The customer did not authenticate, or failed to.", "Ask the customer to try again."
    ),
    "setup_intent_unexpected_state": Words("The saving of this card is not in a state that allows this.", _LOOK),
    "state_unsupported": Words("Stripe does not offer this in that state.", "Check what it covers."),
    "status_transition_invalid": Words("The object cannot go from its present status to that one.", _LOOK),
    "stripe_tax_inactive": Words(
        "Stripe Tax is not set up in this account.", "Activate it in Stripe's tax settings, or leave automatic tax out."
    ),
    "subscription_payment_intent_requires_action": Words(
        "The customer has to authenticate before the subscription begins.",
        "Let the customer pay the first invoice online.",
    ),
    "tax_id_invalid": Words("The tax id is not valid for its type and country.", "Check the number."),
    "taxes_calculation_failed": Words("The tax could not be computed.", "Check the addresses, then try again."),
    "testmode_charges_only": Words(
        "The account may only make test payments so far.", "Activate the account at Stripe."
    ),
    "tls_version_unsupported": Words(
        "The connection is encrypted in an old way.", "Update the system's TLS to 1.2 or newer."
    ),
    "token_already_used": Words("This token was used once, and works only once.", "Make a new one."),
    "token_in_use": Words("This token is being used right now.", "Wait, or make a new one."),
    "transfers_not_allowed": Words(
        "This transfer is not allowed for the account.", "See which capabilities the account lacks."
    ),
    "unexpected_reconcile_error": Words(
        "Stripe could not settle what belongs together.", "Try again; if it stays, ask Stripe with the request id."
    ),
    "url_invalid": Words("The URL is not valid.", "Give a whole one that begins with https://."),
}


def words_for(*codes: str | None) -> Words | None:
    """The words for the first of these codes that Stripe documents. A decline code says more, so it is given first."""
    known = (DECLINES.get(code or "") or ERRORS.get(code or "") for code in codes)
    return next((words for words in known if words is not None), None)
