"""Erasing a person in the background: all rows in one transaction, the files after its commit.

The replaced values are in the history of the rows too, so the trail is emptied last, after everything else is written.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVarTuple
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, Table, Text, cast, delete, func, or_, select, update

from app.audit.actions import Action
from app.audit.erasure import erase_entries, erase_payloads
from app.audit.record import name_action
from app.db.context import current_context
from app.db.transaction import own_transaction
from app.declarations.personal import Personal, PersonalDataMatches, among
from app.errors import Conflict, DomainError, NotFound
from app.extensions import db
from app.models import AuditLog, Base, ContactCard, Erasure, ErasureStatus, Organization
from app.security.scope import unscoped
from app.storage import storage
from app.tenancy.legal_hold_rules import refuse_erasure_if_held
from app.trust.privacy.file_service import find_files, mark_removed, with_exports_since
from app.trust.privacy.inventory import mentions, places
from app.trust.privacy.match_queries import find_matches
from app.trust.privacy.mention_queries import Mentions
from app.trust.privacy.open_work_service import end_open_work, refuse_unfinished
from app.trust.privacy.snapshot_queries import snapshot

Columns = TypeVarTuple("Columns")

_ROWS_AT_ONCE = 1_000
_MAX_FAILURE_LENGTH = 1_000
_UNFINISHED = (ErasureStatus.QUEUED, ErasureStatus.RUNNING)

_TRAIL: Table = Base.metadata.tables[AuditLog.__tablename__]
_CARDS: Table = Base.metadata.tables[ContactCard.__tablename__]


def run_erasure(erasure_id: UUID) -> bool:
    """Replace or remove the person's data at every place in the inventory; return whether that was done.

    If so, the files must be removed after the commit. An erasure that has completed or failed, or whose rows are
    already erased, is skipped: its job can run twice if a worker dies. Raises Conflict and ActiveCalls for obstacles
    that arose after the request.
    """
    card_id = _begin(erasure_id)
    if card_id is None:
        return False
    organization_id = _organization_id()
    with snapshot() as session:
        files = find_files(session, find_matches(session, organization_id, card_id))
    steps = _Steps(erasure_id)
    # With this lock, no new row can refer to the card until it is erased.
    card = (_CARDS.c.organization_id == organization_id, _CARDS.c.id == card_id)
    db.session.execute(_all(select(_CARDS.c.id)).where(*card).with_for_update())
    refuse_held()
    traces = find_matches(db.session, organization_id, card_id)
    refuse_unfinished(db.session, traces)
    counts = _erase_rows(traces, steps)
    # No export that would still read the erased data can start before the commit; those already started are found here.
    row = _get(erasure_id, lock=True)
    files = with_exports_since(db.session, files, organization_id)
    mark_removed(db.session, files)
    _erase_trail(traces, counts, erasure_id)
    refuse_held(until_the_end=True)
    row.counts, row.files = {table: number for table, number in counts.items() if number}, files.keys
    row.places_done, row.erased_at = row.places_total, datetime.now(UTC)
    db.session.flush()
    return True


def remove_files(erasure_id: UUID) -> None:
    """Remove the files of an erasure whose rows are done, which completes it; missing files are ignored.

    What killed processes left of the organization's files is removed too.
    Raises Conflict while the organization is under legal hold.
    """
    row = _get(erasure_id, lock=True)
    if row.erased_at is None or row.status == ErasureStatus.COMPLETED:
        return
    refuse_held(until_the_end=True)
    for key in row.files:
        storage().delete(key)
    storage().remove_unfinished(_organization_id())  # any of it can contain the person
    row.counts = {**row.counts, "files": len(row.files)}
    row.files, row.status, row.failure = [], ErasureStatus.COMPLETED, None
    row.finished_at = datetime.now(UTC)
    name_action(Action.ERASURE_COMPLETED, row)


def fail_erasure(erasure_id: UUID, error: BaseException) -> None:
    """Record that a queued or running erasure failed, and why; leave any other unchanged."""
    row = _get(erasure_id, lock=True)
    if row.status not in _UNFINISHED:
        return
    row.status, row.finished_at = ErasureStatus.FAILED, datetime.now(UTC)
    is_erased = row.erased_at is not None
    row.failure = (_files_left(error) if is_erased else _in_words(error))[:_MAX_FAILURE_LENGTH]
    name_action(Action.ERASURE_FAILED, row)


def requeue_erasure(erasure_id: UUID) -> None:
    """Queue a failed erasure again, to continue where it stopped.

    Raises Conflict for one that did not fail, and if another erasure of the same person has been requested since.
    """
    row = _get(erasure_id, lock=True)
    if row.status != ErasureStatus.FAILED:
        raise Conflict(None, _l("Only a failed erasure can be retried."))
    row.status, row.failure, row.finished_at = ErasureStatus.QUEUED, None, None
    db.session.flush()


def refuse_held(*, until_the_end: bool = False) -> None:
    """Raise Conflict while the organization is under legal hold.

    With `until_the_end`, the organization is locked, so that a new hold has to wait for the end of the transaction.
    """
    lock = {"key_share": True} if until_the_end else None
    organization = db.session.get(Organization, _organization_id(), populate_existing=True, with_for_update=lock)
    if organization is not None:
        refuse_erasure_if_held(organization)


def _begin(erasure_id: UUID) -> UUID | None:
    """Mark the erasure as running, in a separate transaction, and return the id of its contact.

    Returns None if the erasure has completed or failed, or its rows are already erased.
    """
    running = (
        update(Erasure)
        .where(Erasure.organization_id == _organization_id(), Erasure.id == erasure_id)
        .where(Erasure.status.in_(_UNFINISHED), Erasure.erased_at.is_(None))
        .values(status=ErasureStatus.RUNNING, places_done=0, places_total=_steps())
        .returning(Erasure.contact_card_id)
    )
    with own_transaction() as session:
        return session.scalar(running)


def _steps() -> int:
    """Return the number of steps: the places, the text columns of each table, the files before and the trail after."""
    return len(places()) + len(mentions()) + 2


def _erase_rows(traces: PersonalDataMatches, steps: "_Steps") -> Counter[str]:
    counts: Counter[str] = Counter()
    found = [(place, _ids(place, traces)) for place in places()]
    counts["ended"] = end_open_work(db.session, traces)
    for place, ids in found:
        for some in _portions(ids):
            counts[place.table] += _erase(place, traces.organization_id, some)
        steps.done()
    for table, columns in mentions().items():
        counts["mentions"] += _take_mentions_out(Base.metadata.tables[table], columns, traces)
        steps.done()
    # The history of changed and removed rows still contains their values.
    reason = "A person was erased."
    for place, ids in found:
        if place.resource is not None:
            for some in _portions(ids):
                counts["audit_logs"] += erase_payloads(place.resource, some, reason)
    return counts


def _ids(place: Personal, traces: PersonalDataMatches) -> Sequence[UUID]:
    return db.session.scalars(_all(select(place.source.c.id)).where(place.condition(traces))).all()


def _all(rows: Select[*Columns]) -> Select[*Columns]:
    return unscoped(rows, why="an erasure covers all data about the person, regardless of record scope")


def _erase(place: Personal, organization_id: UUID, ids: Sequence[UUID]) -> int:
    table = place.source
    these = (table.c.organization_id == organization_id, among(table.c.id, ids))
    if place.removed:
        return db.session.connection().execute(delete(table).where(*these)).rowcount
    # Changes made in a form that was opened before must not be saved over it.
    raised = {"version": table.c.version + 1} if "version" in table.c else {}
    values = place.new_values()
    differs = or_(*(table.c[name].is_distinct_from(value) for name, value in values.items()))
    changed = update(table).where(*these, differs).values({**values, **raised})
    return db.session.connection().execute(changed).rowcount


def _take_mentions_out(table: Table, columns: Sequence[str], traces: PersonalDataMatches) -> int:
    """Mask the person in the text columns of a table, and return how many rows mentioned them."""
    mentions = Mentions.of(traces)
    mentioned = or_(*(mentions.in_text(table.c[name]) for name in columns))
    wanted = _all(select(table.c.id, *(table.c[name] for name in columns))).where(
        table.c.organization_id == traces.organization_id, mentioned
    )
    rows = db.session.execute(wanted).mappings().all()
    for row in rows:
        values: dict[str, Any] = {name: mentions.take_out(row[name]) for name in columns}
        if "version" in table.c:
            values["version"] = table.c.version + 1
        this = (table.c.organization_id == traces.organization_id, table.c.id == row["id"])
        db.session.execute(update(table).where(*this).values(values))
    return len(rows)


def _erase_trail(traces: PersonalDataMatches, counts: Counter[str], erasure_id: UUID) -> None:
    """Empty all entries of the trail that are about the person or mention them.

    This includes entries about deleted records, but not those about the erasure itself. The number is added to
    `counts`.
    """
    mentions = Mentions.of(traces)
    parts = [
        found
        for payload in (_TRAIL.c.before, _TRAIL.c.after)
        for found in (mentions.in_text(payload), cast(payload, Text).contains(str(traces.card_id)))
    ]
    parts.append(mentions.in_text(_TRAIL.c.resource_label))
    whole = (
        _TRAIL.c.organization_id == traces.organization_id,
        _TRAIL.c.redacted_at.is_(None),
        _TRAIL.c.resource_id.is_distinct_from(erasure_id),
    )
    entries = {*db.session.scalars(_all(select(_TRAIL.c.id)).where(*whole, or_(*parts))), *_about(traces, *whole)}
    for some in _portions(sorted(entries)):
        counts["audit_logs"] += erase_entries(some, "A person was erased.")


def _about(traces: PersonalDataMatches, *whole: ColumnElement[bool]) -> Sequence[UUID]:
    """Return the ids of the trail's entries about the person's records, including deleted records.

    A record is the person's if one of its entries refers to the contact, or to a call that is the person's. Most
    entries of deleted records don't refer to the person, but are labeled with their name.
    """
    kinds = {place.resource for place in places() if place.resource is not None}
    told = func.coalesce(_TRAIL.c.after, _TRAIL.c.before)
    theirs = (*whole, _TRAIL.c.resource_type.in_(kinds))

    def records(*named: ColumnElement[bool]) -> Sequence[UUID]:
        return db.session.scalars(_all(select(_TRAIL.c.resource_id).distinct()).where(*theirs, or_(*named))).all()

    card_id = str(traces.card_id)
    of_the_card = records(*(side["contact_card_id"].astext == card_id for side in (_TRAIL.c.before, _TRAIL.c.after)))
    of_their_calls = records(among(told["call_id"].astext, map(str, of_the_card)))
    gone = {*of_the_card, *of_their_calls}
    return db.session.scalars(_all(select(_TRAIL.c.id)).where(*theirs, among(_TRAIL.c.resource_id, gone))).all()


def _portions(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        yield ids[start : start + _ROWS_AT_ONCE]


def _get(erasure_id: UUID, *, lock: bool = False) -> Erasure:
    key = (_organization_id(), erasure_id)
    wanted = unscoped(Erasure, why="the job loads the erasure that it runs")
    row = db.session.get(wanted, key, with_for_update=lock or None, populate_existing=True)
    if row is None:
        raise NotFound("erasure", erasure_id)
    return row


def _organization_id() -> UUID:
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("a person is erased within an organization")
    return organization_id


class _Steps:
    """Progress of an erasure, saved on a separate connection."""

    def __init__(self, erasure_id: UUID) -> None:
        self._erasure_id = erasure_id
        self._done = 0
        self.done()

    def done(self) -> None:
        self._done += 1
        row = update(Erasure).where(Erasure.organization_id == _organization_id(), Erasure.id == self._erasure_id)
        with own_transaction() as session:
            session.execute(row.values(places_done=self._done))


def _in_words(error: BaseException) -> str:
    if isinstance(error, DomainError):
        return error.sentence
    return str(_("Something broke on our side. Nothing was erased; you can retry the job."))


def _files_left(error: BaseException) -> str:
    told = _("Everything was erased except some files that couldn’t be deleted. You can retry the job.")
    return f"{told} {error.sentence}" if isinstance(error, DomainError) else str(told)
