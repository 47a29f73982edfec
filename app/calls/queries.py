"""Reading calls: one list for the page, its CSV, the API and the numbers; and one call with all that belongs to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, extract, func, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.calls.filters import CallFilters
from app.contacts.queries import contacts_found_by
from app.db.lists import ListQuery
from app.db.paging import Selection, newest_or_oldest_first
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.extensions import db
from app.models import (
    Call,
    CallAnalysis,
    CallNote,
    CallStatus,
    CallTranscript,
    CallType,
    ContactCard,
    MissedCallEntry,
    User,
)
from app.periods import Span, span_of
from app.phones import to_e164
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import restrict, visible

_Csr = aliased(User, name="csr")
_Handler = aliased(User, name="handler")

SORTS = newest_or_oldest_first("startedAt", Call.started_at, Call.id)

MOST_NOTES = 200
MOST_TOPICS = 100


def call_list(actor: Actor, filters: CallFilters, now: datetime | None = None) -> ListQuery:
    """The calls that `actor` may see and `filters` keep. A row has the columns of `_ROW`."""
    conditions = call_conditions(filters, actor, span_of(filters, actor, now or datetime.now(UTC)))
    return ListQuery(
        rows=restrict(_ROW, Call, actor).where(*conditions),
        matching=restrict(select(Call.id), Call, actor).where(*conditions),
        sorts=SORTS,
        filters=filters,
    )


def call_conditions(filters: CallFilters, actor: Actor, span: Span | None) -> list[ColumnElement[bool]]:
    """What `filters` mean in SQL within `span`; hours and weekdays are those of the organization's zone."""
    return [
        *_within(span),
        *_column_conditions(filters),
        *_time_conditions(filters, actor),
        *_search(filters, actor),
    ]


def _within(span: Span | None) -> list[ColumnElement[bool]]:
    return [] if span is None else [Call.started_at >= span.start, Call.started_at < span.end]


def _column_conditions(filters: CallFilters) -> list[ColumnElement[bool]]:
    """Filters that compare one column with a value, or ask whether there is one."""
    found: list[ColumnElement[bool]] = []
    equal: tuple[tuple[InstrumentedAttribute[Any], Any], ...] = (
        (Call.csr_id, filters.csr),
        (Call.assigned_rep_id, filters.rep),
        (Call.contact_card_id, filters.contact),
        (Call.direction, filters.direction),
        (Call.call_type, filters.call_type),
        (Call.booking_status, filters.booking_status),
        (Call.sentiment, filters.sentiment),
        (Call.topic, filters.topic or None),
    )
    for column, value in equal:
        if value is not None:
            found.append(column.is_(None) if value == "none" else column == value)
    for column, values in ((Call.status, filters.status), (Call.outcome, filters.outcome)):
        if values:
            found.append(column.in_(values))
    known: tuple[tuple[InstrumentedAttribute[Any], bool | None], ...] = (
        (Call.answered_at, filters.answered),
        (Call.call_quality, filters.rated),
        (Call.duration_seconds, filters.timed),
    )
    for column, wanted in known:
        if wanted is not None:
            found.append(column.is_not(None) if wanted else column.is_(None))
    if filters.ended is not None:
        found.append((Call.status != CallStatus.ACTIVE) if filters.ended else (Call.status == CallStatus.ACTIVE))
    return found


def _time_conditions(filters: CallFilters, actor: Actor) -> list[ColumnElement[bool]]:
    local = func.timezone(actor.timezone, Call.started_at)
    found: list[ColumnElement[bool]] = []
    if filters.hour is not None:
        found.append(extract("hour", local) == filters.hour)
    if filters.weekday is not None:
        found.append(extract("isodow", local) == filters.weekday)
    return found


def _search(filters: CallFilters, actor: Actor) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.q:
        number = to_e164(filters.q, actor.country) if any(map(str.isdigit, filters.q)) else None
        by_name = Call.contact_card_id.in_(contacts_found_by(filters.q, actor))
        found.append(by_name if number is None else Call.caller_number == number)
    analysis = (CallAnalysis.organization_id == actor.organization_id, CallAnalysis.call_id == Call.id)
    if filters.analysed is not None:
        analysed = exists().where(*analysis)
        found.append(analysed if filters.analysed else ~analysed)
    if filters.objection:
        has_it = CallAnalysis.objections.contains([{"category": filters.objection}])
        found.append(exists().where(*analysis, has_it))
    return found


_ROW = (
    select(
        Call.id,
        Call.started_at,
        Call.caller_number,
        Call.direction,
        Call.call_type,
        Call.status,
        Call.topic,
        Call.outcome,
        Call.booking_status,
        Call.sentiment,
        Call.call_quality,
        Call.duration_seconds,
        Call.answered_at,
        Call.contact_card_id,
        ContactCard.full_name.label("contact_name"),
        ContactCard.company_name,
        _Csr.name.label("csr_name"),
    )
    .outerjoin(
        ContactCard,
        and_(ContactCard.organization_id == Call.organization_id, ContactCard.id == Call.contact_card_id),
    )
    .outerjoin(_Csr, and_(_Csr.organization_id == Call.organization_id, _Csr.id == Call.csr_id))
    # A deleted person or card still says who it was.
    .execution_options(include_deleted=True)
)


