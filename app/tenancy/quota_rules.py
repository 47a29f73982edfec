"""Rules of quotas: what a plan limits, and when people are told that little of it is left. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

#: Percentages of a quota at which people are told, once each in a billing period.
WARN_AT = (80, 90, 100)


class QuotaKind(StrEnum):
    """What a plan limits. Minutes and storage are counted per billing period, people and numbers as they are now."""

    CALL_MINUTES = "call_minutes"
    TEAM_MEMBERS = "team_members"
    PHONE_NUMBERS = "phone_numbers"
    STORAGE = "storage"


@dataclass(frozen=True, slots=True)
class Quota:
    """One limit and how much of it is used: minutes, people, numbers or bytes."""

    kind: QuotaKind
    limit: int
    used: int

    @property
    def remaining(self) -> int:
        """Never below 0: a plan that became smaller may leave more used than it allows."""
        return max(0, self.limit - self.used)

    @property
    def fraction(self) -> float:
        """1.0 is all of it; more than that is possible. Of nothing, any use is all."""
        return self.used / self.limit if self.limit else float(bool(self.used))

    @property
    def level(self) -> int:
        """The highest percentage of WARN_AT that is reached, 0 below all of them."""
        return max(self.levels, default=0)

    @property
    def levels(self) -> tuple[int, ...]:
        """The percentages of WARN_AT that are reached."""
        return tuple(percent for percent in WARN_AT if self.used and self.used * 100 >= self.limit * percent)

    def has_room_for(self, more: int) -> bool:
        """Whether so much more is within the limit."""
        return self.used + more <= self.limit


def levels_to_warn_of(quota: Quota, told: Mapping[int, Collection[str]]) -> tuple[int, ...]:
    """The percentages that `quota` has reached and nobody was told of; `told` holds kinds of quotas by percentage."""
    return tuple(percent for percent in quota.levels if quota.kind not in told[percent])
