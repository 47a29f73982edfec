"""What reading a file yields: records ready to be stored, and rows that were turned away."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from app.errors import Sentence
from app.models.calls import BookingStatus, CallOutcome, CallStatus, CallType, Direction, HandledBy, Sentiment

LONGEST_SHOWN_VALUE = 200


@dataclass(frozen=True, slots=True)
class RowError:
    """One value that cannot be used. Column and value are None where the row as a whole is wrong."""

    line: int
    column: str | None
    value: str | None
    reason: Sentence


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


class CallRecord(NamedTuple):
    """One call. Times are aware and in UTC; `agent` is the name or address as the file has it.

    `fingerprint` is the SHA-256 of all that the file says of the call: an equal one brings nothing new.
    """

    line: int
    fingerprint: bytes
    external_source: str
    external_id: str
    agent: str | None
    direction: Direction
    call_type: CallType
    status: CallStatus
    handled_by: HandledBy
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    duration_seconds: int | None
    outcome: CallOutcome | None
    booking_status: BookingStatus | None
    call_quality: int | None
    caller_number: str | None
    called_number: str | None
    topic: str | None
    sentiment: Sentiment | None
    cost: Decimal | None


class ContactRecord(NamedTuple):
    """One contact; phones are E.164, the primary one first. `fingerprint` as in CallRecord."""

    line: int
    fingerprint: bytes
    repairs: tuple[Repair, ...]
    external_source: str
    external_id: str
    first_name: str | None
    last_name: str | None
    company_name: str | None
    phones: tuple[str, ...]
    email: str | None
    address_line_1: str | None
    address_line_2: str | None
    city: str | None
    state: str | None
    zip: str | None
    country: str | None
    tags: tuple[str, ...]


def fingerprint(record: CallRecord | ContactRecord) -> bytes:
    """SHA-256 of what the file says: the fields from `external_source` on; those before are about the row itself.

    Text is never empty in a record, so that nothing looks like a value that is missing.
    """
    start = record._fields.index("external_source")
    parts = ["" if value is None else str(value) for value in record[start:]]
    return hashlib.sha256("\x1f".join(parts).encode()).digest()


class RowNames:
    """Ids for rows that have none of their own: the content, and which of its copies in the file this is.

    Eight bytes of a digest are kept for each row: some 50 MB at 500,000 rows. Where two rows agree in these by chance,
    one gets a number that it did not need; their ids stay different and, for the same file, the same.
    """

    def __init__(self) -> None:
        self._copies: dict[int, int] = {}

    def name(self, digest: bytes) -> str:
        """`row-` and 32 hexadecimal digits; from the second copy on, with `-2` and so on."""
        key = int.from_bytes(digest[:8], "big")
        copy = self._copies[key] = self._copies.get(key, 0) + 1
        name = f"row-{digest.hex()[:32]}"
        return name if copy == 1 else f"{name}-{copy}"
