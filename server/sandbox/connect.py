"""Connected accounts: whose they are, what they still owe, and what follows from it.

All accounts of a file stand in the platform's books; each account has books of its own for everything else.
What is due is computed from what is known, so an account is enabled the moment that nothing is missing: test mode
verifies at once (https://docs.stripe.com/connect/testing).
"""

from typing import Any, Final

from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.errors import missing, no_such_account
from paydesk.server.sandbox.kinds import Kind, Object, dig, visible
from paydesk.server.sandbox.resources.account import own_account

# Type -> who pays fees, who bears losses, who collects what is required, which dashboard.
# Worked out of the account, never stored.
CAPABILITY: Final = Kind(name="capability", prefix="", expands=("account",))
TYPES: Final = {
    "standard": ("account", "stripe", "stripe", "full"),
    "express": ("application_express", "application", "stripe", "express"),
    "custom": ("application_custom", "application", "application", "none"),
}
_ALWAYS: Final = ("business_type", "external_account", "tos_acceptance.date", "tos_acceptance.ip")
_FOR_CARDS: Final = ("business_profile.mcc", "business_profile.url")
_INDIVIDUAL: Final = (
    *("individual.address.city", "individual.address.line1", "individual.address.postal_code"),
    *("individual.dob.day", "individual.dob.month", "individual.dob.year"),
    *("individual.email", "individual.first_name", "individual.last_name", "individual.phone"),
)
_COMPANY: Final = (
    *("company.address.city", "company.address.line1", "company.address.postal_code"),
    *("company.name", "company.phone", "company.tax_id"),
)
_REPRESENTATIVE: Final = ("first_name", "last_name", "email", "dob.day", "dob.month", "dob.year", "address.line1")


def platform_of(call: Call) -> str:
    """The account that the file belongs to."""
    return call.store.fact("account") or call.account


def account_at(call: Call, identifier: str) -> tuple[Object, Call]:
    """An account that the caller may act on, and its books; 403 for any other.

    The platform may act on itself and on what is connected to it, a connected account on itself.
    """
    platform = platform_of(call)
    if identifier == call.account:
        return own_account(call), call
    found = call.find("account", identifier) if call.account == platform else None
    if found is None or found.get("deleted") or found.get("_platform") != platform:
        raise no_such_account(identifier[:60])
    return found, call.of(identifier)


def destination(call: Call, identifier: str, param: str) -> Object:
    """The connected account that money is to go to; 400 where it is none of the platform's."""
    found = call.find("account", identifier)
    if found is None or found.get("deleted") or found.get("_platform") != call.account:
        raise missing("destination", identifier, param, status=400)
    return found


def has_connected(call: Call) -> bool:
    """Whether any account is connected to the one whose books these are."""
    return bool(call.every("account", {"_platform": call.account}, limit=1))


def refresh(call: Call, account: Object) -> Object:
    """Work out what is due and what is enabled, store the account, and tell it in its own books."""
    books = call.of(account["id"])
    externals = [*books.every("bank_account"), *books.every("card", {"account": account["id"]})]
    externals = [one for one in externals if not one.get("deleted")]
    account["external_accounts"]["data"] = [visible(one) for one in externals]
    if "_requested" in account:
        _requirements(account, books)
        _capabilities(account, books)
    home = call.of(platform_of(call))
    if home.find("account", account["id"]) is None:
        # The platform's own account is written down when it is first changed.
        home.create(account)
    return home.save(account, emits="account.updated", to=books)


def due(account: Object, representative: Object | None) -> list[str]:
    """What the account still owes, sorted, as Stripe names it."""
    asked: list[str] = list(_ALWAYS)
    if "card_payments" in account["_requested"]:
        asked += _FOR_CARDS
    kind = account["business_type"]
    if kind == "individual":
        asked += _INDIVIDUAL
        if account["country"] == "US":
            asked.append("individual.ssn_last_4")
    elif kind:
        asked += _COMPANY
    owed = [name for name in asked if not _is_known(account, name)]
    if kind and kind != "individual":
        known = representative or {}
        owed += [f"representative.{name}" for name in _REPRESENTATIVE if not dig(known, name)]
    return sorted(owed)


def _is_known(account: Object, name: str) -> bool:
    if name == "external_account":
        return bool(account["external_accounts"]["data"])
    if name == "company.tax_id":
        return bool(dig(account, "company.tax_id_provided"))
    if name == "individual.ssn_last_4":
        return bool(dig(account, "individual.ssn_last_4_provided") or dig(account, "individual.id_number_provided"))
    return bool(dig(account, name))


def _requirements(account: Object, books: Call) -> None:
    persons = [one for one in books.every("person") if not one.get("deleted")]
    representative = next((one for one in persons if one["relationship"]["representative"]), None)
    if account["business_type"] == "individual" and representative:
        account["individual"] = visible(representative)
    elif account["business_type"] != "individual":
        account.pop("individual", None)
    owed = due(account, representative)
    collects = account["controller"]["requirement_collection"]
    if collects == "application" and not owed:
        account["details_submitted"] = True
    rejected = account["_rejected"]
    reason = f"rejected.platform_{rejected}" if rejected else "requirements.past_due" if owed else None
    account["requirements"] = {**nothing_due(), "currently_due": owed, "eventually_due": owed, "past_due": owed}
    account["requirements"]["disabled_reason"] = reason


def _capabilities(account: Object, books: Call) -> None:
    is_good = not account["requirements"]["disabled_reason"] and account["details_submitted"]
    before = dict(account["capabilities"])
    status = "active" if is_good else "inactive"
    account["capabilities"] = dict.fromkeys(sorted(account["_requested"]), status)
    account["charges_enabled"] = is_good and "card_payments" in account["_requested"]
    account["payouts_enabled"] = is_good
    for name, now in account["capabilities"].items():
        if before.get(name) != now:
            old = before.get(name, "unrequested")
            books.emit("capability.updated", capability_object(account, name), {"status": old})


def capability_object(account: Object, name: str) -> Object:
    """One capability of an account, requested or not."""
    requested_at = account["_requested"].get(name) if "_requested" in account else account["created"]
    is_requested = requested_at is not None
    owed = account["requirements"]["currently_due"] if is_requested else []
    disabled = "requirements.fields_needed" if owed else None
    if is_requested and not owed and account["requirements"]["disabled_reason"]:
        disabled = "rejected.other"
    elif is_requested and not owed and not account["details_submitted"]:
        disabled = "pending.onboarding"
    needs = {
        **nothing_due(),
        "currently_due": owed,
        "eventually_due": owed,
        "past_due": owed,
        "disabled_reason": disabled,
    }
    return {
        "id": name,
        "object": "capability",
        "account": account["id"],
        "future_requirements": nothing_due(),
        "requested": is_requested,
        "requested_at": requested_at,
        "requirements": needs,
        "status": account["capabilities"].get(name, "unrequested") if is_requested else "unrequested",
    }


def nothing_due() -> Object:
    """Requirements from which nothing is wanted."""
    lists = ("alternatives", "currently_due", "errors", "eventually_due", "past_due", "pending_verification")
    empty: dict[str, Any] = {name: [] for name in lists}
    return {**empty, "current_deadline": None, "disabled_reason": None}


def representative_of(books: Call) -> Object | None:
    """The person who speaks for the account, if there is one."""
    return next((one for one in books.every("person") if one["relationship"]["representative"]), None)
