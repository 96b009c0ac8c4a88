"""The sandbox itself, under /_sandbox: emptied, filled, kept and brought back; its clock; restricted keys."""

from pathlib import Path
from typing import Any

import pytest

from paydesk.server.sandbox.app import create_sandbox
from paydesk.server.sandbox.ids import id_maker
from paydesk.server.sandbox.wall_clock import moment

DAY_S = 86_400


def _names(talk: Any) -> list[str]:
    return [one["name"] for one in talk.get("/v1/customers")["data"]]


def test_reset_takes_everything_out_but_the_account(new_talk: Any) -> None:
    """Ours: a suite starts each test from nothing; the account, its settlement and its clock stay."""
    talk = new_talk(seed=7, is_empty=True)
    account = talk.get("/v1/account")["id"]
    talk.post("/v1/customers", name="Ada")
    talk.post("/_sandbox/faults", kind="fail_before", times=9)
    assert talk.post("/_sandbox/reset") == {"object": "sandbox.state", "account": account, "objects": 0}
    assert _names(talk) == []
    assert talk.get("/v1/events")["data"] == []
    assert talk.get("/v1/account")["id"] == account


def test_after_a_reset_the_same_requests_give_the_same_ids(new_talk: Any) -> None:
    """Ours: a seeded sandbox repeats itself from the start."""
    talk = new_talk(seed=7, is_empty=True)
    first = talk.post("/v1/customers", name="Ada")["id"]
    assert talk.post("/v1/customers", name="Ada")["id"] != first
    talk.post("/_sandbox/reset")
    assert talk.post("/v1/customers", name="Ada")["id"] == first


@pytest.mark.parametrize("in_file", [False, True])
def test_a_snapshot_comes_back_as_often_as_it_is_wanted(new_talk: Any, tmp_path: Path, in_file: bool) -> None:
    """Ours: by name, in memory or beside the file; what was done since is gone."""
    talk = new_talk(tmp_path / "s.sqlite3" if in_file else None)
    talk.post("/v1/customers", name="Ada")
    assert talk.post("/_sandbox/snapshot", name="one")["name"] == "one"
    for _ in range(2):
        talk.post("/v1/customers", name="Grace")
        assert len(_names(talk)) == 2
        talk.post("/_sandbox/restore", name="one")
        assert _names(talk) == ["Ada"]


def test_an_unknown_or_misshapen_snapshot_is_refused(talk: Any, tmp_path: Path, new_talk: Any) -> None:
    """Ours: a name is a name, never a path; nothing is lost by asking for one that is not there."""
    talk.post("/v1/customers", name="Ada")
    assert talk.refused("POST", "/_sandbox/restore", 404)["message"] == "No such snapshot: 'default'"
    assert talk.refused("POST", "/_sandbox/restore", name="../../etc/passwd")["param"] == "name"
    on_file = new_talk(tmp_path / "s.sqlite3")
    assert on_file.refused("POST", "/_sandbox/restore", 404, name="x")["code"] == "resource_missing"
    assert _names(talk) == ["Ada"]


def test_a_seed_fills_the_sandbox_with_its_business(new_talk: Any) -> None:
    """Ours: the account and the business that a new file of that seed gets; what was there is gone."""
    talk = new_talk()
    lost = talk.post("/v1/customers", name="Ada")["id"]
    said = talk.post("/_sandbox/seed", seed=7)
    assert said["account"] == talk.sandbox.account == id_maker(7)("acct_", 16)
    assert talk.sandbox.store.count(said["account"], "customer") == 250
    talk.refused("GET", f"/v1/customers/{lost}", 404)
    assert talk.get("/v1/account")["business_profile"]["name"] == "Lantern Booking"
    assert talk.refused("POST", "/_sandbox/seed")["param"] == "seed"


