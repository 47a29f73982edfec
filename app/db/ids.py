"""Identifiers: UUID version 7 (RFC 9562), generated in Python so that a row has its id before it is stored."""

import os
import time
from datetime import datetime
from uuid import UUID


class NewId(UUID):
    """An id that was generated within this request, so that no row has it yet."""


def first_id_of(moment: datetime) -> UUID:
    """Return the lower bound of all ids that `uuid7` generates at `moment` or later."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def parse_uuid(text: str) -> UUID:
    """Return the id written in its usual form, in lower or upper case. Raises ValueError.

    Python also reads other forms, with which one record would have several addresses.
    """
    found = UUID(text)
    if str(found) != text.lower():
        raise ValueError(text)
    return found


def uuid7(at: datetime | None = None) -> UUID:
    """Return a time-ordered id; `at` backdates it, for rows that must sort by an earlier time."""
    milliseconds = int(at.timestamp() * 1000) if at else time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = (milliseconds & ((1 << 48) - 1)) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def new_id() -> NewId:
    """Return an id for a row that this request creates itself, not one that a form was opened with."""
    return NewId(int=uuid7().int)
