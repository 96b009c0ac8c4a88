"""Settings: one reader of the environment, and a secret that never gets out."""

from pathlib import Path

import pytest

from paydesk.server.caller import Bound
from paydesk.server.errors import SettingsError
from paydesk.server.settings import load_settings
from paydesk.server.toolsets import operator_scope
from paydesk.skills.catalogue import catalogue

SECRET = "sk_test_51Habcdefghijklmnop"


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):  # noqa: TID251 - the tests' own clean slate
        if name.startswith(("PAYDESK_", "STRIPE_")):
            monkeypatch.delenv(name)


def test_without_a_key_the_desk_runs_on_the_sandbox() -> None:
    """Ours: trying it needs no account."""
    assert load_settings().mode == "sandbox"


@pytest.mark.parametrize("variable", ["STRIPE_SECRET_KEY", "STRIPE_API_KEY"])
def test_either_of_stripes_names_for_the_key_is_read(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stripe: its samples use one, its command line the other."""
    monkeypatch.setenv(variable, SECRET)
    assert load_settings().mode == "test"


def test_an_empty_key_means_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: hosts write an option that was left blank as an empty variable."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", "")
    assert load_settings().mode == "sandbox"


@pytest.mark.parametrize("prefix", ["sk_live_", "rk_live_"])
def test_a_live_key_is_refused_unless_it_is_let_in(prefix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: real money is never reached by accident."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", prefix + "51Habcdefghijk")
    with pytest.raises(SettingsError, match="live") as caught:
        load_settings()
    assert "PAYDESK_ALLOW_LIVE=1" in (caught.value.next_step or "")
    monkeypatch.setenv("PAYDESK_ALLOW_LIVE", "1")
    assert load_settings().mode == "live"


@pytest.mark.parametrize("key", ["pk_test_51Habcdefgh", "whsec_abcdefghij", "sk_test_", "hunter2", "sk_test_äöü_51Hab"])
def test_a_key_of_the_wrong_kind_is_named_and_never_shown(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: errors go to logs and chats, so they hold no value of a secret."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", key)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.field == "STRIPE_SECRET_KEY"
    assert key not in caught.value.as_text().replace("sk_test_ or", "").replace("rk_test_,", "") or key == "sk_test_"


def test_a_secret_is_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: a settings object may be printed while looking for a fault."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", SECRET)
    assert SECRET not in repr(load_settings()) + str(load_settings())


def test_an_address_without_a_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: otherwise the operator would believe to talk to that address while the sandbox answers."""
    monkeypatch.setenv("PAYDESK_STRIPE_API_BASE", "http://127.0.0.1:12111")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.field == "STRIPE_SECRET_KEY"


def test_a_value_that_does_not_fit_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: the person who set it knows it by the variable's name."""
    monkeypatch.setenv("PAYDESK_LOG_LEVEL", "loud")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.field == "PAYDESK_LOG_LEVEL"
    assert "loud" not in caught.value.message


def test_names_come_comma_separated_and_options_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ours: a command's option is nearer to the person than a variable."""
    monkeypatch.setenv("PAYDESK_EXCLUDE_TOOLS", "search, ask")
    monkeypatch.setenv("PAYDESK_HOME", str(tmp_path / "one"))
    settings = load_settings(home=tmp_path / "two", tools="get_balance")
    assert settings.exclude_tools == {"search", "ask"}
    assert settings.tools == {"get_balance"}
    assert settings.home == tmp_path / "two"


def _of(toolset: str, *, writes: bool = True) -> set[str]:
    return {skill.name for skill in catalogue().values() if skill.toolset == toolset and (writes or not skill.writes)}


@pytest.mark.parametrize(
    ("given", "offered"),
    [
        ({"tools": "get_balance"}, {"get_balance"}),
        ({"tools": "get_balance", "toolsets": "payouts"}, {"get_balance"} | _of("payouts")),
        ({"toolsets": "payouts"}, _of("payouts")),
        ({"toolsets": "customers", "read_only": True}, _of("customers", writes=False)),
        ({"toolsets": "customers", "exclude_tools": "find_customers"}, _of("customers") - {"find_customers"}),
    ],
)
def test_named_tools_are_all_there_is_unless_toolsets_are_named_too(given, offered) -> None:
    """Ours: who names one tool does not expect eighteen."""
    scope = operator_scope(load_settings(**given))
    assert {skill.name for skill in catalogue().values() if scope.allows(skill)} == offered


def test_without_a_wish_everything_is_offered() -> None:
    """Ours: the default toolset holds all of the first catalogue."""
    scope = operator_scope(load_settings())
    assert all(scope.allows(skill) for skill in catalogue().values())


@pytest.mark.parametrize(
    ("given", "listed", "left_off"),
    [
        ({}, {"refund_payment", "create_customer", "list_payments"}, {"create_payment", "cancel_subscription"}),
        ({"toolsets": "all"}, {"refund_payment", "create_payment", "cancel_subscription"}, set()),
        ({"toolsets": "default,payments"}, {"create_payment", "list_payouts"}, {"cancel_subscription"}),
        ({"toolsets": "default", "tools": "cancel_subscription"}, {"cancel_subscription"}, {"create_payment"}),
        ({"toolsets": "payments"}, {"create_payment"}, {"list_payouts"}),
        ({"read_only": True}, {"list_payments"}, {"refund_payment"}),
    ],
)
def test_default_lists_reads_and_two_writes_and_allows_all(given, listed, left_off) -> None:
    """Ours: a list of tools is paid for in every conversation; what is left off it can be called all the same."""
    scope = operator_scope(load_settings(**given))
    names = {skill.name for skill in catalogue().values() if scope.lists(skill)}
    assert listed <= names
    assert not left_off & names
    assert names <= {skill.name for skill in catalogue().values() if scope.allows(skill)}


def test_a_request_that_names_a_write_lists_it() -> None:
    """Ours: narrowing to a tool by header or address is asking for it; a bound never widens what is allowed."""
    skills = catalogue()
    scope = operator_scope(load_settings()).within(Bound(tools=frozenset({"create_payment"})))
    assert {name for name, skill in skills.items() if scope.lists(skill)} == {"create_payment"}
    reads = operator_scope(load_settings(read_only=True)).within(Bound(tools=frozenset({"create_payment"})))
    assert not [name for name, skill in skills.items() if reads.lists(skill)]


def test_any_empty_variable_means_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: bundles pass every option that was left blank as an empty variable."""
    for name in ("PAYDESK_READ_ONLY", "PAYDESK_TOOLSETS", "PAYDESK_STRIPE_API_BASE", "STRIPE_SECRET_KEY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("STRIPE_API_KEY", SECRET)
    settings = load_settings()
    assert (settings.mode, settings.read_only, settings.toolsets) == ("test", False, "default")
