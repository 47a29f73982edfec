"""Pure rules for the value to keep where two contacts differ, and the reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.declarations.merging import Preselected, Rule, Together
from app.errors import LazyText

MAX_TAGS = 20


class Side(StrEnum):
    """The contact a value comes from: the one that stays or the merged one."""

    KEPT = "kept"
    MERGED = "merged"

    @property
    def other(self) -> "Side":
        return Side.MERGED if self is Side.KEPT else Side.KEPT


class Why(StrEnum):
    """Reason why a value is preselected."""

    ONLY = "only"
    STRICTER = "stricter"
    OLDER = "older"
    ENTERED = "entered"
    NEWER = "newer"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Part:
    """Columns that are chosen together."""

    name: str
    label: LazyText
    columns: tuple[str, ...]
    preselected: Preselected = Preselected.NEWEST


Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entered:
    """The time a value was set, and whether by a person rather than by a file or automation."""

    at: datetime
    by_person: bool


@dataclass(frozen=True, slots=True)
class Known:
    """The values of a contact by column, the origin of each, and the contact's creation time."""

    values: Values
    entered: Mapping[str, Entered]
    since: datetime

    def of(self, part: Part) -> tuple[Any, ...]:
        """Return the values of a part, with None for empty ones."""
        return tuple(self.values.get(column) or None for column in part.columns)

    def has(self, part: Part) -> bool:
        """Return whether any value of the part is set."""
        return any(value is not None for value in self.of(part))

    def entered_at(self, part: Part) -> Entered:
        """Return the origin of the latest value of the part."""
        found = [self.entered[column] for column in part.columns if column in self.entered]
        return max(found, key=lambda one: one.at) if found else Entered(self.since, by_person=False)


@dataclass(frozen=True, slots=True)
class Preselection:
    """The preselected side, with the reason."""

    side: Side
    why: Why


def differing(parts: Iterable[Part], kept: Known, merged: Known) -> list[Part]:
    """Return the parts that differ between the contacts, for each of which the user chooses a side."""
    return [part for part in parts if kept.of(part) != merged.of(part)]


def preselected(part: Part, kept: Known, merged: Known) -> Preselection:
    """Return the side to preselect for a part.

    Text messages: the earlier opt-out, if any; source: the older contact. Otherwise the only value, then one entered by
    a person, then the newest one.
    """
    both = {Side.KEPT: kept, Side.MERGED: merged}
    if part.preselected is Preselected.EARLIEST:
        refusals = {side: contact.of(part) for side, contact in both.items() if contact.has(part)}
        return Preselection(min(refusals, key=lambda side: refusals[side]), Why.STRICTER)
    only = [side for side, one in both.items() if one.has(part)]
    if len(only) == 1:
        return Preselection(only[0], Why.ONLY)
    if part.preselected is Preselected.OLDER_CONTACT:
        return Preselection(Side.MERGED if merged.since < kept.since else Side.KEPT, Why.OLDER)
    here, there = kept.entered_at(part), merged.entered_at(part)
    if here.by_person != there.by_person:
        return Preselection(Side.KEPT if here.by_person else Side.MERGED, Why.ENTERED)
    if here.at == there.at:
        return Preselection(Side.KEPT, Why.STAYS)
    return Preselection(Side.MERGED if there.at > here.at else Side.KEPT, Why.NEWER)


def merged_values(
    rules: Mapping[str, Rule], parts: Iterable[Part], kept: Values, merged: Values, choices: Mapping[str, Side]
) -> dict[str, Any]:
    """Return the new values of the contact that stays, by column.

    Parts are taken as chosen; lists are joined without duplicates, and objects combined by the rules of their columns.
    """
    taken = [column for part in parts for column in part.columns if choices.get(part.name, Side.KEPT) is Side.MERGED]
    values = {column: merged[column] for column in taken}
    for column, rule in rules.items():
        if rule is Together.JOINED:
            values[column] = joined(kept[column], merged[column])
        elif rule is Together.UPDATED:
            values[column] = {**merged[column], **kept[column]}
    return values


def joined(first: Iterable[str], then: Iterable[str]) -> list[str]:
    """Return the entries of both lists in order, without duplicates."""
    return list(dict.fromkeys((*first, *then)))
