"""Lists: pages both ways, filters by field and time, expansion."""

from typing import Any

import pytest


def _ids(page: dict[str, Any]) -> list[str]:
    return [one["id"] for one in page["data"]]


@pytest.fixture
def crowd(talk: Any) -> list[str]:
    """The ids of twenty-three customers, newest first; each three of them were made in one second."""
    made = []
    for number in range(23):
        talk.clock.pass_s(number % 3 == 0)
        made.append(talk.post("/v1/customers", name=f"C{number}", email=f"c{number % 2}@example.com")["id"])
    return made[::-1]


@pytest.mark.parametrize("limit", [1, 2, 5, 10, 22, 23, 24, 100])
def test_paging_forwards_meets_everyone_once(talk: Any, crowd: list[str], limit: int) -> None:
    """Stripe: `starting_after` the last of a page, while `has_more`; also where many share a second."""
    met: list[str] = []
    after: dict[str, str] = {}
    while True:
        page = talk.get("/v1/customers", limit=limit, **after)
        met += _ids(page)
        if not page["has_more"]:
            break
        after = {"starting_after": met[-1]}
    assert met == crowd


@pytest.mark.parametrize("limit", [1, 4, 22, 23])
def test_paging_backwards_meets_everyone_once(talk: Any, crowd: list[str], limit: int) -> None:
    """Stripe: `ending_before` gives the nearest newer ones, still newest first."""
    met: list[str] = []
    before = crowd[-1]
    while True:
        page = talk.get("/v1/customers", limit=limit, ending_before=before)
        met = _ids(page) + met
        if not page["has_more"]:
            break
        before = met[0]
    assert met == crowd[:-1]


def test_a_page_has_ten_unless_told(talk: Any, crowd: list[str]) -> None:
    """Stripe: the default limit is 10; 1 to 100 are allowed."""
    assert _ids(talk.get("/v1/customers")) == crowd[:10]
    for limit in (0, 101):
        assert talk.refused("GET", "/v1/customers", limit=limit)["param"] == "limit"


def test_filters_hold_across_pages(talk: Any, crowd: list[str]) -> None:
    """Stripe: a filter and a cursor apply together; the filter's matches alone count for `has_more`."""
    odd = [one for place, one in enumerate(crowd) if place % 2 == 0]
    even = [one for one in crowd if one not in odd]
    first = talk.get("/v1/customers", email="c0@example.com", limit=12)
    assert (_ids(first), first["has_more"]) == (odd, False)
    rest = talk.get("/v1/customers", email="c1@example.com", limit=5, starting_after=even[4])
    assert (_ids(rest), rest["has_more"]) == (even[5:10], True)
    assert talk.get("/v1/customers", email="C0@example.com")["data"] == []


def test_times_can_be_exact_or_bounded(talk: Any, crowd: list[str]) -> None:
    """Stripe: `created` takes a second, or gt, gte, lt, lte."""
    at = [talk.get(f"/v1/customers/{one}")["created"] for one in crowd]
    middle = at[10]

    def found(created: Any) -> list[str]:
        return _ids(talk.get("/v1/customers", limit=100, created=created))

    assert found(middle) == [one for one, t in zip(crowd, at, strict=True) if t == middle]
    assert found({"gte": middle}) == [one for one, t in zip(crowd, at, strict=True) if t >= middle]
    assert found({"gt": middle}) == [one for one, t in zip(crowd, at, strict=True) if t > middle]
    assert found({"lt": middle}) == [one for one, t in zip(crowd, at, strict=True) if t < middle]
    assert found({"gt": middle - 1, "lte": middle}) == found(middle)


def test_a_deleted_customer_leaves_the_lists_and_stays_a_cursor(talk: Any, crowd: list[str]) -> None:
    """Stripe: a retrieve gives the stub, lists and searches pass it over, a page that stood on it goes on."""
    talk.delete(f"/v1/customers/{crowd[3]}")
    assert crowd[3] not in _ids(talk.get("/v1/customers", limit=100))
    assert talk.get(f"/v1/customers/{crowd[3]}") == {"id": crowd[3], "object": "customer", "deleted": True}
    assert _ids(talk.get("/v1/customers", limit=1, starting_after=crowd[3])) == [crowd[4]]
    assert talk.refused("POST", f"/v1/customers/{crowd[3]}", 404, name="x")["code"] == "resource_missing"


def test_expansion_goes_four_levels_and_into_lists(talk: Any) -> None:
    """Stripe: dotted paths, `data.` in lists, fields shown only when expanded, an unexpandable name is refused."""
    customer = talk.post("/v1/customers", name="Jo")["id"]
    sent = {"amount": 500, "currency": "usd", "confirm": True, "payment_method_types": ["card"]}
    paid = talk.post("/v1/payment_intents", **sent, payment_method="pm_card_visa", customer=customer)
    seen = talk.get(
        f"/v1/payment_intents/{paid['id']}", expand=["customer", "latest_charge.balance_transaction.source"]
    )
    assert seen["customer"]["name"] == "Jo"
    assert seen["latest_charge"]["balance_transaction"]["source"]["object"] == "charge"
    listed = talk.get("/v1/payment_intents", expand=["data.latest_charge.refunds"])
    assert listed["data"][0]["latest_charge"]["refunds"]["total_count"] == 0
    assert "refunds" not in talk.get(f"/v1/charges/{paid['latest_charge']}")
    for path in ("nothing", "amount", "customer.name", "a.b.c.d.e"):
        assert talk.refused("GET", f"/v1/payment_intents/{paid['id']}", expand=[path])["param"] == "expand"
    assert talk.refused("GET", "/v1/payment_intents", expand=["customer"])["param"] == "expand"
    updated = talk.post(f"/v1/payment_intents/{paid['id']}", metadata={"a": "b"}, expand=["customer"])
    assert updated["customer"]["name"] == "Jo"
    assert talk.get(f"/v1/payment_intents/{paid['id']}")["customer"] == customer