@dataclass(frozen=True, slots=True)
class CallDetail:
    """One call with what belongs to it. Transcript and analysis are None where there are none, or may not be seen."""

    call: Call
    contact: ContactCard | None
    csr: User | None
    handler: User | None
    transcript: CallTranscript | None
    analysis: CallAnalysis | None
    notes: Sequence[Any]
    entry: MissedCallEntry | None
    #: Whether this person may hear and read what was said (a recorded visit needs recordings:read).
    may_hear: bool


def get_call(actor: Actor, call_id: UUID) -> Call:
    """The call; raises NotFound when it is not there for `actor`."""
    call = db.session.scalar(visible(Call, actor).where(Call.id == call_id))
    if call is None:
        raise NotFound("call", call_id)
    return call


def get_call_detail(actor: Actor, call_id: UUID) -> CallDetail:
    """The call with contact, people, transcript, analysis, notes (oldest first) and queue entry; raises NotFound."""
    joined = _with_people(visible(Call, actor).where(Call.id == call_id))
    row = db.session.execute(joined).one_or_none()
    if row is None:
        raise NotFound("call", call_id)
    call, contact, csr, handler, entry = row
    heard = may_hear(actor, call)
    transcript, analysis = _what_was_said(call) if heard else (None, None)
    return CallDetail(call, contact, csr, handler, transcript, analysis, list_notes(actor, call_id), entry, heard)


def may_hear(actor: Actor, call: Call) -> bool:
    """Whether audio, transcript and analysis of a visible call are open to `actor`."""
    return call.call_type != CallType.VISIT_CALL or actor.may(Permission.RECORDINGS_READ)


def list_notes(actor: Actor, call_id: UUID) -> Sequence[Any]:
    """Rows (CallNote, author's name) of a call, oldest first."""
    statement = (
        visible(CallNote, actor)
        .add_columns(User.name)
        .join(User, and_(User.organization_id == CallNote.organization_id, User.id == CallNote.user_id))
        .where(CallNote.call_id == call_id, CallNote.deleted_at.is_(None))
        .order_by(CallNote.created_at, CallNote.id)
        .limit(MOST_NOTES)
    )
    return db.session.execute(statement, execution_options={INCLUDE_DELETED: True}).all()


def list_topics(actor: Actor) -> Sequence[str]:
    """The organization's topics in order, each found by one step along the index instead of reading all calls."""
    rows = db.session.execute(_TOPICS, {"organization_id": actor.organization_id, "most": MOST_TOPICS})
    return [row.topic for row in rows]


def _with_people(statement: Select[Call]) -> Selection:
    """Add contact, CSR, who spoke, and the queue entry; deleted ones too, they say who it was."""
    return (
        statement.add_columns(ContactCard, _Csr, _Handler, MissedCallEntry)
        .outerjoin(ContactCard, _same_organization(ContactCard) & (ContactCard.id == Call.contact_card_id))
        .outerjoin(_Csr, _same_organization(_Csr) & (_Csr.id == Call.csr_id))
        .outerjoin(_Handler, _same_organization(_Handler) & (_Handler.id == Call.handled_by_user_id))
        .outerjoin(
            MissedCallEntry,
            _same_organization(MissedCallEntry)
            & or_(MissedCallEntry.call_id == Call.id, MissedCallEntry.id == Call.missed_entry_id),
        )
        .execution_options(include_deleted=True)
    )


def _same_organization(model: Any) -> ColumnElement[bool]:
    same: ColumnElement[bool] = model.organization_id == Call.organization_id
    return same


def _what_was_said(call: Call) -> tuple[CallTranscript | None, CallAnalysis | None]:
    here = (CallTranscript.organization_id == call.organization_id, CallTranscript.call_id == call.id)
    analysed = (CallAnalysis.organization_id == call.organization_id, CallAnalysis.call_id == call.id)
    return (
        db.session.scalar(select(CallTranscript).where(*here)),
        db.session.scalar(select(CallAnalysis).where(*analysed)),
    )


_TOPICS = text(
    """
    WITH RECURSIVE topics AS (
      (SELECT topic, 1 AS position FROM calls
       WHERE organization_id = :organization_id AND topic IS NOT NULL ORDER BY topic LIMIT 1)
      UNION ALL
      SELECT (SELECT topic FROM calls WHERE organization_id = :organization_id AND topic > topics.topic
              ORDER BY topic LIMIT 1), position + 1
      FROM topics WHERE topics.topic IS NOT NULL AND position < :most
    )
    SELECT topic FROM topics WHERE topic IS NOT NULL
    """
)
