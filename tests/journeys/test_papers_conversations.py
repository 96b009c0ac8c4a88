"""Invoices, disputes, payouts, taxes and readers: called and said, the same over a pipe, a socket and in process."""

import json
from typing import Any

import pytest
from mcp.types import ElicitResult

from paydesk.intents.reads import papers as questions
from paydesk.intents.writes import papers
from paydesk.server.wiring import open_desk
from paydesk.skills.base import StripeRequest

JONES = "jones@journey.example"
DECLINE = ElicitResult(action="decline")
APPROVE = ElicitResult(action="accept", content={"approve": True})
# Every write: what is said of it, and how it is called; names in braces are ids of the set-up.
WRITES: list[tuple[str, str, dict[str, Any]]] = [
    ("finalize_invoice", "finalize {draft}", {"invoice": "{draft}"}),
    ("send_invoice", "send invoice {open}", {"invoice": "{open}"}),
    ("pay_invoice", "mark {open} as paid by transfer", {"invoice": "{open}", "out_of_band": True}),
    ("void_invoice", "void {other}", {"invoice": "{draft}"}),
    ("mark_uncollectible", "write off {other}", {"invoice": "{other}"}),
    ("create_credit_note", "credit $5 of {open}", {"invoice": "{open}", "amount_minor": 500, "paid_part": "outside"}),
    (
        "create_invoice",
        f'invoice {JONES} for $25 for "Workshop"',
        {"customer": JONES, "items": [{"description": "Workshop", "amount_minor": 2500}], "currency": "usd"},
    ),
    (
        "create_quote",
        "quote Journey Jones $90",
        {"customer": JONES, "items": [{"description": "Audit", "amount_minor": 9000}], "currency": "usd"},
    ),
    ("accept_quote", "accept {quote}", {"quote": "{quote}"}),
    (
        "submit_dispute_evidence",
        'submit evidence for {dispute}: "It was delivered on Monday"',
        {"dispute": "{dispute}", "evidence": {"uncategorized_text": "It was delivered"}, "submit": False},
    ),
    ("close_dispute", "concede {dispute}", {"dispute": "{dispute}"}),
    ("create_payout", "pay out $3 to the bank", {"amount_minor": 300, "currency": "usd"}),
    ("cancel_payout", "cancel {payout}", {"payout": "{payout}"}),
    ("update_payout_schedule", "set the payout schedule to manual", {"schedule": "weekly", "days": ["tuesday"]}),
    ("create_tax_rate", "create a 19% tax rate called VAT", {"name": "VAT", "percent": "19", "country": "DE"}),
    ("cancel_reader_action", "stop reader {busy}", {"reader": "Busy till"}),
    (
        "process_on_reader",
        "take $12 on reader {free}",
        {"reader": "{free}", "amount_minor": 1200, "currency": "usd"},
    ),
]
READS: list[tuple[str, str, dict[str, Any]]] = [
    ("get_invoice", "what is on {open}", {"invoice": "{open}"}),
    ("list_credit_notes", f"credit notes of {JONES}", {"customer": JONES}),
    ("list_quotes", "show accepted quotes", {"status": "accepted"}),
    ("get_dispute", "what evidence is missing for {dispute}", {"dispute": "{dispute}"}),
    ("list_transfers", "show transfers", {}),
    ("list_bank_accounts", "which bank account do payouts go to", {}),
    ("list_balance_transactions", "balance transactions this month", {"limit": 3}),
    (
        "calculate_tax",
        f"calculate the tax on $100 for {JONES}",
        {"amount_minor": 900, "currency": "usd", "country": "DE"},
    ),
    ("list_tax_rates", "show tax rates", {}),
    ("convert_currency", "convert $100 to EUR", {"amount_minor": 10000, "currency": "usd", "to": "eur"}),
    ("list_readers", "which readers are online", {}),
]


