"""Charging: one attempt to take money, its charge, its outcome; capturing a hold, or letting it go."""

from typing import Any, Final

from paydesk.server.sandbox import cards, connected_payments, debits, instruments, ledger
from paydesk.server.sandbox.call import Call
from paydesk.server.sandbox.card_table import Card
from paydesk.server.sandbox.cards import Decline
from paydesk.server.sandbox.charge_objects import HOLD_S, Attempt, bank_said_no, charge_object
from paydesk.server.sandbox.debits import Bank
from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.instruments import Instrument
from paydesk.server.sandbox.kinds import Object, visible
from paydesk.server.sandbox.redirects import Redirect
from paydesk.server.sandbox.resources import disputes, early_fraud_warnings

TOO_MUCH_TO_CAPTURE: Final = (
    "The payment could not be captured because the requested capture amount is greater than the authorized amount. If "
    "you are trying to collect a tip or over-capture, your account might not be configured for those features. Contact "
    "us via https://support.stripe.com/contact/"
)


def take(call: Call, attempt: Attempt, *, refusal: str | None = None) -> tuple[Object, Decline | None]:
    """Try to charge: the charge (succeeded, failed or, from a bank, pending), and why it failed.

    `refusal` is a decline code that is known beforehand (authentication that could not be had).
    """
    instrument = instruments.of(attempt.method)
    if isinstance(instrument, Bank):
        return _debit(call, attempt, instrument)
    is_card = isinstance(instrument, Card)
    decline = _decline_of(attempt, instrument, refusal)
    charge = charge_object(call.new_id("ch_3" if is_card else "py_3", 23), call.now, attempt, instrument, decline)
    if decline:
        return call.create(charge, emits="charge.failed"), decline
    if attempt.captures:
        _settle(call, charge, instrument)
    call.create(charge, emits="charge.succeeded")
    if attempt.captures and isinstance(instrument, Card):
        _afterwards(call, charge, instrument)
    elif not attempt.captures:
        call.later(call.now + HOLD_S, "charge.expire", charge=charge["id"])
    return charge, None


def _decline_of(attempt: Attempt, instrument: Card | Redirect, refusal: str | None) -> Decline | None:
    code = refusal or (instrument.decline if isinstance(instrument, Card) else None)
    # Stripe skips the check of a security code that did not come, so that it cannot fail.
    if code == "incorrect_cvc" and attempt.method.get("_without_cvc"):
        code = None
    return cards.DECLINES[code] if code else None


def _debit(call: Call, attempt: Attempt, bank: Bank) -> tuple[Object, Decline | None]:
    decline = cards.DECLINES["fraudulent"] if bank.is_blocked else None
    charge = charge_object(call.new_id("py_3", 23), call.now, attempt, bank, decline)
    if decline:
        return call.create(charge, emits="charge.failed"), decline
    call.create(charge, emits="charge.pending")
    if bank.answers_after_s is not None:
        call.later(call.now + bank.answers_after_s, "charge.answered", charge=charge["id"])
    return charge, None


def bank_answers(call: Call, charge: Object) -> Decline | None:
    """The bank pays a pending charge, or says why not; None where it paid."""
    bank = instruments.of(call.get("payment_method", charge["payment_method"]))
    failure = bank.failure if isinstance(bank, Bank) else None
    if failure:
        decline = debits.FAILURES[failure]
        bank_said_no(charge, decline)
        call.save(charge)
        call.emit("charge.failed", charge)
        return decline
    charge.update(status="succeeded", paid=True)
    _settle(call, charge, bank)
    call.save(charge)
    call.emit("charge.succeeded", charge)
    if isinstance(bank, Bank) and bank.is_disputed:
        disputes.open_for(call, charge, disputes.Opening("debit_not_authorized", is_final=True))
    return None


def call_off(call: Call, charge: Object) -> None:
    """A pending charge is taken back before the bank has answered."""
    bank_said_no(charge, Decline("charge_canceled", "", "The payment was canceled before the bank had answered."))
    call.save(charge)
    call.emit("charge.failed", charge)


