"""Queries for calls, notes, transcripts and analyses with all their values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.db.joins import refers_to
from app.db.paging import Selection, newest_or_oldest_first
from app.db.session import INCLUDE_DELETED
from app.models import (
    Call,
    CallAnalysis,
    CallNote,
    CallTranscript,
    ContactCard,
    Lead,
    MissedCallEntry,
    NoteKind,
    PhoneNumber,
    User,
)
from app.periods import span_of
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.recording_access import may_hear_condition
from app.security.scope import restrict, unscoped, visible_id
from app.work.calls.queries import SORTS, TALK, THEIR_NUMBER, call_conditions, wait_seconds

_Csr, _Handler, _Rep = (aliased(User, name=name) for name in ("csr", "handler", "rep"))
_Author = aliased(User, name="author")


def _record(actor: Actor) -> Selection:
    """Select all values of a call.

    The results of its analysis and the address of its recording are only included for those who can listen to it.
    """
    may_hear = may_hear_condition(actor)
    is_recorded = func.starts_with(Call.audio_url, func.concat(Call.organization_id, "/recordings/"))
    later_of = visible_id(Call.missed_entry_id, MissedCallEntry, actor)
    # The call that opened an entry doesn't refer to it.
    opened = restrict(select(MissedCallEntry.id), MissedCallEntry, actor).where(MissedCallEntry.call_id == Call.id)
    return (
        select(
            Call.id,
            Call.direction,
            Call.call_type,
            Call.status,
            Call.started_at,
            Call.answered_at,
            Call.ended_at,
            TALK.label("duration_seconds"),
            wait_seconds(Call).label("wait_seconds"),
            Call.waited_seconds,
            THEIR_NUMBER.label("number"),
            Call.caller_number,
            Call.called_number,
            ContactCard.display_name.label("contact_name"),
            ContactCard.company_name,
            func.coalesce(later_of, opened.correlate(Call).scalar_subquery()).label("missed_entry_id"),
            Call.topic,
            Call.csr_id,
            _Csr.name.label("csr_name"),
            Call.handled_by,
            Call.handled_by_user_id,
            _Handler.name.label("handled_by_user_name"),
            Call.assigned_rep_id,
            _Rep.name.label("assigned_rep_name"),
            Call.outcome,
            Call.booking_status,
            Call.booking_status_reason,
            Call.booking_status_source,
            case((may_hear, Call.sentiment)).label("sentiment"),
            case((may_hear, Call.ai_confidence)).label("ai_confidence"),
            Call.call_quality,
            Call.cost,
            Call.marketing_source,
            Call.tags,
            Call.value,
            case((and_(may_hear, is_recorded), func.concat("calls/", Call.id, "/audio"))).label("audio_url"),
            Call.source,
            Call.external_source,
            Call.external_id,
            Call.created_at,
            Call.updated_at,
            Call.version,
        )
        .outerjoin(ContactCard, refers_to(ContactCard, Call, Call.contact_card_id))
        .outerjoin(_Csr, refers_to(_Csr, Call, Call.csr_id))
        .outerjoin(_Handler, refers_to(_Handler, Call, Call.handled_by_user_id))
        .outerjoin(_Rep, refers_to(_Rep, Call, Call.assigned_rep_id))
        .execution_options(**{INCLUDE_DELETED: True})
    )


#: The calls of the list.
call_records = ListOf(
    Call,
    _record,
    narrow=lambda filters, actor, now: call_conditions(filters, actor, span_of(filters, actor, now)),
    sorts=SORTS,
    links=(
        (Call.contact_card_id, ContactCard),
        (Call.lead_id, Lead),
        (Call.phone_number_id, PhoneNumber),
    ),
)

_NOTE = (
    select(
        CallNote.id,
        CallNote.call_id,
        CallNote.kind,
        CallNote.body,
        CallNote.user_id,
        func.coalesce(_Author.name, func.nullif(CallNote.author_label, "")).label("user_name"),
        CallNote.turn,
        CallNote.parent_id,
        CallNote.done_at,
        CallNote.created_at,
        CallNote.updated_at,
        CallNote.version,
    )
    .outerjoin(_Author, refers_to(_Author, CallNote, CallNote.user_id))
    .execution_options(**{INCLUDE_DELETED: True})
)


def _note_conditions() -> list[ColumnElement[bool]]:
    return [CallNote.deleted_at.is_(None)]


#: The notes about calls that `actor` can see, newest first.
note_records = ListOf(
    CallNote,
    _NOTE,
    narrow=lambda _filters, _actor, _now: _note_conditions(),
    sorts=newest_or_oldest_first("createdAt", CallNote.created_at, CallNote.id),
)


def list_coaching(actor: Actor, csr_id: UUID, since: datetime, size: int) -> Sequence[Any]:
    """Return the coaching notes about a CSR's calls that are open or were done after `since`, newest first."""
    calls = unscoped(select(Call.id), why="filters notes that are scoped; no call is returned")
    conditions = [
        *_note_conditions(),
        CallNote.kind == NoteKind.COACHING,
        CallNote.parent_id.is_(None),
        or_(CallNote.done_at.is_(None), CallNote.done_at >= since),
        CallNote.call_id.in_(calls.where(Call.organization_id == actor.organization_id, Call.csr_id == csr_id)),
    ]
    newest = (CallNote.created_at.desc(), CallNote.id.desc())
    most: Any = bindparam("coaching_rows", type_=Integer())
    return note_records.rows(actor, conditions).fetch(
        "coaching", lambda selection: selection.order_by(*newest).limit(most), coaching_rows=size
    )


