"""Quotes: create, update, finalize, accept, cancel, list, their line items. What they make stands in quoting.py."""

from typing import Any, Final

from paydesk.server.sandbox import agreements, clocks, discounting, lists, quote_lines, quoting, taxing
from paydesk.server.sandbox.call import Answer, Call
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.params import (
    LISTING,
    PAGING,
    boolean,
    choice,
    clearable,
    integer,
    list_of,
    mapping,
    merged_metadata,
    metadata,
    moment_or,
    required,
    text,
    timestamp,
    unserved,
)
from paydesk.server.sandbox.routes import Resource

KIND: Final = quoting.QUOTE.name
_DATA: Final = {
    "description": clearable(text(500)),
    "effective_date": clearable(moment_or("current_period_end")),
    "metadata": metadata(),
    "trial_period_days": clearable(integer(0, 730)),
}
_FIELDS: Final = {
    "collection_method": agreements.METHODS,
    "customer": text(),
    "default_tax_rates": taxing.RATES,
    "description": clearable(text(500)),
    "discounts": discounting.DISCOUNTS,
    "expires_at": timestamp(),
    "footer": clearable(text(500)),
    "header": clearable(text(50)),
    "invoice_settings": mapping(
        {
            "custom_fields": agreements.CUSTOM_FIELDS,
            "days_until_due": integer(0, 730),
            "description": clearable(text(500)),
            "footer": clearable(text()),
            **unserved("issuer"),
        }
    ),
    "metadata": metadata(),
    **unserved("application_fee_amount", "application_fee_percent", "automatic_tax", "customer_account"),
    **unserved("on_behalf_of", "transfer_data"),
}
_CREATE: Final = {
    **_FIELDS,
    "from_quote": mapping({"is_revision": boolean(), "quote": required(text())}),
    "line_items": list_of(mapping(quote_lines.LINE), maximum=100),
    "subscription_data": mapping({**_DATA, "billing_mode": agreements.BILLING_MODE}),
    "test_clock": text(),
}
_UPDATE: Final = {
    **_FIELDS,
    "line_items": list_of(mapping({**quote_lines.LINE, "id": text()}), maximum=100),
    "subscription_data": mapping(_DATA),
}
_LIST: Final = {
    **{name: param for name, param in LISTING.items() if name != "created"},
    "customer": text(),
    "status": choice("accepted", "canceled", "draft", "open"),
    "test_clock": text(),
    **unserved("customer_account"),
}
_NO_PDF: Final = (
    "The sandbox draws no PDF files. What one would say is in the quote itself and in its line_items; test against "
    "Stripe where the file matters."
)

resource = Resource()