def test_the_clock_is_set_moved_held_and_let_go(talk: Any) -> None:
    """Ours: objects are created at the sandbox's time; a held clock does not move, one let go does."""
    started = talk.clock.now
    assert talk.post("/_sandbox/clock") == {"object": "sandbox.clock", "frozen": False, "now": started}
    at = moment("2027-01-31T10:00:00Z")
    assert talk.post("/_sandbox/clock", now="2027-01-31T10:00:00Z", frozen=True)["now"] == at
    talk.clock.pass_s(500)
    assert talk.post("/v1/customers")["created"] == at
    assert talk.post("/_sandbox/clock", advance=DAY_S)["now"] == at + DAY_S
    assert talk.post("/_sandbox/clock", frozen=False)["now"] == at + DAY_S
    talk.clock.pass_s(500)
    assert talk.post("/v1/customers")["created"] == at + DAY_S + 500


@pytest.mark.parametrize("sent", [{"now": "soon"}, {"advance": -1}, {"now": "1", "advance": 1}, {"now": "9" * 20}])
def test_a_clock_that_cannot_be_is_refused(talk: Any, sent: dict[str, Any]) -> None:
    """Ours: the time stays what it was."""
    talk.refused("POST", "/_sandbox/clock", **sent)
    assert talk.post("/_sandbox/clock")["now"] == talk.clock.now


def test_the_clock_of_a_file_is_everyones(new_talk: Any, tmp_path: Path) -> None:
    """Ours: a second process, and the next start, see the time that was set."""
    one, two = new_talk(tmp_path / "s.sqlite3"), new_talk(tmp_path / "s.sqlite3")
    one.post("/_sandbox/clock", advance=DAY_S)
    assert two.post("/v1/customers")["created"] == two.clock.now + DAY_S


def test_a_sandbox_may_start_at_a_time(new_talk: Any) -> None:
    """Ours: `--clock` goes on from there, with `--frozen` it stands."""
    at = moment("2026-09-21T12:00:00Z")
    going, held = new_talk(clock_at=at), new_talk(clock_at=at, is_clock_held=True)
    for talk in (going, held):
        talk.clock.pass_s(3)
    assert going.post("/v1/customers")["created"] == at + 3
    assert held.post("/v1/customers")["created"] == at


@pytest.mark.parametrize(
    ("text", "at"),
    [("2026-09-21T12:00:00Z", 1_789_992_000), ("2026-09-21", 1_789_948_800), ("17", 17)],
)
def test_a_moment_is_read_in_utc(text: str, at: int) -> None:
    """Ours: without a zone it is UTC."""
    assert moment(text) == at


def _key(talk: Any, **permissions: str) -> dict[str, str]:
    secret = talk.post("/_sandbox/keys", permissions=permissions)["secret"]
    assert secret.startswith("rk_test_")
    return {"Authorization": f"Bearer {secret}"}


def test_a_restricted_key_does_what_it_was_given_and_no_more(talk: Any) -> None:
    """Stripe: 403 that names the permission that is wanting, the key starred out."""
    reads = _key(talk, customer="read")
    assert talk.ask("GET", "/v1/customers", {}, reads).status == 200
    for method, path, wanted in (
        ("POST", "/v1/customers", "customer_write"),
        ("GET", "/v1/charges", "charge_read"),
        ("POST", "/v1/refunds", "charge_write"),
    ):
        refused = talk.ask(method, path, {}, reads)
        assert (refused.status, refused.error["type"]) == (403, "invalid_request_error")
        assert f"Having the 'rak_{wanted}' permission would allow" in refused.error["message"]
        assert f"on account '{talk.sandbox.account}'" in refused.error["message"]
        assert reads["Authorization"][7:] not in refused.error["message"]
    assert talk.get("/v1/customers")["data"] == []


def test_keys_of_a_seeded_sandbox_come_out_the_same_again(new_talk: Any) -> None:
    """Ours: each key is another, and the second run gets the same two."""
    runs = [new_talk(seed=7, is_empty=True) for _ in range(2)]
    one, two = ([_key(talk, customer="read")["Authorization"] for _ in range(2)] for talk in runs)
    assert one == two
    assert one[0] != one[1]


def test_a_key_for_all_may_be_narrowed(talk: Any) -> None:
    """Ours: `all` is for every resource that is not named."""
    key = _key(talk, all="write", charge="none")
    assert talk.ask("POST", "/v1/customers", {}, key).status == 200
    assert talk.ask("GET", "/v1/refunds", {}, key).status == 403