def _is_heard(call_id: InstrumentedAttribute[UUID], actor: Actor) -> ColumnElement[bool]:
    """Return the condition that `actor`, who sees the call, can also listen to it."""
    heard = select(Call.id).where(
        Call.organization_id == actor.organization_id, Call.id == call_id, may_hear_condition(actor)
    )
    return unscoped(heard, why="filters rows that are scoped like their call; no call is returned").exists()


def _transcript(actor: Actor) -> Selection:
    heard = select(
        CallTranscript.id,
        CallTranscript.call_id,
        CallTranscript.transcript_text,
        CallTranscript.speaker_labels,
        CallTranscript.language,
        CallTranscript.confidence_score,
        CallTranscript.created_at,
        CallTranscript.updated_at,
    )
    return heard.where(_is_heard(CallTranscript.call_id, actor))


#: The transcripts of calls that `actor` can listen to.
transcript_records = ListOf(
    CallTranscript,
    _transcript,
    narrow=lambda _filters, _actor, _now: (),
    sorts=newest_or_oldest_first("createdAt", CallTranscript.created_at, CallTranscript.id),
)


def _analysis(actor: Actor) -> Selection:
    heard = select(
        CallAnalysis.id,
        CallAnalysis.call_id,
        CallAnalysis.summary,
        CallAnalysis.qualification_status,
        CallAnalysis.sentiment_score,
        CallAnalysis.objections,
        CallAnalysis.objection_severity,
        CallAnalysis.sop_compliance_score,
        CallAnalysis.sop_stages_completed,
        CallAnalysis.sop_stages_missed,
        CallAnalysis.pending_actions,
        CallAnalysis.missed_opportunities,
        CallAnalysis.evidence,
        CallAnalysis.confidence,
        CallAnalysis.model,
        CallAnalysis.analysed_at,
        CallAnalysis.created_at,
        CallAnalysis.updated_at,
    )
    return heard.where(_is_heard(CallAnalysis.call_id, actor))


#: The analyses of calls that `actor` can listen to.
analysis_records = ListOf(
    CallAnalysis,
    _analysis,
    narrow=lambda _filters, _actor, _now: (),
    sorts=newest_or_oldest_first("analysedAt", CallAnalysis.analysed_at, CallAnalysis.id),
)
