"""Queries for calls that didn't book: the reason, and whether they have been followed up."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select
from sqlalchemy.orm import aliased

from app.db.conditions import is_any_of
from app.extensions import db
from app.models import (
    SENT_STATUSES,
    Call,
    CallAnalysis,
    Channel,
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
    waits = restrict(select(Call.id), Call, actor).where(Call.id == call_id, *follow_up_conditions(actor, wanted=False))
    return db.session.scalar(waits) is None


def follow_up_conditions(actor: Actor, *, wanted: bool) -> list[ColumnElement[bool]]:
    """Build the conditions for calls that have a follow-up, or that have none if not `wanted`.

    A follow-up is an open task or suggested task, or a later call or text with the contact; an outbound text counts
    once it is sent. The conditions for none are separate, so that the database can join each of them.
    """
    found = _follow_ups(actor)
    return [or_(*found)] if wanted else [not_(one) for one in found]


def _follow_ups(actor: Actor) -> list[ColumnElement[bool]]:
    task = (Task.organization_id == actor.organization_id, Task.deleted_at.is_(None), is_any_of(Task.status, OPEN))
    action = (
        PendingAction.organization_id == actor.organization_id,
        PendingAction.deleted_at.is_(None),
        is_any_of(PendingAction.status, _OPEN_ACTIONS),
    )
    later = (_Later.organization_id == actor.organization_id, _Later.started_at > Call.started_at)
    text = (
        Message.organization_id == actor.organization_id,
        Message.channel == Channel.SMS,
        or_(Message.direction == MessageDirection.INBOUND, is_any_of(Message.status, SENT_STATUSES)),
        func.coalesce(Message.sent_at, Message.created_at) > Call.started_at,
    )
    return [
        _there_is(*task, Task.call_id == Call.id),
        _there_is(*task, Task.contact_card_id == Call.contact_card_id),
        _there_is(*action, PendingAction.call_id == Call.id),
        _there_is(*action, PendingAction.contact_card_id == Call.contact_card_id),
        _there_is(*later, _Later.contact_card_id == Call.contact_card_id),
        _there_is(*text, Message.contact_card_id == Call.contact_card_id),
    ]


def _there_is(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return unscoped(exists().where(*conditions), why="existence check only, for calls that are scoped")
