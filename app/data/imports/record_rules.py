"""Results of reading a file: records ready to be stored, and rejected rows."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar

from app.errors import LazyText

MAX_SHOWN_VALUE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class RowError:
    """A problem with a row; column and value are None if it concerns the row as a whole.

    With `is_remark`, it is only a warning: the row is imported, usually without the value or with a part of it.
    """

    line: int
    column: str | None
    value: str | None
    reason: LazyText
    is_remark: bool = False


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A rejected row with all its errors."""

    line: int
    errors: tuple[RowError, ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """A value that was repaired while it was read, shown in the preview."""

    column: str
    before: str
    after: str


R = TypeVar("R", bound=NamedTuple)

#: Fields of every record that aren't values of the file.
_ABOUT_THE_ROW = frozenset(
    {"line", "fingerprint", "earlier_fingerprint", "earlier_ids", "repairs", "remarks", "is_wait_unknown"}
)
_AS_TEXT = frozenset({date, datetime, Decimal})
_CENT = Decimal("0.01")
# Created once, since json.dumps creates a new encoder for every row.
_as_json = json.JSONEncoder(sort_keys=True, default=str).encode


class EarlierForm(NamedTuple):
    """The form in which earlier releases hashed the values of a record.

    The first hashed only the fields in `positional`, by position. None had the fields `added` since, and amounts in
    `cents` were rounded to them.
    """

    positional: tuple[str, ...]
    added: frozenset[str] = frozenset()
    cents: tuple[str, ...] = ()


def with_fingerprint(record: R, copies: "Copies", earlier: EarlierForm | None = None) -> R:
    """Return the record with its fingerprint, and with an id derived from its content if it has none.

    A record has `line`, `fingerprint`, `external_id`, and the values of its row; declared fields of its resource can be
    in `fields`, by name. `fingerprint` is the SHA-256 of the row's values: if it is equal, nothing has changed. A kind
    with an `earlier` form also has `earlier_fingerprint`, and `earlier_ids`, the ids that earlier releases would have
    derived; they match rows that those have stored.
    """
    values = _values(record)
    said = _said(values)
    digest = _fingerprint(said)
    known: dict[str, Any] = {"fingerprint": digest}
    copy = 0
    if not values["external_id"]:
        copy = copies.count(digest)
        known["external_id"] = _row_id(digest, copy)
    if earlier is not None:
        known |= _known_before(values, said, earlier, copies, copy)
    return record._replace(**known)


def _known_before(
    values: Mapping[str, Any], said: Mapping[str, Any], earlier: EarlierForm, copies: "Copies", copy: int
) -> dict[str, Any]:
    """Return the fingerprint and the ids that earlier releases gave the row; `copy` is 0 for a row with an own id."""
    values_before = _as_before(values, said, earlier)
    said_before = said if values_before is values else _said(values_before)
    positional = _earlier_fingerprint(values_before, said_before, earlier.positional)
    is_same = said_before is said or said_before == said
    known: dict[str, Any] = {"earlier_fingerprint": positional if is_same else None}
    if copy:
        digests = [] if positional is None else [positional]
        if not is_same:
            digests.append(_fingerprint(said_before))
            copy = copies.count_former(digests[-1])
        known["earlier_ids"] = tuple(_row_id(digest, copy) for digest in digests)
    return known


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are not empty; 0 is one, None, '' and () are not."""
    return {name: value for name, value in values.items() if value or value == 0}


def _as_before(values: Mapping[str, Any], said: Mapping[str, Any], earlier: EarlierForm) -> Mapping[str, Any]:
    """Return the values as earlier releases read them: the same object if they are no others."""
    finer = [name for name in earlier.cents if name in said and not _has_cents(values[name])]
    rounded = {name: str(_in_cents(Decimal(values[name]))) for name in finer}
    if not rounded and earlier.added.isdisjoint(said):
        return values
    return {name: rounded.get(name, value) for name, value in values.items() if name not in earlier.added}


def _has_cents(amount: str) -> bool:
    """Return whether the text of an amount has exactly two decimals."""
    return amount[-3:-2] == "."


def _in_cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _values(record: NamedTuple) -> dict[str, Any]:
    """Return the record's values from the file by field, in the form that both fingerprints hash.

    Times and amounts are text.
    """
    declared: Mapping[str, Any] = getattr(record, "fields", {})
    names, in_order = _order(record._fields, tuple(declared))
    found = zip(names, in_order((*record, *declared.values())), strict=True)
    return {name: str(value) if type(value) in _AS_TEXT else value for name, value in found}


@cache
def _order(own: tuple[str, ...], declared: tuple[str, ...]) -> tuple[Sequence[str], Callable[[Any], Sequence[Any]]]:
    """Return the names of all values of a record, sorted, and how to take them from its own and the declared ones.

    It is called for every row; JSON is then sorted already.
    """
    places = {name: place for place, name in enumerate((*own, *declared))}
    names = sorted(places.keys() - _ABOUT_THE_ROW - {"fields"})
    return names, itemgetter(*map(places.__getitem__, names))


def _fingerprint(said: Mapping[str, Any]) -> bytes:
    """Return the SHA-256 of the non-empty values, as JSON by field name.

    A field added to the record later therefore leaves the fingerprint of a file without that field unchanged.
    """
    return hashlib.sha256(_as_json(said).encode()).digest()


def _earlier_fingerprint(values: Mapping[str, Any], said: Mapping[str, Any], earlier: tuple[str, ...]) -> bytes | None:
    """Return the fingerprint that an earlier release gave the row, from its values by position.

    Returns None if the row has values of fields added later.
    """
    names, in_order = _positions(earlier)
    if not said.keys() <= names:
        return None
    parts = ["" if value is None else str(value) for value in in_order(values)]
    return hashlib.sha256("\x1f".join(parts).encode()).digest()


@cache
def _positions(earlier: tuple[str, ...]) -> tuple[frozenset[str], Callable[[Any], Sequence[Any]]]:
    return frozenset(earlier), itemgetter(*earlier)


class Copies:
    """Counts of equal rows without an id, as read from the file so far.

    Eight bytes of the digest are stored per row, some 50 MB at 500,000 rows. On a collision, a row gets a copy number
    that it did not need; ids are still distinct, and always the same for the same file.
    """

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._former: dict[int, int] = {}

    def count(self, digest: bytes) -> int:
        """Count the row and return its number, 1 for the first row with this digest."""
        key = _key(digest)
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key]

    def count_former(self, digest: bytes) -> int:
        """Count a row whose digest was this one in an earlier release, and return its number among those with it."""
        key = _key(digest)
        self._former[key] = self._former.get(key, 0) + 1
        return self._former[key] + self._counts.get(key, 0)


def _key(digest: bytes) -> int:
    return int.from_bytes(digest[:8], "big")


def _row_id(digest: bytes, copy: int) -> str:
    """Return the id for a row that has none: `row-` and 32 hex digits, with `-2` and so on for its copies."""
    name = f"row-{digest.hex()[:32]}"
    return name if copy == 1 else f"{name}-{copy}"