def _blank(call: Call) -> Object:
    details = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
    return {
        "id": call.new_id("qt_1"),
        "object": KIND,
        "amount_subtotal": 0,
        "amount_total": 0,
        "application": None,
        "application_fee_amount": None,
        "application_fee_percent": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "collection_method": "charge_automatically",
        "computed": {},
        "created": call.now,
        "currency": None,
        "customer": None,
        "customer_account": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "expires_at": call.now + quoting.KEPT_S,
        "footer": None,
        "from_quote": None,
        "header": None,
        "invoice": None,
        "invoice_settings": {
            "custom_fields": None,
            "days_until_due": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "livemode": False,
        "metadata": {},
        "number": None,
        "on_behalf_of": None,
        "status": "draft",
        "status_transitions": {"accepted_at": None, "canceled_at": None, "finalized_at": None},
        "subscription": None,
        "subscription_data": {
            "billing_mode": {"type": "flexible"},
            "description": None,
            "effective_date": None,
            "metadata": {},
            "trial_period_days": None,
        },
        "subscription_schedule": None,
        "test_clock": None,
        "total_details": details,
        "transfer_data": None,
        "_coupons": [],
        "_lines": [],
        "_revision": 1,
    }


@resource.post("/v1/quotes", _CREATE)
def create(call: Call) -> Answer:
    """A draft of a quote; `from_quote` copies one that there is."""
    sent = call.params
    if "test_clock" in sent:
        call.mention(clocks.TEST_CLOCK.name, sent["test_clock"], "test_clock")
        call.live_by(sent["test_clock"])
    if "customer" in sent:
        call.mention("customer", sent["customer"], "customer")
    quote = _blank(call)
    if "from_quote" in sent:
        _copy(call, quote, sent["from_quote"])
    _apply(call, quote, sent)
    return call.create(quote, emits="quote.created")


_COPIED: Final = (
    *("collection_method", "currency", "customer", "default_tax_rates", "description", "discounts"),
    *("footer", "header", "invoice_settings", "metadata", "subscription_data", "_coupons", "_lines"),
)


def _copy(call: Call, quote: Object, sent: dict[str, Any]) -> None:
    source = call.mention(KIND, sent["quote"], "from_quote[quote]")
    is_revision = sent.get("is_revision", False)
    if is_revision and source["status"] not in ("open", "canceled"):
        raise StripeError(
            f"Only open or canceled quotes can be revised; {source['id']} is {source['status']}.",
            param="from_quote[quote]",
        )
    for name in _COPIED:
        value = source[name]
        quote[name] = dict(value) if isinstance(value, dict) else list(value) if isinstance(value, list) else value
    quote["from_quote"] = {"is_revision": is_revision, "quote": source["id"]}
    if is_revision:
        quote.update(_revision=source["_revision"] + 1, number=source["number"])


def _apply(call: Call, quote: Object, sent: dict[str, Any]) -> None:
    if "customer" in sent:
        quote["customer"] = call.mention("customer", sent["customer"], "customer")["id"]
    for name in ("collection_method", "description", "footer", "header"):
        if name in sent:
            quote[name] = sent[name]
    if "expires_at" in sent:
        quote["expires_at"] = _to_come(call, sent["expires_at"])
    if "metadata" in sent:
        quote["metadata"] = merged_metadata(quote["metadata"], sent["metadata"])
    if "invoice_settings" in sent:
        quote["invoice_settings"] = {**quote["invoice_settings"], **sent["invoice_settings"]}
    if "default_tax_rates" in sent:
        rates = taxing.rates(call, sent["default_tax_rates"], "default_tax_rates")
        quote["default_tax_rates"] = [rate["id"] for rate in rates]
    if "discounts" in sent:
        quote["_coupons"], quote["discounts"] = quote_lines.given(call, quote, sent["discounts"], "discounts")
    if "subscription_data" in sent:
        _apply_data(call, quote, sent["subscription_data"])
    if "line_items" in sent:
        quote_lines.put(call, quote, sent["line_items"])
    quoting.count(call, quote)


def _to_come(call: Call, at: int) -> int:
    if at <= call.now:
        raise StripeError("The `expires_at` timestamp must be in the future.", param="expires_at")
    return at


def _apply_data(call: Call, quote: Object, sent: dict[str, Any]) -> None:
    data = dict(quote["subscription_data"])
    for name in ("billing_mode", "description", "trial_period_days"):
        if name in sent:
            data[name] = sent[name]
    if "metadata" in sent:
        data["metadata"] = merged_metadata(data["metadata"], sent["metadata"])
    if "effective_date" in sent:
        when = sent["effective_date"]
        if when == "current_period_end":
            raise StripeError(
                "`current_period_end` is only for quotes that change a subscription, which the sandbox does not serve.",
                param="subscription_data[effective_date]",
            )
        data["effective_date"] = None if when is None else agreements.moment(when, "subscription_data[effective_date]")
    quote["subscription_data"] = data


@resource.get("/v1/quotes", _LIST)
def list_all(call: Call) -> Answer:
    """Quotes, newest first, by customer and status; those of a test clock only where it is named."""
    sent = call.params
    where = {name: sent.get(name) for name in ("customer", "status", "test_clock")}
    only = None if "customer" in sent else clocks.only_of(sent.get("test_clock"))
    return lists.page(call, KIND, where, matching=only)


@resource.get("/v1/quotes/{quote}")
def retrieve(call: Call, quote: str) -> Answer:
    """One quote; its line items only when expanded."""
    return call.get(KIND, quote)


@resource.post("/v1/quotes/{quote}", _UPDATE)
def update(call: Call, quote: str) -> Answer:
    """Change a draft."""
    found = _in(call, quote, "update", "draft")
    _apply(call, found, call.params)
    return call.save(found)


def _in(call: Call, identifier: str, doing: str, *statuses: str) -> Object:
    found = call.get(KIND, identifier)
    if found["status"] not in statuses:
        raise StripeError(
            f"You can only {doing} a quote that is {' or '.join(statuses)}; this one is {found['status']}."
        )
    return found


@resource.post("/v1/quotes/{quote}/finalize", {"expires_at": timestamp()})
def finalize(call: Call, quote: str) -> Answer:
    """Number a draft and offer it, until it expires."""
    found = _in(call, quote, "finalize", "draft")
    if found["customer"] is None:
        raise StripeError("A quote needs a customer before it can be finalized.", param="customer")
    if not found["_lines"]:
        raise StripeError("A quote needs line items before it can be finalized.", param="line_items")
    if "expires_at" in call.params:
        found["expires_at"] = _to_come(call, call.params["expires_at"])
    quoting.count(call, found)
    base = found["number"].rpartition("-")[0] if found["number"] else f"QT-{call.new_id('', 8).upper()}-0001"
    found.update(status="open", number=f"{base}-{found['_revision']}")
    found["status_transitions"]["finalized_at"] = call.now
    call.save(found)
    call.emit("quote.finalized", found)
    call.later(found["expires_at"], "quote.expire", quote=quote, expires_at=found["expires_at"])
    revised = (
        found["from_quote"] and found["from_quote"]["is_revision"] and call.get(KIND, found["from_quote"]["quote"])
    )
    if revised and revised["status"] == "open":
        _cancel(call, revised)
    return found


@resource.post("/v1/quotes/{quote}/accept")
def accept(call: Call, quote: str) -> Answer:
    """The customer agreed: the subscription, schedule or invoice is made."""
    found = _in(call, quote, "accept", "open")
    quoting.carry_out(call, found)
    found["status"] = "accepted"
    found["status_transitions"]["accepted_at"] = call.now
    call.save(found)
    call.emit("quote.accepted", found)
    return found


@resource.post("/v1/quotes/{quote}/cancel")
def cancel(call: Call, quote: str) -> Answer:
    """Take a quote back."""
    return _cancel(call, _in(call, quote, "cancel", "draft", "open"))


def _cancel(call: Call, quote: Object) -> Object:
    quote["status"] = "canceled"
    quote["status_transitions"]["canceled_at"] = call.now
    call.save(quote)
    call.emit("quote.canceled", quote)
    return quote


@resource.get("/v1/quotes/{quote}/line_items", PAGING)
def list_lines(call: Call, quote: str) -> Answer:
    """What a quote offers, page by page."""
    return lists.slice_of(call, quoting.items(call, call.get(KIND, quote)), "quote line item")


@resource.get("/v1/quotes/{quote}/computed_upfront_line_items", PAGING)
def list_upfront(call: Call, quote: str) -> Answer:
    """What of it is paid when the quote is accepted."""
    found = call.get(KIND, quote)
    is_trial = bool(found["subscription_data"]["trial_period_days"])
    wanted = {line["id"] for line in found["_lines"] if not line["recurring"] or not is_trial}
    lines = [item for item in quoting.items(call, found) if item["id"] in wanted]
    return lists.slice_of(call, lines, "quote line item")


@resource.get("/v1/quotes/{quote}/pdf")
def draw(call: Call, quote: str) -> Answer:
    """Refused in plain words: the sandbox draws no files."""
    call.get(KIND, quote)
    raise StripeError(_NO_PDF)


@resource.action("quote.expire")
def expire(call: Call, quote: str, expires_at: int) -> None:
    """An open quote that nobody accepted in time is canceled."""
    found = call.find(KIND, quote)
    if found and found["status"] == "open" and found["expires_at"] == expires_at:
        _cancel(call, found)
