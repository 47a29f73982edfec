"""Expiry in the missed-call queue: claims, rescue windows, and callbacks without a result."""

from datetime import datetime, timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from app.db.context import current_context
from app.db.ids import uuid7
from app.extensions import db
from app.models import (
    AttemptBy,
    AttemptKind,
    AttemptResult,
    Call,
    EntryStatus,
    MissedCallAttempt,
    MissedCallEntry,
    Notification,
    Organization,
    RecordSource,
    Role,
    Task,
    User,
)
from app.security.scope import unscoped
from app.tenancy.notification_service import NewNotification, notify
from app.work.calls.outbound_service import end_forgotten_calls
from app.work.missed_calls.notices import CLAIM_ENDING
from app.work.missed_calls.queries import WAITING
from app.work.missed_calls.rules import LEASE_WARNING
from app.work.tasks.rules import kind_of_assignee

_NOBODY = {"claimed_by": None, "claim_expires_at": None}


def lapse_missed_calls(now: datetime) -> None:
    """Mark entries past their rescue window as lost, and release expired claims.

    Works on the context's organization. Changed entries get a new version, so that forms opened before are stale.
    """
    organization = db.session.get_one(Organization, current_context().organization_id)
    entries = update(MissedCallEntry).where(MissedCallEntry.organization_id == organization.id)
    window = timedelta(days=organization.rescue_window_days)
    changed = {**_NOBODY, "version": MissedCallEntry.version + 1}
    db.session.execute(
        entries.where(MissedCallEntry.status.in_(WAITING), MissedCallEntry.first_missed_at <= now - window).values(
            status=EntryStatus.LOST, resolved_at=now, **changed
        )
    )
    db.session.execute(
        entries.where(MissedCallEntry.status == EntryStatus.CLAIMED, MissedCallEntry.claim_expires_at <= now).values(
            status=EntryStatus.OPEN, **changed
        )
    )


def warn_of_claims_ending(now: datetime) -> None:
    """Notify users whose claim ends within LEASE_WARNING, once until the claim is renewed.

    Works on the context's organization.
    """
    told = unscoped(select(Notification.id), why="checks whether the claim's owner was already notified").where(
        Notification.organization_id == MissedCallEntry.organization_id,
        Notification.user_id == MissedCallEntry.claimed_by,
        Notification.kind == CLAIM_ENDING.kind,
        Notification.about_id == MissedCallEntry.id,
        Notification.told_at >= MissedCallEntry.claim_expires_at - LEASE_WARNING,
    )
    ending = unscoped(
        select(MissedCallEntry.id, MissedCallEntry.claimed_by), why="the job notifies users about their own claims"
    ).where(
        MissedCallEntry.organization_id == current_context().organization_id,
        MissedCallEntry.status == EntryStatus.CLAIMED,
        MissedCallEntry.claim_expires_at > now,
        MissedCallEntry.claim_expires_at <= now + LEASE_WARNING,
        ~told.exists(),
    )
    said = _l("Your claim on a missed call is about to expire.")
    claims = db.session.execute(ending.order_by(MissedCallEntry.id)).all()
    notify(
        CLAIM_ENDING,
        [NewNotification(claim.claimed_by, said, f"/missed-calls/{claim.id}", claim.id) for claim in claims],
    )


def end_forgotten_calls_back(now: datetime) -> None:
    """End calls that have had no result for an hour, as failed, with a task for the person who made each.

    Works on the context's organization.
    """
    for call in end_forgotten_calls(now):
        colleague = unscoped(User, why="the job creates a task for the user who made the call")
        caller = db.session.get_one(colleague, (call.organization_id, call.handled_by_user_id))
        if call.missed_entry_id is not None:
            db.session.add(_failed_try(call))
        with force_locale(caller.language):
            db.session.add(_task(call, caller, now))
    db.session.flush()


def _failed_try(call: Call) -> MissedCallAttempt:
    """Return a failed attempt, which isn't counted, since it is unknown whether the phone rang."""
    return MissedCallAttempt(
        organization_id=call.organization_id,
        id=uuid7(),
        entry_id=call.missed_entry_id,
        user_id=call.handled_by_user_id,
        kind=AttemptKind.CALL,
        by=AttemptBy.HUMAN,
        at=call.started_at,
        result=AttemptResult.FAILED,
        call_id=call.id,
    )


def _task(call: Call, caller: User, now: datetime) -> Task:
    """Return the task to correct the outcome of a call that ended without a result.

    Its title and description are stored in the current locale, which must be that of the person who made the call.
    """
    return Task(
        organization_id=call.organization_id,
        title=_("Correct the outcome of your call"),
        description=_("No result was recorded within an hour, so the call was marked as failed. Correct its outcome."),
        assigned_to_type=kind_of_assignee(Role(caller.role)),
        assigned_to_user_id=caller.id,
        contact_card_id=call.contact_card_id,
        call_id=call.id,
        due_at=now,
        source=RecordSource.SYSTEM,
    )
