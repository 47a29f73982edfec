"""What reading a file yields: records ready to be stored, and rows that were turned away."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from app.errors import Sentence

MAX_SHOWN_VALUE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class RowError:
    """One value that cannot be used. Column and value are None where the row as a whole is wrong.

    A remark has not cost the row: it came in without this value.
    """

    line: int
    column: str | None
    value: str | None
    reason: Sentence
    is_remark: bool = False


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row with everything that is wrong with it."""

    line: int
    errors: tuple[RowError, ...]


@dataclass(frozen=True, slots=True)
class Repair:
    """A value that was mended on its way in, for the preview to show."""

    column: str
    before: str
    after: str


R = TypeVar("R", bound=NamedTuple)

#: What every record has beside what the file says of it.
_ABOUT_THE_ROW = frozenset(
    {"line", "fingerprint", "earlier_fingerprint", "earlier_id", "repairs", "remarks", "is_wait_unknown"}
)
_AS_TEXT = (date, Decimal)  # a datetime is a date
# Made once: json.dumps makes an encoder anew for every row.
_as_json = json.JSONEncoder(sort_keys=True, default=str).encode


def with_fingerprint(record: R, copies: "Copies", earlier_fields: Sequence[str]) -> R:
    """The record with its fingerprints, and with an id made of its content where the file gives none.

    A record has `line`, `fingerprint`, `earlier_fingerprint`, `earlier_id`, `external_id`, and what the file says of
    it; declared fields of its resource may stand in `fields`, by name. `fingerprint` is the SHA-256 of all that the
    file says: an equal one brings nothing new. The earlier ones are the fingerprint, and the id that is made of it,
    under which the same row was stored by a release that knew `earlier_fields`, and went by their position.
    """
    values = _values(record)
    # 0 is something; None, '' and () are nothing.
    said = {name: value for name, value in values.items() if value or value == 0}
    digest, earlier = _fingerprint(said), _earlier_fingerprint(values, said, earlier_fields)
    known: dict[str, Any] = {"fingerprint": digest, "earlier_fingerprint": earlier}
    if not values["external_id"]:
        copy = copies.count(digest)
        known |= {
            "external_id": _row_id(digest, copy),
            "earlier_id": None if earlier is None else _row_id(earlier, copy),
        }
    return record._replace(**known)


def _values(record: NamedTuple) -> dict[str, Any]:
    """What the file says, by the name of the field; times and amounts as text, which both fingerprints have them as."""
    values = record._asdict()
    for name in _ABOUT_THE_ROW:
        values.pop(name, None)
    values |= values.pop("fields", {})
    for name, value in values.items():
        if isinstance(value, _AS_TEXT):
            values[name] = str(value)
    return values


def _fingerprint(said: Mapping[str, Any]) -> bytes:
    """SHA-256 of what the file says: JSON of the fields by name, without those that it does not have.

    So a field that is added to the record later changes no fingerprint of a file without it.
    """
    return hashlib.sha256(_as_json(said).encode()).digest()


def _earlier_fingerprint(values: Mapping[str, Any], said: Mapping[str, Any], earlier: Sequence[str]) -> bytes | None:
    """The fingerprint that the same row got when it went by position; None if the row says what was not read then."""
    if said.keys() - earlier:
        return None
    parts = ["" if values[name] is None else str(values[name]) for name in earlier]
    return hashlib.sha256("\x1f".join(parts).encode()).digest()


def _row_id(digest: bytes, copy: int) -> str:
    """`row-` and 32 hexadecimal digits; from the second copy on, with `-2` and so on."""
    name = f"row-{digest.hex()[:32]}"
    return name if copy == 1 else f"{name}-{copy}"


class Copies:
    """How often a row without an id of its own has come up in the file so far.

    Eight bytes of a digest are kept for each row: some 50 MB at 500,000 rows. Where two rows agree in these by chance,
    one gets a number that it did not need; their ids stay different and, for the same file, the same.
    """

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def count(self, digest: bytes) -> int:
        """1 for the first row with this digest."""
        key = int.from_bytes(digest[:8], "big")
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key]
