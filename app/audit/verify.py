"""Verification of the audit trail.

It checks seals against the key, rows against their seals, and the newest seals against the copy outside the database.
It only reads, on any connection that can see the rows: the app's within an organization, the worker's, or the owner's
for a copy. Only `check_chain` writes: it records the result in the trail.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import Connection, Row, text

from app.audit.actions import Action
from app.audit.chain import BEGINNING, NO_SEAL, Place, Seal, SealKeys, follows, seal_keys
from app.audit.chain_faults import ChainFault, Finding
from app.audit.first_difference import find_backdated_row, find_first_difference, find_unsealed_row
from app.audit.heads import Heads, HeadsFile
from app.audit.record import record_event
from app.audit.seal_input import EMPTIED_ON_RECORD, ENTRY, ERASED, INTACT, MONTH
from app.db.transaction import own_transaction
from app.extensions import db

#: An entry can be older than the seal before it by as long as its transaction ran. Jobs' statements end after ten
#: minutes, only migrations have no limit; a day is beyond all of them, and beyond a clock set to the wrong time zone.
LONGEST_TRANSACTION = timedelta(days=1)

#: Seals checked by one statement: few enough for the statement timeout of a page.
_SEALS_AT_ONCE = 32

_UNPROVED = f"NOT {INTACT} AND NOT {EMPTIED_ON_RECORD}"
_FIRST = "(array_agg(a.id ORDER BY a.pos, a.id) FILTER (WHERE {}))[1]"
_SEALS = text(f"""
    WITH erased AS MATERIALIZED ({ERASED})
    SELECT s.seq, s.from_pos, s.from_id, s.to_pos, s.to_id, s.month, s.row_count, s.rows_hash, s.prev_hash, s.key_id,
      s.hash, s.sealed_at, s.entries IS NULL AS is_without_list,
      coalesce(sha256(s.entries) = s.rows_hash, true) AS list_fits, found.*
    FROM public.audit_seals s CROSS JOIN LATERAL (
      SELECT count(*) AS in_range, count(*) FILTER (WHERE {MONTH} = s.month) AS in_month,
        sha256(coalesce(string_agg({ENTRY}, ''::bytea ORDER BY a.pos, a.id) FILTER (WHERE {MONTH} = s.month), ''))
          AS found_hash,
        {_FIRST.format(f"{MONTH} = s.month AND {_UNPROVED}")} AS unproved,
        min(a.created_at) FILTER (WHERE {MONTH} = s.month) AS oldest
      FROM public.audit_logs a
      WHERE a.organization_id = :organization
        AND (a.pos, a.id) >= (s.from_pos, s.from_id) AND (a.pos, a.id) < (s.to_pos, s.to_id)
    ) found
    WHERE s.organization_id = :organization AND s.seq > :after ORDER BY s.seq LIMIT :most
""")
_UNSEALED = text(f"""
    WITH erased AS MATERIALIZED ({ERASED})
    SELECT count(*) AS number, {_FIRST.format(_UNPROVED)} AS unproved,
      {_FIRST.format("a.created_at < :earliest")} AS backdated
    FROM public.audit_logs a WHERE a.organization_id = :organization AND (a.pos, a.id) >= (:pos, :id)
""")
# Positions start at 0: a row with a smaller one, or with none, lies in no seal's range and after no seal.
_ASIDE = text("""
    SELECT a.id FROM public.audit_logs a
    WHERE a.organization_id = :organization AND ((a.pos, a.id) >= (:pos, :id)) IS NOT TRUE LIMIT 1
""")
_PAYLOAD = text("""
    SELECT salt IS NULL AND before IS NULL AND after IS NULL AS is_empty FROM public.audit_logs
    WHERE organization_id = :organization AND id = :row
""")
# A forged month can't make this fail; months are dropped from the oldest on.
_DROPPED = text("""
    SELECT max(metadata ->> 'month') FROM public.audit_logs
    WHERE organization_id = :organization AND action = 'audit.dropped'
