"""Parameters: how they nest, which types they have, what is said when they do not fit."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.server.sandbox import forms, params
from paydesk.server.sandbox.errors import StripeError


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("a=1", {"a": "1"}),
        ("a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        ("a[0]=x&a[1]=y", {"a": {"0": "x", "1": "y"}}),
        ("a[]=x&a[]=y", {"a": {"0": "x", "1": "y"}}),
        ("a[][n]=1&a[][m]=2&a[][n]=3", {"a": {"0": {"n": "1", "m": "2"}, "1": {"n": "3"}}}),
        ("a=%C3%A9+b", {"a": "é b"}),
        ("a=", {"a": ""}),
        ("metadata[x%5By]=1", {"metadata": {"x[y": "1"}}),
    ],
)
def test_form_encoding_nests_as_stripes_does(text: str, form: dict[str, Any]) -> None:
    """Stripe: brackets nest, empty brackets append, an element's name that comes again opens the next element."""
    assert forms.decode(text) == form


@given(st.text(max_size=200))
def test_no_form_breaks_the_decoder(text: str) -> None:
    """Ours: bad input is an error in Stripe's words, never a traceback."""
    try:
        forms.decode(text)
    except StripeError as error:
        assert error.status == 400


_TAKES = {
    "n": params.integer(1, 100),
    "yes": params.boolean(),
    "word": params.choice("a", "b", "c"),
    "two": params.choice("a", "b"),
    "money": params.currency(),
    "at": params.timestamp(),
    "share": params.decimal(minimum="0.01", maximum="100"),
    "name": params.clearable(params.text(5)),
    "where": params.mapping({"city": params.required(params.text())}),
    "list": params.list_of(params.text()),
    "metadata": params.metadata(),
}


@pytest.mark.parametrize(
    ("sent", "message", "param", "code"),
    [
        ({"n": "abc"}, "Invalid integer: abc", "n", "parameter_invalid_integer"),
        ({"n": "1.5"}, "Invalid integer: 1.5", "n", "parameter_invalid_integer"),
        ({"n": "0"}, "This value must be greater than or equal to 1.", "n", "parameter_invalid_integer"),
        ({"n": "101"}, "This value must be less than or equal to 100.", "n", "parameter_invalid_integer"),
        ({"yes": "True"}, "Invalid boolean: True", "yes", None),
        ({"word": "z"}, "Invalid word: must be one of a, b, or c", "word", None),
        ({"two": "z"}, "Invalid two: must be one of a or b", "two", None),
        ({"at": "today"}, "Invalid timestamp: today", "at", None),
        ({"share": "0"}, "This value must be greater than or equal to 0.01 (it currently is '0.0').", "share", None),
        ({"share": "1e5"}, "Invalid decimal: 1e5", "share", "parameter_invalid_decimal"),
        ({"n": ""}, "You passed an empty string for 'n'.", "n", "parameter_invalid_empty"),
        ({"name": "toolong"}, "Invalid string: ", "name", None),
        ({"where": "x"}, "Invalid object", "where", None),
        ({"where": {}}, "Missing required param: where[city].", "where[city]", "parameter_missing"),
        ({"where": {"city": "a", "x": "b"}}, "Received unknown parameter: where[x]", "where[x]", "parameter_unknown"),
        ({"list": "x"}, "Invalid array", "list", None),
        ({"list": {"a": "x"}}, "Invalid array", "list", None),
        ({"p": "1", "q": "2"}, "Received unknown parameters: p, q", "p", "parameter_unknown"),
        ({"metadata": "x"}, "Invalid object", "metadata", None),
        ({"metadata": {"k" * 41: "v"}}, "Metadata keys can have up to 40 characters", "metadata", None),
        ({"metadata": {"k": "v" * 501}}, "Metadata values can have up to 500 characters", "metadata[k]", None),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_stripes_words(
    sent: dict[str, Any], message: str, param: str, code: str | None
) -> None:
    """Stripe: message, param and code of each kind of misfit (recorded where the recordings have it)."""
    with pytest.raises(StripeError) as caught:
        params.read(_TAKES, sent)
    assert caught.value.message.startswith(message)
    assert (caught.value.param, caught.value.code, caught.value.status) == (param, code, 400)


def test_values_come_out_typed_and_only_what_was_sent() -> None:
    """Ours: an update must tell a cleared field from an unmentioned one."""
    sent = {"n": "7", "yes": "false", "name": "", "money": "EUR", "list": {"1": "y", "0": "x"}, "metadata": ""}
    assert params.read(_TAKES, sent) == {
        "n": 7,
        "yes": False,
        "name": None,
        "money": "eur",
        "list": ["x", "y"],
        "metadata": None,
    }


def test_metadata_merges_key_by_key(talk: Any) -> None:
    """Stripe: sent keys replace, an empty value unsets its key, an empty hash unsets them all, others stay."""
    customer = talk.post("/v1/customers", metadata={"a": "1", "b": "2"})
    at = f"/v1/customers/{customer['id']}"
    assert talk.post(at, metadata={"b": "3", "c": "4"})["metadata"] == {"a": "1", "b": "3", "c": "4"}
    assert talk.post(at, metadata={"a": ""})["metadata"] == {"b": "3", "c": "4"}
    assert talk.post(at, name="x")["metadata"] == {"b": "3", "c": "4"}
    assert talk.post(at, metadata="")["metadata"] == {}
    talk.post(at, metadata={f"k{i}": "v" for i in range(50)})
    assert "up to 50 keys" in talk.refused("POST", at, metadata={"one_more": "v"})["message"]


def test_a_parameter_that_is_not_served_says_so(talk: Any) -> None:
    """Ours: ignoring what Stripe would act on would make the sandbox lie."""
    error = talk.refused("POST", "/v1/customers", cash_balance={"settings": {}})
    assert (error["param"], "does not serve" in error["message"]) == ("cash_balance", True)


def test_an_error_undoes_what_its_request_wrote(talk: Any) -> None:
    """Ours: one request is one transaction; the payment method made on the way is gone with the refusal."""
    talk.refused("POST", "/v1/customers", payment_method="pm_card_visa", email="not an address")
    assert talk.get("/v1/customers")["data"] == []
    assert talk.get("/v1/events")["data"] == []
