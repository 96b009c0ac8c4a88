"""External accounts: the bank accounts and debit cards that an account is paid out to.

Stripe's rules: the first of a currency is its default; the default cannot be deleted while the account is paid out in
that currency; a card must be a debit card.
"""

from typing import Any, Final

from paydesk.server.sandbox import account_params, automatic_payouts, card_entry, cards, connect, lists
from paydesk.server.sandbox.bank_accounts import DETAILS, TOKENS, bank_account_object, implied, shown
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.card_table import Card
from paydesk.server.sandbox.errors import StripeError, missing, missing_parameter
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import (
    PAGING,
    boolean,
    choice,
    clearable,
    either,
    merged_metadata,
    metadata,
    text,
    unserved,
)
from paydesk.server.sandbox.routes import Resource

CARD: Final = Kind(
    name="card",
    prefix="card_",
    called="external account",
    indexed=("account", "customer"),
    shows=lambda _call, body: shown(body),
    expands=(
        "account",
        "customer",
    ),
)

resource = Resource()

_CREATE: Final = {
    "bank_account": either(DETAILS, text()),
    "default_for_currency": boolean(),
    "external_account": account_params.UPDATE["external_account"],
    "metadata": metadata(),
}
_UPDATE: Final = {
    "account_holder_name": clearable(text()),
    "account_holder_type": clearable(choice("company", "individual")),
    "account_type": choice("checking", "futsu", "savings", "toza"),
    **{name: clearable(text()) for name in ("address_city", "address_country", "address_line1", "address_line2")},
    **{name: clearable(text()) for name in ("address_state", "address_zip", "name")},
    "default_for_currency": boolean(),
    "exp_month": text(2),
    "exp_year": text(4),
    "metadata": metadata(),
    **unserved("documents"),
}
_OF_BANKS: Final = ("account_holder_name", "account_holder_type", "account_type")
_OF_CARDS: Final = (
    "address_city",
    "address_country",
    "address_line1",
    "address_line2",
    "address_state",
    "address_zip",
    "name",
)


def of(books: Call, currency: str | None = None) -> list[Object]:
    """The external accounts in a set of books, of one currency or all, newest first."""
    found = [*books.every("bank_account"), *books.every("card", {"account": books.account})]
    return [one for one in found if currency in (None, one["currency"])]


def default_for(books: Call, currency: str) -> Object | None:
    """Where payouts of a currency go."""
    return next((one for one in of(books, currency) if one["default_for_currency"]), None)


def destination_for(books: Call, currency: str) -> Object | None:
    """Where payouts of a currency go; the platform's own bank account is written down when it is first needed."""
    found = default_for(books, currency)
    if found or books.account != connect.platform_of(books):
        return found
    return books.create(implied(books, currency))


def add(call: Call, account: Object, source: Any, param: str = "external_account") -> Object:
    """Give an account something to be paid out to: a token, or the numbers themselves."""
    books = call.of(account["id"])
    made = _from_token(books, source, param) if isinstance(source, str) else _from_numbers(books, source, param)
    made["account"] = account["id"]
    first = not of(books, made["currency"])
    wanted = isinstance(source, dict) and source.get("default_for_currency", False)
    made["default_for_currency"] = first
    books.create(made)
    books.emit("account.external_account.created", visible(made))
    if wanted and not first:
        _make_default(books, made)
    automatic_payouts.arm(books)
    return made


def replace(call: Call, account: Object, source: Any) -> Object:
    """What an account's `external_account` does: the new one takes the place of the default of its currency."""
    books = call.of(account["id"])
    made = add(call, account, source)
    old = [one for one in of(books, made["currency"]) if one["id"] != made["id"] and one["default_for_currency"]]
    _make_default(books, made)
    for one in old:
        books.delete(one, emits="account.external_account.deleted")
    return made


def _from_token(books: Call, token: str, param: str) -> Object:
    if token in TOKENS:
        return bank_account_object(books, TOKENS[token], books.account)
    if token.startswith("btok_"):
        holder = _holder(books, token)
        found = holder.mention("token", token, param)
        if found.get("used"):
            raise StripeError(
                f"You cannot use a Stripe token more than once: {token}.", code="token_already_used", param=param
            )
        found["used"] = True
        holder.save(found)
        return bank_account_object(books, found["_sent"], books.account)
    card, entered = card_entry.of_token(_holder(books, token), token, param)
    return _card_object(books, card, entered, param)


def _holder(books: Call, token: str) -> Call:
    """The books in which a token was made: the account's own, or its platform's."""
    return books if books.find("token", token) else books.of(connect.platform_of(books))


def _from_numbers(books: Call, sent: dict[str, Any], param: str) -> Object:
    if sent.get("object") == "card" or "number" in sent:
        card = cards.by_number(sent.get("number", ""))
        if card is None:
            raise StripeError("Your card number is incorrect.", code="incorrect_number", param=f"{param}[number]")
        return _card_object(books, card, sent, param)
    for name in ("country", "account_number"):
        if name not in sent:
            raise missing_parameter(f"{param}[{name}]")
    return bank_account_object(books, sent, books.account)


