"""The newest seals, stored outside the database to detect a chain that was truncated or recreated.

The file is append-only and gets one line of JSON per organization in each round of sealing. Anyone with write access to
the database should not have write access to this file; docs/audit.md describes how to store it.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog

#: Errors of lines that are not ours: invalid JSON, or JSON of any kind (a list, infinity, ten thousand brackets).
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)

_log = structlog.get_logger("switchboard.audit")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest seal of an organization when its line was written to the file; `hash` is in hexadecimal."""

    organization_id: UUID
    seq: int
    hash: str


#: Hashes ever written for each seal number of one organization: one, unless the chain was recreated.
Heads = Mapping[int, frozenset[str]]


class HeadsFile:
    """The file of heads at `path`, created when the first head is added."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, head: Head) -> None:
        """Append a head to the file as a line of its own; safe with concurrent writers.

        Raises OSError if the file can't be written.
        """
        line = json.dumps({"organization": str(head.organization_id), "seq": head.seq, "hash": head.hash}) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            with suppress(OSError):  # some network file systems have no locks
                fcntl.flock(file, fcntl.LOCK_EX)
            _append(file, line.encode())
            os.fsync(file)
        finally:
            os.close(file)

    def of(self, organization_id: UUID) -> Heads:
        """Return an organization's hashes by seal number, or an empty mapping if no head was written."""
        return _by_seq(head for head in self._read() if head.organization_id == organization_id)

    def by_organization(self) -> dict[UUID, Heads]:
        """Return the heads of every organization in the file, which is read only once."""
        found: dict[UUID, list[Head]] = {}
        for head in self._read():
            found.setdefault(head.organization_id, []).append(head)
        return {organization_id: _by_seq(heads) for organization_id, heads in found.items()}

    def _read(self) -> Iterator[Head]:
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    # Half a line, written by an earlier version to a full disk, can precede the head.
                    fields = json.loads(line[max(line.rfind("{"), 0) :])
                    yield Head(UUID(fields["organization"]), int(fields["seq"]), str(fields["hash"]))
                except _UNREADABLE:
                    _log.warning("a head of the audit trail cannot be read", file=str(self._path), line=number)


def _append(file: int, line: bytes) -> None:
    """Append a line, or nothing if there is no space for all of it. Raises OSError."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        line = b"\n" + line
    left = line
    try:
        while left:
            left = left[os.write(file, left) :]
    except OSError:
        with suppress(OSError):  # in a file that only grows, half a line stays, and the next head begins a new one
            os.ftruncate(file, size)
        raise


def _by_seq(heads: Iterable[Head]) -> Heads:
    found: dict[int, set[str]] = {}
    for head in heads:
        found.setdefault(head.seq, set()).add(head.hash)
    return {seq: frozenset(hashes) for seq, hashes in found.items()}
