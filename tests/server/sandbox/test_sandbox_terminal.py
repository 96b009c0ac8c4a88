"""Simulated readers: what they are asked to do, and what a presented card brings."""

from typing import Any

import pytest

DECLINED = "4000000000000002"


@pytest.fixture
def reader(talk: Any) -> str:
    """The path of a reader that stands in a shop."""
    location = talk.post("/v1/terminal/locations", display_name="Shop", address={"country": "US"})["id"]
    made = talk.post("/v1/terminal/readers", registration_code="simulated-wpe", location=location)
    return f"/v1/terminal/readers/{made['id']}"


def ask(talk: Any, amount: int = 1_000, **more: Any) -> str:
    """A payment intent for a reader."""
    sent = {"amount": amount, "currency": "usd", "payment_method_types": ["card_present"], **more}
    return str(talk.post("/v1/payment_intents", **sent)["id"])


def present(talk: Any, reader: str, **more: Any) -> dict[str, Any]:
    """Hold a card to it; the action afterwards."""
    return talk.post(reader.replace("/v1/", "/v1/test_helpers/", 1) + "/present_payment_method", **more)["action"]


def test_a_reader_takes_a_payment_when_a_card_is_presented(talk: Any, reader: str) -> None:
    """Stripe: the action waits, then succeeds with the intent; the charge says how the card was read."""
    intent = ask(talk)
    waiting = talk.post(f"{reader}/process_payment_intent", payment_intent=intent)["action"]
    assert (waiting["type"], waiting["status"]) == ("process_payment_intent", "in_progress")
    assert talk.get(f"/v1/payment_intents/{intent}")["status"] == "requires_payment_method"
    assert present(talk, reader, amount_tip=150)["status"] == "succeeded"
    paid = talk.get(f"/v1/payment_intents/{intent}", expand=["latest_charge"])
    assert (paid["status"], paid["amount"], paid["amount_details"]) == ("succeeded", 1_150, {"tip": {"amount": 150}})
    details = paid["latest_charge"]["payment_method_details"]
    assert (details["type"], details["card_present"]["read_method"]) == ("card_present", "contact_emv")
    events = [one["type"] for one in talk.get("/v1/events")["data"] if one["type"].startswith("terminal")]
    assert events == ["terminal.reader.action_succeeded", "terminal.reader.action_updated"]


def test_a_declined_card_fails_the_action_and_leaves_the_intent_open(talk: Any, reader: str) -> None:
    """Stripe: 200 with a failed action; another card may be tried."""
    intent = ask(talk)
    for number, status in ((DECLINED, "failed"), ("5555555555554444", "succeeded")):
        talk.post(f"{reader}/process_payment_intent", payment_intent=intent)
        action = present(talk, reader, card_present={"number": number})
        assert action["status"] == status
        assert action["failure_code"] == ("card_declined" if status == "failed" else None)
    assert talk.get(f"/v1/payment_intents/{intent}")["status"] == "succeeded"


def test_a_busy_reader_refuses_until_it_is_told_to_stop(talk: Any, reader: str) -> None:
    """Stripe: terminal_reader_busy; cancel_action frees it."""
    first, second = ask(talk), ask(talk)
    talk.post(f"{reader}/process_payment_intent", payment_intent=first)
    busy = talk.refused("POST", f"{reader}/process_payment_intent", 400, payment_intent=second)
    assert busy["code"] == "terminal_reader_busy"
    assert talk.post(f"{reader}/cancel_action")["action"] is None
    talk.post(f"{reader}/process_payment_intent", payment_intent=second)
    assert present(talk, reader)["status"] == "succeeded"


def test_a_held_payment_is_captured_later_and_refunded_on_the_reader(talk: Any, reader: str) -> None:
    """Stripe: manual capture in person, a refund of a part."""
    intent = ask(talk, capture_method="manual")
    talk.post(f"{reader}/process_payment_intent", payment_intent=intent)
    present(talk, reader)
    assert talk.get(f"/v1/payment_intents/{intent}")["status"] == "requires_capture"
    charge = talk.post(f"/v1/payment_intents/{intent}/capture")["latest_charge"]
    talk.post(f"{reader}/refund_payment", charge=charge, amount=300)
    refund = present(talk, reader)["refund_payment"]["refund"]
    assert talk.get(f"/v1/refunds/{refund}")["amount"] == 300
    talk.post(f"{reader}/refund_payment", charge=charge, amount=900)
    assert present(talk, reader)["status"] == "failed"


