"""Endpoints' secrets: encrypted, bound to whose they are, never in the journal, never lost by a failure."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from paydesk.server.arguments import parse_arguments
from paydesk.server.errors import SettingsError, SkillError, StoreError
from paydesk.server.gate import Gate
from paydesk.server.gate.planning_desk import PlanningDesk
from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.settings import Settings
from paydesk.server.store import Store, open_store
from paydesk.server.stripe_api.client import StripeDoor
from paydesk.server.stripe_api.opening import sandbox_door
from paydesk.server.webhooks.endpoints import OPERATORS, checked_url, heard_types
from paydesk.server.webhooks.sealing import sealer_of
from paydesk.server.webhooks.secrets import KeepingDoor, SecretStore
from paydesk.skills.base import StripeRequest
from paydesk.skills.catalogue import catalogue


def _settings(home: Path, **given: Any) -> Settings:
    return Settings(home=home, **given)


def test_what_is_sealed_opens_only_for_its_purpose_and_owner(tmp_path: Path) -> None:
    """Ours: Fernet has no associated data, so whose and what for stand inside."""
    sealer = sealer_of(_settings(tmp_path))
    sealed = sealer.seal("whsec_1", purpose="webhook endpoint", owner="test/acct_1/we_1")
    assert "whsec_1" not in sealed
    again = sealer_of(_settings(tmp_path))
    assert again.open(sealed, purpose="webhook endpoint", owner="test/acct_1/we_1") == "whsec_1"
    assert again.open(sealed, purpose="webhook endpoint", owner="test/acct_2/we_1") is None
    assert again.open(sealed, purpose="access token", owner="test/acct_1/we_1") is None
    assert again.open("nonsense", purpose="webhook endpoint", owner="test/acct_1/we_1") is None
    assert (tmp_path / "keys" / "secrets.key").stat().st_mode & 0o777 == 0o600


def test_a_new_key_still_opens_what_the_old_one_sealed(tmp_path: Path) -> None:
    """Ours: keys are replaced without losing what they keep; a key that is none is named, not shown."""
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    sealed = sealer_of(_settings(tmp_path, encryption_key=old)).seal("x", purpose="p", owner="o")
    assert sealer_of(_settings(tmp_path, encryption_key=f"{new}, {old}")).open(sealed, purpose="p", owner="o") == "x"
    assert sealer_of(_settings(tmp_path, encryption_key=new)).open(sealed, purpose="p", owner="o") is None
    with pytest.raises(SettingsError, match="PAYDESK_ENCRYPTION_KEY") as wrong:
        sealer_of(_settings(tmp_path, encryption_key="hunter2"))
    assert "hunter2" not in wrong.value.as_text()


@dataclass
class Counter:
    """A gate on an empty sandbox, as `wiring.py` puts it together."""

    store: Store
    door: StripeDoor
    secrets: SecretStore
    gate: Gate

    async def do(self, name: str, **arguments: Any) -> Any:
        """Propose one of the operator's writes and approve it."""
        plan = await OPERATORS[name].run(parse_arguments(OPERATORS[name], arguments), PlanningDesk(self.door))
        waits = await self.gate.propose(OPERATORS[name], plan, principal="local", arguments=arguments)
        assert waits.state == "waiting"
        return await self.gate.approve(waits.proposal_id, approver="terminal:bea", via="terminal", principal=None)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Counter]:
    """An empty sandbox and a gate before it."""
    door = sandbox_door(create_sandbox(None))
    async with await open_store(tmp_path / "paydesk.sqlite3") as store:
        secrets = _secrets(tmp_path, store)
        gate = Gate(store, KeepingDoor(door, secrets), catalogue=OPERATORS, reconcile_pause_s=0.0)
        yield Counter(store, door, secrets, gate)
    await door.aclose()


def _bytes_of(home: Path) -> bytes:
    return b"".join(file.read_bytes() for file in home.glob("paydesk.sqlite3*"))


def _secrets(home: Path, store: Store) -> SecretStore:
    return SecretStore(store, lambda: sealer_of(_settings(home)), "sandbox")


async def test_registering_keeps_the_secret_and_tells_it_to_nobody(desk: Any, tmp_path: Path) -> None:
    """Issue's rule: gated, secrets stored encrypted; ours: neither journal nor audit log ever holds one."""
    done = await desk.do("register_webhook", url="https://desk.example", connect=False)
    endpoint = done.result["endpoint"]
    assert done.state == "succeeded", done
    assert "secret" not in str(done.structured()).replace("its secret is kept", "")
    secrets = desk.secrets
    account = await desk.door.account_id()
    [(secret, whose)] = (await secrets.all()).values()
    assert (secret[:6], whose) == ("whsec_", account)
    assert secret.encode() not in _bytes_of(tmp_path)

    with pytest.raises(SkillError, match="already"):
        await desk.do("register_webhook", url="https://desk.example", connect=False)
    replaced = await desk.do("rotate_webhook", endpoint=endpoint)
    assert replaced.state == "succeeded", replaced
    [(endpoint_now, (secret_now, _))] = (await secrets.all()).items()
    assert (endpoint_now != endpoint, secret_now != secret) == (True, True)
    assert (await desk.do("remove_webhook", endpoint=endpoint_now)).state == "succeeded"
    assert await secrets.all() == {}