def _card_object(books: Call, card: Card, sent: dict[str, Any], param: str) -> Object:
    if card.funding != "debit":
        raise StripeError(
            "The card you attempted to add is not a debit card. Only debit cards can be used to receive payouts.",
            code="invalid_card_type",
            param=param,
        )
    return {
        "id": books.new_id("card_1", 23),
        "object": "card",
        "account": books.account,
        **dict.fromkeys(("address_city", "address_country", "address_line1", "address_line1_check", "address_line2")),
        **dict.fromkeys(("address_state", "address_zip", "address_zip_check")),
        "available_payout_methods": ["standard", "instant"],
        "brand": card.brand.title(),
        "country": card.country,
        "currency": sent.get("currency", "usd"),
        "cvc_check": None,
        "default_for_currency": False,
        "dynamic_last4": None,
        "exp_month": sent.get("exp_month", 12),
        "exp_year": sent.get("exp_year", 2034),
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "last4": card.last4,
        "metadata": merged_metadata({}, sent.get("metadata") or {}),
        "name": None,
        "status": "new",
        "tokenization_method": None,
        "_fails_with": None,
        "_made_at": books.now,
    }


def _make_default(books: Call, chosen: Object) -> None:
    for one in of(books, chosen["currency"]):
        if one["default_for_currency"] and one["id"] != chosen["id"]:
            one["default_for_currency"] = False
            books.save(one, emits="account.external_account.updated")
    chosen["default_for_currency"] = True
    books.save(chosen, emits="account.external_account.updated")


def _found(books: Call, identifier: str) -> Object:
    kind = "card" if identifier.startswith("card_") else "bank_account"
    found = books.find(kind, identifier)
    if found is None or found.get("deleted"):
        raise missing("external account", identifier, "id")
    return found


@resource.post("/v1/accounts/{account}/bank_accounts", _CREATE)
@resource.post("/v1/accounts/{account}/external_accounts", _CREATE)
def create(call: Call, account: str) -> Answer:
    """A further bank account or debit card."""
    found, books = connect.account_at(call, account)
    sent = call.params
    name = "external_account" if "external_account" in sent else "bank_account"
    if name not in sent:
        raise missing_parameter("external_account")
    made = add(call, found, sent[name], name)
    if "metadata" in sent:
        made["metadata"] = merged_metadata({}, sent["metadata"])
        books.save(made)
    if sent.get("default_for_currency"):
        _make_default(books, made)
    connect.refresh(call, found)
    return shown(made)


@resource.get("/v1/accounts/{account}/external_accounts", {**PAGING, "object": choice("bank_account", "card")})
def list_all(call: Call, account: str) -> Answer:
    """The external accounts of an account, of both kinds or one."""
    _, books = connect.account_at(call, account)
    wanted = call.params.get("object")
    every = [one for one in of(books) if wanted in (None, one["object"])]
    every.sort(key=lambda one: -one["_made_at"])
    return _page(call, every)


def _page(call: Call, every: list[Object]) -> Object:
    """A page of a list of two kinds, which no index knows."""
    sent = call.params
    ids = [one["id"] for one in every]
    for name in ("starting_after", "ending_before"):
        if name in sent and sent[name] not in ids:
            raise missing("external account", sent[name], name, status=400)
    limit = sent.get("limit", lists.DEFAULT_LIMIT)
    if "ending_before" in sent:
        end = ids.index(sent["ending_before"])
        start, has_more = max(end - limit, 0), end > limit
    else:
        start = ids.index(sent["starting_after"]) + 1 if "starting_after" in sent else 0
        end, has_more = start + limit, len(every) > start + limit
    data = [shown(one) for one in every[start:end]]
    return {"object": "list", "data": data, "has_more": has_more, "url": call.path}


@resource.get("/v1/accounts/{account}/bank_accounts/{id}")
@resource.get("/v1/accounts/{account}/external_accounts/{id}")
def retrieve(call: Call, account: str, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """One of them."""
    _, books = connect.account_at(call, account)
    return shown(_found(books, id))


@resource.post("/v1/external_accounts/{id}", _UPDATE)
def update_own(call: Call, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Change an external account of these books' own account."""
    return update(call, call.account, id)


@resource.post("/v1/accounts/{account}/bank_accounts/{id}", _UPDATE)
@resource.post("/v1/accounts/{account}/external_accounts/{id}", _UPDATE)
def update(call: Call, account: str, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Change whose it is, or make it the default; one that failed may be paid out to again."""
    found, books = connect.account_at(call, account)
    external = _found(books, id)
    sent = call.params
    for name in _OF_BANKS if external["object"] == "bank_account" else _OF_CARDS:
        if name in sent:
            external[name] = sent[name]
    for name in ("exp_month", "exp_year"):
        if name in sent and external["object"] == "card":
            external[name] = _whole(sent[name], name)
    if "metadata" in sent:
        external["metadata"] = merged_metadata(external["metadata"], sent["metadata"])
    external["status"] = "new" if external["status"] == "errored" else external["status"]
    books.save(external, emits="account.external_account.updated")
    if sent.get("default_for_currency"):
        _make_default(books, external)
    automatic_payouts.arm(books)
    connect.refresh(call, found)
    return shown(external)


def _whole(value: str, name: str) -> int:
    if not (value.isascii() and value.isdecimal()):
        raise StripeError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=name)
    return int(value)


@resource.delete("/v1/accounts/{account}/bank_accounts/{id}")
@resource.delete("/v1/accounts/{account}/external_accounts/{id}")
def delete(call: Call, account: str, id: str) -> Answer:  # noqa: A002 - the path parameter's own name
    """Take one away, unless it is the default of the account's own currency."""
    found, books = connect.account_at(call, account)
    external = _found(books, id)
    others = [one for one in of(books, external["currency"]) if one["id"] != id]
    if external["default_for_currency"] and (others or external["currency"] == found["default_currency"]):
        raise StripeError(
            "You cannot delete the default external account for your default currency. Please make another external "
            "account the default using the `default_for_currency` param, and then delete this one."
        )
    stub = books.delete(external, emits="account.external_account.deleted", keeps=("currency",))
    connect.refresh(call, found)
    return stub
