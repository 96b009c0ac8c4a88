"""Payment links: addresses that may be shared, each visit of which opens a checkout session of its own."""

from copy import deepcopy
from typing import Any, Final

from paydesk.server.sandbox import (
    checkout,
    checkout_lines,
    checkout_terms,
    completing,
    connected_payments,
    events,
    link_params,
    lists,
    opening,
)
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Kind, Object, visible
from paydesk.server.sandbox.params import (
    PAGING,
    boolean,
    merged_metadata,
)
from paydesk.server.sandbox.routes import Resource

PAGE: Final = "/b/"
# In-process there is no page to go to, so the address is one of Stripe's that leads nowhere.
_NOWHERE: Final = "https://buy.stripe.com/"


def shown(_call: Call, link: Object) -> Object:
    """Without the sandbox's own notes, and without `created`, which only orders links in lists."""
    return {name: value for name, value in visible(link).items() if name != "created"}


def _items(call: Call, link: Object) -> list[Object]:
    return checkout_lines.items(call, link["_lines"], _count(call, link))


def _count(call: Call, link: Object) -> Object:
    return checkout_lines.counted(call, link["_lines"], link["currency"], {})


def _lines_of(call: Call, link: Object) -> Object:
    found = lists.whole(_items(call, call.get(KIND.name, link["id"])), f"/v1/payment_links/{link['id']}/line_items")
    del found["total_count"]
    return found


KIND: Final = Kind(
    name="payment_link",
    prefix="plink_",
    param="payment_link",
    indexed=("active", "_token", "_line_ids"),
    expands=(
        *("application", "on_behalf_of", "shipping_options.shipping_rate", "transfer_data.destination"),
        *("automatic_tax.liability.account", "invoice_creation.invoice_data.account_tax_ids"),
        *("invoice_creation.invoice_data.issuer.account", "subscription_data.invoice_settings.issuer.account"),
    ),
    includes={"line_items": _lines_of},
    shows=shown,
)
checkout_lines.COUNTS[KIND.name] = _count
resource = Resource()


def _blank(call: Call, mode: str) -> Object:
    token = call.new_id("test_", 20)
    is_subscribed = mode == "subscription"
    mine = "" if call.account == call.store.fact("account") else f"?account={call.account}"
    return {
        "id": call.new_id("plink_1"),
        "object": KIND.name,
        "active": True,
        "after_completion": {"hosted_confirmation": {"custom_message": None}, "type": "hosted_confirmation"},
        "allow_promotion_codes": False,
        "application": None,
        "application_fee_amount": None,
        "application_fee_percent": None,
        "automatic_tax": {"enabled": False, "liability": None},
        "billing_address_collection": "auto",
        "consent_collection": None,
        "created": call.now,
        "currency": None,
        "custom_fields": [],
        "custom_text": dict.fromkeys(checkout_terms.TEXTS),
        "customer_creation": "always" if is_subscribed else "if_required",
        "inactive_message": None,
        "invoice_creation": None if is_subscribed else checkout.invoice_creation(None),
        "livemode": False,
        "managed_payments": {"enabled": False},
        "metadata": {},
        "on_behalf_of": None,
        "optional_items": None,
        "payment_intent_data": None,
        "payment_method_collection": "always",
        "payment_method_options": None,
        "payment_method_types": None,
        "phone_number_collection": {"enabled": False},
        "restrictions": None,
        "shipping_address_collection": None,
        "shipping_options": [],
        "submit_type": "auto",
        "subscription_data": None,
        "tax_id_collection": {"enabled": False, "required": "never"},
        "transfer_data": None,
        "url": f"{call.origin}{PAGE}{token}{mine}" if call.origin else _NOWHERE + token,
        "_line_ids": [],
        "_lines": [],
        "_mode": mode,
        "_token": token,
    }


@resource.post("/v1/payment_links", link_params.CREATE)
def create(call: Call) -> Answer:
    """A new link; what it sells decides whether its sessions are payments or subscriptions."""
    sent = call.params
    lines = checkout_lines.build(call, sent["line_items"])
    if not lines:
        raise StripeError("A payment link needs at least one line item.", param="line_items")
    mode = "subscription" if any(line["recurring"] for line in lines) else "payment"
    checkout_lines.check_mode(call, mode, lines)
    link = _blank(call, mode)
    link.update(
        _lines=lines,
        _line_ids=[line["id"] for line in lines],
        currency=checkout_lines.currency_of(call, lines, sent.get("currency")),
    )
    _check_data(mode, sent)
    if mode == "subscription":
        link["subscription_data"] = {
            "description": None,
            "invoice_settings": {"issuer": {"type": "self"}},
            "metadata": {},
            "trial_period_days": None,
            "trial_settings": None,
        }
    _apply(call, link, sent)
    call.create(link)
    call.emit("payment_link.created", shown(call, link))
    return link


