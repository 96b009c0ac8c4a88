"""Every test card that Stripe documents (https://docs.stripe.com/testing).

The names are those of tokens and payment methods: `visa` stands for `tok_visa` and `pm_card_visa`. A card without a
name is found by its number only.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final


@dataclass(frozen=True, slots=True)
class Card:
    """One test card.

    - `decline`: the decline code of every charge (cards.DECLINES); `declines_on_attach`: of saving it, too
    - `authentication`: "always", "unless_set_up", "on_session" (off-session payments need none), "frictionless" (done
      without the customer), "error" (needed, and cannot be had), "" (only when asked for)
    - `challenge`: what a requested authentication does: "ask", "bypass" (nobody is asked), "error", "unsupported"
    - `disputes`: how often the charge is disputed; `case`: chargeback, inquiry or compliance
    - `refund`: "pending" (succeeds later), "fails" (later), "" (succeeds at once)
    - `networks`: more than one for a co-branded card; `variant` tells cards of one number apart
    """

    number: str
    names: tuple[str, ...]
    brand: str = "visa"
    funding: str = "credit"
    country: str = "US"
    decline: str | None = None
    declines_on_attach: bool = False
    dispute: str | None = None
    disputes: int = 1
    case: str = "chargeback"
    eligible_for: str = ""
    warns_of_fraud: bool = False
    authentication: str = ""
    challenge: str = "bypass"
    refund: str | None = None
    skips_pending: bool = False
    risk: str = "normal"
    cvc_check: str = "pass"
    line1_check: str = "pass"
    postal_check: str = "pass"
    networks: tuple[str, ...] = ()
    variant: str = ""

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def is_inquiry(self) -> bool:
        return self.case == "inquiry"

    @property
    def fingerprint(self) -> str:
        """Sixteen characters that are the same for every payment method made of this card."""
        return sha256((self.number + self.variant).encode()).hexdigest()[:16]


def _declining(number: str, name: str, decline: str, *, on_attach: bool = True, authentication: str = "") -> Card:
    return Card(
        number,
        (name,),
        decline=decline,
        declines_on_attach=on_attach,
        authentication=authentication,
        challenge="ask" if authentication else "bypass",
    )


_BRANDS: Final = (
    Card("4242424242424242", ("visa", "us")),
    Card("4000056655665556", ("visa_debit",), funding="debit"),
    Card("5555555555554444", ("mastercard",), "mastercard"),
    Card("2223003122003222", (), "mastercard"),
    Card("5200828282828210", ("mastercard_debit",), "mastercard", "debit"),
    Card("5105105105105100", ("mastercard_prepaid",), "mastercard", "prepaid"),
    Card("378282246310005", ("amex", "amex_threeDSecureNotSupported"), "amex", challenge="unsupported"),
    Card("371449635398431", (), "amex", challenge="unsupported"),
    Card("6011111111111117", ("discover",), "discover"),
    Card("6011000990139424", (), "discover"),
    Card("6011981111111113", ("discover_debit",), "discover", "debit"),
    Card("3056930009020004", ("diners",), "diners"),
    Card("36227206271667", (), "diners"),
    Card("6555900000604105", (), "discover", country="KR"),
    Card("3566002020360505", ("jcb",), "jcb", country="JP"),
    Card("3530111333300000", (), "jcb", country="JP"),
    Card("6200000000000005", ("unionpay",), "unionpay", country="CN"),
    Card("6200000000000047", ("unionpay_debit",), "unionpay", "debit", "CN"),
    Card("6205500000000000004", (), "unionpay", country="CN"),
    Card("4000002500001001", ("visa_cartesBancaires",), country="FR", networks=("cartes_bancaires", "visa")),
    Card(
        "5555552500001001",
        ("mastercard_cartesBancaires",),
        "mastercard",
        country="FR",
        networks=("cartes_bancaires", "mastercard"),
    ),
    Card(
        "4000050360000001",
        ("visa_debit_eftposAuCoBranded",),
        funding="debit",
        country="AU",
        networks=("eftpos_au", "visa"),
    ),
    Card(
        "5555050360000080",
        ("mastercard_debit_eftposAuCoBranded",),
        "mastercard",
        "debit",
        "AU",
        networks=("eftpos_au", "mastercard"),
    ),
    Card("4000051230000072", ("debit_visaFsaProductCode", "debit_visaHsaProductCode"), funding="debit"),
    Card("5200828282828897", ("mastercard_debit_mastercardFsaProductCode",), "mastercard", "debit"),
)
_COUNTRIES: Final = (
    *(Card(number, (country.lower(),), country=country)
    for country, number in {
        "AR": "4000000320000021", "BR": "4000000760000002", "CA": "4000001240000000", "CL": "4000001520000001",
        "CO": "4000001700000003", "CR": "4000001880000005", "EC": "4000002180000000", "MX": "4000004840008001",
        "PA": "4000005910000000", "PY": "4000006000000066", "PE": "4000006040000068", "UY": "4000008580000003",
        "AE": "4000007840000001", "AT": "4000000400000008", "BE": "4000000560000004", "BG": "4000001000000000",
        "BY": "4000001120000005", "HR": "4000001910000009", "CY": "4000001960000008", "CZ": "4000002030000002",
        "DK": "4000002080000001", "EE": "4000002330000009", "FI": "4000002460000001", "FR": "4000002500000003",
        "DE": "4000002760000016", "GI": "4000002920000005", "GR": "4000003000000030", "HU": "4000003480000005",
        "IE": "4000003720000005", "IT": "4000003800000008", "LV": "4000004280000005", "LI": "4000004380000004",
        "LT": "4000004400000000", "LU": "4000004420000006", "MT": "4000004700000007", "NL": "4000005280000002",
        "NO": "4000005780000007", "PL": "4000006160000005", "PT": "4000006200000007", "RO": "4000006420000001",
        "SA": "4000006820000007", "SI": "4000007050000006", "SK": "4000007030000001", "ES": "4000007240000007",
        "SE": "4000007520000008", "CH": "4000007560000009", "GB": "4000008260000000", "AU": "4000000360000006",
        "CN": "4000001560000002", "HK": "4000003440000004", "IN": "4000003560000008", "JP": "4000003920000003",
        "MY": "4000004580000002", "NZ": "4000005540000008", "SG": "4000007020000003", "TW": "4000001580000008",
    }.items()),
    Card("5200007840000022", ("ae_mastercard",), "mastercard", country="AE"),
    Card("4000058260000005", ("gb_debit",), funding="debit", country="GB"),
    Card("5555558265554449", ("gb_mastercard",), "mastercard", country="GB"),
    Card("4000007640000003", ("th_credit",), country="TH"),
    Card("4000057640000008", ("th_debit",), funding="debit", country="TH"),
)  # fmt: skip
_DECLINING: Final = (
    _declining("4000000000000002", "chargeDeclined", "generic_decline"),
    _declining("4000000000009995", "chargeDeclinedInsufficientFunds", "insufficient_funds"),
    Card(
        "4000000000009995",
        ("visa_debit_chargeDeclinedInsufficientFunds",),
        funding="debit",
        decline="insufficient_funds",
        declines_on_attach=True,
        variant="debit",
    ),
    _declining("4000000000009987", "chargeDeclinedLostCard", "lost_card"),
    _declining("4000000000009979", "chargeDeclinedStolenCard", "stolen_card"),
    _declining("4000000000000069", "chargeDeclinedExpiredCard", "expired_card"),
    _declining("4000000000000127", "chargeDeclinedIncorrectCvc", "incorrect_cvc"),
    _declining("4000000000000119", "chargeDeclinedProcessingError", "processing_error"),
    _declining("4000000000006975", "chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded"),
    _declining("4000000000000341", "chargeCustomerFail", "generic_decline", on_attach=False),
    Card("4000000000000341", ("chargeCustomerFailLostCard",), decline="lost_card", variant="lost"),
    Card("4000000000000341", ("chargeCustomerFailStolenCard",), decline="stolen_card", variant="stolen"),
    Card("4100000000000019", ("radarBlock", "chargeDeclinedFraudulent"), decline="fraudulent", risk="highest"),
    Card("4000000000004954", ("riskLevelHighest",), decline="fraudulent", risk="highest"),
)
_FRAUD: Final = (
    Card("4000000000009235", ("riskLevelElevated",), risk="elevated"),
    Card("4000008400000407", ("highFraudDisputeScore",), risk="elevated"),
    Card("4000008400000159", ("highEfwScore",), risk="elevated"),
    Card("4000008400001017", ("radarDynamicRiskThreshold",), risk="elevated"),
    Card("4000008405600003", ("adaptive3dsChallenge",), challenge="ask"),
    Card("4000000000000101", ("cvcCheckFail",), cvc_check="fail"),
    Card("4000058400307872", ("cvcCheckFailElevatedRisk",), cvc_check="fail", risk="elevated"),
    Card("4000000000000036", ("avsZipFail",), postal_check="fail"),
    Card("4000058400306072", ("avsZipFailElevatedRisk",), postal_check="fail", risk="elevated"),
    Card("4000000000000028", ("avsLine1Fail",), line1_check="fail"),
    Card("4000000000000010", ("avsFail",), line1_check="fail", postal_check="fail"),
    Card("4000000000000044", ("avsUnchecked",), line1_check="unavailable", postal_check="unavailable"),
    Card("4000000000001208", ()),
    Card("4000000000003725", ()),
)
_AFTERWARDS: Final = (
    Card("4000000000000259", ("createDispute",), dispute="fraudulent"),
    Card("4000000000002685", ("createDisputeProductNotReceived",), dispute="product_not_received"),
    Card("4000000000001976", ("createDisputeInquiry",), dispute="fraudulent", case="inquiry"),
    Card(
        "4000000000001976",
        ("createDisputeInquiryNotReceived",),
        dispute="product_not_received",
        case="inquiry",
        variant="not_received",
    ),
    Card("4000000000005423", ("createIssuerFraudRecord",), warns_of_fraud=True),
    Card("4000000404000079", ("createMultipleDisputes",), dispute="fraudulent", disputes=2),
    Card(
        "4000000404000038",
        ("createCe3EligibleDispute",),
        dispute="fraudulent",
        eligible_for="visa_compelling_evidence_3",
    ),
    Card(
        "4000008400000779",
        ("createComplianceDispute",),
        dispute="noncompliant",
        case="compliance",
        eligible_for="visa_compliance",
    ),
    Card(
        "5105008400000002",
        ("createMastercardComplianceDispute",),
        "mastercard",
        dispute="noncompliant",
        case="compliance",
        eligible_for="mastercard_compliance",
    ),
    Card("4000000001000043", ("createAutoRepresentmentEligibleDispute",), dispute="fraudulent"),
    Card("4000000404004816", ("createRapidDisputeResolutionDispute",), dispute="fraudulent"),
    Card("4000000404005649", ("createCe3BlockDispute",), dispute="fraudulent"),
    Card("5105000300000018", ("createEthocaAlert",), "mastercard", dispute="fraudulent"),
    Card("4000000000007726", ("pendingRefund",), refund="pending"),
    Card("4000000000005126", ("refundFail",), refund="fails"),
    Card("4000000000000077", ("bypassPending",), skips_pending=True),
    Card("4000003720000278", ("bypassPendingInternational",), country="IE", skips_pending=True),
)


def _asking(number: str, *names: str, country: str = "US", authentication: str = "always") -> Card:
    return Card(number, names, country=country, authentication=authentication, challenge="ask")


_AUTHENTICATED: Final = (
    _asking("4000002760003184", "authenticationRequired", country="DE"),
    _asking("4000002500003155", "authenticationRequiredOnSetup", country="FR", authentication="unless_set_up"),
    _asking("4000003800000446", "authenticationRequiredSetupForOffSession", country="IT", authentication="on_session"),
    _declining(
        "4000008260003178",
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        "insufficient_funds",
        on_attach=False,
        authentication="always",
    ),
    _asking("4000000000003220", "threeDSecure2Required", country="IE"),
    _asking("4000008400000027"),
    _asking("4000000000003063", "threeDSecureRequired"),
    _declining(
        "4000008400001629",
        "threeDSecureRequiredChargeDeclined",
        "generic_decline",
        on_attach=False,
        authentication="always",
    ),
    Card("4000008400001280", ("threeDSecureRequiredProcessingError",), authentication="error", challenge="error"),
    Card("4000000000003055", ("threeDSecureOptional",), challenge="ask"),
    Card("4000000000003097", ("threeDSecureOptionalProcessingError",), challenge="error"),
    Card("4000000032200000", (), authentication="frictionless", challenge="frictionless"),
    *(_asking(number) for number in ("4000582600000094", "4000582600000045", "4000582600000102", "4000582600000110")),
)

CARDS: Final = (*_BRANDS, *_COUNTRIES, *_DECLINING, *_FRAUD, *_AFTERWARDS, *_AUTHENTICATED)
