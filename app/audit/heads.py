"""The newest seals, kept outside the database: against them a chain that was cut short, or made anew, is found.

One line of JSON a seal, only ever added. Whoever can write to the database should not be able to write to this file;
docs/audit.md tells how to keep it.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog

#: What a line can be that is none of ours: no JSON, or JSON of anything (a list, infinity, ten thousand brackets).
_UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)

_log = structlog.get_logger("switchboard.audit")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest seal of an organization at a moment; `hash` in hexadecimal digits."""

    organization_id: UUID
    seq: int
    hash: str


#: Of one organization: the hashes that were ever written down for a seal's number; one, unless the chain was made anew.
Heads = Mapping[int, frozenset[str]]


class HeadsFile:
    """The file at `path`; it is made with the first head."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, head: Head) -> None:
        """Write a head down, also while others do. Raises OSError."""
        line = json.dumps({"organization": str(head.organization_id), "seq": head.seq, "hash": head.hash}) + "\n"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, line.encode())  # whole or not at all: lines of two writers do not mix
            os.fsync(file)
        finally:
            os.close(file)

    def of(self, organization_id: UUID) -> Heads:
        """The heads of an organization; empty when none was written down."""
        return _by_seq(head for head in self._read() if head.organization_id == organization_id)

    def by_organization(self) -> dict[UUID, Heads]:
        """The heads of all organizations that ever had a seal, by one pass over the file."""
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
                    fields = json.loads(line)
                    yield Head(UUID(fields["organization"]), int(fields["seq"]), str(fields["hash"]))
                except _UNREADABLE:
                    _log.warning("a head of the audit trail cannot be read", file=str(self._path), line=number)


def _by_seq(heads: Iterable[Head]) -> Heads:
    found: dict[int, set[str]] = {}
    for head in heads:
        found.setdefault(head.seq, set()).add(head.hash)
    return {seq: frozenset(hashes) for seq, hashes in found.items()}
