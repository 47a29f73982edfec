"""Which value stays where two contacts differ, and why. Pure: no database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

MAX_TAGS = 20


class Side(StrEnum):
    """Whose value: that of the contact that stays, or that of the one that goes."""

    KEPT = "kept"
    MERGED = "merged"

    @property
    def other(self) -> "Side":
        return Side.MERGED if self is Side.KEPT else Side.KEPT


class Why(StrEnum):
    """Why a value is chosen already."""

    ONLY = "only"
    STRICTER = "stricter"
    OLDER = "older"
    ENTERED = "entered"
    NEWER = "newer"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Part:
    """What is chosen as one: the columns that belong together."""

    name: str
    columns: tuple[str, ...]


PARTS: Sequence[Part] = (
    Part("person_name", ("first_name", "last_name")),
    Part("company_name", ("company_name",)),
    Part("primary_phone", ("primary_phone",)),
    Part("email", ("email",)),
    Part("address", ("address_line_1", "address_line_2", "city", "state", "zip", "country")),
    Part("timezone", ("timezone",)),
    Part("texts", ("sms_opt_out_at",)),
    Part("source", ("source",)),
    Part("last_call_summary", ("last_call_summary",)),
    Part("primary_intent", ("primary_intent",)),
    Part("home", ("property_snapshot",)),
)

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entered:
    """When a value came to be, and whether a person has entered it: a file or a machine has not."""

    at: datetime
    by_person: bool


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a contact: its values by column, how each came to be, and since when the contact is there."""

    values: Values
    entered: Mapping[str, Entered]
    since: datetime

    def of(self, part: Part) -> tuple[Any, ...]:
        """What it holds of a part; what is empty is not known."""
        return tuple(self.values.get(column) or None for column in part.columns)

    def has(self, part: Part) -> bool:
        """Whether anything of it is known."""
        return any(value is not None for value in self.of(part))

    def entered_at(self, part: Part) -> Entered:
        """When the latest of it came to be."""
        found = [self.entered[column] for column in part.columns if column in self.entered]
        return max(found, key=lambda one: one.at) if found else Entered(self.since, by_person=False)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whose value is chosen already, and why."""

    side: Side
    why: Why


def differing(kept: Known, merged: Known) -> list[Part]:
    """The parts that a person chooses of."""
    return [part for part in PARTS if kept.of(part) != merged.of(part)]


def preselected(part: Part, kept: Known, merged: Known) -> Chosen:
    """The stricter consent; where they came from first; else the newest value that a person entered."""
    both = {Side.KEPT: kept, Side.MERGED: merged}
    if part.name == "texts":
        refusals = {side: one.values["sms_opt_out_at"] for side, one in both.items() if one.has(part)}
        return Chosen(min(refusals, key=lambda side: refusals[side]), Why.STRICTER)
    only = [side for side, one in both.items() if one.has(part)]
    if len(only) == 1:
        return Chosen(only[0], Why.ONLY)
    if part.name == "source":
        return Chosen(Side.MERGED if merged.since < kept.since else Side.KEPT, Why.OLDER)
    here, there = kept.entered_at(part), merged.entered_at(part)
    if here.by_person != there.by_person:
        return Chosen(Side.KEPT if here.by_person else Side.MERGED, Why.ENTERED)
    if here.at == there.at:
        return Chosen(Side.KEPT, Why.STAYS)
    return Chosen(Side.MERGED if there.at > here.at else Side.KEPT, Why.NEWER)


def merged_values(kept: Values, merged: Values, choices: Mapping[str, Side]) -> dict[str, Any]:
    """What the contact that stays holds afterwards: of each part what was chosen, lists of both, each entry once."""
    taken = [column for part in PARTS for column in part.columns if choices.get(part.name, Side.KEPT) is Side.MERGED]
    return {
        **{column: merged[column] for column in taken},
        "tags": joined(kept["tags"], merged["tags"]),
        "risks": joined(kept["risks"], merged["risks"]),
        "custom_metadata": {**merged["custom_metadata"], **kept["custom_metadata"]},
    }


def joined(first: Iterable[str], then: Iterable[str]) -> list[str]:
    """Both, each entry once, in their order."""
    return list(dict.fromkeys((*first, *then)))