""")
_PATH = text("SELECT pg_catalog.current_setting('search_path')")
_SET_PATH = text("SELECT pg_catalog.set_config('search_path', :path, true)")


@dataclass(slots=True)
class ChainStatus:
    """The result of verifying a chain; with a finding other than a backdated row, the numbers show how far it got.

    `sealed_until` is when the last verified seal was made, `dropped` counts rows of months with a recorded drop, and
    `heads` counts the seals that were compared with the copy outside the database.
    """

    organization_id: UUID
    seals: int = 0
    rows: int = 0
    dropped: int = 0
    unsealed: int = 0
    heads: int = 0
    sealed_until: datetime | None = None
    finding: Finding | None = None


def _ignore_progress(_seals: int) -> None:
    """Ignore the progress: the default for callers that only need the result."""


def check_chain(
    organization_id: UUID, heads: Heads | None = None, report: Callable[[int], None] = _ignore_progress
) -> ChainStatus:
    """Verify the chain of the organization in the context and record the result in the trail.

    Seals are compared with this installation's heads. Callers that verify many chains pass each one's `heads`, so that
    the file is read only once. `report` is called with the number of each valid seal.
    """
    settings = current_app.config["SETTINGS"]
    if heads is None:
        heads = HeadsFile(settings.audit_heads_path).of(organization_id)
    status = verify_organization(db.session.connection(), organization_id, seal_keys(settings), heads, report=report)
    with own_transaction() as session:
        record_event(Action.AUDIT_VERIFIED, "audit", metadata=_facts(status), session=session)
    return status


def _facts(status: ChainStatus) -> dict[str, Any]:
    """Return the facts of a verification to store in the trail; `seal` and `row` belong to the finding."""
    found = status.finding
    return {
        "seals": status.seals,
        "rows": status.rows,
        "dropped": status.dropped,
        "unsealed": status.unsealed,
        "heads": status.heads,
        "sealed_until": status.sealed_until and status.sealed_until.isoformat(),
        "finding": found and found.damage.value,
        "seal": found and found.seal,
        "row": str(found.row_id) if found and found.row_id else None,
    }


def verify_organization(
    connection: Connection,
    organization_id: UUID,
    keys: SealKeys,
    heads: Heads,
    *,
    is_copy: bool = False,
    report: Callable[[int], None] = _ignore_progress,
) -> ChainStatus:
    """Verify one chain and return its status.

    `heads` are the seals recorded outside the database; `report` is called with the number of each valid seal. With
    `is_copy`, the chain of a restored backup is verified: it can lack the newest seals, which were made after the
    backup.
    """
    walk = _Walk(connection, keys, heads, ChainStatus(organization_id), report)
    with _nothing_but_postgresqls_own(connection):
        damage = walk.seals() or walk.unsealed() or walk.aside() or (None if is_copy else walk.tail())
    walk.status.finding = damage or walk.backdated
    return walk.status


@contextmanager
def _nothing_but_postgresqls_own(connection: Connection) -> Iterator[None]:
    """Resolve functions and operators only in pg_catalog within the block.

    Tables are named with their schema. Otherwise the owner of the schema could create a function whose argument types
    match better, such as `text` where the column is a `name`, and PostgreSQL would choose it.
    """
    path = connection.scalar(_PATH)
    connection.execute(_SET_PATH, {"path": "pg_catalog"})
    yield
    connection.execute(_SET_PATH, {"path": path})  # after an error the transaction ends, and the setting with it


@dataclass(slots=True)
class _Walk:
    """One pass over a chain; each step returns the first finding, or None.

    `backdated` is the first finding of a backdated entry. The pass continues after it, so that such an entry, which
    stays in the trail for good, hides no damage behind it.
    """

    connection: Connection
    keys: SealKeys
    heads: Heads
    status: ChainStatus
    report: Callable[[int], None]
    before: Seal | None = None
    newest_hash: bytes = NO_SEAL
    backdated: Finding | None = None
    #: When the newest seal before the current range was made that left no complete row to the next one.
    caught_up_at: datetime | None = None
    #: Rows in the range of the last seal, and how many of them the seals of that range account for.
    in_range: int = 0
    accounted: int = 0
    months: list[date] = field(default_factory=list)

    def seals(self) -> Finding | None:
        """Check each seal from the first onward: its link to the previous one, then its rows."""
        for row in self._stored():
            seal = _seal_of(self.status.organization_id, row)
            finding = self._link(seal, row) or self._stray(seal) or self._rows(seal, row)
            if finding is not None:
                return finding
            self._check_age(seal, row.oldest)
            self._passed(seal, row)
            self.report(self.status.seals)
        return self._stray(None)

    def unsealed(self) -> Finding | None:
        """Check the payloads of rows that no seal covers yet."""
        end = self.before.end if self.before else Place()
        limits = {**self._whose, "pos": end.pos, "id": end.id, "earliest": self._earliest(None)}
        unsealed = self.connection.execute(_UNSEALED, limits).one()
        self.status.unsealed = unsealed.number
        if self.backdated is None and unsealed.backdated is not None:
            self.backdated = Finding(ChainFault.ROW_BACKDATED, None, unsealed.backdated)
        return None if unsealed.unproved is None else self._unproved(None, unsealed.unproved)

    def aside(self) -> Finding | None:
        """Find a row without a valid position in the order, which would never be sealed."""
        beginning = Place()
        stray = self.connection.scalar(_ASIDE, {**self._whose, "pos": beginning.pos, "id": beginning.id})
        return None if stray is None else Finding(ChainFault.ROW_ADDED, None, stray)

    def tail(self) -> Finding | None:
        """Find a head outside the database that is beyond the end of the chain."""
        beyond = [seq for seq in self.heads if seq > self.status.seals]
        return Finding(ChainFault.TAIL_CUT, min(beyond)) if beyond else None

    @property
    def _whose(self) -> dict[str, Any]:
        return {"organization": self.status.organization_id}

    def _stored(self) -> Iterator[Row[Any]]:
        after = 0
        while True:
            rows = self.connection.execute(_SEALS, {**self._whose, "after": after, "most": _SEALS_AT_ONCE}).all()
            yield from rows
            if len(rows) < _SEALS_AT_ONCE:
                return
            after = rows[-1].seq

    def _link(self, seal: Seal, row: Row[Any]) -> Finding | None:
        if seal.seq != self.status.seals + 1:
            return Finding(ChainFault.SEAL_MISSING, self.status.seals + 1)
        if not self.keys.knows(row.key_id):
            return Finding(ChainFault.KEY_UNKNOWN, seal.seq)
        fits = row.hash == self.keys.hash(seal, row.key_id) and row.list_fits
        if not fits or seal.prev_hash != self.newest_hash or not follows(seal, self.before):
            return Finding(ChainFault.SEAL_ALTERED, seal.seq)
        if self.heads.get(seal.seq, {row.hash.hex()}) != {row.hash.hex()}:
            return Finding(ChainFault.SEAL_REPLACED, seal.seq)
        return None

    def _rows(self, seal: Seal, row: Row[Any]) -> Finding | None:
        is_dropped = (row.in_month == 0 or row.is_without_list) and self._is_dropped(seal.month)
        if row.is_without_list and not is_dropped:
            return Finding(ChainFault.SEAL_ALTERED, seal.seq)
        if row.in_month == 0 and is_dropped:
            self.status.dropped += seal.row_count
            return None
        if (row.in_month, row.found_hash) != (seal.row_count, seal.rows_hash):
            return find_first_difference(self.connection, seal)
        return None if row.unproved is None else self._unproved(seal.seq, row.unproved)

    def _check_age(self, seal: Seal, oldest: datetime | None) -> None:
        """Look for a backdated row among those of `seal`, the oldest of which was written at `oldest`."""
        earliest = self._earliest(seal)
        if self.backdated is None and earliest and oldest and oldest < earliest:
            self.backdated = find_backdated_row(self.connection, seal, earliest)

    def _earliest(self, seal: Seal | None) -> datetime | None:
        """Return the earliest time that a row of `seal`, or with None an unsealed row, can have.

        A seal made while a backlog is cut into parts says nothing about the age of the rows behind it. One that ends
        where the complete rows end does: what follows was written by transactions that were running or hadn't begun.
        """
        last = self.before
        goes_on = last is not None and seal is not None and seal.start == last.start
        if last is not None and not goes_on and last.end.id == BEGINNING:
            self.caught_up_at = last.sealed_at
        return self.caught_up_at and self.caught_up_at - LONGEST_TRANSACTION

    def _stray(self, following: Seal | None) -> Finding | None:
        """Find a row whose month is covered by none of the seals of its range.

        The search takes place once all seals of the range have been read, when `following` starts another range or is
        None.
        """
        last = self.before
        if last is None or (following is not None and following.start == last.start) or self.in_range == self.accounted:
            return None
        return find_unsealed_row(self.connection, last, self.months)

    def _passed(self, seal: Seal, row: Row[Any]) -> None:
        goes_on = self.before is not None and self.before.start == seal.start
        self.accounted = (self.accounted if goes_on else 0) + row.in_month
        self.months = [*(self.months if goes_on else ()), seal.month]
        self.in_range = row.in_range
        self.status.seals, self.status.rows = seal.seq, self.status.rows + row.in_month
        self.status.heads += seal.seq in self.heads
        self.status.sealed_until = seal.sealed_at
        self.before, self.newest_hash = seal, row.hash

    def _is_dropped(self, month: date) -> bool:
        until = self.connection.scalar(_DROPPED, self._whose)
        return until is not None and month.isoformat() <= until

    def _unproved(self, seq: int | None, row_id: UUID) -> Finding:
        is_empty = self.connection.scalar(_PAYLOAD, {**self._whose, "row": row_id})
        return Finding(ChainFault.ERASURE_UNRECORDED if is_empty else ChainFault.PAYLOAD_ALTERED, seq, row_id)


def _seal_of(organization_id: UUID, row: Row[Any]) -> Seal:
    return Seal(
        organization_id=organization_id,
        seq=row.seq,
        start=Place(row.from_pos, row.from_id),
        end=Place(row.to_pos, row.to_id),
        month=row.month,
        row_count=row.row_count,
        rows_hash=row.rows_hash,
        prev_hash=row.prev_hash,
        sealed_at=row.sealed_at,
    )
