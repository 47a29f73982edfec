"""Rescues: a booking rescues a missed caller and credits the person who last reached out before it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select

from app.audit.actions import Action
from app.audit.record import name_action
from app.extensions import db
from app.models import (
    WAITING_STATUSES,
    Appointment,
    AttemptBy,
    AttemptKind,
    Call,
    EntryStatus,
    HandledBy,
    MissedCallAttempt,
    MissedCallEntry,
    Organization,
    RescuedBy,
)
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import held
from app.security.scope import unscoped
from app.work.missed_calls.service import give_back, hold, kept_until, last_counted


def rescue_by_booking(appointment: Appointment, booked_from: UUID | None = None) -> None:
    """Mark the missed-call entries of the appointment's contact as rescued if they are within the rescue window.

    This includes callers who got through since, if the booking was made in that very call. `booked_from` is the entry
    that the booking was made from, whose caller may not have had a contact before.
    """
    if appointment.contact_card_id is None:
        return
    organization = db.session.get_one(Organization, appointment.organization_id)
    since = appointment.booked_at - timedelta(days=organization.rescue_window_days)
    entries = unscoped(
        select(MissedCallEntry), why="a booking closes all waiting entries, regardless of who made it"
    ).where(
        MissedCallEntry.organization_id == appointment.organization_id,
        or_(MissedCallEntry.contact_card_id == appointment.contact_card_id, MissedCallEntry.id == booked_from),
        MissedCallEntry.first_missed_at > since,
        or_(MissedCallEntry.status.in_(WAITING_STATUSES), _got_through_with(appointment)),
    )
    for entry in db.session.scalars(held(entries.order_by(MissedCallEntry.id))).all():
        _rescue(entry, appointment)


def wait_again(actor: Actor, entry: MissedCallEntry) -> None:
    """Settle the claim of an entry whose rescue was undone: `actor` keeps their own one, anyone else's has ended."""
    if entry.status != EntryStatus.CLAIMED:
        return
    if entry.claimed_by == actor.reference_id and actor.may(Permission.MISSED_CALLS_WORK):
        with db.session.no_autoflush:  # a claim without an end can't be stored
            until = kept_until(actor, entry, last_counted(entry))
        hold(actor, entry, datetime.now(UTC), until)
    else:
        give_back(entry)


def _got_through_with(appointment: Appointment) -> ColumnElement[bool]:
    started = (
        unscoped(select(Call.started_at), why="start of the call that led to the booking, only for a comparison")
        .where(Call.organization_id == appointment.organization_id, Call.id == appointment.source_call_id)
        .scalar_subquery()
    )
    return and_(MissedCallEntry.status == EntryStatus.ANSWERED_LATER, MissedCallEntry.resolved_at == started)


def _rescue(entry: MissedCallEntry, appointment: Appointment) -> None:
    """Mark an entry as rescued by the person or the assistant who reached out last.

    If no one did, the CSR of the appointment is credited.
    """
    call = _last_call(entry, appointment.booked_at)
    text = _last_text(entry, appointment.booked_at)
    if text is not None and call is not None:
        call, text = (None, text) if text.at > call.started_at else (call, None)
    by_assistant = (text is not None and text.by == AttemptBy.AI) or (
        call is not None and call.handled_by == HandledBy.AI
    )
    reached_out = text.user_id if text else call.handled_by_user_id if call else None
    entry.contact_card_id = entry.contact_card_id or appointment.contact_card_id
    entry.status = EntryStatus.RESCUED
    entry.resolved_at = appointment.booked_at
    entry.claimed_by = entry.claim_expires_at = entry.next_attempt_at = None
    entry.rescued_by = RescuedBy.AUTO if by_assistant else RescuedBy.HUMAN
    entry.rescued_by_user_id = None if by_assistant else reached_out or appointment.csr_id
    entry.rescue_call_id = call.id if call else None
    entry.rescue_appointment_id = appointment.id
    entry.evidence = {
        "label": appointment.service_type,
        "booked_at": appointment.booked_at.isoformat(),
        "engaged_by": "text" if text else "call" if call else "booking",
    }
    name_action(Action.MISSED_CALL_RESCUED, entry, resource_type="missed_call_entry")


def _last_call(entry: MissedCallEntry, before: datetime) -> Call | None:
    """Return the last call with the caller between the first missed call and `before`, or None.

    Only calls count in which a person or the assistant talked to the caller, or tried to.
    """
    calls = unscoped(select(Call), why="determines who is credited with the rescue; the call is not shown").where(
        Call.organization_id == entry.organization_id,
        Call.contact_card_id == entry.contact_card_id,
        Call.handled_by != HandledBy.NONE,
        Call.started_at <= before,
        Call.started_at >= entry.first_missed_at,
    )
    return db.session.scalar(calls.order_by(Call.started_at.desc(), Call.id.desc()).limit(1))


def _last_text(entry: MissedCallEntry, before: datetime) -> MissedCallAttempt | None:
    texts = unscoped(
        select(MissedCallAttempt), why="determines who is credited with the rescue; the text is not shown"
    ).where(
        MissedCallAttempt.organization_id == entry.organization_id,
        MissedCallAttempt.entry_id == entry.id,
        MissedCallAttempt.kind == AttemptKind.TEXT,
        MissedCallAttempt.at <= before,
    )
    return db.session.scalar(texts.order_by(MissedCallAttempt.at.desc(), MissedCallAttempt.id.desc()).limit(1))