async def test_a_platform_hears_of_itself_and_of_its_accounts_at_one_address(desk: Any) -> None:
    """Stripe: an endpoint hears of either; ours: two at one address are refused only where they are alike."""
    for connect in (False, True):
        done = await desk.do("register_webhook", url="https://desk.example", connect=connect)
        assert done.state == "succeeded"
        with pytest.raises(SkillError, match="already"):
            await desk.do("register_webhook", url="https://desk.example", connect=connect)
    assert len(await desk.secrets.all()) == 2


async def test_a_secret_that_could_not_be_kept_comes_again_under_the_same_key(desk: Any, monkeypatch: Any) -> None:
    """Ours: the write has no end until its secret is on the disk; one endpoint, one secret, however often it fails."""
    keep, failures = SecretStore.keep, [1, 2]

    async def fails_twice(self: SecretStore, *given: Any, **named: Any) -> None:
        if failures:
            failures.pop()
            raise StoreError("The disk is full.")
        await keep(self, *given, **named)

    monkeypatch.setattr(SecretStore, "keep", fails_twice)
    done = await desk.do("register_webhook", url="https://desk.example", connect=False)
    assert done.state == "succeeded", done
    door = desk.door
    there = [one["id"] async for one in door.every("/v1/webhook_endpoints", {}, most=10)]
    kept = await desk.secrets.all()
    assert list(kept) == there == [done.result["endpoint"]]


async def test_a_secret_of_another_mode_does_not_count(desk: Any, tmp_path: Path) -> None:
    """Ours: one store may serve a test desk and a live one."""
    store = desk.store
    await desk.secrets.keep("we_1", "whsec_1", account="acct_1")
    live = SecretStore(store, lambda: sealer_of(_settings(tmp_path)), "live")
    assert await live.all() == {}


async def test_a_secret_that_was_moved_to_another_endpoint_does_not_open(desk: Any) -> None:
    """Ours: whoever can write to the database still cannot make one endpoint's secret another's."""
    store, secrets = desk.store, desk.secrets
    await secrets.keep("we_1", "whsec_1", account="acct_1")
    await store.write(lambda connection: connection.execute(text("UPDATE webhook_secrets SET account = 'acct_2'")))
    assert await secrets.all() == {}


async def test_other_writes_pass_through_as_they_are(desk: Any) -> None:
    """Ours: only an endpoint's answer is touched."""
    door = KeepingDoor(desk.door, desk.secrets)
    made = await door.send(StripeRequest("POST", "/v1/customers", {"name": "Ann"}), idempotency_key="k1")
    assert made["name"] == "Ann"


def test_no_tool_can_say_where_events_go() -> None:
    """Ours: an agent that could register an endpoint could have everything sent anywhere."""
    assert not set(OPERATORS) & set(catalogue())


def test_an_endpoint_hears_at_least_what_a_real_set_up_needs() -> None:
    """Issue's rule: the seeds; Stripe: exact names, as it takes no patterns."""
    heard = heard_types()
    for seed in (
        *("payment_intent.succeeded", "charge.refunded", "refund.created", "customer.created", "invoice.paid"),
        *("customer.subscription.updated", "product.updated", "price.created", "payout.paid", "account.updated"),
        *("charge.dispute.created", "checkout.session.completed", "account.application.deauthorized"),
    ):
        assert seed in heard
    assert not [one for one in heard if "*" in one]


@pytest.mark.parametrize(
    "url",
    [
        *("desk.example", "ftp://desk.example", "https://", "http://desk.example", "https://user:pw@desk.example"),
        *(
            "https://desk.example/#x",
            "https://desk example",
            "https://[::1",
            "https://desk.example:99999",
            "javascript:1",
        ),
    ],
)
def test_an_address_that_stripe_could_not_or_should_not_use_is_refused(url: str) -> None:
    """Stripe: https only; ours: no credentials in an address."""
    with pytest.raises(SkillError) as wrong:
        checked_url(url, "test")
    assert (wrong.value.code, wrong.value.field) == ("unfit_url", "url")


def test_an_address_without_a_path_gets_the_desks_own() -> None:
    """Ours: a person knows where the desk is, not what its routes are called."""
    assert checked_url("https://desk.example", "live") == "https://desk.example/api/stripe/webhooks"
    assert checked_url("https://desk.example/x/y", "live") == "https://desk.example/x/y"
    assert checked_url("http://127.0.0.1:8000/", "test") == "http://127.0.0.1:8000/api/stripe/webhooks"
