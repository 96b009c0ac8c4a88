"""Onboarding an account without a person: what is missing is made up, as on the test pages of Stripe's own forms."""

from html import escape
from typing import Any, Final

from paydesk.server.sandbox import account_data, automatic_payouts, connect
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.countries import made_up_routing_number
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.pages import shell
from paydesk.server.sandbox.resources import external_accounts

_PERSON: Final[dict[str, Any]] = {
    "address": {"line1": "1 Test Lane", "city": "Testville", "postal_code": "12345"},
    "dob": {"day": 1, "month": 1, "year": 1990},
    "email": "owner@connected.example.com",
    "first_name": "Test",
    "last_name": "Owner",
    "phone": "+10000000000",
    "ssn_last_4": "0000",
}
_COMPANY: Final[dict[str, Any]] = {
    "address": {"line1": "1 Test Lane", "city": "Testville", "postal_code": "12345"},
    "name": "Test Company",
    "phone": "+10000000000",
    "tax_id": "000000000",
}
_ACCOUNT_NUMBER: Final = "000123456789"


def finish(call: Call, account: Object) -> Object:
    """Tell everything that is still due, submit the details, and accept the terms; the account as it is then."""
    books = call.of(account["id"])
    kind = account["business_type"] or "individual"
    account["business_type"] = kind
    _fill(account["business_profile"], {"mcc": "5734", "url": "https://connected.example.com"})
    if kind != "individual":
        missing = {name: value for name, value in _COMPANY.items() if not _is_told(account["company"], name)}
        account_data.merge(account["company"], missing)
    _fill_person(books)
    if not external_accounts.of(books):
        bank = {"account_number": _ACCOUNT_NUMBER, "country": account["country"]}
        routing = made_up_routing_number(account["country"])
        if routing:
            bank["routing_number"] = routing
        external_accounts.add(call, account, {**bank, "currency": account["default_currency"]})
    if not account["tos_acceptance"]["date"]:
        account["tos_acceptance"].update(date=call.now, ip="127.0.0.1")
    if not account["email"]:
        account["email"] = _PERSON["email"]
    account["details_submitted"] = True
    connect.refresh(call, account)
    automatic_payouts.arm(books)
    return account


def _fill(target: Object, known: dict[str, Any]) -> None:
    for name, value in known.items():
        if not target.get(name):
            target[name] = value


def _fill_person(books: Call) -> None:
    person = connect.representative_of(books)
    if person is None:
        person = books.create(account_data.person_object(books))
        person["relationship"]["representative"] = True
    known = {name: value for name, value in _PERSON.items() if not _is_told(person, name)}
    account_data.tell(person, known)
    books.save(person)


def _is_told(about: Object, name: str) -> bool:
    if f"{name}_provided" in about:
        return bool(about[f"{name}_provided"])
    value = about.get(name)
    return any(value.values()) if isinstance(value, dict) else bool(value)


def framed(title: str, inside: str) -> str:
    """A small page of the sandbox's own."""
    return shell.page(title, "", inside, note="The sandbox's own page: it stands for Stripe's.")


def page(account: str, owed: list[str], action: str) -> str:
    """What stands on the onboarding page."""
    items = "".join(f"<li><code>{escape(name)}</code>" for name in owed) or "<li>nothing"
    return framed(
        "Test onboarding",
        f"<p>Account <code>{escape(account)}</code> still owes:</p><ul>{items}</ul>"
        f"<form method=post action='{escape(action)}'><button class=yes name=action value=finish>"
        "Finish with test data</button>"
        "<button class=plain name=action value=leave>Leave for now</button></form>",
    )
