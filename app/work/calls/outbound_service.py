"""Outbound calls: the record of a call that a user makes on their own phone, from the tap until its result.

A user has at most one active call, which the database enforces.
"""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.context import current_context
from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.declarations.events import CallEnded, CallResumes, CallStarts, raise_event
from app.errors import Conflict, NotFound
from app.extensions import db
from app.models import (
    AttemptResult,
    Call,
    CallStatus,
    CallType,
    Direction,
    HandledBy,
    Lead,
    RecordSource,
)
from app.security.actor import Actor
from app.security.occupation_rules import is_sales_rep
from app.security.permissions import Permission
from app.security.rows import get_row, held
from app.security.scope import restrict, unscoped
from app.tenancy.actor_rules import require_own_person
from app.work.calls.outbound_rules import ENDS, FORGOTTEN_AFTER, TAKE_BACK, WITHHELD
from app.work.contacts.detail_queries import get_contact, list_numbers


def call_contact(actor: Actor, contact_id: UUID, number: str | None = None) -> Call:
    """Call a contact at `number` (one of theirs) or at their main number.

    Raises NotFound, Conflict if the contact has no number, and the same errors as `start_call`.
    """
    actor.requires(Permission.CALLS_UPDATE)
    contact = get_contact(actor, contact_id)
    wanted = number or contact.primary_phone
    if wanted is None:
        raise Conflict(None, _l("This contact has no number to call."))
    if number is not None and number not in list_numbers(contact):
        raise NotFound("number", contact_id)
    return start_call(actor, wanted, contact_card_id=contact.id)


def call_back(actor: Actor, call_id: UUID) -> Call:
    """Call back the other party of a call.

    Raises NotFound, Conflict if the number was withheld, and the same errors as `start_call`.
    """
    actor.requires(Permission.CALLS_UPDATE)
    before = get_row(actor, Call, call_id, named="call")
    number = before.called_number if before.direction == Direction.OUTBOUND else before.caller_number
    if number is None:
        raise Conflict(None, WITHHELD)
    return start_call(actor, number, contact_card_id=before.contact_card_id)


def start_call(actor: Actor, number: str, *, contact_card_id: UUID | None = None, entry_id: UUID | None = None) -> Call:
    """Record that `actor` is calling `number` (E.164), or return the call if it is already recorded.

    No talk time is recorded. Handlers of `CallStarts` lock the rows they change before the call is stored, because the
    index that allows one active call per user makes others wait. Raises Forbidden, Conflict while the actor is on
    another call, and AlreadyClaimed if a colleague has claimed this caller in the missed-call queue.
    """
    actor.requires(Permission.CALLS_UPDATE)
    require_own_person(actor, Permission.CALLS_UPDATE)
    there = find_call_that_is_on(actor)
    if there is not None and there.called_number == number and entry_id in (None, there.missed_entry_id):
        return there
    if there is not None:
        raise Conflict(None, _l("You’re on another call. Record its result first, then call the next one."))
    is_rep = is_sales_rep(actor)
    call = Call(
        organization_id=actor.organization_id,
        id=uuid7(),
        direction=Direction.OUTBOUND,
        call_type=CallType.SALES_CALL if is_rep else CallType.CSR_CALL,
        status=CallStatus.ACTIVE,
        source=RecordSource.USER,
        called_number=number,
        contact_card_id=contact_card_id,
        lead_id=_open_lead(actor, contact_card_id) if contact_card_id else None,
        missed_entry_id=entry_id,
        handled_by=HandledBy.HUMAN,
        handled_by_user_id=actor.user_id,
        csr_id=None if is_rep else actor.user_id,
        assigned_rep_id=actor.user_id if is_rep else None,
        started_at=datetime.now(UTC),
    )
    raise_event(CallStarts(actor, call))
    with translated_integrity_errors():
        db.session.add(call)
        name_action(Action.CALL_STARTED, call)
    return call


