"""Registering, replacing and removing this desk's endpoint at Stripe: writes that only an operator's command proposes.

They are skills, so that the gate plans, shows, approves and sends them like any other write, but they are no tools: an
agent that may say where an account's events go could send them anywhere.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field

from paydesk.server.stripe_api.version import api_version
from paydesk.skills.base import Desk, Effect, Json, Mode, Plan, Skill, StripeRequest, WriteParams, WriteResult, skill
from paydesk.skills.errors import SkillError
from paydesk.skills.ids import checked_id

PATH = "/api/stripe/webhooks"
# What the mirror is kept by; Stripe takes no patterns but `*`, which would bring what nobody here reads.
HEARD = (
    *("payment_intent.*", "charge.*", "refund.*", "customer.*", "invoice.*", "product.*", "price.*", "payout.*"),
    *("checkout.session.*", "account.*", "balance.available", "transfer.*", "topup.*"),
)
_ENDPOINTS = "/v1/webhook_endpoints"
_CONNECT = "paydesk_connect"
_LOOKED_AT = 100  # Stripe allows 16 of an account
_URL_CHARACTERS = 2_048
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def heard_types() -> list[str]:
    """The types of events that an endpoint of this desk is registered for, sorted."""
    from paydesk.server.sandbox.event_types import SNAPSHOT_TYPES

    return sorted(name for name in SNAPSHOT_TYPES if any(fnmatchcase(name, pattern) for pattern in HEARD))


class _Register(WriteParams):
    url: Annotated[str, Field(min_length=8, max_length=_URL_CHARACTERS)]
    connect: bool = False


class _Named(WriteParams):
    endpoint: Annotated[str, Field(max_length=100)]


class EndpointMade(WriteResult):
    """An endpoint as it is now, without its secret."""

    endpoint: str
    url: str
    events: int

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read an endpoint."""
        return cls(endpoint=str(answer["id"]), url=str(answer["url"]), events=len(answer["enabled_events"]))

    def sentence(self) -> str:
        """Where Stripe delivers from now on."""
        return (
            f"Stripe delivers {self.events} types of events to {self.url} ({self.endpoint}); its secret is kept here, "
            "encrypted."
        )


class EndpointGone(WriteResult):
    """An endpoint that is no more."""

    endpoint: str

    @classmethod
    def read(cls, answer: Json) -> Self:
        """Read what is left of it."""
        return cls(endpoint=str(answer["id"]))

    def sentence(self) -> str:
        """That it is gone."""
        return f"The endpoint {self.endpoint} is removed; Stripe delivers nothing there any more."


@skill(effect=Effect.WRITE, toolset="webhooks")
async def register_webhook(params: _Register, desk: Desk) -> Plan[EndpointMade]:
    """Have Stripe deliver this account's events to an address."""
    url = checked_url(params.url, desk.mode)
    # A platform has two at one address: its own events come by one, those of connected accounts by the other.
    there = [one async for one in desk.stripe.every(_ENDPOINTS, {}, most=_LOOKED_AT) if one["url"] == url]
    alike = [one for one in there if _is_of_connected(one) in (None, params.connect)]
    if alike:
        raise SkillError(
            f"Stripe delivers there already ({alike[0]['id']}).",
            code="already_registered",
            field="url",
            next_step=f"`paydesk webhooks rotate {alike[0]['id']}` replaces it and its secret.",
        )
    whose = "every connected account" if params.connect else "this account"
    return Plan(
        says=f"Have Stripe deliver the events of {whose} to {url}.",
        request=_creation(url, connect=params.connect, mode=desk.mode),
        undo="`paydesk webhooks remove` removes it.",
        warnings=("Whoever answers at this address learns of every customer and payment.",),
        details=(("Events", ", ".join(HEARD)),),
    )


class EndpointReplaced(EndpointGone):
    """An endpoint that another one has taken the place of."""

    def sentence(self) -> str:
        """That its secret no longer counts."""
        return (
            f"The endpoint {self.endpoint} and its secret are replaced; the new one's secret is kept here, encrypted."
        )


@skill(effect=Effect.WRITE, toolset="webhooks")
async def rotate_webhook(params: _Named, desk: Desk) -> Plan[EndpointReplaced]:
    """Replace an endpoint by a new one at the same address, and so its secret."""
    old = await _found(params.endpoint, desk)
    connect = _is_of_connected(old) or False
    return Plan(
        says=f"Replace the endpoint {old['id']} at {old['url']} by a new one with a new secret, then remove it.",
        prepares=(_creation(str(old["url"]), connect=connect, mode=desk.mode),),
        request=StripeRequest("DELETE", f"{_ENDPOINTS}/{old['id']}"),
        warnings=("What Stripe still tries to deliver by the old one is not tried again; it is fetched instead.",),
        relies_on={"url": str(old["url"])},
    )


@skill(effect=Effect.WRITE, toolset="webhooks")
async def remove_webhook(params: _Named, desk: Desk) -> Plan[EndpointGone]:
    """Remove an endpoint."""
    old = await _found(params.endpoint, desk)
    return Plan(
        says=f"Remove the endpoint {old['id']}; Stripe then delivers nothing to {old['url']}.",
        request=StripeRequest("DELETE", f"{_ENDPOINTS}/{old['id']}"),
        relies_on={"url": str(old["url"])},
    )


#: The skills that only commands of the operator propose, by name.
OPERATORS: Mapping[str, Skill] = {one.name: one for one in (register_webhook, rotate_webhook, remove_webhook)}


def checked_url(text: str, mode: Mode) -> str:
    """The address to register; this desk's own path where it has none. Raises SkillError."""
    try:
        parts = urlsplit(text.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    is_plain = text.isascii() and text.isprintable() and " " not in text.strip()
    if parts.scheme not in ("http", "https") or not host or not is_plain or parts.username or parts.fragment:
        raise _unfit("This is no address that Stripe could deliver to.")
    if parts.scheme == "http" and host not in _LOOPBACK and mode != "sandbox":
        raise _unfit("Events travel over https only.")
    return parts._replace(path=PATH).geturl() if parts.path in ("", "/") else parts.geturl()


def _unfit(message: str) -> SkillError:
    return SkillError(
        message, code="unfit_url", field="url", next_step="Give it as https://desk.example, reachable from outside."
    )


def _creation(url: str, *, connect: bool, mode: Mode) -> StripeRequest:
    sent: dict[str, Any] = {
        "url": url,
        "enabled_events": heard_types(),
        "description": "paydesk",
        # Stripe does not say afterwards whether it is one of connected accounts.
        "metadata": {_CONNECT: "true" if connect else "false"},
    }
    if connect:
        sent["connect"] = True
    if mode != "sandbox":
        sent["api_version"] = api_version()  # so that what is delivered need not be fetched again
    return StripeRequest("POST", _ENDPOINTS, sent)


def _is_of_connected(endpoint: Json) -> bool | None:
    """Whether it hears of connected accounts; None for one that was made elsewhere, of which Stripe does not say it."""
    said = (endpoint.get("metadata") or {}).get(_CONNECT)
    return None if said is None else said == "true"


async def _found(endpoint: str, desk: Desk) -> Json:
    return await desk.stripe.get(f"{_ENDPOINTS}/{checked_id(endpoint, 'we', field='endpoint')}")
