"""Bank accounts that customers pay from: Stripe's test accounts for ACH (us_bank_account) and for SEPA Direct Debit.

Money from a bank comes later: the payment is `processing` until the bank has answered. Sources: docs.stripe.com/testing
("Non-card payments") and docs.stripe.com/payments/ach-direct-debit (microdeposits).
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from paydesk.server.sandbox.cards import Decline

SOON_S: Final = 2
LATER_S: Final = 180
ROUTING_NUMBER: Final = "110000000"


@dataclass(frozen=True, slots=True)
class Bank:
    """One bank account. `answers_after_s` None: never; `failure` is a code of FAILURES, or None where it pays."""

    type: str
    number: str
    names: tuple[str, ...] = ()
    country: str = "US"
    failure: str | None = None
    answers_after_s: int | None = SOON_S
    is_disputed: bool = False
    is_blocked: bool = False
    refuses_microdeposits: bool = False

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def currency(self) -> str:
        return "usd" if self.type == "us_bank_account" else "eur"

    @property
    def fingerprint(self) -> str:
        """Sixteen characters that are the same for every payment method made of this account."""
        return sha256(f"{self.type} {self.number}".encode()).hexdigest()[:16]


FAILURES: Final = {
    one.code: one
    for one in (
        Decline("account_closed", "", "The customer's bank account has been closed."),
        Decline("no_account", "", "The bank account could not be located."),
        Decline("insufficient_funds", "", "The customer's account has insufficient funds to cover this payment."),
        Decline("debit_not_authorized", "", "The customer has notified their bank that this payment was unauthorized."),
        Decline(
            "invalid_currency",
            "",
            "The bank was unable to process this payment because of its currency. This is most likely because the "
            "customer's bank account cannot accept payments in that currency.",
        ),
        Decline("could_not_process", "", "The bank could not process this payment."),
        Decline(
            "charge_exceeds_source_limit",
            "",
            "This payment would cause the bank account to exceed its weekly payment volume limit.",
        ),
        Decline(
            "charge_exceeds_weekly_limit",
            "",
            "This payment would cause the bank account to exceed its weekly limit of payments.",
        ),
    )
}


def _ach(number: str, name: str, failure: str | None = None) -> Bank:
    return Bank("us_bank_account", number, (f"usBankAccount_{name}",), failure=failure)


_US: Final = (
    _ach("000123456789", "success"),
    _ach("000111111113", "accountClosed", "account_closed"),
    _ach("000111111116", "noAccount", "no_account"),
    _ach("000222222227", "insufficientFunds", "insufficient_funds"),
    _ach("000333333335", "debitNotAuthorized", "debit_not_authorized"),
    _ach("000444444440", "invalidCurrency", "invalid_currency"),
    _ach("000777777771", "weeklyLimitExceeded", "charge_exceeds_weekly_limit"),
    Bank("us_bank_account", "000000004954", ("usBankAccount_riskLevelHighest",), is_blocked=True),
    Bank("us_bank_account", "000666666661", ("usBankAccount_failMicrodeposits",), refuses_microdeposits=True),
    Bank("us_bank_account", "000555555559", ("usBankAccount_dispute",), is_disputed=True),
    Bank("us_bank_account", "000000000009", ("usBankAccount_processing",), answers_after_s=None),
)
# success, successDelayed, failed, failedDelayed, disputed, by country; the limits are told by how an IBAN ends.
_IBANS: Final = {
    "AT": ("AT611904300234573201", "AT321904300235473204", "AT861904300235473202", "AT051904300235473205",
           "AT591904300235473203"),
    "BE": ("BE62510007547061", "BE78510007547064", "BE68539007547034", "BE51510007547065", "BE08510007547063"),
    "DE": ("DE89370400440532013000", "DE08370400440532013003", "DE62370400440532013001", "DE78370400440532013004",
           "DE35370400440532013002"),
    "EE": ("EE382200221020145685", "EE222200221020145682", "EE762200221020145680", "EE922200221020145683",
           "EE492200221020145681"),
    "FI": ("FI2112345600000785", "FI3712345600000788", "FI9112345600000786", "FI1012345600000789",
           "FI6412345600000787"),
    "FR": ("FR1420041010050500013M02606", "FR3020041010050500013M02609", "FR8420041010050500013M02607",
           "FR7920041010050500013M02600", "FR5720041010050500013M02608"),
    "IE": ("IE29AIBK93115212345678", "IE24AIBK93115212345671", "IE02AIBK93115212345679", "IE94AIBK93115212345672",
           "IE51AIBK93115212345670"),
    "LI": ("LI0508800636123378777", "LI4408800387787111369", "LI1208800143823175626", "LI4908800356441975566",
           "LI7708800125525347723"),
    "LT": ("LT121000011101001000", "LT281000011101001003", "LT821000011101001001", "LT981000011101001004",
           "LT551000011101001002"),
}  # fmt: skip
_KINDS: Final = ("success", "successDelayed", "failed", "failedDelayed", "disputed")
_ENDINGS: Final = {
    "2222227": ("insufficientFunds", "insufficient_funds"),
    "0343434": ("exceedsWeeklyVolumeLimit", "charge_exceeds_source_limit"),
    "0121212": ("exceedsWeeklyTransactionLimit", "charge_exceeds_weekly_limit"),
}


def _sepa(country: str, iban: str, kind: str) -> Bank:
    return Bank(
        "sepa_debit",
        iban,
        (f"sepaDebit_{kind}_{country.lower()}",),
        country,
        failure="could_not_process" if kind.startswith("failed") else None,
        answers_after_s=LATER_S if kind.endswith("Delayed") else SOON_S,
        is_disputed=kind == "disputed",
    )


BANKS: Final = (
    *_US,
    *(
        _sepa(country, iban, kind)
        for country, ibans in _IBANS.items()
        for kind, iban in zip(_KINDS, ibans, strict=True)
    ),
)
_BY_NAME: Final = {name: bank for bank in BANKS for name in bank.names}
_BY_NUMBER: Final = {(bank.type, bank.number): bank for bank in BANKS}
_BY_FINGERPRINT: Final = {bank.fingerprint: bank for bank in BANKS}


def by_name(name: str) -> Bank | None:
    """The account that `pm_<name>` means, or None."""
    return _BY_NAME.get(name)


def by_number(kind: str, number: str) -> Bank:
    """The account of a number; one that is no test account pays, except IBANs that end as Stripe's limits do."""
    known = _BY_NUMBER.get((kind, number))
    if known:
        return known
    country = number[:2] if kind == "sepa_debit" else "US"
    for ending, (_, failure) in _ENDINGS.items():
        if kind == "sepa_debit" and number.endswith(ending):
            return Bank(kind, number, country=country, failure=failure)
    return Bank(kind, number, country=country)


def by_fingerprint(kind: str, fingerprint: str | None, failure: str | None = None) -> Bank:
    """The account that a stored payment method was made of; one that is no test account is only a kind."""
    return _BY_FINGERPRINT.get(fingerprint or "") or Bank(kind, "0000", failure=failure)


def is_iban(text: str) -> bool:
    """Whether an IBAN has the form of one and passes its check (ISO 7064, modulo 97)."""
    if not (text.isascii() and text.isalnum() and 15 <= len(text) <= 34 and text[:2].isalpha() and text[2:4].isdigit()):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1