async def _furnished(till: Any) -> dict[str, str]:
    """Something for every sentence to be about; ids by name."""
    async with open_desk(till.settings) as desk:
        door = await desk.door()
        keys = iter(range(1_000))

        async def post(path: str, **params: Any) -> dict[str, Any]:
            return await door.send(StripeRequest("POST", path, params), idempotency_key=f"papers{next(keys)}")

        jones = (await door.page("/v1/customers", {"email": JONES})).data[0]["id"]
        await post(f"/v1/customers/{jones}", address={"country": "DE", "postal_code": "10115"})

        async def invoice(*then: str) -> str:
            made = await post("/v1/invoices", customer=jones, collection_method="send_invoice", days_until_due=9)
            await post("/v1/invoiceitems", customer=jones, invoice=made["id"], amount=2500, currency="usd")
            for doing in then:
                await post(f"/v1/invoices/{made['id']}/{doing}")
            return str(made["id"])

        async def pay(card: str, amount: int) -> None:
            methods = {"enabled": True, "allow_redirects": "never"}
            sent = {"amount": amount, "currency": "usd", "customer": jones, "payment_method": card, "confirm": True}
            await post("/v1/payment_intents", **sent, automatic_payment_methods=methods)

        price = await post("/v1/prices", currency="usd", unit_amount=1500, product_data={"name": "Mug"})
        quote = await post("/v1/quotes", customer=jones, line_items=[{"price": price["id"]}])
        await post(f"/v1/quotes/{quote['id']}/finalize")
        await pay("pm_card_createDispute", 900)
        await pay("pm_card_bypassPending", 9000)
        address = {"line1": "1 Main St", "city": "Boston", "state": "MA", "country": "US", "postal_code": "02110"}
        place = (await post("/v1/terminal/locations", display_name="Shop", address=address))["id"]
        readers = {}
        for name in ("Free till", "Busy till"):
            made = await post("/v1/terminal/readers", registration_code="simulated-wpe", location=place, label=name)
            readers[name] = made["id"]
        in_person = await post("/v1/payment_intents", amount=500, currency="usd", payment_method_types=["card_present"])
        waits = f"/v1/terminal/readers/{readers['Busy till']}/process_payment_intent"
        await post(waits, payment_intent=in_person["id"])
        return {
            "draft": await invoice(),
            "open": await invoice("finalize"),
            "other": await invoice("finalize"),
            "quote": quote["id"],
            "dispute": (await door.page("/v1/disputes", {"limit": 1})).data[0]["id"],
            "payout": (await post("/v1/payouts", amount=500, currency="usd"))["id"],
            "free": readers["Free till"],
            "busy": readers["Busy till"],
        }


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, str):
        return ids.get(value[1:-1], value) if value[:1] == "{" else value
    return value


@pytest.mark.parametrize(
    "connect", [("in process", "auto"), ("stdio", "legacy"), ("http", "auto")], ids=lambda way: way[0], indirect=True
)
async def test_papers_are_said_and_called_and_a_person_decides(connect: Any, till: Any) -> None:
    """Ours: said in words each ends at the gate; called and approved each is done; reads answer both ways."""
    ids = await _furnished(till)
    asked: list[str] = []
    answers = [DECLINE]

    async def person(_: Any, params: Any) -> ElicitResult:
        asked.append(params.message)
        return answers[0]

    async with connect(elicitation_callback=person) as client:
        for name, text, _arguments in WRITES:
            said = text.format(**ids)
            answer = (await client.call_tool("ask", {"text": said})).structured_content
            assert answer.get("skill") == name, (said, answer)
            assert answer["result"]["state"] == "rejected", (said, answer)
        assert len(asked) == len(WRITES)
        answers[0] = APPROVE
        for name, _text, arguments in WRITES:
            whole = {field: _filled(value, ids) for field, value in arguments.items()}
            done = await client.call_tool(name, whole)
            assert done.structured_content.get("state") == "succeeded", (name, done.content[0].text)
            assert "client_secret" not in json.dumps(done.structured_content)
        for name, text, arguments in READS:
            whole = {field: _filled(value, ids) for field, value in arguments.items()}
            read = await client.call_tool(name, whole)
            assert not read.is_error, read.content[0].text
            answer = (await client.call_tool("ask", {"text": text.format(**ids)})).structured_content
            assert answer.get("skill") == name, (text, answer)
            assert "client_secret" not in json.dumps([read.structured_content, answer])


def test_a_paper_is_planned_at_the_command_line(till: Any) -> None:
    """Ours: `paydesk call` takes the path of every other call."""
    items = [{"description": "Workshop", "amount_minor": 2500}]
    whole = {"customer": JONES, "items": items, "currency": "usd", "dry_run": True}
    shown = till.run("call", "create_invoice", json.dumps(whole), "--json")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    plan = json.loads(shown.stdout)["result"]
    assert plan["state"] == "planned"
    assert any("/v1/invoices/<id from step 1>/send" in line for line in plan["plan"]["shows"])


def test_every_paper_is_in_the_journey() -> None:
    """Ours: a new one joins it."""
    assert {name for name, _, _ in WRITES} == papers.SKILLS
    assert {name for name, _, _ in READS} == questions.SKILLS
