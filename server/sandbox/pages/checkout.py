"""The checkout page: what is bought on one side, who pays and how on the other. Two forms, so that changing what is
bought never pays for it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from paydesk.server.sandbox import money
from paydesk.server.sandbox.kinds import Object
from paydesk.server.sandbox.pages.shell import error, field, hidden, page, safe_link, select, text

_CARDS: Final = (
    ("4242 4242 4242 4242", "is paid"),
    ("4000 0025 0000 3155", "asks for 3D Secure"),
    ("4000 0000 0000 0002", "is declined"),
    ("4000 0000 0000 9995", "has insufficient funds"),
)
_VERBS: Final = {"book": "Book", "donate": "Donate", "subscribe": "Subscribe"}
_NAMES: Final = {
    "card": "Card",
    "us_bank_account": "US bank account",
    "sepa_debit": "SEPA debit",
    "ideal": "iDEAL",
    "eps": "EPS",
    "p24": "Przelewy24",
    "afterpay_clearpay": "Afterpay / Clearpay",
    "paypal": "PayPal",
}
Told = Mapping[str, Any]


def whole(session: Object, lines: Sequence[Object], more: Told, told: Told, message: str = "") -> str:
    """The page of an open session. `lines` as its list shows them; `more`: `methods` (types and saved cards),
    `rates` (names of ways of shipping by id), `account`; `told`: what was entered before.
    """
    title = session["branding_settings"]["display_name"]
    columns = (
        f'<div class="columns"><section aria-label="Order">{_order(session, lines, more)}</section>'
        f'<section aria-label="Payment">{error(message)}{_payment(session, more, told)}</section></div>'
    )
    return page(title, "", columns, is_wide=True)


def _order(session: Object, lines: Sequence[Object], more: Told) -> str:
    back = safe_link(session["cancel_url"])
    link = f'<p><a href="{text(back)}">← Back</a></p>' if back else ""
    if session["mode"] == "setup":
        return f"{link}<p>Save a payment method for later. Nothing is charged now.</p>"
    code = session["currency"]
    rows = "".join(_row(one, code) for one in lines)
    total = money.written(session["amount_total"], code)
    can_change = _adjustments(session, lines, more)
    button = '<p><button name="do" value="apply">Update</button></p>' if can_change else ""
    tax = session["automatic_tax"]
    note = ""
    if tax["enabled"] and tax["status"] != "complete":
        note = '<p class="quiet">Tax is added when your address is known.</p>'
    return (
        f'{link}<form method="post">{hidden("account", more["account"])}<table>{rows}{_sums(session)}'
        f'<tr class="sum"><td>{_due(session)}</td><td>{text(total)}</td></tr></table>{note}{can_change}{button}</form>'
    )


def _due(session: Object) -> str:
    return "Due today" if session["mode"] == "subscription" else "Total"


def _row(line: Object, code: str) -> str:
    price = line["price"]
    count = f"{line['quantity']} × " if line["quantity"] not in (None, 1) else ""
    every = ""
    if price["recurring"]:
        number, interval = price["recurring"]["interval_count"], price["recurring"]["interval"]
        every = f" every {number} {interval}s" if number > 1 else f" per {interval}"
        if price["recurring"]["usage_type"] == "metered":
            every += ", by usage"
        elif price["unit_amount"] is not None:
            every = f" {money.written(price['unit_amount'], price['currency'])}{every}"
    words = f"{text(count)}{text(line['description'] or 'Item')}"
    small = f"<br><small>{text(every.strip())}</small>" if every else ""
    return f"<tr><td>{words}{small}</td><td>{text(money.written(line['amount_subtotal'], code))}</td></tr>"


def _sums(session: Object) -> str:
    code, parts = session["currency"], session["total_details"]
    rows = [("Subtotal", session["amount_subtotal"])]
    if parts["amount_discount"]:
        rows.append(("Discount", -parts["amount_discount"]))
    if session["shipping_cost"]:
        rows.append(("Shipping", parts["amount_shipping"]))
    if parts["amount_tax"]:
        on_top = session["amount_total"] - session["amount_subtotal"] + parts["amount_discount"]
        included = on_top - parts["amount_shipping"] < parts["amount_tax"]
        rows.append(("Tax (included)" if included else "Tax", parts["amount_tax"]))
    if len(rows) == 1:
        return ""
    return "".join(
        f'<tr class="rule"><td>{name}</td><td>{text(money.written(amount, code))}</td></tr>' for name, amount in rows
    )


def _adjustments(session: Object, lines: Sequence[Object], more: Told) -> str:
    """What of the order the customer may change."""
    parts = []
    for line in lines:
        bounds = line["adjustable_quantity"]
        if bounds:
            parts.append(
                f'<label>Quantity of {text(line["description"] or "item")}<input class="few" type="number" '
                f'name="quantities[{text(line["id"])}]" value="{line["quantity"]}" min="{bounds["minimum"]}" '
                f'max="{bounds["maximum"]}"></label>'
            )
        if line["price"]["custom_unit_amount"]:
            parts.append(
                f"<label>Amount for {text(line['description'] or 'item')}, in the smallest unit of "
                f'{text(session["currency"].upper())}<input class="few" type="number" min="0" '
                f'name="amounts[{text(line["id"])}]" value="{line["amount_subtotal"]}"></label>'
            )
    if len(session["shipping_options"]) > 1:
        options = {
            one["shipping_rate"]: f"{more['rates'][one['shipping_rate']]}: "
            f"{money.written(one['shipping_amount'], session['currency'])}"
            for one in session["shipping_options"]
        }
        parts.append(select("Shipping", "shipping_rate", options, session["shipping_cost"]["shipping_rate"]))
    if session["allow_promotion_codes"]:
        parts.append(field("Promotion code", "promotion_code"))
    return "".join(parts)


def _payment(session: Object, more: Told, told: Told) -> str:
    texts = session["custom_text"]
    parts = [
        hidden("account", more["account"]),
        hidden("total", str(session["amount_total"])) if session["amount_total"] is not None else "",
        f"<h2>Contact</h2>{_contact(session, told)}",
    ]
    allowed = (session["shipping_address_collection"] or {}).get("allowed_countries")
    if allowed:
        parts.append(f"<h2>Shipping address</h2>{_said(texts['shipping_address'])}{_shipping(allowed, told)}")
    if more["methods"]:
        parts.append(f"<h2>Payment</h2>{_ways(session, more, told)}")
    parts.append(_billing(session, told))
    parts.append("".join(_custom(one, told) for one in session["custom_fields"]))
    if session.get("tax_id_collection", {}).get("enabled"):
        parts.append(_tax_id(told))
    parts.append(_consent(session))
    parts.append(_said(texts["submit"]))
    parts.append(f'<button class="yes whole" name="do" value="pay">{text(_verb(session))}</button>')
    parts.append(_said(texts["after_submit"]))
    return f'<form method="post">{"".join(parts)}</form>{_hints() if "card" in more["methods"] else ""}'


def _verb(session: Object) -> str:
    if session["mode"] == "setup":
        return "Save"
    if session["mode"] == "subscription":
        return "Start trial" if not session["amount_total"] else "Subscribe"
    verb = _VERBS.get(session["submit_type"] or "", "Pay")
    return f"{verb} {money.written(session['amount_total'], session['currency'])}"


def _said(position: Object | None) -> str:
    return f'<p class="quiet">{text(position["message"])}</p>' if position else ""


def _contact(session: Object, told: Told) -> str:
    known = session["customer_details"] or {}
    email = session["customer_email"] or (session["customer"] and known.get("email"))
    if email:
        parts = [f"<p>{text(email)}</p>"]
    else:
        parts = [field("Email", "email", value=told.get("email") or "", kind="email", fills="email", must=True)]
    if session["phone_number_collection"]["enabled"]:
        value = told.get("phone") or known.get("phone") or ""
        parts.append(field("Phone", "phone", value=value, kind="tel", fills="tel", must=True))
    for name, label in (("business", "Business name"), ("individual", "Full name")):
        asked = session.get("name_collection", {}).get(name)
        if asked and asked["enabled"]:
            key = f"{name}_name"
            parts.append(field(label, key, value=told.get(key) or "", must=not asked["optional"]))
    return "".join(parts)


def _shipping(allowed: Sequence[str], told: Told) -> str:
    entered = told.get("shipping") or {}
    where = entered.get("address") or {}
    at = "shipping[address]"
    return (
        field("Name", "shipping[name]", value=entered.get("name") or "", fills="shipping name", must=True)
        + field("Address", f"{at}[line1]", value=where.get("line1") or "", fills="shipping address-line1", must=True)
        + f'<div class="pair">{field("City", f"{at}[city]", value=where.get("city") or "")}'
        + f"{field('Postal code', f'{at}[postal_code]', value=where.get('postal_code') or '')}"
        + f"{field('State', f'{at}[state]', value=where.get('state') or '')}"
        + select("Country", f"{at}[country]", {one: one for one in allowed}, where.get("country") or "")
        + "</div>"
    )


def _billing(session: Object, told: Told) -> str:
    where = told.get("address") or (session["customer_details"] or {}).get("address") or {}
    is_whole = session["billing_address_collection"] == "required" or session["automatic_tax"]["enabled"]
    title = "Billing address"
    country = field("Country (two letters)", "address[country]", value=where.get("country") or "US", fills="country")
    code = field("Postal code", "address[postal_code]", value=where.get("postal_code") or "", fills="postal-code")
    if not is_whole:
        return f'<div class="pair">{country}{code}</div>'
    line = field("Address", "address[line1]", value=where.get("line1") or "", fills="address-line1", must=True)
    city = field("City", "address[city]", value=where.get("city") or "", fills="address-level2")
    state = field("State", "address[state]", value=where.get("state") or "", fills="address-level1")
    return f'<h2>{title}</h2>{line}<div class="pair">{city}{code}{state}{country}</div>'


def _ways(session: Object, more: Told, told: Told) -> str:
    """How to pay, each with its own fields, which show only while it is chosen."""
    methods: Mapping[str, str] = more["methods"]
    chosen = told.get("method") if told.get("method") in methods else next(iter(methods))
    parts = []
    for name, label in methods.items():
        mark = " checked" if name == chosen else ""
        radio = (
            f'<label class="row"><input type="radio" name="method" value="{text(name)}"{mark}>'
            f"<span>{text(label or _NAMES.get(name, name.replace('_', ' ').title()))}</span></label>"
        )
        parts.append(f'<div class="way">{radio}<div class="inside">{_fields(name, told)}</div></div>')
    if len(methods) == 1 and "card" in methods:
        return hidden("method", "card") + _fields("card", told)
    return f"<fieldset><legend>Pay with</legend>{''.join(parts)}</fieldset>"


def _fields(method: str, told: Told) -> str:
    if method == "card":
        return (
            field("Card number", "number", hint="4242 4242 4242 4242", fills="cc-number")
            + f'<div class="pair">{field("Expiry (MM / YY)", "expiry", hint="12 / 34", fills="cc-exp")}'
            + f"{field('Security code', 'cvc', hint='123', fills='cc-csc')}</div>"
            + field("Name on card", "name", value=told.get("name") or "", fills="cc-name")
        )
    if method == "sepa_debit":
        return field("IBAN", "iban", hint="DE89370400440532013000") + field("Name", "holder", fills="name")
    if method == "us_bank_account":
        return (
            field("Routing number", "routing_number", hint="110000000")
            + field("Account number", "account_number", hint="000123456789")
            + field("Name", "holder", fills="name")
        )
    return "" if method.startswith(("pm_", "card_")) else '<p class="quiet">You go to another page to say yes.</p>'


def _custom(one: Object, told: Told) -> str:
    kind, key = one["type"], one["key"]
    value = (told.get("custom_fields") or {}).get(key) or one[kind]["default_value"] or ""
    label = one["label"]["custom"] + (" (optional)" if one["optional"] else "")
    name = f"custom_fields[{key}]"
    if kind == "dropdown":
        options = {"": "Choose"} | {option["value"]: option["label"] for option in one[kind]["options"]}
        return select(label, name, options, value)
    return field(label, name, value=value, must=not one["optional"])


def _tax_id(told: Told) -> str:
    given = told.get("tax_id") or {}
    return (
        '<details><summary>I am buying as a business</summary><div class="pair">'
        + field("Tax id type", "tax_id[type]", value=given.get("type") or "", hint="eu_vat")
        + field("Tax id", "tax_id[value]", value=given.get("value") or "", hint="DE123456789")
        + "</div></details>"
    )


def _consent(session: Object) -> str:
    asked = session["consent_collection"] or {}
    parts = []
    if asked.get("promotions") == "auto":
        parts.append(
            '<label class="row"><input type="checkbox" name="promotions" value="opt_in"><span>Send me news and offers'
            "</span></label>"
        )
    if asked.get("terms_of_service") == "required":
        said = session["custom_text"]["terms_of_service_acceptance"]
        words = said["message"] if said else "I agree to the terms of service"
        parts.append(
            '<label class="row"><input type="checkbox" name="terms_of_service" value="accepted" required>'
            f"<span>{text(words)}</span></label>"
        )
    return "".join(parts)


def _hints() -> str:
    rows = "".join(f"<li><code>{number}</code> {words}</li>" for number, words in _CARDS)
    return f"<details><summary>Test cards</summary><ul>{rows}</ul><small>Any later date, any code.</small></details>"
