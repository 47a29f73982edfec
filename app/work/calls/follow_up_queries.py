"""Queries for calls that didn't book: the reason, and whether they have been followed up."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal_column, not_, or_, select, union_all
from sqlalchemy.orm import aliased

from app.db.conditions import is_any_of
from app.db.paging import Selection
from app.extensions import db
from app.models import (
    SENT_STATUSES,
    Appointment,
    Call,
    CallAnalysis,
    CallStatus,
    Channel,
    Direction,
    Message,
    MessageDirection,
    PendingAction,
    PendingActionStatus,
    Task,
)
from app.security.actor import Actor
from app.security.recording_access import may_hear_condition
from app.security.scope import restrict, unscoped
from app.work.tasks.rules import OPEN

_OPEN_ACTIONS = (PendingActionStatus.OPEN, PendingActionStatus.IN_PROGRESS)
_UNANSWERED = (CallStatus.MISSED, CallStatus.VOICEMAIL)
_Later = aliased(Call, name="later_call")


def list_reasons(actor: Actor, call_ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return the category of the most severe objection found in each of these calls, by call.

    Of several equally severe objections, the first is returned. Calls without objections, or that `actor` can't listen
    to, are not included.
    """
    if not call_ids:
        return {}
    analysis = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    found = select(Call.id, CallAnalysis.objection_categories, CallAnalysis.objection_severities).join(
        CallAnalysis, analysis
    )
    rows = restrict(found, Call, actor).where(Call.id.in_(call_ids), may_hear_condition(actor))
    return {
        id_: max(zip(categories, severities, strict=True), key=lambda one: one[1] or 0)[0]
        for id_, categories, severities in db.session.execute(rows)
        if categories
    }


def is_followed_up(actor: Actor, call_id: UUID) -> bool:
    """Return whether a call that `actor` sees has been followed up by anyone."""
    waits = restrict(select(Call.id), Call, actor).where(
        Call.id == call_id, follow_up_condition(actor, has_follow_up=False)
    )
    return db.session.scalar(waits) is None


def follow_up_condition(actor: Actor, *, has_follow_up: bool) -> ColumnElement[bool]:
    """Build the condition for calls that have a follow-up, or for those that have none.

    A follow-up is an open task or suggested task, an appointment booked from the call or later with the contact, or a
    later call or text with the contact. A call counts if it is outbound or answered, an outbound text once it is sent.

    It is one condition, which is looked up for each call. With one for each kind, a year of calls would take half the
    time, but its days are stored, and to order eight joins takes the planner longer than the query takes for a day.
    """
    kinds = union_all(*(_rows_that(*conditions) for conditions in _follow_ups(actor)))
    follow_up = exists(unscoped(kinds, why="existence check only, for calls that are scoped"))
    return follow_up if has_follow_up else not_(follow_up)


def _rows_that(*conditions: ColumnElement[bool]) -> Selection:
    rows: Selection = select(literal_column("1")).where(*conditions)
    return unscoped(rows, why="existence check only, for calls that are scoped")


def _follow_ups(actor: Actor) -> list[tuple[ColumnElement[bool], ...]]:
    """Return the conditions of each kind of follow-up of a call, the most frequent first: the rest isn't looked up."""
    task = (Task.organization_id == actor.organization_id, Task.deleted_at.is_(None), is_any_of(Task.status, OPEN))
    action = (
        PendingAction.organization_id == actor.organization_id,
        PendingAction.deleted_at.is_(None),
        is_any_of(PendingAction.status, _OPEN_ACTIONS),
    )
    appointment = (Appointment.organization_id == actor.organization_id, Appointment.deleted_at.is_(None))
    answered = and_(_Later.answered_at.is_not(None), not_(is_any_of(_Later.status, _UNANSWERED)))
    later = (
        _Later.organization_id == actor.organization_id,
        _Later.started_at > Call.started_at,
        or_(_Later.direction == Direction.OUTBOUND, answered),
    )
    text = (
        Message.organization_id == actor.organization_id,
        Message.channel == Channel.SMS,
        or_(Message.direction == MessageDirection.INBOUND, is_any_of(Message.status, SENT_STATUSES)),
        func.coalesce(Message.sent_at, Message.created_at) > Call.started_at,
    )
    return [
        (*later, _Later.contact_card_id == Call.contact_card_id),
        (*task, Task.call_id == Call.id),
        (*task, Task.contact_card_id == Call.contact_card_id),
        (*action, PendingAction.call_id == Call.id),
        (*action, PendingAction.contact_card_id == Call.contact_card_id),
        (*appointment, Appointment.source_call_id == Call.id),
        (
            *appointment,
            Appointment.contact_card_id == Call.contact_card_id,
            Appointment.booked_at > Call.started_at,
        ),
        (*text, Message.contact_card_id == Call.contact_card_id),
    ]
