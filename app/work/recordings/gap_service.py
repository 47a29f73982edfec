"""Splitting of an upload whose middle never arrived: what follows a gap becomes a recording of its own.

Nothing whose arrival was confirmed is removed. The files are copied first, under keys that follow from the parts, so
that a run after a kill writes the same files again; then the rows are committed; only then are the originals removed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, Uuid, column, select, update, values

from app.db.context import current_context
from app.db.ids import uuid7
from app.extensions import db
from app.models import RecordingPart, RecordingSession, RecordingStatus
from app.ops.jobs.queue import enqueue_each
from app.security.scope import unscoped
from app.sound import MAX_HEADER_BYTES, header_for
from app.storage import storage
from app.trust.trash.file_jobs import remove_file
from app.work.recordings import rules
from app.work.recordings.detail_queries import list_parts, lock_unprepared


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive parts: the id of the first, the key of a recording of them, their numbers, and their time."""

    first_id: UUID
    key: str
    numbers: range
    started_at: datetime
    ended_at: datetime


def split_at_gaps(recording_id: UUID) -> list[UUID]:
    """Make a recording of each run of parts after a gap, and return their ids.

    The recording keeps the parts up to its first gap. No transaction is open while files are copied.
    """
    row = lock_unprepared(recording_id)
    if row is None or row.storage_key is None:
        return []
    runs = _runs(row)
    if len(runs) < 2:
        return []
    parts_key = row.storage_key
    db.session.commit()
    _copy(parts_key, runs)
    row = lock_unprepared(recording_id)
    if row is None or row.storage_key != parts_key or _runs(row) != runs:
        _remove_unused(recording_id, runs[1:])
        return []
    return _split(row, parts_key, runs)


def _runs(row: RecordingSession) -> list[_Run]:
    ids = {part.number: part.id for part in list_parts(row)}
    folder = (row.storage_key or "").rpartition("/")[0]
    ended_at = row.ended_at or row.started_at
    return [
        _Run(
            ids[run.start], f"{folder}/{ids[run.start]}", run, *rules.period_of(run, max(ids), row.started_at, ended_at)
        )
        for run in rules.unbroken_runs(ids)
    ]


def _copy(parts_key: str, runs: Sequence[_Run]) -> None:
    """Copy the parts after the first gap, and write the header that each run needs."""
    first, *later = runs
    beginning = _beginning(parts_key, first.numbers) if first.numbers.start == 1 else b""
    for run in later:
        for number in run.numbers:
            storage().write(rules.part_key(run.key, number), storage().read(rules.part_key(parts_key, number)))
        header = header_for(beginning, next(storage().read(rules.part_key(run.key, run.numbers.start)), b""))
        if header:
            storage().write(rules.header_key(run.key), [header])


def _beginning(parts_key: str, numbers: range) -> bytes:
    """Return the first bytes of the recording, which contain its header."""
    pieces = (piece for number in numbers for piece in storage().read(rules.part_key(parts_key, number)))
    content = bytearray()
    while len(content) < MAX_HEADER_BYTES and (piece := next(pieces, None)):
        content += piece
    return bytes(content[:MAX_HEADER_BYTES])


def _remove_unused(recording_id: UUID, runs: Sequence[_Run]) -> None:
    """Remove the copies of a recording that was erased, deleted or purged in the meantime.

    If another run has split it, they are its files, under the same keys.
    """
    moved = unscoped(
        select(RecordingPart.id), why="the job looks for the parts of the recording that it prepares"
    ).where(
        RecordingPart.organization_id == current_context().organization_id,
        RecordingPart.id.in_([run.first_id for run in runs]),
        RecordingPart.session_id != recording_id,
    )
    used = set(db.session.scalars(moved))
    for run in runs:
        if run.first_id not in used:
            storage().delete(run.key)


def _split(row: RecordingSession, parts_key: str, runs: Sequence[_Run]) -> list[UUID]:
    first, *later = runs
    new_ids = [uuid7() for _run in later]
    for run, new_id, before in zip(later, new_ids, (row.id, *new_ids), strict=False):
        db.session.add(
            RecordingSession(
                organization_id=row.organization_id,
                id=new_id,
                appointment_id=row.appointment_id,
                sales_rep_id=row.sales_rep_id,
                consent=row.consent,
                split_from_id=before,
                status=RecordingStatus.UPLOADED,
                storage_key=run.key,
                started_at=run.started_at,
                ended_at=run.ended_at,
            )
        )
    row.ended_at = first.ended_at
    db.session.flush()
    taken = values(
        column("session_id", Uuid()), column("first", Integer()), column("after", Integer()), name="taken"
    ).data([(new_id, run.numbers.start, run.numbers.stop) for new_id, run in zip(new_ids, later, strict=True)])
    db.session.execute(
        update(RecordingPart)
        .where(
            RecordingPart.organization_id == row.organization_id,
            RecordingPart.session_id == row.id,
            RecordingPart.number >= taken.c.first,
            RecordingPart.number < taken.c.after,
        )
        .values(session_id=taken.c.session_id),
        execution_options={"synchronize_session": False},
    )
    # These run after the commit.
    originals = (rules.part_key(parts_key, number) for run in later for number in run.numbers)
    enqueue_each(remove_file, [{"key": key} for key in originals])
    return new_ids
