"""Matching columns by their names, and reading units and scales from them."""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Fields
from typing import Literal, NamedTuple

from app.data.imports.amount_rules import Unit
from app.data.imports.zone_name_rules import without_zone
from app.declarations.importable import LeftOut, Target

_BRACKETS = re.compile(r"[()\[\]]")
_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=[0-9])")
_NOT_A_WORD = re.compile(r"[\W_]+")
_UNIT = re.compile(
    r"(?: in)? (?:seconds|secs?|s|minutes|mins?|m|hours|hrs?|h|milliseconds|msecs?|ms|hh? mm(?: ss)?|mm ss)$"
)
#: Units in column names, surest first.
_UNIT_WORDS: tuple[tuple[re.Pattern[str], Unit], ...] = (
    (re.compile(r"\bh{1,2} ?mm(?! ?ss)\b"), "h:mm"),
    (re.compile(r"\b(?:milliseconds?|msecs?|ms|мс)\b"), "milliseconds"),
    (re.compile(r"\b(?:seconds?|secs?|s|сек|секунд\w*|с|soniya)\b"), "seconds"),  # noqa: RUF001 - Russian
    (re.compile(r"\b(?:minutes?|mins?|m)\b|\b(?:мин|минут\w*|daqiqa)\b"), "minutes"),
    (re.compile(r"\b(?:hours?|hrs?|h)\b|\b(?:час\w*|soat)\b"), "hours"),
)
#: Words in a column name which show that it is the time of something else.
OF_SOMETHING_ELSE = frozenset({
    "end", "ended", "ends", "finish", "finished", "stop", "stopped", "update", "updated", "modified", "changed",
    "edited", "exported", "synced", "reviewed", "follow", "followup", "due", "closed", "deleted", "expires",
    "birthday", "next",
})  # fmt: skip
# Signs that join the name of a group and that of a column: `Call Details > Start time`, `Deal - Title`, `caller.phone`.
_JOINT = re.compile(r"\s*(?:>|»|→|::|\|)\s*|\s+[-–—]\s+|:\s+|(?<=[^\W\d_])\.(?=[^\W\d_])")
# Names that only mean something with the name of their group.
_IDS = frozenset({"id", "uuid", "sid", "ref", "reference", "record id", "unique id"})
_SCALE = re.compile(r"(?:\b[01]\s*(?:-|–|to)|/|\bout of|\bof)\s*(5|10|100)\b", re.IGNORECASE)
_SCALES: Fields[str, Literal[5, 10, 100]] = {"5": 5, "10": 10, "100": 100}


class Matches(NamedTuple):
    """Columns matched by name.

    `columns` maps each to its field, `unsure` are those whose field matches another column too, and `left_out` gives
    the reasons why known columns are not imported.
    """

    columns: dict[str, str]
    unsure: set[str]
    left_out: dict[str, LeftOut]


def plain_words(text: str) -> str:
    """Return the words of `text` in lowercase, without punctuation."""
    return _NOT_A_WORD.sub(" ", text).strip().casefold()


def plain_name(column: str) -> str:
    """Return a normalized column name: `AvgTalkDuration (s)` becomes "avg talk duration".

    Case, punctuation, brackets, unit, scale and time zone are removed.
    """
    name = _SCALE.sub(" ", _IN_BRACKETS.sub(" ", without_zone(column)))
    return _UNIT.sub("", plain_words(_WORD_STARTS.sub(" ", name)))


def names_of(column: str) -> tuple[str, str]:
    """Return the normalized name without and with the text in brackets.

    `duration (in call)` is not the same column as `duration (total)`.
    """
    name = without_zone(column)
    return plain_name(_BRACKETS.sub(" ", name)), plain_name(name)


def last_part(column: str) -> str | None:
    """Return the last part of a joined name, or None for any other name: `Call Details > Start time`."""
    part = _JOINT.split(column)[-1].strip()
    return part if part and part != column.strip() else None


def unit_in(column: str) -> Unit | None:
    """Return the unit stated in a column name, or None: `Talk time (min)` is in minutes."""
    words = plain_words(_WORD_STARTS.sub(" ", column))
    return next((unit for pattern, unit in _UNIT_WORDS if pattern.search(words)), None)


def scale_in(column: str) -> Literal[5, 10, 100] | None:
    """Return the best rating stated in a column name, as in `CSAT (1-10)` or `Score out of 100`, or None."""
    match = _SCALE.search(column)
    return _SCALES[match[1]] if match else None


def match_names(
    targets: Fields[str, Target],
    header: Sequence[str],
    known: Fields[str, LeftOut],
    by_words: Fields[str, LeftOut] | None = None,
    *,
    parts: Fields[str, str] | None = None,
    about: str = "",
) -> Matches:
    """Match columns to fields by their names, most certain names first.

    Columns listed in `known`, which correspond to no field, are skipped, and so are the columns `by_words`. Where no
    whole name matches, the last part of a joined one does: `parts` are those of names that two header rows join, and
    `about` is the word for a record, such as call.
    """
    plain = {name: names_of(name) for name in header}
    left_out = {name: one for name in header if (one := _left_out(plain[name], known, plain.values())) is not None}
    left_out |= by_words or {}
    found = Matches({}, set(), left_out)
    _match(found, targets, header, plain)
    joined = {name: part for name in header if (part := (parts or {}).get(name) or last_part(name))}
    tails = {name: names_of(part) for name, part in joined.items() if _can_stand_alone(name, part, about)}
    free = {name: names for name, names in tails.items() if name not in found.columns and name not in left_out}
    left_out |= {name: one for name, names in free.items() if (one := _left_out(names, known, ())) is not None}
    _match(found, targets, [name for name in header if name in free], free)
    return found


def _match(
    found: Matches, targets: Fields[str, Target], header: Sequence[str], names: Fields[str, tuple[str, str]]
) -> None:
    """Add the columns of `header` whose names are those of a field that no column provides yet."""
    given = {*found.columns.values()}
    for field, target in targets.items():
        if field in given and not target.repeatable:
            continue
        free = [name for name in header if name not in found.columns and name not in found.left_out]
        matches = [*dict.fromkeys(name for one in target.names for name in free if one in names[name])]
        for name in matches if target.repeatable else matches[:1]:
            found.columns[name] = field
            if len(matches) > 1 and not target.repeatable:
                found.unsure.add(name)


def _can_stand_alone(column: str, part: str, about: str) -> bool:
    """Return whether the last part of a name says enough without its group.

    The `date` of an update isn't that of the record, and the `id` of an agent isn't that of the call.
    """
    group = {*plain_words(_WORD_STARTS.sub(" ", column)).split()} - {*plain_words(_WORD_STARTS.sub(" ", part)).split()}
    return OF_SOMETHING_ELSE.isdisjoint(group) and (plain_name(part) not in _IDS or about in group)


def _left_out(names: tuple[str, str], known: Fields[str, LeftOut], header: Iterable[tuple[str, str]]) -> LeftOut | None:
    found = next((known[name] for name in names if name in known and not known[name].words), None)
    if found is None or not found.beside:
        return found
    return found if any(name in found.beside for others in header for name in others) else None