def _check_data(mode: str, sent: dict[str, Any]) -> None:
    for name, wanted in (
        ("payment_intent_data", "payment"),
        ("invoice_creation", "payment"),
        ("customer_creation", "payment"),
        ("subscription_data", "subscription"),
    ):
        if sent.get(name) and mode != wanted:
            raise StripeError(f"`{name}` can only be used with links whose prices make a {wanted}.", param=name)


_PLAIN: Final = (
    *("active", "allow_promotion_codes", "billing_address_collection", "customer_creation", "inactive_message"),
    *("payment_method_collection", "payment_method_types", "phone_number_collection", "submit_type"),
    *("shipping_address_collection", "application_fee_amount"),
)


def _apply(call: Call, link: Object, sent: dict[str, Any]) -> None:
    for name in _PLAIN:
        if name in sent:
            link[name] = sent[name]
    if "metadata" in sent:
        link["metadata"] = merged_metadata(link["metadata"], sent["metadata"])
    if "after_completion" in sent:
        link["after_completion"] = _after(sent["after_completion"])
    if "automatic_tax" in sent:
        on = sent["automatic_tax"]["enabled"]
        link["automatic_tax"] = {"enabled": on, "liability": {"type": "self"} if on else None}
    if "consent_collection" in sent:
        blank = dict.fromkeys(("payment_method_reuse_agreement", "promotions", "terms_of_service"))
        link["consent_collection"] = {**blank, **sent["consent_collection"]}
    if "custom_text" in sent:
        link["custom_text"].update(sent["custom_text"])
    if "custom_fields" in sent:
        link["custom_fields"] = opening.custom_fields(sent["custom_fields"] or [], is_filled=False)
    if "invoice_creation" in sent:
        link["invoice_creation"] = checkout.invoice_creation(sent["invoice_creation"])
    if "tax_id_collection" in sent:
        link["tax_id_collection"] = {"required": "never", **sent["tax_id_collection"]}
    _apply_offers(call, link, sent)
    _apply_payment(call, link, sent)


def _after(sent: dict[str, Any]) -> Object:
    if sent["type"] == "redirect":
        if "redirect" not in sent:
            raise StripeError(
                "Missing required param: after_completion[redirect].",
                code="parameter_missing",
                param="after_completion[redirect]",
            )
        opening.check_url(sent["redirect"]["url"], "after_completion[redirect][url]")
        return {"redirect": sent["redirect"], "type": "redirect"}
    said = sent.get("hosted_confirmation", {})
    return {"hosted_confirmation": {"custom_message": None, **said}, "type": "hosted_confirmation"}


def _apply_offers(call: Call, link: Object, sent: dict[str, Any]) -> None:
    """What is sold, how often, and how it is sent."""
    if "name_collection" in sent:
        link.pop("name_collection", None)
        if sent["name_collection"]:
            link["name_collection"] = {
                name: {"optional": False, **one} for name, one in sent["name_collection"].items()
            }
    if "restrictions" in sent:
        limit = sent["restrictions"] and sent["restrictions"]["completed_sessions"]["limit"]
        count = ((link["restrictions"] or {}).get("completed_sessions") or {}).get("count", 0)
        link["restrictions"] = {"completed_sessions": {"count": count, "limit": limit}} if limit else None
    if "shipping_options" in sent:
        link["shipping_options"] = checkout.shipping_options(
            call, sent["shipping_options"] or [], link["currency"], "shipping_options"
        )
    if "optional_items" in sent:
        link["optional_items"] = opening.optional_items(sent["optional_items"] or []) or None


def _apply_payment(call: Call, link: Object, sent: dict[str, Any]) -> None:
    """What the payments and subscriptions of the link will be told."""
    if "payment_intent_data" in sent:
        blank = dict.fromkeys(
            (
                *("capture_method", "description", "setup_future_usage", "statement_descriptor"),
                *("statement_descriptor_suffix", "transfer_group"),
            )
        )
        old = link["payment_intent_data"] or {**blank, "metadata": {}}
        given = sent["payment_intent_data"]
        told = merged_metadata(old["metadata"], given.get("metadata", {}))
        link["payment_intent_data"] = {**old, **given, "metadata": told}
    if "subscription_data" in sent:
        old, given = link["subscription_data"], sent["subscription_data"]
        told = merged_metadata(old["metadata"], given.get("metadata", {}))
        link["subscription_data"] = {**old, **given, "metadata": told}
    if "transfer_data" in sent:
        given = sent["transfer_data"]
        link["transfer_data"] = given and {"amount": None, **given}
    if "on_behalf_of" in sent:
        link["on_behalf_of"] = sent["on_behalf_of"]
    connected = {name: link[name] for name in connected_payments.PARAMS if link[name] is not None}
    if connected:
        amount = sum(checkout_lines.cost(call, line, link["currency"]) for line in link["_lines"])
        if connected.get("transfer_data", {}).get("amount") is None and "transfer_data" in connected:
            connected["transfer_data"] = {"destination": connected["transfer_data"]["destination"]}
        connected_payments.check(call, connected, amount)