def end_call(actor: Actor, call_id: UUID, result: AttemptResult) -> Call:
    """Record the result of the actor's own call, which ends it. Repeating it with the same result has no effect.

    Raises NotFound, Forbidden, and Conflict if the call ended with another result.
    """
    call = get_own_call(actor, call_id)
    status, outcome = ENDS[result]
    if call.status == CallStatus.ACTIVE:
        _end(call, result, datetime.now(UTC))
        name_action(Action.CALL_ENDED, call)
        db.session.flush()
    elif (call.status, call.outcome) != (status, outcome):
        raise Conflict(None, _l("This call has already ended. Correct its outcome on the call’s page."))
    raise_event(CallEnded(actor, call, result))
    return call


def resume_call(actor: Actor, call_id: UUID) -> Call:
    """Undo the result of the actor's own call, so that the call is active again.

    Raises NotFound, Forbidden, AlreadyClaimed if a colleague has claimed the missed caller since, and Conflict if it is
    too late, while the actor is on another call, or if the missed caller is no longer waiting.
    """
    call = get_own_call(actor, call_id)
    if call.status == CallStatus.ACTIVE:
        return call
    if call.ended_at is None or datetime.now(UTC) - call.ended_at > TAKE_BACK:
        raise Conflict(None, _l("It’s too late to undo this. Correct the call’s outcome on the call’s page."))
    raise_event(CallResumes(actor, call))
    with translated_integrity_errors():
        call.status, call.outcome, call.ended_at = CallStatus.ACTIVE, None, None
        name_action(Action.CALL_RESUMED, call)
    return call


def get_own_call(actor: Actor, call_id: UUID) -> Call:
    """Return a call that `actor` makes or made from Switchboard, locked until the end of the transaction.

    Imported calls are excluded, as no user can record their result. Raises NotFound and Forbidden.
    """
    actor.requires(Permission.CALLS_UPDATE)
    require_own_person(actor, Permission.CALLS_UPDATE)
    of_mine = (
        Call.handled_by_user_id == actor.user_id,
        Call.direction == Direction.OUTBOUND,
        Call.source == RecordSource.USER,
    )
    return get_row(actor, Call, call_id, *of_mine, named="call", lock=True)


def find_call_that_is_on(actor: Actor) -> Call | None:
    """Return the active call that `actor` is making on their own phone, or None."""
    return db.session.scalar(
        restrict(select(Call), Call, actor).where(
            Call.handled_by_user_id == actor.user_id,
            Call.status == CallStatus.ACTIVE,
            Call.direction == Direction.OUTBOUND,
            Call.source == RecordSource.USER,
        )
    )


def end_forgotten_calls(now: datetime) -> list[Call]:
    """End, as failed, the calls made by users of the organization that have had no result for an hour.

    The organization is that of the context. Returns the calls that were ended, oldest first.
    """
    forgotten = unscoped(select(Call), why="the job ends forgotten calls of all users").where(
        Call.organization_id == current_context().organization_id,
        Call.status == CallStatus.ACTIVE,
        Call.direction == Direction.OUTBOUND,
        Call.source == RecordSource.USER,
        Call.started_at <= now - FORGOTTEN_AFTER,
    )
    calls = list(db.session.scalars(held(forgotten.order_by(Call.started_at, Call.id))))
    for call in calls:
        _end(call, AttemptResult.FAILED, call.started_at + FORGOTTEN_AFTER)
    return calls


def _end(call: Call, result: AttemptResult, at: datetime) -> None:
    call.status, call.outcome = ENDS[result]
    call.ended_at = at


def _open_lead(actor: Actor, contact_card_id: UUID) -> UUID | None:
    """Return the ID of the contact's open lead with the latest activity, or None."""
    leads = unscoped(
        select(Lead.id), why="a call belongs to its contact's open lead, regardless of the assignee"
    ).where(
        Lead.organization_id == actor.organization_id,
        Lead.contact_card_id == contact_card_id,
        Lead.closed_at.is_(None),
    )
    return db.session.scalar(leads.order_by(Lead.last_activity_at.desc(), Lead.id.desc()).limit(1))
