"""Toolsets: names for groups of tools, and the bound that the operator's settings put on every caller."""

from paydesk.server.caller import Bound, Scope
from paydesk.server.errors import SettingsError
from paydesk.server.settings import Settings, names_in
from paydesk.skills.catalogue import catalogue

#: What `default` lists. A list is paid for with every conversation: everything else is reached through `ask`, by its
#: name, or by naming its toolset.
LISTED_BY_DEFAULT = frozenset(
    {
        *("list_payments", "get_payment", "list_refunds", "refund_payment"),
        *("find_customers", "get_customer", "create_customer"),
        *("list_subscriptions", "list_invoices", "list_products", "list_disputes", "list_payouts"),
        *("get_account", "get_balance", "ask", "search", "get_proposal", "list_proposals", "cancel_proposal"),
    }
)


def unlisted_by_default() -> frozenset[str]:
    """What `default` offers without listing it."""
    return frozenset(catalogue()) - LISTED_BY_DEFAULT


def toolset_names() -> list[str]:
    """Every toolset there is, sorted."""
    return sorted({skill.toolset for skill in catalogue().values()})


def operator_scope(settings: Settings) -> Scope:
    """What settings and flags offer at most. Raises SettingsError for a toolset or a tool that does not exist."""
    asked = names_in(settings.toolsets)
    named_sets = asked - {"all", "default"}
    for name in sorted(named_sets - set(toolset_names())) if named_sets else ():
        raise SettingsError(
            f"There is no toolset {name[:40]!r}.",
            field="PAYDESK_TOOLSETS",
            choices=["all", "default", *toolset_names()],
        )
    for name in sorted((settings.tools | settings.exclude_tools) - set(catalogue())):
        raise SettingsError(
            f"There is no tool {name[:40]!r}.", field="PAYDESK_TOOLS", next_step="`paydesk skills` lists them."
        )
    # Who names tools and no toolset means just these tools.
    named = "toolsets" in settings.model_fields_set or not settings.tools
    asked = asked if named else frozenset()
    everything = bool(asked & {"all", "default"})
    unlisted = unlisted_by_default() if everything and "all" not in asked else frozenset[str]()
    unlisted -= settings.tools
    if named_sets:
        unlisted -= {skill.name for skill in catalogue().values() if skill.toolset in named_sets}
    return Scope(
        (
            Bound(
                toolsets=None if everything else frozenset(asked),
                tools=None if everything else settings.tools,
                excluded=settings.exclude_tools,
                read_only=settings.read_only,
                unlisted=unlisted,
            ),
        )
    )