@resource.get("/v1/payment_links", {**PAGING, "active": boolean()})
def list_all(call: Call) -> Answer:
    """Links, newest first, by whether they are active."""
    return lists.page(call, KIND.name, {"active": call.params.get("active")})


@resource.get("/v1/payment_links/{payment_link}")
def retrieve(call: Call, payment_link: str) -> Answer:
    """One link; its lines only when expanded."""
    return call.get(KIND.name, payment_link)


@resource.post("/v1/payment_links/{payment_link}", link_params.UPDATE)
def update(call: Call, payment_link: str) -> Answer:
    """Switch a link off or on, or change what its next sessions are like."""
    found = call.get(KIND.name, payment_link)
    before = deepcopy(found)
    sent = call.params
    _check_data(found["_mode"], sent)
    _apply(call, found, sent)
    if "line_items" in sent:
        _resize(found, sent["line_items"])
    return changed(call, found, before)


def changed(call: Call, link: Object, before: Object) -> Object:
    """Store a changed link, and tell what it was before."""
    call.save(link)
    previous = events.previous_attributes(shown(call, before), shown(call, link))
    if previous:
        call.emit("payment_link.updated", shown(call, link), previous)
    return link


def _resize(link: Object, sent: list[dict[str, Any]]) -> None:
    lines = {line["id"]: line for line in link["_lines"]}
    for index, one in enumerate(sent):
        param = f"line_items[{index}]"
        line = lines.get(one["id"])
        if line is None:
            raise StripeError(f"No such line item: '{one['id']}'", code="resource_missing", param=f"{param}[id]")
        quantity = one.get("quantity", line["quantity"])
        if "adjustable_quantity" in one or line["adjustable"]:
            wanted = one.get("adjustable_quantity", line["adjustable"])
            line["adjustable"] = checkout_lines.adjustable_of(wanted, quantity, f"{param}[adjustable_quantity]")
        line["quantity"] = quantity


@resource.get("/v1/payment_links/{payment_link}/line_items", PAGING)
def list_lines(call: Call, payment_link: str) -> Answer:
    """The lines of a link."""
    return lists.slice_of(call, _items(call, call.get(KIND.name, payment_link)), "line item")


def at(call: Call, token: str) -> Object | None:
    """The link that stands at an address."""
    return next(iter(call.every(KIND.name, {"_token": token}, limit=1)), None)


def completed(call: Call, session: Object) -> None:
    """One more session of a link was completed; the link closes at its limit."""
    link = session["payment_link"] and call.find(KIND.name, session["payment_link"])
    limit = link and (link["restrictions"] or {}).get("completed_sessions")
    if not link or not limit:
        return
    before = deepcopy(link)
    limit["count"] += 1
    link["active"] = link["active"] and limit["count"] < limit["limit"]
    changed(call, link, before)


completing.AFTER_COMPLETION.append(completed)
_PASSED: Final = (
    *("allow_promotion_codes", "billing_address_collection", "custom_fields", "custom_text", "metadata"),
    *("name_collection", "payment_method_types", "phone_number_collection", "shipping_address_collection"),
    *("submit_type", "tax_id_collection", "consent_collection", "automatic_tax"),
)


def open_session(call: Call, link: Object, prefilled: dict[str, str]) -> Object:
    """A checkout session of the link, for who has just followed it."""
    mode = link["_mode"]
    sent: dict[str, Any] = {name: link[name] for name in _PASSED if link.get(name)}
    sent.update(mode=mode, payment_method_collection=link["payment_method_collection"])
    if mode == "payment":
        sent["customer_creation"] = link["customer_creation"]
        sent["invoice_creation"] = {
            **link["invoice_creation"],
            "invoice_data": {k: v for k, v in link["invoice_creation"]["invoice_data"].items() if v is not None},
        }
    data = {name: value for name, value in (link["payment_intent_data"] or {}).items() if value is not None}
    for name in ("application_fee_amount", "on_behalf_of"):
        if link[name] is not None:
            data[name] = link[name]
    if link["transfer_data"]:
        data["transfer_data"] = {name: value for name, value in link["transfer_data"].items() if value is not None}
    if data:
        sent["payment_intent_data"] = data
    given = {name: value for name, value in (link["subscription_data"] or {}).items() if value is not None}
    if mode == "subscription":
        sent["subscription_data"] = {name: value for name, value in given.items() if name != "invoice_settings"}
    if link["shipping_options"]:
        sent["shipping_options"] = [{"shipping_rate": one["shipping_rate"]} for one in link["shipping_options"]]
    if link["after_completion"]["type"] == "redirect":
        sent["success_url"] = link["after_completion"]["redirect"]["url"]
    if "@" in prefilled.get("prefilled_email", ""):
        sent["customer_email"] = prefilled["prefilled_email"].replace(" ", "+")
    if prefilled.get("client_reference_id"):
        sent["client_reference_id"] = prefilled["client_reference_id"][:200]
    lines = [{**line, "id": call.new_id("li_1")} for line in link["_lines"]]
    return opening.make(call, sent, lines=lines, link=link)
