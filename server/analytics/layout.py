"""What of the mirror is copied into columns: only what is counted with, no names and no addresses.

So forgetting a customer needs nothing rewritten here: an id says nothing once the mirror has forgotten whose it was.
"""

from dataclasses import dataclass

# Raised when the columns below change: a copy in another layout is made anew.
LAYOUT = 1


@dataclass(frozen=True)
class Copied:
    """A table of the mirror and the columns of it that are copied, with DuckDB's types.

    Rows are replaced by `key`: where one row of a key is newer, all rows of that key are taken from the mirror.
    `parent`, where there is one, is the table by whose change a key's rows may have changed or gone. `moment` decides
    the month that a row is kept under.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    key: str = "id"
    parent: str | None = None
    moment: str = "created"

    @property
    def names(self) -> str:
        """The columns' names for a SELECT."""
        return ", ".join(f'"{name}"' for name, _ in self.columns)

    def changed(self) -> str:
        """SQL for the keys that changed after `seq` (a parameter in the dialect's own style, written `{seq}`)."""
        own = f'SELECT "{self.key}" FROM {self.name} WHERE seq > {{seq}}'
        return own if self.parent is None else f"{own} UNION SELECT id FROM {self.parent} WHERE seq > {{seq}}"


COPIED: tuple[Copied, ...] = (
    Copied(
        "charges",
        (
            ("id", "VARCHAR"),
            ("created", "BIGINT"),
            ("customer", "VARCHAR"),
            ("currency", "VARCHAR"),
            ("status", "VARCHAR"),
            ("amount_captured_minor", "BIGINT"),
            ("amount_refunded_minor", "BIGINT"),
            ("paid", "BOOLEAN"),
            ("captured", "BOOLEAN"),
            ("deleted", "BOOLEAN"),
        ),
    ),
    Copied(
        "invoices",
        (("id", "VARCHAR"), ("created", "BIGINT"), ("currency", "VARCHAR"), ("status", "VARCHAR")),
    ),
    Copied(
        "invoice_lines",
        (
            ("id", "VARCHAR"),
            ("created", "BIGINT"),
            ("invoice", "VARCHAR"),
            ("product", "VARCHAR"),
            ("currency", "VARCHAR"),
            ("amount_minor", "BIGINT"),
            ("deleted", "BOOLEAN"),
        ),
        key="invoice",
        parent="invoices",
    ),
    # What is known beforehand goes when a subscription is changed, and leaves no row that says so.
    Copied(
        "revenue_changes",
        (
            ("subscription", "VARCHAR"),
            ("at", "BIGINT"),
            ("customer", "VARCHAR"),
            ("currency", "VARCHAR"),
            ("a_month_minor", "BIGINT"),
        ),
        key="subscription",
        parent="subscriptions",
        moment="at",
    ),
)
