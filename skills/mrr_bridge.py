"""How recurring revenue went from the start of a period to its end, in ChartMogul's five movements."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class MrrBridge:
    """One currency's bridge in minor units a month; contraction and churn are losses, so they are 0 or negative.

    new: customers who had never paid before; reactivation: those who had left and came back; expansion and contraction:
    more or less from those who stayed; churn: those who left altogether.
    """

    currency: str
    start_minor: int
    new_minor: int = 0
    expansion_minor: int = 0
    contraction_minor: int = 0
    churn_minor: int = 0
    reactivation_minor: int = 0
    end_minor: int = 0

    @property
    def movements(self) -> dict[str, int]:
        """The five movements by name, in the order in which they are told."""
        return {
            "new": self.new_minor,
            "expansion": self.expansion_minor,
            "reactivation": self.reactivation_minor,
            "contraction": self.contraction_minor,
            "churn": self.churn_minor,
        }

    @property
    def difference_minor(self) -> int:
        """End less start and movements: 0 where the bridge holds."""
        return self.end_minor - self.start_minor - sum(self.movements.values())


@dataclass(frozen=True)
class RememberedMrr:
    """Bridges day by day from kept changes, which are all known from `since` on; how many of them were `read`."""

    bridges: tuple[MrrBridge, ...]
    since: datetime
    read: int
