"""Sealing of the audit trail: complete ranges of rows are hashed into the chain.

A range is complete when no running transaction can add rows to it anymore.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from app.audit.chain import NO_SEAL, Place, Seal, SealKeys, seal_keys
from app.audit.heads import Head, HeadsFile
from app.audit.seal_input import ENTRY, MONTH
from app.db.context import Context, use_context
from app.db.transaction import own_transaction

#: Keeps the memory for making and verifying a seal moderate, and narrows damage down to a few rows.
ROWS_PER_SEAL = 10_000

_log = structlog.get_logger("switchboard.audit")

# The first key is reserved for sealing, so that this can't collide with another advisory lock.
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(7204313, hashtext(CAST(:organization AS text)))")
# A separate statement after the lock: only its snapshot includes the work of the previous sealer.
_HEAD = text("""
    SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + epoch.pos_offset AS complete_to,
      clock_timestamp() AS now, coalesce(s.seq, 0) AS seq, s.to_pos, s.to_id, s.hash
    FROM audit_epoch epoch LEFT JOIN LATERAL (
      SELECT * FROM audit_seals WHERE organization_id = :organization ORDER BY seq DESC LIMIT 1
    ) s ON true
""")
_CUT = text("""
    SELECT pos, id FROM audit_logs
    WHERE organization_id = :organization AND (pos, id) >= (:pos, :id) AND pos < :complete_to
    ORDER BY pos, id OFFSET :rows LIMIT 1
""")
_ROWS = text(f"""
    SELECT {MONTH} AS month, count(*) AS number, string_agg({ENTRY}, ''::bytea ORDER BY a.pos, a.id) AS entries
    FROM audit_logs a
    WHERE a.organization_id = :organization AND (a.pos, a.id) >= (:pos, :id) AND (a.pos, a.id) < (:end_pos, :end_id)
    GROUP BY 1 ORDER BY 1
""")
_APPEND = text("""
    SELECT audit_seal(:seq, :from_pos, :from_id, :to_pos, :to_id, :month, :row_count, :entries, :rows_hash, :prev_hash,
      :key_id, :hash, :sealed_at)
""")
_CHAINS = text("SELECT organization_id, is_behind FROM audit_chains()")
_CONTINUE = text("SELECT audit_continue()")
_ROUND_DONE = text("SELECT audit_round_done()")


@dataclass(frozen=True, slots=True)
class Sealed:
    """The result of a round of sealing for one chain.

    `head` is None if there was nothing to seal or another sealer is running. `is_complete` is True unless rows were
    left because time ran out.
    """

    seals: int = 0
    rows: int = 0
    head: Head | None = None
    is_complete: bool = True


def seal_all(context: Context, until: datetime | None = None) -> dict[UUID, Sealed]:
    """Seal every chain that is behind, longest unsealed first, until `until` if it is set.

    Chains that are not reached are left to the next round. Returns what was sealed for each organization. Runs with the
    worker's database role. An error in one organization does not stop the others; the last error is raised at the end:
    SQLAlchemyError, or OSError if a head could not be written.
    """
    done: dict[UUID, Sealed] = {}
    failure: Exception | None = None
    with own_transaction() as session:
        session.execute(_CONTINUE)
    for organization_id in list_chains(only_behind=True):
        with use_context(replace(context, organization_id=organization_id)):
            try:
                done[organization_id] = seal_organization(organization_id, until)
            except (OSError, SQLAlchemyError) as error:
                _log.exception("audit not sealed", organization=str(organization_id))
                failure = error
    if failure is not None:
        raise failure
    if all(sealed.is_complete for sealed in done.values()):
        with own_transaction() as session:
            session.execute(_ROUND_DONE)
    return done


def list_chains(*, only_behind: bool = False) -> list[UUID]:
    """Return the ids of the organizations that can have an audit trail, longest unsealed first.

    With `only_behind`, organizations without unsealed entries are left out. Runs with the worker's database role.
    """
    with own_transaction() as session:
        return [row.organization_id for row in session.execute(_CHAINS) if row.is_behind or not only_behind]


def seal_organization(organization_id: UUID, until: datetime | None = None) -> Sealed:
    """Seal all complete rows, in separate transactions, and write the newest seal outside the database.

    With `until`, no transaction is started after that time. Runs with the worker's database role, with the organization
    in the context. Concurrent calls are safe: the second does nothing. Raises OSError if the head cannot be written;
    the rows are sealed nevertheless.
    """
    settings = current_app.config["SETTINGS"]
    done, more = Sealed(), True
    while more and (until is None or datetime.now(UTC) < until):
        with own_transaction() as session:
            step, more = _seal_next(session.connection(), organization_id, seal_keys(settings))
        done = Sealed(done.seals + step.seals, done.rows + step.rows, step.head or done.head)
    done = replace(done, is_complete=not more)
    if done.head is not None:
        _log.info(
            "audit sealed",
            organization=str(organization_id),
            seq=done.head.seq,
            head=done.head.hash,
            rows=done.rows,
        )
        HeadsFile(settings.audit_heads_path).add(done.head)
    return done


def _seal_next(connection: Connection, organization_id: UUID, keys: SealKeys) -> tuple[Sealed, bool]:
    """Seal the next rows, at most ROWS_PER_SEAL; return the result and whether rows are left."""
    whose = {"organization": organization_id}
    if not connection.scalar(_TRY_LOCK, whose):
        return Sealed(), False
    head = connection.execute(_HEAD, whose).one()
    start = Place(head.to_pos, head.to_id) if head.seq else Place()
    limits = {**whose, "pos": start.pos, "id": start.id}
    cut = connection.execute(_CUT, {**limits, "complete_to": head.complete_to, "rows": ROWS_PER_SEAL}).first()
    end = Place(cut.pos, cut.id) if cut else Place(head.complete_to)
    seq, newest_hash, rows = head.seq, head.hash or NO_SEAL, 0
    for part in connection.execute(_ROWS, {**limits, "end_pos": end.pos, "end_id": end.id}).all():
        seq, rows = seq + 1, rows + part.number
        rows_hash = sha256(part.entries).digest()
        seal = Seal(organization_id, seq, start, end, part.month, part.number, rows_hash, newest_hash, head.now)
        newest_hash = _append(connection, seal, part.entries, keys)
    newest = Head(organization_id, seq, newest_hash.hex()) if rows else None
    return Sealed(seq - head.seq, rows, newest), cut is not None


def _append(connection: Connection, seal: Seal, entries: bytes, keys: SealKeys) -> bytes:
    """Store the seal at the end of the chain and return its hash."""
    seal_hash = keys.hash(seal, keys.current_id)
    values = {
        "seq": seal.seq,
        "from_pos": seal.start.pos,
        "from_id": seal.start.id,
        "to_pos": seal.end.pos,
        "to_id": seal.end.id,
        "month": seal.month,
        "row_count": seal.row_count,
        "entries": entries,
        "rows_hash": seal.rows_hash,
        "prev_hash": seal.prev_hash,
        "key_id": keys.current_id,
        "hash": seal_hash,
        "sealed_at": seal.sealed_at,
    }
    connection.execute(_APPEND, values)
    return seal_hash
