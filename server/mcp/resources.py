"""Resources: what a host may attach to a conversation without calling a tool; each is read through the same path."""

import json
import re
from dataclasses import dataclass

from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.types import Resource, ResourceTemplate

from paydesk.server.call import PayDesk
from paydesk.server.caller import Caller
from paydesk.server.errors import GateError, PaydeskError, UnknownSkill
from paydesk.server.mcp.answers import MODE_KEY, masked
from paydesk.skills.base import Json
from paydesk.skills.errors import NotFound

SCHEME = "paydesk://"
_CATALOGUE = f"{SCHEME}catalogue"
_ID = re.compile(r"[A-Za-z0-9_-]{1,255}")
_JSON = "application/json"


@dataclass(frozen=True)
class SkillResource:
    """One kind of resource: where it stands, the skill that answers it, and the argument its id becomes."""

    uri: str
    name: str
    title: str
    description: str
    skill: str
    argument: str | None = None

    @property
    def is_template(self) -> bool:
        """Whether its address carries an id."""
        return self.argument is not None


RESOURCES = (
    SkillResource(f"{SCHEME}account", "account", "Account", "The Stripe account and what it may do", "get_account"),
    SkillResource(
        f"{SCHEME}payments/{{id}}", "payment", "Payment", "One payment, by pi_ or ch_ id", "get_payment", "payment"
    ),
    SkillResource(
        f"{SCHEME}customers/{{id}}", "customer", "Customer", "One customer, by cus_ id", "get_customer", "customer"
    ),
    SkillResource(
        f"{SCHEME}subscriptions/{{id}}",
        "subscription",
        "Subscription",
        "One subscription, by sub_ id",
        "get_subscription",
        "subscription",
    ),
    SkillResource(f"{SCHEME}invoices/{{id}}", "invoice", "Invoice", "One invoice, by in_ id", "get_invoice", "invoice"),
    SkillResource(f"{SCHEME}disputes/{{id}}", "dispute", "Dispute", "One dispute, by du_ id", "get_dispute", "dispute"),
    *(
        SkillResource(SCHEME + name, name, name.capitalize(), f"The newest {name}", skill)
        for name, skill in (
            ("payments", "list_payments"),
            ("customers", "find_customers"),
            ("refunds", "list_refunds"),
            ("subscriptions", "list_subscriptions"),
            ("invoices", "list_invoices"),
            ("disputes", "list_disputes"),
            ("payouts", "list_payouts"),
            ("products", "list_products"),
        )
    ),
    SkillResource(
        f"{SCHEME}proposals/{{id}}",
        "proposal",
        "Proposal",
        "One write: waiting, done or refused",
        "get_proposal",
        "proposal",
    ),
)


def listed(desk: PayDesk, caller: Caller) -> list[Resource]:
    """The resources with one address that this caller may read."""
    offered = {skill.name for skill in desk.offered(caller)}
    found = [
        Resource(uri=one.uri, name=one.name, title=one.title, description=one.description, mime_type=_JSON)
        for one in RESOURCES
        if not one.is_template and one.skill in offered
    ]
    catalogue = Resource(
        uri=_CATALOGUE,
        name="catalogue",
        title="Catalogue",
        description="What can be asked of the desk here, with phrases and examples",
        mime_type=_JSON,
    )
    return [*found, catalogue]


def templates(desk: PayDesk, caller: Caller) -> list[ResourceTemplate]:
    """The resources with an id in their address that this caller may read."""
    offered = {skill.name for skill in desk.offered(caller)}
    return [
        ResourceTemplate(
            uri_template=one.uri, name=one.name, title=one.title, description=one.description, mime_type=_JSON
        )
        for one in RESOURCES
        if one.is_template and one.skill in offered
    ]


async def read(desk: PayDesk, caller: Caller, uri: str) -> list[ReadResourceContents]:
    """The resource at `uri`, as JSON. Raises ResourceNotFoundError or ResourceError with what to do next."""
    try:
        content = _catalogue(desk, caller) if uri == _CATALOGUE else await _of_skill(desk, caller, uri)
    except (NotFound, UnknownSkill, GateError) as missing:
        raise ResourceNotFoundError(missing.as_text()) from None
    except PaydeskError as wrong:
        raise ResourceError(wrong.as_text()) from None
    except Exception as crash:  # the boundary: a fault of ours must not carry its values to a client
        raise ResourceError(masked(crash, "resources/read").as_text()) from None
    text = json.dumps({"mode": desk.mode, **content}, ensure_ascii=False, separators=(",", ":"))
    return [ReadResourceContents(content=text, mime_type=_JSON, meta={MODE_KEY: desk.mode})]


def may_read(desk: PayDesk, caller: Caller, uri: str) -> bool:
    """Whether there is a resource at this address that this caller may read; its object may still not exist."""
    found = _at(uri)
    return found is not None and caller.scope.allows(desk.catalogue[found[0].skill])


def _at(uri: str) -> tuple[SkillResource, Json] | None:
    """The kind of resource at this address, and what its skill is asked with."""
    for one in RESOURCES:
        if one.argument is None:
            if uri == one.uri:
                return one, {}
            continue
        head = one.uri.partition("{id}")[0]
        if uri.startswith(head) and _ID.fullmatch(uri.removeprefix(head)):
            return one, {one.argument: uri.removeprefix(head)}
    return None


async def _of_skill(desk: PayDesk, caller: Caller, uri: str) -> Json:
    found = _at(uri)
    if found is not None:
        return await _call(desk, caller, *found)
    raise NotFound("There is no resource at this address.", next_step="resources/list and its templates show them.")


async def _call(desk: PayDesk, caller: Caller, one: SkillResource, arguments: Json) -> Json:
    skill = desk.skill(one.skill, caller)
    # A list stays short: it is read again whenever something changes.
    full = one.is_template or one.name == "account"
    detail = {"detail": "full"} if full and "detail" in skill.params.model_fields else {}
    return (await desk.call(one.skill, {**arguments, **detail}, caller)).structured()


def _catalogue(desk: PayDesk, caller: Caller) -> Json:
    return {
        "skills": [
            {
                "name": skill.name,
                "title": skill.title,
                "description": skill.description,
                "toolset": skill.toolset,
                "effect": skill.effect.value,
                "says": list(skill.says),
                "examples": list(skill.examples),
            }
            for skill in desk.offered(caller)
        ]
    }
