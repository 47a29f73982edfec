"""Expiry in the missed-call queue: claims, rescue windows, and callbacks without a result."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select, update

from app.db.conditions import is_any_of
from app.db.context import current_context
from app.db.ids import uuid7
from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.declarations.notice import Notice
from app.errors import LazyText
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
from app.tenancy.notification_service import NewNotification, Taken, notify, withdraw_about
from app.work.calls.outbound_service import end_forgotten_calls
from app.work.missed_calls.claim_words import ended_words, ends_words
from app.work.missed_calls.notices import CLAIM_ENDED, CLAIM_ENDING, FOLLOW_UP_ENDING
from app.work.missed_calls.queries import WAITING
from app.work.missed_calls.rules import FOLLOW_UP_WARNING, LEASE_WARNING
from app.work.tasks.rules import kind_of_assignee

_NOBODY = {"claimed_by": None, "claim_expires_at": None}


def lapse_missed_calls(now: datetime) -> None:
    """Mark entries past their rescue window as lost, and release expired claims, whose owners are told.

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
    ended = _claims(MissedCallEntry.claim_expires_at <= now, lock=True)
    ids = [claim.id for claim in ended]
    db.session.execute(entries.where(is_any_of(MissedCallEntry.id, ids)).values(status=EntryStatus.OPEN, **changed))
    withdraw_about((CLAIM_ENDING, FOLLOW_UP_ENDING), [Taken(claim.claimed_by, claim.id, now) for claim in ended])
    _tell(CLAIM_ENDED, ended, ended_words)


def warn_of_claims_ending(now: datetime) -> None:
    """Notify users whose claim is about to end, once until the claim is renewed.

    A lease is about to end within LEASE_WARNING, a claim on a caller they reached within FOLLOW_UP_WARNING. Works on
    the context's organization.
    """
    is_follow_up = MissedCallEntry.claim_expires_at.is_not_distinct_from(MissedCallEntry.next_attempt_at)
    for notice, within, is_of_kind in (
        (CLAIM_ENDING, LEASE_WARNING, ~is_follow_up),
        (FOLLOW_UP_ENDING, FOLLOW_UP_WARNING, is_follow_up),
    ):
        told = unscoped(select(Notification.id), why="checks whether the claim's owner was already notified").where(
            Notification.organization_id == MissedCallEntry.organization_id,
            Notification.user_id == MissedCallEntry.claimed_by,
            Notification.kind == notice.kind,
            Notification.about_id == MissedCallEntry.id,
            Notification.told_at >= MissedCallEntry.claim_expires_at - within,
        )
        is_near = MissedCallEntry.claim_expires_at.between(now, now + within)
        _tell(notice, _claims(is_near, is_of_kind, ~told.exists()), ends_words)


def _claims(*conditions: ColumnElement[bool], lock: bool = False) -> Sequence[Any]:
    """Return the claims of the context's organization that match, with the caller's number and the time zone."""
    claims = unscoped(
        select(
            MissedCallEntry.id,
            MissedCallEntry.claimed_by,
            MissedCallEntry.claim_expires_at,
            Call.caller_number,
            Organization.timezone,
        ),
        why="the job notifies users about their own claims",
    )
    found = claims.join(Call, refers_to(Call, MissedCallEntry, MissedCallEntry.call_id)).join(
        Organization, Organization.id == MissedCallEntry.organization_id
    )
    matching = found.where(
        MissedCallEntry.organization_id == current_context().organization_id,
        MissedCallEntry.status == EntryStatus.CLAIMED,
        *conditions,
    ).order_by(MissedCallEntry.id)
    locked = matching.with_for_update(of=MissedCallEntry, key_share=True) if lock else matching
    return db.session.execute(locked, execution_options={INCLUDE_DELETED: True}).all()


def _tell(notice: Notice, claims: Sequence[Any], words: Callable[[str | None, datetime, str], LazyText]) -> None:
    """Notify the users of their claims, with the caller's number and the time at which the claim ends or ended."""
    notify(
        notice,
        [
            NewNotification(
                one.claimed_by,
                words(one.caller_number, one.claim_expires_at, one.timezone),
                f"/missed-calls/{one.id}",
                one.id,
            )
            for one in claims
        ],
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
