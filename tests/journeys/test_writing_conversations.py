"""Every write of the catalogue, called and said, the same over every transport and on both protocol eras."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from mcp.types import ElicitResult

from paydesk.intents.writes import papers, selling
from paydesk.skills.catalogue import catalogue

WHO = "jones@journey.example"
DECLINE = ElicitResult(action="decline")
APPROVE = ElicitResult(action="accept", content={"approve": True})
MONTHLY = {"customer": WHO, "amount_minor": 4999, "currency": "usd", "interval": "month", "product": "Journeys"}
SAID = [
    ("charge jones@journey.example $12", "create_payment"),
    ("hold $31 on the card of jones@journey.example", "create_payment"),
    ("capture the held payment of jones@journey.example", "capture_payment"),
    ("cancel the open payment of jones@journey.example", "cancel_payment"),
    ("refund $5 of the last payment of jones@journey.example", "refund_payment"),
    ("create customer Ada Byron, email ada@journey.example", "create_customer"),
    ("set the phone number of jones@journey.example to +49 40 555123", "update_customer"),
    ("start a $9.99/mo subscription for jones@journey.example", "create_subscription"),
    ("change the subscription of jones@journey.example to 4 seats", "update_subscription"),
    ("pause the subscription of jones@journey.example until 2030-01-01", "pause_subscription"),
    ("resume the subscription of jones@journey.example", "resume_subscription"),
    ("cancel the subscription of jones@journey.example", "cancel_subscription"),
]


class Person:
    """Somebody in the client who says the same to everything, and remembers the questions."""

    def __init__(self, answer: ElicitResult) -> None:
        self.answer = answer
        self.asked: list[str] = []

    async def __call__(self, _: Any, params: Any) -> ElicitResult:
        self.asked.append(params.message)
        return self.answer


def _doing(client: Any) -> Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]:
    async def done(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = await client.call_tool(name, arguments)
        assert answer.structured_content.get("state") == "succeeded", (name, answer.content[0].text)
        return answer.structured_content["result"]

    return done


async def test_every_write_is_called_and_said_and_a_person_decides(connect: Any, till: Any) -> None:
    """Ours: each is planned, shown, approved in the client and sent once; said in words it ends at the same gate."""
    person = Person(APPROVE)
    async with connect(elicitation_callback=person) as client:
        await _call_every_write(client, person)
        await _say_every_write(client, person)


async def _call_every_write(client: Any, person: Person) -> None:
    done = _doing(client)
    hold = {"customer": WHO, "amount_minor": 3000, "currency": "usd", "capture": "later"}
    plan = await client.call_tool("create_payment", {**hold, "dry_run": True})
    assert plan.structured_content["state"] == "planned"
    assert not person.asked
    held = await done("create_payment", hold)
    taken = await done("capture_payment", {"payment": held["payment"], "amount_minor": 1000})
    assert taken["captured"]["text"] == "$10.00"
    await done("refund_payment", {"payment": held["payment"], "amount_minor": 400})
    other = await done("create_payment", {**hold, "amount_minor": 2000})
    assert (await done("cancel_payment", {"payment": other["payment"]}))["status"] == "canceled"
    await done("create_customer", {"name": "Ada Byron"})
    changed = await done("update_customer", {"customer": WHO, "phone": "+49 30 901820"})
    assert changed["phone"] == "+49 30 901820"
    made = await done("create_subscription", MONTHLY)
    which = {"subscription": made["subscription"]}
    assert (await done("update_subscription", {**which, "quantity": 2}))["costs"] == "2 x $49.99 / month"
    assert (await done("pause_subscription", {**which, "resumes_at": "2030-01-01"}))["paused"]
    assert "paused" not in await done("resume_subscription", which)
    assert (await done("cancel_subscription", which))["ends"]
    assert (await done("cancel_subscription", {**which, "at_period_end": False}))["status"] == "canceled"
    asked = "\n".join(person.asked)
    assert "Sends first: POST /v1/prices" in asked
    assert "Next invoice:" in asked


async def _say_every_write(client: Any, person: Person) -> None:
    """Something is open, held and paused, so that each sentence has something to be about; every answer is no."""
    done = _doing(client)
    for amount, capture in ((2500, "now"), (1500, "later")):
        await done("create_payment", {"customer": WHO, "amount_minor": amount, "currency": "usd", "capture": capture})
    made = await done("create_subscription", {**MONTHLY, "again": True})
    await done("pause_subscription", {"subscription": made["subscription"]})
    person.answer = DECLINE
    for text, skill in SAID:
        answer = (await client.call_tool("ask", {"text": text})).structured_content
        assert answer.get("skill") == skill, (text, answer)
        assert answer["result"]["state"] == "rejected", (text, answer)
    before = len(person.asked)
    for text in ("don't cancel the subscription of jones@journey.example", "capture it", "pause all subscriptions"):
        answer = (await client.call_tool("ask", {"text": text})).structured_content
        assert "result" not in answer
    assert len(person.asked) == before


CALLED = {
    "create_payment": {"customer": WHO, "amount_minor": 1200, "currency": "usd"},
    "create_customer": {"name": "Ada Byron"},
    "update_customer": {"customer": WHO, "phone": "+49 30 901820"},
    "create_subscription": MONTHLY,
}


@pytest.mark.parametrize("name", sorted(CALLED))
def test_a_write_is_planned_at_the_command_line(till: Any, name: str) -> None:
    """Ours: `paydesk call` takes the path of every other call; a dry run proposes nothing."""
    shown = till.run("call", name, json.dumps({**CALLED[name], "dry_run": True}), "--json")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert json.loads(shown.stdout)["result"]["state"] == "planned"


def test_what_is_said_covers_every_write() -> None:
    """Ours: a new write joins the journeys."""
    writes = {skill.name for skill in catalogue().values() if skill.writes}
    assert {skill for _, skill in SAID} == writes - papers.SKILLS - selling.SKILLS  # which have journeys of their own