def test_a_presented_card_is_saved_as_an_ordinary_one(talk: Any, reader: str) -> None:
    """Stripe: the setup attempt names the generated card, which belongs to the customer."""
    customer = talk.post("/v1/customers")["id"]
    intent = talk.post("/v1/setup_intents", payment_method_types=["card_present"], customer=customer)["id"]
    talk.post(f"{reader}/process_setup_intent", setup_intent=intent, allow_redisplay="always")
    saved = present(talk, reader)["process_setup_intent"]["generated_card"]
    assert talk.get(f"/v1/payment_methods/{saved}")["customer"] == customer
    assert talk.get(f"/v1/setup_intents/{intent}")["status"] == "succeeded"


def test_a_reader_asks_questions_and_gets_answers_or_none(talk: Any, reader: str) -> None:
    """Stripe: collect_inputs waits; the helper answers all, or what is required, or nobody comes."""
    helper = reader.replace("/v1/", "/v1/test_helpers/", 1)
    asked = [{"type": kind, "required": kind == "email", "custom_text": {"title": kind}} for kind in ("email", "text")]
    for end, sent, wanted in (
        ("succeed", {}, [False, False]),
        ("succeed", {"skip_non_required_inputs": "all"}, [False, True]),
    ):
        talk.post(f"{reader}/collect_inputs", inputs=asked)
        action = talk.post(f"{helper}/{end}_input_collection", **sent)["action"]
        inputs = action["collect_inputs"]["inputs"]
        assert [one["skipped"] for one in inputs] == wanted
        assert [one[one["type"]]["value"] is None for one in inputs] == wanted
    talk.post(f"{reader}/collect_inputs", inputs=asked)
    late = talk.post(f"{helper}/timeout_input_collection")["action"]
    assert (late["status"], late["failure_code"]) == ("failed", "terminal_reader_timeout")
    talk.refused("POST", f"{helper}/succeed_input_collection", 400)


@pytest.mark.parametrize(
    ("path", "sent", "wanted"),
    [
        ("/process_payment_intent", {"payment_intent": "pi_nobody"}, ("resource_missing", "payment_intent")),
        ("/process_payment_intent", {}, ("parameter_missing", "payment_intent")),
        ("/set_reader_display", {"type": "cart"}, ("parameter_missing", "cart")),
        ("/refund_payment", {"charge": "ch_nobody"}, ("resource_missing", "charge")),
        ("/process_setup_intent", {"setup_intent": "seti_x"}, ("parameter_missing", "allow_redisplay")),
    ],
)
def test_a_reader_is_not_asked_for_what_cannot_be(
    talk: Any, reader: str, path: str, sent: dict[str, Any], wanted: tuple[str, str]
) -> None:
    """Stripe: what is named must exist; the reader does nothing then."""
    error = talk.refused("POST", f"{reader}{path}", 400, **sent)
    assert (error["code"], error["param"]) == wanted
    assert talk.get(reader)["action"] is None


def test_only_intents_for_cards_in_person_go_to_a_reader(talk: Any, reader: str) -> None:
    """Stripe: the intent must name card_present, and must not be paid yet."""
    online = talk.post("/v1/payment_intents", amount=500, currency="usd", payment_method_types=["card"])["id"]
    assert talk.refused("POST", f"{reader}/process_payment_intent", 400, payment_intent=online)["param"]
    talk.refused("POST", reader.replace("/v1/", "/v1/test_helpers/", 1) + "/present_payment_method", 400)
    assert talk.refused("POST", "/v1/terminal/readers", 400, registration_code="puppies")["param"] == (
        "registration_code"
    )


def test_a_place_with_readers_cannot_be_deleted(talk: Any, reader: str) -> None:
    """Ours: a reader never stands nowhere; once it is gone, so may the place be."""
    location = talk.get(reader)["location"]
    talk.refused("DELETE", f"/v1/terminal/locations/{location}", 400)
    assert talk.delete(reader)["deleted"] is True
    assert talk.delete(f"/v1/terminal/locations/{location}")["deleted"] is True
    assert talk.get("/v1/terminal/readers")["data"] == []
    assert talk.refused("POST", reader, 404, label="x")["code"] == "resource_missing"
