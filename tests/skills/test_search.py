"""One search over everything, which says where it looked."""

import pytest

from paydesk.skills.search.search import search


@pytest.fixture
async def books(desk):
    """A customer with metadata, a payment with a description, a product."""
    jane = await desk.customer("Jane Doe", email="jane@example.com", metadata={"order_id": "8812"})
    paid = await desk.pay(jane["id"], 2500, description="Donation 2026, with thanks")
    product = await desk.post("/v1/products", name="Standing desk")
    return {"jane": jane["id"], "paid": paid["id"], "product": product["id"]}


@pytest.mark.parametrize(
    ("query", "finds"),
    [
        ("jane@example.com", "jane"),
        ("jane doe", "jane"),
        ("order_id=8812", "jane"),
        ("metadata order_id = 8812", "jane"),
        ("Donation 2026", "paid"),
        ("standing", "product"),
    ],
)
async def test_people_find_things_by_what_they_remember(desk, books, query: str, finds: str) -> None:
    """Ours: one box for ids, e-mails, names, metadata and text."""
    found = await desk.run(search, {"query": query})
    assert [hit.id for hit in found.hits] == [books[finds]]
    assert found.searched


async def test_an_id_is_read_directly(desk, books) -> None:
    """Stripe: search lags behind by up to a minute, reading by id does not."""
    for name in books:
        found = await desk.run(search, {"query": books[name]})
        assert [hit.id for hit in found.hits] == [books[name]]


async def test_nothing_found_says_where_it_looked(desk, books) -> None:
    """Ours: an empty answer is only worth as much as the search behind it."""
    found = await desk.run(search, {"query": "zebra crossing"})
    assert found.hits == []
    assert "newest 1 payments" in found.sentence()


@pytest.mark.parametrize("query", ['"', "\\", 'a" OR name~"jane', 'x="y" OR -z', "=", "🦓🦓🦓", "cus_missing123"])
async def test_no_query_breaks_out_of_its_quotes(desk, books, query: str) -> None:
    """Ours: what people type is a value, never a part of the search language."""
    assert (await desk.run(search, {"query": query})).hits == []


async def test_a_scope_narrows_the_search(desk, books) -> None:
    """Ours: the caller may know where it is."""
    assert (await desk.run(search, {"query": "jane doe", "scope": "products"})).hits == []


async def test_more_than_one_page_of_hits_is_not_called_all_there_is(desk) -> None:
    """Ours: what was not read is not counted, and not denied."""
    for number in range(101):
        await desk.customer(f"Customer {number}", metadata={"batch": "7"})
    found = await desk.run(search, {"query": "batch=7", "scope": "customers", "limit": 100})
    assert found.has_more is True
    assert found.sentence() == "at least 100 found for batch=7 in customers by metadata; 100 are shown."