def capture(call: Call, charge: Object, amount_minor: int) -> Object:
    """Take a held amount, or a part of it."""
    charge["captured"] = True
    charge["amount_captured"] += amount_minor
    first = charge["balance_transaction"] is None
    instrument = instruments.of_charge(charge)
    _settle(call, charge, instrument, amount_minor)
    call.save(charge)
    call.emit("charge.captured", charge)
    if first and isinstance(instrument, Card):
        _afterwards(call, charge, instrument)
    return charge


def release(call: Call, charge: Object, event: str) -> Object:
    """Let a hold go: the whole amount counts as refunded, nothing was ever booked."""
    charge["amount_refunded"] = charge["amount"]
    charge["refunded"] = True
    call.save(charge)
    call.emit(event, charge)
    return charge


def _settle(call: Call, charge: Object, instrument: Instrument, amount: int | None = None) -> None:
    def fee(amount: int, currency: str, was_exchanged: bool) -> int:
        settlement = call.store.settlement
        # Only cards cost more from abroad.
        country = instrument.country if isinstance(instrument, Card) else settlement.country
        return settlement.processing_fee(amount, currency, card_country=country, was_exchanged=was_exchanged)

    entry = ledger.Entry(
        "charge" if isinstance(instrument, Card) else "payment",
        charge["amount_captured"] if amount is None else amount,
        charge["currency"],
        charge["id"],
        charge["description"],
        category="charge",
        fee_of=fee,
        is_immediate=isinstance(instrument, Card) and instrument.skips_pending,
        **connected_payments.entry_fields(call, charge),
    )
    charge["balance_transaction"] = ledger.add(call, entry)["id"]
    connected_payments.settled(call, charge, entry.amount)


def _afterwards(call: Call, charge: Object, card: Card) -> None:
    """What a card brings once it is charged: disputes, a warning of fraud."""
    if card.warns_of_fraud:
        early_fraud_warnings.warn(call, charge)
    if not card.dispute:
        return
    left = charge["amount_captured"]
    for number in range(card.disputes):
        # Several disputes share the amount; the last takes what is left.
        amount = left if number == card.disputes - 1 else left // (card.disputes - number)
        left -= amount
        disputes.open_for(
            call, charge, disputes.Opening(card.dispute, amount=amount, case=card.case, eligible_for=card.eligible_for)
        )


def expire(call: Call, charge: str) -> None:
    """A hold that nobody captured in seven days ends."""
    held = call.get("charge", charge)
    if held["captured"] or held["refunded"]:
        return
    release(call, held, "charge.expired")
    intent = held["payment_intent"] and call.find("payment_intent", held["payment_intent"])
    if intent:
        intent.update(status="canceled", amount_capturable=0, canceled_at=call.now, cancellation_reason="automatic")
        call.save(intent)
        call.emit("payment_intent.canceled", intent)


def decline_error(decline: Decline, charge: Object | None, method: Object, **intents: Object | None) -> StripeError:
    """The 402 that a declined payment is answered with; its traces stay. `intents`: payment_intent, setup_intent."""
    extra: Object = {}
    for name, value in (
        ("decline_code", decline.decline_code),
        ("advice_code", decline.advice),
        ("network_advice_code", decline.network_advice),
        ("network_decline_code", decline.network_code),
        ("charge", charge and charge["id"]),
        *intents.items(),
    ):
        if value:
            extra[name] = value
    extra["payment_method"] = visible(method)
    return StripeError(
        decline.message,
        status=402,
        type="card_error",
        code=decline.code,
        param=decline.param,
        extra=extra,
        keeps_effects=True,
    )


_LAST_ERROR: Final = frozenset(
    {"advice_code", "charge", "code", "decline_code", "doc_url", "message", "network_advice_code"}
    | {"network_decline_code", "param", "payment_method", "type"}
)


def last_error(error: StripeError) -> Object:
    """An error as an intent keeps it."""
    body: dict[str, Any] = error.body("")["error"]
    return {name: value for name, value in body.items() if name in _LAST_ERROR}