def test_a_key_that_was_never_made_is_no_key(talk: Any) -> None:
    """Stripe: 401; permissions that do not exist are refused when the key is made."""
    never = {"Authorization": "Bearer rk_test_sandbox_000000000000000000000000"}
    assert talk.ask("GET", "/v1/customers", {}, never).status == 401
    assert (
        "No such permission: coffee"
        in talk.refused("POST", "/_sandbox/keys", permissions={"coffee": "read"})["message"]
    )


def test_every_operation_asks_for_a_permission(talk: Any) -> None:
    """Ours: a key without any permission reaches nothing of Stripe's."""
    from paydesk.server.sandbox.catalogue import ROUTES

    none = _key(talk, customer="none")
    for route in ROUTES.all:
        if route.template.startswith(("/v1/", "/v2/")):
            assert talk.ask(route.method, route.template.replace("{", "").replace("}", ""), {}, none).status == 403


def test_a_limit_on_the_rate_is_answered_as_in_test_mode(new_talk: Any) -> None:
    """Stripe: 429 with `rate_limit` beyond so many a second, reads and writes counted apart; ours: only when asked."""
    talk = new_talk(rate_limit_per_s=5)
    answers = [talk.ask("GET", "/v1/balance") for _ in range(50)]
    limited = [one for one in answers if one.status == 429]
    assert len(limited) >= 40
    assert limited[0].error["code"] == "rate_limit"
    assert limited[0].headers["Stripe-Rate-Limited-Reason"] == "global-rate"
    assert talk.ask("POST", "/v1/customers").status == 200


def test_a_limit_fills_up_again_with_time() -> None:
    """Stripe: so many a second, not so many in all."""
    from paydesk.server.sandbox.errors import StripeError
    from paydesk.server.sandbox.throttle import Throttle

    at = [0.0]
    throttle = Throttle(2, lambda: at[0])
    throttle.admit("GET")
    throttle.admit("GET")
    with pytest.raises(StripeError):
        throttle.admit("GET")
    at[0] = 0.5
    throttle.admit("GET")
    with pytest.raises(StripeError):
        throttle.admit("GET")


def test_a_damaged_file_is_named_with_the_way_out(tmp_path: Path) -> None:
    """Ours: it says which file, and to delete it or name another; nothing of it is overwritten."""
    damaged = tmp_path / "books.sqlite3"
    damaged.write_bytes(b"this was never a database" * 400)
    with pytest.raises(OSError, match=r"books\.sqlite3 cannot be used.*Delete it to start afresh") as refused:
        create_sandbox(damaged, seed=7)
    assert "sqlite3.DatabaseError" not in str(refused.value)
    assert damaged.read_bytes().startswith(b"this was never")


def _spoilt(new_talk: Any, path: Path) -> None:
    """A file of which pages in the middle are gone."""
    made = new_talk(path)
    for _ in range(60):
        made.post("/v1/customers", description="x" * 4_000)
    made.sandbox.close()
    content = bytearray(path.read_bytes())
    half = len(content) // 2
    content[half : half + 60_000] = bytes(60_000)
    path.write_bytes(content)


def test_damage_inside_a_file_is_found_before_it_is_served(new_talk: Any, tmp_path: Path) -> None:
    """Ours: the server reads the file first, and refuses to serve half of the books."""
    _spoilt(new_talk, tmp_path / "books.sqlite3")
    with pytest.raises(OSError, match=r"books\.sqlite3 cannot be used.*Delete it to start afresh"):
        create_sandbox(tmp_path / "books.sqlite3", checks_file=True)


def test_damage_met_in_passing_is_told_as_what_it_is(new_talk: Any, tmp_path: Path) -> None:
    """Ours: a desk that opens the file without reading it all says what is wrong once it gets there."""
    _spoilt(new_talk, tmp_path / "books.sqlite3")
    talk = new_talk(tmp_path / "books.sqlite3")
    error = talk.refused("GET", "/v1/customers", 500, limit=100)
    assert error["message"].startswith("The sandbox's file books.sqlite3 is damaged.")
