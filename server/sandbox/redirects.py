"""Payment methods that the customer approves elsewhere: wallets and banks' own pages (iDEAL, Klarna, Cash App ...).

Here they all lead to the sandbox's one page, and are paid when the customer has said yes there. What each takes:
https://docs.stripe.com/payments/payment-methods/payment-method-support
"""

from dataclasses import dataclass
from typing import Any, Final

from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object


@dataclass(frozen=True, slots=True)
class Redirect:
    """One such type. `currencies` empty: any; `saves`: can be set up for later; `holds`: can be captured later."""

    type: str
    currencies: tuple[str, ...] = ()
    saves: bool = False
    holds: bool = False


_ALL: Final = (
    Redirect("affirm", ("usd", "cad"), holds=True),
    Redirect("afterpay_clearpay", ("usd", "cad", "gbp", "aud", "nzd"), holds=True),
    Redirect("alipay"),
    Redirect("alma", ("eur",), holds=True),
    Redirect("amazon_pay", saves=True, holds=True),
    Redirect("bancontact", ("eur",)),
    Redirect("billie", ("eur", "gbp", "sek"), holds=True),
    Redirect("cashapp", ("usd",), saves=True, holds=True),
    Redirect("eps", ("eur",)),
    Redirect("giropay", ("eur",)),
    Redirect("grabpay", ("sgd", "myr")),
    Redirect("ideal", ("eur",)),
    Redirect("kakao_pay", ("krw",), saves=True),
    Redirect("klarna", saves=True, holds=True),
    Redirect("mobilepay", ("dkk", "eur", "sek", "nok"), holds=True),
    Redirect("p24", ("eur", "pln")),
    Redirect("paypal", saves=True, holds=True),
    Redirect("revolut_pay", ("eur", "gbp", "ron", "huf", "pln", "dkk"), saves=True, holds=True),
    Redirect("satispay", ("eur",), holds=True),
    Redirect("twint", ("chf",)),
    Redirect("zip", ("aud", "usd")),
)
BY_TYPE: Final = {one.type: one for one in _ALL}
_EPS_BANKS: Final = (
    "arzte_und_apotheker_bank austrian_anadi_bank_ag bank_austria bankhaus_carl_spangler "
    "bankhaus_schelhammer_und_schattera_ag bawag_psk_ag bks_bank_ag brull_kallmus_bank_ag "
    "btv_vier_lander_bank capital_bank_grawe_gruppe_ag deutsche_bank_ag dolomitenbank easybank_ag "
    "erste_bank_und_sparkassen hypo_alpeadriabank_international_ag "
    "hypo_bank_burgenland_aktiengesellschaft hypo_noe_lb_fur_niederosterreich_u_wien "
    "hypo_oberosterreich_salzburg_steiermark hypo_tirol_bank_ag hypo_vorarlberg_bank_ag marchfelder_bank "
    "oberbank_ag raiffeisen_bankengruppe_osterreich schoellerbank_ag sparda_bank_wien volksbank_gruppe "
    "volkskreditbank_ag vr_bank_braunau"
)
_IDEAL_BANKS: Final = (
    "abn_amro adyen asn_bank bunq buut finom handelsbanken ing knab mollie moneyou n26 nn rabobank "
    "regiobank revolut sns_bank triodos_bank van_lanschot yoursafe"
)
_P24_BANKS: Final = (
    "alior_bank bank_millennium bank_nowy_bfg_sa bank_pekao_sa banki_spbdzielcze blik bnp_paribas boz "
    "citi_handlowy credit_agricole envelobank etransfer_pocztowy24 getin_bank ideabank ing inteligo "
    "mbank_mtransfer nest_przelew noble_pay pbac_z_ipko plus_bank santander_przelew24 "
    "tmobile_usbugi_bankowe toyota_bank velobank volkswagen_bank"
)
# The banks that each may name.
BANKS: Final = {"eps": _EPS_BANKS.split(), "ideal": _IDEAL_BANKS.split(), "p24": _P24_BANKS.split()}
# What a payment method of the type shows, all of it unknown here but a bank that was named.
_FIELDS: Final = {
    "cashapp": ("buyer_id", "cashtag"),
    "eps": ("bank",),
    "ideal": ("bank", "bic"),
    "p24": ("bank",),
    "paypal": ("country", "payer_email", "payer_id"),
}
_CHARGED: Final = {
    "bancontact": ("bank_code", "bank_name", "bic", "iban_last4", "preferred_language", "verified_name"),
    "cashapp": ("buyer_id", "cashtag"),
    "eps": ("bank", "verified_name"),
    "giropay": ("bank_code", "bank_name", "bic", "verified_name"),
    "ideal": ("bank", "bic", "iban_last4", "verified_name"),
    "klarna": ("payment_method_category", "preferred_locale"),
    "p24": ("bank", "reference", "verified_name"),
    "paypal": ("payer_email", "payer_id", "payer_name", "transaction_id"),
}
_BANK_TRANSFERS: Final = frozenset({"bancontact", "ideal"})
_TOLD_AS_THEMSELVES: Final = frozenset(
    {"affirm", "afterpay_clearpay", "alipay", "alma", "amazon_pay", "cashapp", "grabpay", "klarna", "zip"}
)


def fields_of(kind: str, sent: dict[str, Any] | None) -> Object:
    """What a new payment method of the type holds under its own name."""
    return {name: (sent or {}).get(name) for name in _FIELDS.get(kind, ())}


def charge_details(method: Object) -> Object:
    """The type in a charge's `payment_method_details`."""
    kind: str = method["type"]
    return {kind: {name: method[kind].get(name) for name in _CHARGED.get(kind, ())}, "type": kind}


def destination(kind: str) -> Object:
    """Where a refund goes."""
    if kind in _BANK_TRANSFERS:
        return {"eu_bank_transfer": {"reference": None, "reference_status": "pending"}, "type": "eu_bank_transfer"}
    return {kind: {}, "type": kind} if kind in _TOLD_AS_THEMSELVES else {"type": kind}


def check(redirect: Redirect, *, holds: bool, return_url: str | None, off_session: bool) -> None:
    """StripeError for what the type cannot do."""
    if holds and not redirect.holds:
        raise StripeError(
            f"The payment method type {redirect.type} cannot be captured manually.", param="capture_method"
        )
    if off_session or not return_url:
        raise StripeError(
            f"You must provide a `return_url` when confirming with a payment method of type {redirect.type}, and the "
            "customer must be there to be redirected.",
            code="parameter_missing",
            param="return_url",
        )
