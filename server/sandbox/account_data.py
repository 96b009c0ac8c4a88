"""What is told of an account and of the people behind it, put where the objects show it.

Numbers that identify (tax ids, social security numbers) are never shown again, only that they are known.
"""

from typing import Any, Final

from paydesk.server.sandbox import connect, ledger
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object
from paydesk.server.sandbox.params import merged_metadata, whole_address
from paydesk.server.sandbox.payout_schedule import schedule_of

PERSON: Final = Kind(
    name="person",
    prefix="person_",
    param="person",
    expands=(
        "verification.additional_document.back",
        "verification.additional_document.front",
        "verification.document.back",
        "verification.document.front",
    ),
)
_ADDRESSES: Final = ("address", "address_kana", "address_kanji", "registered_address", "support_address")
_PROVIDED: Final = {
    "tax_id": "tax_id_provided",
    "vat_id": "vat_id_provided",
    "id_number": "id_number_provided",
    "id_number_secondary": "id_number_secondary_provided",
    "ssn_last_4": "ssn_last_4_provided",
}
# Told, but shown nowhere.
_NEVER_SHOWN: Final = ("registration_number",)


def apply(books: Call, account: Object, sent: dict[str, Any]) -> None:
    """Put the parameters of an account's create or update into the account."""
    _check_acceptance(account, sent)
    for name in ("business_type", "default_currency", "email"):
        if name in sent:
            account[name] = sent[name]
    if "metadata" in sent:
        account["metadata"] = merged_metadata(account["metadata"], sent["metadata"])
    for name in ("business_profile", "tos_acceptance"):
        merge(account[name], sent.get(name, {}))
    if "company" in sent:
        merge(account.setdefault("company", {}), sent["company"])
    if "groups" in sent:
        account["groups"] = sent["groups"]
    _settings(books, account, sent.get("settings", {}))
    if "individual" in sent:
        _individual(books, sent["individual"])


def _check_acceptance(account: Object, sent: dict[str, Any]) -> None:
    accepts = {"date", "ip"} & set(sent.get("tos_acceptance", {}))
    if accepts and account["controller"].get("requirement_collection") == "stripe":
        raise StripeError(
            "You cannot accept the Terms of Service on behalf of accounts where "
            "`controller[requirement_collection]=stripe`, which includes Standard and Express accounts.",
            param="tos_acceptance",
        )


def merge(target: Object, sent: dict[str, Any]) -> None:
    """Put what was sent over what was known, hash by hash."""
    for name, value in sent.items():
        if name in _NEVER_SHOWN:
            continue
        if name in _PROVIDED:
            target[_PROVIDED[name]] = value is not None
        elif name in _ADDRESSES:
            target[name] = {**whole_address(target.get(name)), **(value or {})}
        elif name == "verification":
            for document, sides in value.items():
                target["verification"][document].update(sides)
        elif name == "percent_ownership":
            target[name] = None if value is None else float(value)
        elif isinstance(value, dict) and isinstance(target.get(name), dict):
            target[name] = {**target[name], **value}
        else:
            target[name] = value


def _settings(books: Call, account: Object, sent: dict[str, Any]) -> None:
    own = account["settings"]
    for name in ("branding", "invoices", "payments"):
        own[name].update(sent.get(name, {}))
    cards = dict(sent.get("card_payments", {}))
    own["card_payments"]["decline_on"].update(cards.pop("decline_on", {}))
    own["card_payments"].update(cards)
    payouts = dict(sent.get("payouts", {}))
    if "schedule" in payouts:
        own["payouts"]["schedule"] = schedule_of(own["payouts"]["schedule"], payouts.pop("schedule"), account)
        ledger.set_delay_days(books, own["payouts"]["schedule"]["delay_days"])
    own["payouts"].update(payouts)


def _individual(books: Call, sent: dict[str, Any]) -> None:
    """The one person of an individual's account; told through the account, kept as a person."""
    person = connect.representative_of(books)
    if person is None:
        person = books.create(person_object(books))
        person["relationship"].update(representative=True)
    tell(person, sent)
    books.save(person)


def person_object(books: Call) -> Object:
    """Somebody of whom nothing is known."""
    document = dict.fromkeys(("back", "details", "details_code", "front"))
    nothing = {name: value for name, value in connect.nothing_due().items() if name not in _NOT_OF_PERSONS}
    return {
        "id": books.new_id("person_1", 23),
        "object": "person",
        "account": books.account,
        "address": whole_address(None),
        "created": books.now,
        "dob": {"day": None, "month": None, "year": None},
        "email": None,
        "first_name": None,
        "future_requirements": nothing,
        "id_number_provided": False,
        "last_name": None,
        "metadata": {},
        "phone": None,
        "relationship": {
            **dict.fromkeys(
                ("authorizer", "director", "executive", "legal_guardian", "owner", "representative"), False
            ),
            "percent_ownership": None,
            "title": None,
        },
        "requirements": nothing,
        "ssn_last_4_provided": False,
        "verification": {
            "additional_document": dict(document),
            "details": None,
            "details_code": None,
            "document": dict(document),
            "status": "unverified",
        },
    }


_NOT_OF_PERSONS: Final = frozenset({"current_deadline", "disabled_reason"})


def tell(person: Object, sent: dict[str, Any]) -> None:
    """Put what was told of somebody into the person."""
    known = dict(sent)
    if "metadata" in known:
        person["metadata"] = merged_metadata(person["metadata"], known.pop("metadata"))
    if known.get("full_name_aliases", ()) is None:
        known["full_name_aliases"] = []
    if "relationship" in known:
        merge(person["relationship"], known.pop("relationship"))
    if known.get("dob", ()) is None:
        known["dob"] = {"day": None, "month": None, "year": None}
    merge(person, known)
    # Test mode verifies whoever has a name, a day of birth and a number (https://docs.stripe.com/connect/testing).
    if (
        person["first_name"]
        and person["dob"]["year"]
        and (person["ssn_last_4_provided"] or person["id_number_provided"])
    ):
        person["verification"]["status"] = "verified"
