"""Identifiers: UUID version 7 (RFC 9562), made in Python so that a row knows its id before it is stored."""

import secrets
import time
from datetime import datetime
from uuid import UUID


def first_id_of(moment: datetime) -> UUID:
    """Before all ids that `uuid7` makes at `moment` and later."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def uuid7(at: datetime | None = None) -> UUID:
    """A time-ordered id; `at` back-dates it, for rows whose order should follow an earlier moment."""
    milliseconds = int(at.timestamp() * 1000) if at else time.time_ns() // 1_000_000
    value = (milliseconds & ((1 << 48) - 1)) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
