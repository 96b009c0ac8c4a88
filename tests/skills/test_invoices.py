"""Invoices: what is owed and since when, found by customer, state, number, and day."""

from datetime import UTC, datetime, timedelta

import pytest

from paydesk.skills.invoices.list_invoices import list_invoices

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
async def books(desk):
    """One paid invoice and one that is open, due in ten days."""
    acme = await desk.customer("Acme Corp", email="ap@acme.example")
    made = {"acme": acme["id"]}
    for name, amount in (("open", 12_000), ("paid", 3_000)):
        invoice = await desk.post(
            "/v1/invoices", customer=acme["id"], collection_method="send_invoice", days_until_due=10
        )
        await desk.post("/v1/invoiceitems", customer=acme["id"], invoice=invoice["id"], amount=amount, currency="usd")
        done = await desk.post(f"/v1/invoices/{invoice['id']}/finalize")
        made[name] = done["id"]
        made[f"{name}_number"] = done["number"]
    await desk.post(f"/v1/invoices/{made['paid']}/pay", paid_out_of_band=True)
    return made


async def test_invoices_are_told_with_what_is_still_owed(desk, books) -> None:
    """Stripe: amount_remaining is what is owed."""
    found = await desk.run(list_invoices, {"customer": "Acme"})
    assert [(row.total.text, row.status, row.remaining and row.remaining.text) for row in found.invoices] == [
        ("$30.00", "paid", None),
        ("$120.00", "open", "$120.00"),
    ]
    assert "$150.00 in all, $120.00 of it still owed" in found.sentence()


async def test_one_is_found_by_id_or_by_number(desk, books) -> None:
    """Ours: people know the number, programs the id."""
    for name in ("paid", "paid_number"):
        found = await desk.run(list_invoices, {"invoice": books[name]})
        assert [row.id for row in found.invoices] == [books["paid"]]
        assert "is paid" in found.sentence()


async def test_a_state_and_an_amount_narrow_the_list(desk, books) -> None:
    """Ours: amounts in major units."""
    assert [row.id for row in (await desk.run(list_invoices, {"status": "open"})).invoices] == [books["open"]]
    assert [row.id for row in (await desk.run(list_invoices, {"amount_major": "<50"})).invoices] == [books["paid"]]


async def test_due_dates_can_be_asked_for(desk, books) -> None:
    """Ours: `by` says whether the range is about creation or about the due date."""
    due = (NOW + timedelta(days=10)).date()
    asked = {"start": str(due), "end": str(due + timedelta(days=1))}
    assert len((await desk.run(list_invoices, {**asked, "by": "due"})).invoices) == 2
    assert (await desk.run(list_invoices, asked)).invoices == []


async def test_past_due_means_open_and_overdue(desk, books, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours, after the conventions: Stripe has no such status for invoices."""
    assert (await desk.run(list_invoices, {"status": "past_due"})).invoices == []
    monkeypatch.setattr(desk, "now", lambda: NOW + timedelta(days=30))
    found = await desk.run(list_invoices, {"status": "past_due"})
    assert [(row.id, row.past_due) for row in found.invoices] == [(books["open"], True)]
