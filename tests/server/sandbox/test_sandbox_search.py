"""The search query language, and pages of results."""

from typing import Any

import pytest

from paydesk.server.sandbox.errors import StripeError
from paydesk.server.sandbox.search_query import Clause, Query, parse


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("status:'active'", Query((Clause("status", ":", "active"),), any_of=False)),
        (
            'a:"x" AND b>5',
            Query((Clause("a", ":", "x"), Clause("b", ">", "5")), any_of=False),
        ),
        ("a:'x' OR -b:'y'", Query((Clause("a", ":", "x"), Clause("b", ":", "y", None, True)), any_of=True)),
        ("a:'x' b:'y'", Query((Clause("a", ":", "x"), Clause("b", ":", "y")), any_of=False)),
        ("metadata['k\\'s']:'v'", Query((Clause("metadata", ":", "v", "k's"),), any_of=False)),
        ('metadata["k"]:null', Query((Clause("metadata", ":", None, "k"),), any_of=False)),
        ("name:'null'", Query((Clause("name", ":", "null"),), any_of=False)),
        ('name~"a \\"b\\" AND c"', Query((Clause("name", "~", 'a "b" AND c'),), any_of=False)),
        ("n>=1 and n<=2", Query((Clause("n", ">=", "1"), Clause("n", "<=", "2")), any_of=False)),
    ],
)
def test_a_query_is_read_clause_by_clause(text: str, query: Query) -> None:
    """Stripe's query language: both quotes, escapes, AND, OR, minus, comparisons, metadata, null."""
    assert parse(text) == query


@pytest.mark.parametrize(
    "text",
    ["", "AND", "a:'x' AND", "a:'x", "a:'x' AND b:'y' OR c:'z'", "hello", "(a:'x')", " AND ".join(["a:'x'"] * 11)],
)
def test_a_query_that_cannot_be_read_is_refused_helpfully(text: str) -> None:
    """Stripe: 400 on `query`; AND and OR do not mix, at most ten clauses."""
    with pytest.raises(StripeError) as caught:
        parse(text)
    assert caught.value.param == "query"


@pytest.fixture
def people(talk: Any) -> Any:
    """Four customers and what they paid."""
    for name, email, order in (
        ("Jane Doe", "jane@example.com", "1"),
        ("JANE DOE", "other@example.com", "2"),
        ("Zoë O'Hara", "zoe@example.com", ""),
        ("100% _sure", "sure@example.com", "4"),
    ):
        talk.clock.pass_s(10)
        talk.post("/v1/customers", name=name, email=email, metadata={"order": order} if order else {})
    for amount, currency in ((500, "usd"), (7_000, "usd"), (900, "jpy")):
        sent = {"confirm": True, "payment_method_types": ["card"], "payment_method": "pm_card_visa"}
        talk.post("/v1/payment_intents", amount=amount, currency=currency, **sent)
    return talk


@pytest.mark.parametrize(
    ("query", "emails"),
    [
        ("name:'jane doe'", ["other@example.com", "jane@example.com"]),
        ("name~'ane'", ["other@example.com", "jane@example.com"]),
        ("name:'jane doe' AND -email:'jane@example.com'", ["other@example.com"]),
        ("email:'zoe@example.com' OR metadata['order']:'1'", ["zoe@example.com", "jane@example.com"]),
        ('name~"o\'hara"', ["zoe@example.com"]),
        ("name~'% _'", ["sure@example.com"]),
        ("metadata['order']:null", ["zoe@example.com"]),
        ("-metadata['order']:null AND created>0", ["sure@example.com", "other@example.com", "jane@example.com"]),
        ("phone:null", ["sure@example.com", "zoe@example.com", "other@example.com", "jane@example.com"]),
        ("metadata['nothing']:'x'", []),
    ],
)
def test_a_search_finds_what_it_says(people: Any, query: str, emails: list[str]) -> None:
    """Stripe: words compare without case, `~` finds inside, null means absent; newest first."""
    found = people.get("/v1/customers/search", query=query)
    assert [one["email"] for one in found["data"]] == emails
    assert found["object"] == "search_result"


def test_numbers_compare_and_charges_are_found_by_card(people: Any) -> None:
    """Stripe: amount and created take comparisons; payment method details are searchable on charges."""
    found = people.get("/v1/payment_intents/search", query="amount>500 AND amount<=7000 AND status:'succeeded'")
    assert [one["amount"] for one in found["data"]] == [900, 7_000]
    by_card = people.get("/v1/charges/search", query="payment_method_details.card.last4:4242 AND currency:'jpy'")
    assert [one["amount"] for one in by_card["data"]] == [900]
    assert people.get("/v1/charges/search", query="refunded:'true'")["data"] == []


def test_results_come_by_pages(people: Any) -> None:
    """Stripe: `next_page` while there is more; `total_count` when expanded."""
    met, more = [], {}
    while True:
        found = people.get("/v1/customers/search", query="created>0", limit=3, expand=["total_count"], **more)
        met += [one["email"] for one in found["data"]]
        assert found["total_count"] == 4
        if not found["has_more"]:
            assert found["next_page"] is None
            break
        more = {"page": found["next_page"]}
    assert met == ["sure@example.com", "zoe@example.com", "other@example.com", "jane@example.com"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("status:'x'", "unsupported search field"),
        ("name>'x'", "does not support the operator"),
        ("name~'ab'", "at least 3|3 characters or more"),
        ("created:'soon'", "wants a whole number"),
        ("metadata:'x'", "unsupported search field"),
        ("name['x']:'y'", "unsupported search field"),
    ],
)
def test_a_field_that_cannot_be_searched_says_which_can(people: Any, query: str, words: str) -> None:
    """Stripe: 400 on `query`, with the fields or operators that would do."""
    error = people.refused("GET", "/v1/customers/search", query=query)
    assert error["param"] == "query"
    assert any(one in error["message"] for one in words.split("|"))


@pytest.mark.parametrize("key", ["it's", 'say "hi"', "back\\slash", "a.b", "a[0]", "tab\there", "名"])
def test_any_metadata_key_can_be_searched(talk: Any, key: str) -> None:
    """Stripe: a metadata key is any text of 40 characters; quotes in it are escaped with a backslash."""
    made = talk.post("/v1/customers", metadata={key: "Yes"})["id"]
    talk.post("/v1/customers", metadata={"other": "yes"})
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    found = talk.get("/v1/customers/search", query=f'metadata["{escaped}"]:"yes"')
    assert [one["id"] for one in found["data"]] == [made]


def test_a_page_token_of_someone_elses_is_refused(people: Any) -> None:
    """Stripe: 400 on `page`."""
    assert people.refused("GET", "/v1/customers/search", query="created>0", page="garbage!")["param"] == "page"
