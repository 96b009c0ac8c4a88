"""The people behind an account (https://docs.stripe.com/api/persons); `/people` is the older name of the same."""

from typing import Final

from paydesk.server.sandbox import account_params, connect, lists
from paydesk.server.sandbox.account_data import person_object, tell
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import missing
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import PAGING, boolean, mapping
from paydesk.server.sandbox.routes import Resource

resource = Resource()

_ROLES: Final = ("authorizer", "director", "executive", "legal_guardian", "owner", "representative")
_LIST: Final = {**PAGING, "relationship": mapping({name: boolean() for name in _ROLES})}


@resource.post("/v1/accounts/{account}/people", account_params.PERSON)
@resource.post("/v1/accounts/{account}/persons", account_params.PERSON)
def create(call: Call, account: str) -> Answer:
    """Somebody new behind an account."""
    found, books = connect.account_at(call, account)
    person = person_object(books)
    tell(person, {name: value for name, value in call.params.items() if name != "expand"})
    books.create(person, emits="person.created")
    connect.refresh(call, found)
    return person


@resource.get("/v1/accounts/{account}/people", _LIST)
@resource.get("/v1/accounts/{account}/persons", _LIST)
def list_all(call: Call, account: str) -> Answer:
    """The people of an account, newest first, by what they are to it."""
    _, books = connect.account_at(call, account)
    books.params, books.path = call.params, call.path
    wanted = call.params.get("relationship", {})
    clauses = [f"json_extract(o.body, '$.relationship.{name}') = ?" for name in wanted]
    matching = (" AND ".join(clauses), [int(value) for value in wanted.values()]) if wanted else None
    return lists.page(books, "person", matching=matching)


def _person(call: Call, account: str, person: str) -> tuple[Object, Object, Call]:
    found, books = connect.account_at(call, account)
    known = books.get("person", person)
    # Stripe shows no stub of somebody who is forgotten.
    if known.get("deleted"):
        raise missing("person", person, "person")
    return found, known, books


@resource.get("/v1/accounts/{account}/people/{person}")
@resource.get("/v1/accounts/{account}/persons/{person}")
def retrieve(call: Call, account: str, person: str) -> Answer:
    """One of them."""
    return _person(call, account, person)[1]


@resource.post("/v1/accounts/{account}/people/{person}", account_params.PERSON)
@resource.post("/v1/accounts/{account}/persons/{person}", account_params.PERSON)
def update(call: Call, account: str, person: str) -> Answer:
    """Tell more of somebody."""
    found, one, books = _person(call, account, person)
    if one.get("deleted"):
        raise missing("person", person, "person")
    tell(one, {name: value for name, value in call.params.items() if name != "expand"})
    books.save(one, emits="person.updated")
    connect.refresh(call, found)
    return one


@resource.delete("/v1/accounts/{account}/people/{person}")
@resource.delete("/v1/accounts/{account}/persons/{person}")
def delete(call: Call, account: str, person: str) -> Answer:
    """Forget somebody."""
    found, one, books = _person(call, account, person)
    if one.get("deleted"):
        raise missing("person", person, "person")
    stub = books.delete(one, emits="person.deleted")
    connect.refresh(call, found)
    return stub
