"""The structure of the audit trail's chain of seals, without access to the database.

A seal's hash is an HMAC over the whole content of the seal, including the hash of the previous seal. Its key comes from
the settings and never reaches the database, so the owner of the database can change rows and seals but cannot produce a
valid seal.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from app.config import Settings

BEGINNING = UUID(int=0)
NO_SEAL = b""

_FORMAT = "switchboard audit seal 1"


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the order of the trail: the rows before it are those with a smaller (pos, id)."""

    pos: int = 0
    id: UUID = BEGINNING


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal over the rows from `start` (inclusive) to `end` (exclusive) that were written in `month` (UTC)."""

    organization_id: UUID
    seq: int
    start: Place
    end: Place
    month: date
    row_count: int
    rows_hash: bytes
    prev_hash: bytes
    sealed_at: datetime


class SealKeys:
    """The current sealing key and the earlier keys that are still needed to verify old seals."""

    def __init__(self, current: str, *old: str) -> None:
        self._keys: Mapping[str, bytes] = {_key_id(key): key.encode() for key in (*old, current)}
        self.current_id = _key_id(current)

    def knows(self, key_id: str) -> bool:
        """Return whether a seal made with this key can be verified."""
        return key_id in self._keys

    def hash(self, seal: Seal, key_id: str) -> bytes:
        """Return the 32-byte hash that `seal` must have.

        Raises KeyError for an unknown key.
        """
        parts = (
            _FORMAT,
            seal.organization_id,
            seal.seq,
            *(part for place in (seal.start, seal.end) for part in (place.pos, place.id)),
            seal.month.isoformat(),
            seal.row_count,
            seal.rows_hash.hex(),
            seal.prev_hash.hex(),
            key_id,
            _microseconds(seal.sealed_at),
        )
        message = "|".join(str(part) for part in parts)
        return hmac.digest(self._keys[key_id], message.encode(), "sha256")


def seal_keys(settings: Settings) -> SealKeys:
    """Return the sealing keys of this installation."""
    old = settings.audit_seal_old_keys.get_secret_value().split(",")
    return SealKeys(settings.audit_seal_key.get_secret_value(), *(key.strip() for key in old if key.strip()))


def follows(seal: Seal, before: Seal | None) -> bool:
    """Return whether `seal` starts where `before` ends, or continues the same range with a later month.

    With None for `before`, return whether it starts at the beginning of the trail.
    """
    if before is None:
        return seal.start == Place()
    same_range = (seal.start, seal.end) == (before.start, before.end)
    return seal.month > before.month if same_range else seal.start == before.end


def _key_id(key: str) -> str:
    """Return an id that distinguishes keys without revealing them."""
    return hashlib.sha256(b"switchboard audit seal key\n" + key.encode()).hexdigest()[:16]


def _microseconds(moment: datetime) -> int:
    """Return the microseconds since 1970 as an exact integer: a float would be rounded."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
