"""Reconstruction of a record at an earlier time: its values today, with later changes taken back."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed

Values = Mapping[str, Any]

#: Fields that no change sets, and that are therefore known even if the values of an entry were erased.
_FIXED = frozenset({"id", "organization_id", "created_at"})


class Entry(Protocol):
    """An entry about the record."""

    action: str
    before: Values | None
    after: Values | None
    redacted_at: datetime | None


@dataclass(frozen=True, slots=True)
class State:
    """The values of a record at a time, by field; those of the `erased` fields are unknown."""

    values: Values
    erased: frozenset[str] = frozenset()


def as_it_was(today: Values | None, later: Iterable[Entry], fields: Sequence[str]) -> State | None:
    """Return the record before the `later` entries, which are newest first; None if it didn't exist.

    `today` are its values now, or None if it no longer exists; `fields` are those that the trail keeps.
    """
    values: dict[str, Any] | None = None if today is None else {name: today.get(name) for name in fields}
    erased: set[str] = set()
    for entry in later:
        if entry.redacted_at is not None:
            # It names no fields, so any of them can have had another value.
            values = None if entry.action.endswith(".created") else {**dict.fromkeys(fields), **(values or {})}
            erased = set(fields) - _FIXED if values else set()
        elif entry.before is None:
            # An event that changed nothing, or the entry that the record was created by.
            values, erased = (values, erased) if entry.after is None else (None, set())
        else:
            is_whole = entry.after is None
            known = {name: value for name, value in entry.before.items() if name in fields}
            values = {**dict.fromkeys(fields), **({} if is_whole else values or {}), **known}
            erased = set() if is_whole else erased - known.keys()
    return None if values is None else State(values, frozenset(erased))


def without_later(state: State, names: Collection[str], at: datetime) -> State:
    """Return the state at a time without those of the columns `names` whose values are later than that.

    The trail hasn't always recorded accompanying columns: before it did, only today's value is known.
    """
    later = {name for name in names if (value := state.values.get(name)) and datetime.fromisoformat(value) > at}
    return State({name: value for name, value in state.values.items() if name not in later}, state.erased)


def moment_typed(text: str, timezone: str) -> datetime:
    """Return a time as typed in an organization's time zone, or with its own offset.

    Raises ValidationFailed.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _no_time(text) from None
    if not MINYEAR < moment.year < MAXYEAR:  # in another zone, it could be in a year that doesn't exist
        raise _no_time(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))


def _no_time(text: str) -> ValidationFailed:
    sentence = _l("“%(text)s” isn’t a time. Enter one such as 2026-03-18T16:30.", text=text)
    return ValidationFailed([FieldError("at", sentence)], sentence)
