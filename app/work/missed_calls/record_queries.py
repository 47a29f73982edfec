"""Queries for missed calls and callback attempts with all their values."""

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.db.joins import refers_to
from app.db.paging import newest_or_oldest_first
from app.db.session import INCLUDE_DELETED
from app.models import Appointment, Call, ContactCard, Lead, Message, MissedCallAttempt, MissedCallEntry, User
from app.periods import span_of
from app.security.list_of import ListOf
from app.work.missed_calls.order_queries import order_for
from app.work.missed_calls.queries import SORTS, entry_conditions, sorts_for

_Claimant, _Rescuer, _Caller = (aliased(User, name=name) for name in ("claimant", "rescuer", "caller"))


_RECORD = (
    select(
        MissedCallEntry.id,
        MissedCallEntry.status,
        Call.status.label("call_status"),
        Call.caller_number,
        ContactCard.display_name.label("contact_name"),
        Call.topic,
        MissedCallEntry.csr_id,
        MissedCallEntry.resolved_csr_id,
        MissedCallEntry.first_missed_at,
        MissedCallEntry.sla_due_at,
        MissedCallEntry.claimed_by,
        _Claimant.name.label("claimed_by_name"),
        MissedCallEntry.claim_expires_at,
        MissedCallEntry.attempts,
        MissedCallEntry.first_attempt_seconds,
        MissedCallEntry.last_attempt_at,
        MissedCallEntry.next_attempt_at,
        MissedCallEntry.resolved_at,
        MissedCallEntry.rescued_by,
        MissedCallEntry.rescued_by_user_id,
        _Rescuer.name.label("rescued_by_user_name"),
        MissedCallEntry.evidence,
        MissedCallEntry.outcome_note,
        MissedCallEntry.created_at,
        MissedCallEntry.updated_at,
        MissedCallEntry.version,
    )
    .join(Call, refers_to(Call, MissedCallEntry, MissedCallEntry.call_id))
    .outerjoin(ContactCard, refers_to(ContactCard, MissedCallEntry, MissedCallEntry.contact_card_id))
    .outerjoin(_Claimant, refers_to(_Claimant, MissedCallEntry, MissedCallEntry.claimed_by))
    .outerjoin(_Rescuer, refers_to(_Rescuer, MissedCallEntry, MissedCallEntry.rescued_by_user_id))
    .execution_options(**{INCLUDE_DELETED: True})
)


#: The entries of the queue.
entry_records = ListOf(
    MissedCallEntry,
    _RECORD,
    narrow=lambda filters, actor, now: entry_conditions(filters, actor, span_of(filters, actor, now), now),
    sorts=SORTS,
    sorts_for=sorts_for,
    order_for=order_for,
    links=(
        (MissedCallEntry.call_id, Call),
        (MissedCallEntry.contact_card_id, ContactCard),
        (MissedCallEntry.lead_id, Lead),
        (MissedCallEntry.rescue_appointment_id, Appointment),
        (MissedCallEntry.rescue_call_id, Call),
    ),
)

_ATTEMPT = (
    select(
        MissedCallAttempt.id,
        MissedCallAttempt.entry_id,
        MissedCallAttempt.kind,
        MissedCallAttempt.by,
        MissedCallAttempt.at,
        MissedCallAttempt.result,
        MissedCallAttempt.user_id,
        _Caller.name.label("user_name"),
        MissedCallAttempt.created_at,
        MissedCallAttempt.updated_at,
    )
    .outerjoin(_Caller, refers_to(_Caller, MissedCallAttempt, MissedCallAttempt.user_id))
    .execution_options(**{INCLUDE_DELETED: True})
)


#: The attempts to call back, latest first.
attempt_records = ListOf(
    MissedCallAttempt,
    _ATTEMPT,
    narrow=lambda _filters, _actor, _now: (),
    sorts=newest_or_oldest_first("at", MissedCallAttempt.at, MissedCallAttempt.id),
    links=((MissedCallAttempt.call_id, Call), (MissedCallAttempt.message_id, Message)),
)
