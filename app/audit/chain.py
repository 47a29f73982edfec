"""How the seals of the audit trail hang together: no database, no request.

A seal's hash is an HMAC over all that the seal says and over the hash of the seal before it. Its key comes from the
settings and never reaches the database, so that who owns the database can change rows and seals, but cannot make a seal
that fits.
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
    """A point in the order of the trail: the rows before it are those with a smaller (pos, id)."""

    pos: int = 0
    id: UUID = BEGINNING


@dataclass(frozen=True, slots=True)
class Seal:
    """What a seal says of the rows from `start` up to, and without, `end` that were written in `month` (UTC)."""

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
    """The key that seals, and those that did before it and are still needed to verify."""

    def __init__(self, current: str, *old: str) -> None:
        self._keys: Mapping[str, bytes] = {_key_id(key): key.encode() for key in (*old, current)}
        self.current_id = _key_id(current)

    def knows(self, key_id: str) -> bool:
        """Whether a seal made with this key can be verified."""
        return key_id in self._keys

    def hash(self, seal: Seal, key_id: str) -> bytes:
        """The hash that `seal` has to have: 32 bytes. Raises KeyError for a key that is not known."""
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
    """The keys of this installation."""
    old = settings.audit_seal_old_keys.get_secret_value().split(",")
    return SealKeys(settings.audit_seal_key.get_secret_value(), *(key.strip() for key in old if key.strip()))


def follows(seal: Seal, before: Seal | None) -> bool:
    """Whether `seal` begins where the one before it ends, or goes on with a later month of the same range."""
    if before is None:
        return seal.start == Place()
    same_range = (seal.start, seal.end) == (before.start, before.end)
    return seal.month > before.month if same_range else seal.start == before.end


def _key_id(key: str) -> str:
    """A name that tells keys apart and does not give them away."""
    return hashlib.sha256(b"switchboard audit seal key\n" + key.encode()).hexdigest()[:16]


def _microseconds(moment: datetime) -> int:
    """Since 1970, exactly: a float would round."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
