"""Link between calls and the queue: a call claims the caller, and its result counts as an attempt.

An attempt can be undone. Calls belong to a lower layer, which raises `CallStarts`, `CallEnded` and `CallResumes`; the
handlers are here.
"""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Select, select

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.conditions import is_any_of
from app.declarations.events import CallEnded, CallResumes, CallStarts
from app.extensions import db
from app.models import (
    WAITING_STATUSES,
    AttemptKind,
    AttemptResult,
    Call,
    MissedCallAttempt,
    MissedCallEntry,
)
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import held
from app.security.scope import restrict, unscoped
from app.work.calls import outbound_service
from app.work.missed_calls.rules import is_follow_up
from app.work.missed_calls.service import (
    RESOURCE,
    attempts_of,
    give_back,
    hold,
    kept_until,
    last_counted,
    locked_entry,
    next_try,
    number_of,
    refuse_ended,
    refuse_others,
    take,
    tried,
)


def call_back(actor: Actor, entry_id: UUID) -> Call:
    """Claim a caller and start a call to them; return the call, which has the number.

    Raises the same errors as `claim`, and Conflict for a withheld number or if the user is on another call.
    """
    entry = locked_entry(actor, entry_id)
    number = number_of(entry)
    refuse_ended(entry)
    refuse_others(actor, entry)
    call = outbound_service.start_call(actor, number, contact_card_id=entry.contact_card_id, entry_id=entry.id)
    take(actor, entry)
    return call


def claim_for_call(starts: CallStarts) -> None:
    """Claim the waiting caller, if any, when someone who works the queue calls them from another page.

    The call is linked to the entry. Raises AlreadyClaimed if a colleague has claimed them.
    """
    actor, call = starts.actor, starts.call
    if call.missed_entry_id is not None or not actor.may(Permission.MISSED_CALLS_WORK):
        return
    entry = db.session.scalar(held(_waiting_for(actor, call)))
    if entry is not None:
        take(actor, entry)
        call.missed_entry_id = entry.id


def count_as_try(ended: CallEnded) -> None:
    """Count a callback as an attempt, once.

    The result decides whether the user keeps the claim (`rules.keeps_claim`) and when the next attempt is due. No
    permission is needed, so that users who can no longer work the queue can still record the result of their call.
    """
    actor, call = ended.actor, ended.call
    if call.missed_entry_id is None:
        return
    entry = _entry_of(actor, call.missed_entry_id)
    if _try_of(entry, call) is None:
        tried(actor, entry, AttemptKind.CALL, ended.result, call.started_at, call_id=call.id)


def take_back_try(resumes: CallResumes) -> None:
    """Undo the attempt that a call counted as, and claim the caller again, until the claim before it would have ended.

    No permission is needed, but users who can no longer work the queue don't get the claim. Raises Conflict if the
    caller is no longer waiting, and AlreadyClaimed if someone else has claimed them.
    """
    actor, call = resumes.actor, resumes.call
    if call.missed_entry_id is None:
        return
    entry = _entry_of(actor, call.missed_entry_id)
    refuse_ended(entry)
    refuse_others(actor, entry)
    attempt, until = _try_of(entry, call), None
    if attempt is not None:
        claimed = attempt.result == AttemptResult.REACHED and is_follow_up(
            entry.claim_expires_at, entry.next_attempt_at
        )
        db.session.delete(attempt)
        db.session.flush()
        if attempt.result != AttemptResult.FAILED:
            last = _count_without(entry)
            until = kept_until(actor, entry, last)
        if claimed:  # by this very attempt
            give_back(entry)
    if actor.may(Permission.MISSED_CALLS_WORK):
        hold(actor, entry, datetime.now(UTC), until)
        name_action(Action.MISSED_CALL_CLAIMED, entry, resource_type=RESOURCE)
    db.session.flush()


def _count_without(entry: MissedCallEntry) -> MissedCallAttempt | None:
    """Count one attempt fewer, and reschedule the entry by its last remaining attempt, which is returned."""
    last = last_counted(entry)
    following = next_try(entry, AttemptResult(last.result), last.at) if last else None
    entry.attempts -= 1
    if entry.attempts == 0:
        entry.first_attempt_seconds = None
    entry.last_attempt_at, entry.next_attempt_at = last.at if last else None, following
    return last


def _entry_of(actor: Actor, entry_id: UUID) -> MissedCallEntry:
    """Lock and return the entry that the user's own call belongs to."""
    entries = unscoped(
        select(MissedCallEntry), why="the entry of the user's own call, even if they can no longer work the queue"
    )
    of_call = entries.where(MissedCallEntry.organization_id == actor.organization_id, MissedCallEntry.id == entry_id)
    return db.session.scalars(held(of_call)).one()


def _try_of(entry: MissedCallEntry, call: Call) -> MissedCallAttempt | None:
    return db.session.scalar(held(attempts_of(entry).where(MissedCallAttempt.call_id == call.id)))


def _waiting_for(actor: Actor, call: Call) -> Select[MissedCallEntry]:
    """Return the query for the called contact's oldest waiting entry.

    For a call without a contact, it is the oldest waiting entry from the called number.
    """
    from_number = unscoped(select(Call.id), why="filters entries that are scoped; no call is returned").where(
        Call.organization_id == actor.organization_id, Call.caller_number == call.called_number
    )
    is_theirs = (
        MissedCallEntry.call_id.in_(from_number)
        if call.contact_card_id is None
        else MissedCallEntry.contact_card_id == call.contact_card_id
    )
    waiting = restrict(select(MissedCallEntry), MissedCallEntry, actor).where(
        is_any_of(MissedCallEntry.status, WAITING_STATUSES), is_theirs
    )
    return waiting.order_by(MissedCallEntry.first_missed_at, MissedCallEntry.id).limit(1)
