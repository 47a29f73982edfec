"""Rules for quotas: what a plan limits, and when people are warned that little of it is left.

All functions are pure.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

#: Percentages of a quota at which people are warned, once each in a billing period.
WARN_AT = (80, 90, 100)


class QuotaKind(StrEnum):
    """Kinds of limits of a plan.

    Minutes and storage are counted per billing period; people and phone numbers are counted as they are now.
    """

    CALL_MINUTES = "call_minutes"
    TEAM_MEMBERS = "team_members"
    PHONE_NUMBERS = "phone_numbers"
    STORAGE = "storage"


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit and its usage, in minutes, people, phone numbers or bytes."""

    kind: QuotaKind
    limit: int
    used: int

    @property
    def remaining(self) -> int:
        """Remaining amount, at least 0: after a downgrade, the usage can exceed the limit."""
        return max(0, self.limit - self.used)

    @property
    def fraction(self) -> float:
        """Share of the limit that is used; it can exceed 1.0. With a limit of 0, any use counts as 1.0."""
        return self.used / self.limit if self.limit else float(bool(self.used))

    @property
    def level(self) -> int:
        """Highest percentage in WARN_AT that the usage has reached; 0 if there is none."""
        return max(self.levels, default=0)

    @property
    def levels(self) -> tuple[int, ...]:
        """Percentages in WARN_AT that the usage has reached."""
        return tuple(percent for percent in WARN_AT if self.used and self.used * 100 >= self.limit * percent)

    def has_room_for(self, more: int) -> bool:
        """Return whether the usage plus `more` is within the limit."""
        return self.used + more <= self.limit


def levels_to_warn_of(quota: Quota, told: Mapping[int, Collection[str]]) -> tuple[int, ...]:
    """Return the percentages that `quota` has reached and that people were not warned of yet.

    `told` contains, by percentage, the kinds of quotas that people were warned of.
    """
    return tuple(percent for percent in quota.levels if quota.kind not in told[percent])
