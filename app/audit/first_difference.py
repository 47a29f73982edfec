"""Locating the first row that is wrong; used only when a seal does not match, or covers a row that is too old."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, text

from app.audit.chain import Seal
from app.audit.chain_faults import ChainFault, Finding
from app.audit.seal_input import ENTRY, ENTRY_BYTES, ID_BYTES, MONTH

_IN_RANGE = """
    a.organization_id = :organization AND (a.pos, a.id) >= (:pos, :id) AND (a.pos, a.id) < (:end_pos, :end_id)
"""
_SEALED = text("SELECT entries FROM public.audit_seals WHERE organization_id = :organization AND seq = :seq")
_FOUND = text(f"""
    SELECT {ENTRY} AS entry FROM public.audit_logs a WHERE {_IN_RANGE} AND {MONTH} = :month ORDER BY a.pos, a.id
    LIMIT :most
""")
_STRAY = text(f"""
    SELECT a.id FROM public.audit_logs a WHERE {_IN_RANGE} AND {MONTH} NOT IN :months ORDER BY a.pos, a.id LIMIT 1
""").bindparams(bindparam("months", expanding=True))
_BACKDATED = text(f"""
    SELECT a.id FROM public.audit_logs a WHERE {_IN_RANGE} AND {MONTH} = :month AND a.created_at < :earliest
    ORDER BY a.pos, a.id LIMIT 1
""")
_ELSEWHERE = text("SELECT count(*) FROM public.audit_logs WHERE organization_id = :organization AND id = :row")


def find_first_difference(connection: Connection, seal: Seal) -> Finding:
    """Return a finding for the first row in which the trail and `seal` differ."""
    sealed = _pieces(connection.scalar(_SEALED, {"organization": seal.organization_id, "seq": seal.seq}) or b"")
    # Reading one more row than was sealed is sure to reveal a difference, however many were added.
    limits = {**_limits(seal), "month": seal.month, "most": seal.row_count + 1}
    found = [row.entry for row in connection.execute(_FOUND, limits)]
    if not sealed:  # its list of rows was deleted with the month: rows added since can't be told apart
        return Finding(ChainFault.ROW_ADDED, seal.seq, _id_of(found[0]) if found else None)
    here = next((at for at, (old, new) in enumerate(zip(sealed, found, strict=False)) if old != new), None)
    at = min(len(sealed), len(found)) if here is None else here
    expected, actual = (_id_of(entries[at]) if at < len(entries) else None for entries in (sealed, found))
    if expected == actual:
        return Finding(ChainFault.ROW_ALTERED, seal.seq, actual)
    if actual is not None and actual not in {_id_of(entry) for entry in sealed}:
        return Finding(ChainFault.ROW_ADDED, seal.seq, actual)
    where = {"organization": seal.organization_id, "row": expected}
    is_elsewhere = bool(connection.scalar(_ELSEWHERE, where))
    return Finding(ChainFault.ROW_MOVED if is_elsewhere else ChainFault.ROW_MISSING, seal.seq, expected)


def find_unsealed_row(connection: Connection, seal: Seal, months: Sequence[date]) -> Finding:
    """Return a finding for the first row in the range of `seal` that was written in none of `months`.

    `months` are the months that the seals of this range cover.
    """
    stray = connection.scalar(_STRAY, {**_limits(seal), "months": months})
    return Finding(ChainFault.ROW_ADDED, seal.seq, stray)


def find_backdated_row(connection: Connection, seal: Seal, earliest: datetime) -> Finding:
    """Return a finding for the first row of `seal` that is dated before `earliest`."""
    row_id = connection.scalar(_BACKDATED, {**_limits(seal), "month": seal.month, "earliest": earliest})
    return Finding(ChainFault.ROW_BACKDATED, seal.seq, row_id)


def _limits(seal: Seal) -> dict[str, Any]:
    return {
        "organization": seal.organization_id,
        "pos": seal.start.pos,
        "id": seal.start.id,
        "end_pos": seal.end.pos,
        "end_id": seal.end.id,
    }


def _pieces(entries: bytes) -> list[bytes]:
    return [entries[at : at + ENTRY_BYTES] for at in range(0, len(entries), ENTRY_BYTES)]


def _id_of(entry: bytes) -> UUID:
    return UUID(bytes=entry[:ID_BYTES])
