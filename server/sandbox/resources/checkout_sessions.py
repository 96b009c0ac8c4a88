"""Checkout sessions: create, list, retrieve, update, expire, their lines; completed by a page or by a call of ours.

How one looks stands in checkout.py, what completing it does in completing.py, the page in checkout_pages.py.
"""

from typing import Any, Final

from paydesk.server.sandbox import (
    checkout,
    checkout_lines,
    completing,
    lists,
    opening,
    session_params,
)
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.conditions import Sql
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    PAGING,
    merged_metadata,
    whole_address,
)
from paydesk.server.sandbox.routes import Resource

KIND: Final = checkout.SESSION.name

resource = Resource()


@resource.post("/v1/checkout/sessions", session_params.CREATE)
def create(call: Call) -> Answer:
    """A new session, open until it is completed, expired or out of time."""
    return opening.make(call, call.params)


@resource.get("/v1/checkout/sessions", session_params.LIST)
def list_all(call: Call) -> Answer:
    """Sessions, newest first, by who pays, what came of them and their status."""
    sent = call.params
    where = {name: sent.get(name) for name in ("customer", "payment_intent", "payment_link", "status", "subscription")}
    only: Sql | None = None
    if "customer_details" in sent:
        only = ("json_extract(o.body, '$.customer_details.email') = ?", [sent["customer_details"]["email"]])
    return lists.page(call, KIND, where, matching=only)


@resource.get("/v1/checkout/sessions/{session}")
def retrieve(call: Call, session: str) -> Answer:
    """One session; its lines only when expanded."""
    return call.get(KIND, session)


@resource.post("/v1/checkout/sessions/{session}", session_params.UPDATE)
def update(call: Call, session: str) -> Answer:
    """Change the lines, the ways of shipping and the metadata of an open session."""
    found = call.get(KIND, session)
    sent = call.params
    if "metadata" in sent:
        found["metadata"] = merged_metadata(found["metadata"], sent["metadata"])
    if set(sent) - {"metadata", "expand"}:
        checkout.check_open(found, "updated")
        _change(call, found, sent)
    return call.save(found)


def _change(call: Call, session: Object, sent: dict[str, Any]) -> None:
    if "collected_information" in sent:
        given = sent["collected_information"].get("shipping_details")
        where = given and {"address": whole_address(given["address"]), "name": given["name"]}
        session["collected_information"] = {
            "business_name": None,
            "individual_name": None,
            **(session["collected_information"] or {}),
            "shipping_details": where,
        }
    if "line_items" in sent:
        if session["mode"] == "setup":
            raise StripeError("You can not pass `line_items` in `setup` mode.", param="line_items")
        known = {line["id"]: line for line in session["_lines"]}
        lines = [_changed(call, one, known, f"line_items[{place}]") for place, one in enumerate(sent["line_items"])]
        if not lines:
            raise StripeError("A Checkout Session needs at least one line item.", param="line_items")
        checkout_lines.check_mode(call, session["mode"], lines)
        checkout_lines.currency_of(call, lines, session["currency"])
        session["_lines"] = lines
    if "shipping_options" in sent:
        session["shipping_options"] = checkout.shipping_options(
            call, sent["shipping_options"] or [], session["currency"], "shipping_options"
        )
    checkout.recount(call, session)


def _changed(call: Call, sent: dict[str, Any], known: dict[str, Object], param: str) -> Object:
    """A new line, or one that there is with what was sent of it changed."""
    if "id" not in sent:
        return checkout_lines.build(call, [sent], param)[0]
    old = known.get(sent["id"])
    if old is None:
        raise StripeError(f"No such line item: '{sent['id']}'", code="resource_missing", param=f"{param}[id]")
    before: dict[str, Any] = {"price": old["price"], "tax_rates": old["tax_rates"], "metadata": old["metadata"]}
    if old["quantity"] is not None:
        before["quantity"] = old["quantity"]
    if old["adjustable"]:
        before["adjustable_quantity"] = old["adjustable"]
    wanted = {**before, **{name: value for name, value in sent.items() if name != "id"}}
    if "price" not in sent:
        wanted["is_inline"] = True
    if "price_data" in sent:
        wanted.pop("price")
    return {**checkout_lines.build(call, [wanted], param)[0], "id": old["id"], "chosen": old["chosen"]}


@resource.get("/v1/checkout/sessions/{session}/line_items", PAGING)
def list_lines(call: Call, session: str) -> Answer:
    """The lines of a session."""
    return lists.slice_of(call, checkout.line_items(call, call.get(KIND, session)), "line item")


@resource.post("/v1/checkout/sessions/{session}/expire")
def expire(call: Call, session: str) -> Answer:
    """End an open session."""
    found = call.get(KIND, session)
    checkout.check_open(found, "expired")
    return checkout.expire(call, found)


@resource.action("checkout.expire")
def run_out(call: Call, session: str) -> None:
    """The time of a session is over."""
    found = call.find(KIND, session)
    if found and found["status"] == "open":
        checkout.expire(call, found)


@resource.post("/_sandbox/checkout/sessions/{session}/complete", session_params.COMPLETE)
def complete(call: Call, session: str) -> Answer:
    """Ours: what a customer does on the page, without one. A card that is declined answers 402, one that must be
    authenticated leaves the session open, to be completed by what its intent waits for.
    """
    found = call.get(KIND, session)
    checkout.check_open(found, "completed")
    return completing.by_call(call, found, call.params)
