"""Working the missed-call queue: claims and attempts.

Every change locks the entry first, so that checks stay valid until it is saved. Submitting a form twice has the effect
of submitting it once.
"""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.ids import uuid7
from app.errors import AlreadyClaimed, Conflict
from app.extensions import db
from app.models import (
    WAITING_STATUSES,
    AttemptBy,
    AttemptKind,
    AttemptResult,
    Call,
    EntryStatus,
    MissedCallAttempt,
    MissedCallEntry,
    Organization,
    User,
)
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import get_row
from app.security.scope import unscoped
from app.tenancy.actor_rules import refuse_guest, require_own_person
from app.work.calls.outbound_rules import WITHHELD
from app.work.missed_calls import rules
from app.work.missed_calls.queries import next_unclaimed

RESOURCE = "missed_call_entry"


def claim(actor: Actor, entry_id: UUID) -> MissedCallEntry:
    """Claim a caller for the duration of a lease, or renew the user's own claim.

    Raises NotFound, Forbidden, Conflict if the caller is no longer waiting, and AlreadyClaimed, which names the
    claimant.
    """
    entry = locked_entry(actor, entry_id)
    take(actor, entry)
    return entry


def claim_next(actor: Actor) -> MissedCallEntry:
    """Claim the next due caller who is not claimed.

    Raises Forbidden, and Conflict if there is none.
    """
    actor.requires(Permission.MISSED_CALLS_WORK)
    require_own_person(actor, Permission.MISSED_CALLS_WORK)
    entry = db.session.scalar(next_unclaimed(actor, datetime.now(UTC)))
    if entry is None:
        raise Conflict(None, _l("No unclaimed callers need a callback right now."))
    take(actor, entry)
    return entry


def release(actor: Actor, entry_id: UUID) -> MissedCallEntry:
    """Release a caller to the queue; one who was reached is to be called again from now on.

    Raises NotFound, Forbidden, Conflict if the caller is no longer waiting, and AlreadyClaimed if someone else has
    claimed them. Those who may correct the queue also release callers whom someone else reached.
    """
    entry = locked_entry(actor, entry_id)
    require_own_person(actor, Permission.MISSED_CALLS_WORK)
    refuse_ended(entry)
    is_follow_up = rules.is_follow_up(entry.claim_expires_at, entry.next_attempt_at)
    if not (is_follow_up and actor.may(Permission.MISSED_CALLS_CORRECT)):
        refuse_others(actor, entry)
    if entry.status == EntryStatus.CLAIMED:
        if is_follow_up:
            now = datetime.now(UTC)
            entry.next_attempt_at = min(now, entry.claim_expires_at or now)
        give_back(entry)
        name_action(Action.MISSED_CALL_RELEASED, entry, resource_type=RESOURCE)
    return entry


def record_attempt(actor: Actor, entry_id: UUID, kind: AttemptKind, result: AttemptResult) -> MissedCallAttempt:
    """Record an attempt that the user has just made without Switchboard.

    Raises the same errors as `claim`, and ValidationFailed for a result that an attempt of this kind can't have.
    """
    entry = locked_entry(actor, entry_id)
    rules.refuse_other_result(kind, result)
    refuse_ended(entry)
    refuse_others(actor, entry)
    attempt = tried(actor, entry, kind, result, datetime.now(UTC))
    db.session.flush()
    return attempt


def locked_entry(actor: Actor, entry_id: UUID) -> MissedCallEntry:
    actor.requires(Permission.MISSED_CALLS_WORK)
    refuse_guest(actor, Permission.MISSED_CALLS_WORK)
    return get_row(actor, MissedCallEntry, entry_id, named=RESOURCE, lock=True)


def take(actor: Actor, entry: MissedCallEntry) -> None:
    """Claim a locked entry, or renew the user's own claim.

    Raises Forbidden for an API key, Conflict if the caller is no longer waiting, and AlreadyClaimed if someone else has
    claimed them.
    """
    require_own_person(actor, Permission.MISSED_CALLS_WORK)
    refuse_ended(entry)
    refuse_others(actor, entry)
    is_new = entry.claimed_by != actor.user_id
    hold(actor, entry, datetime.now(UTC))
    if is_new:
        name_action(Action.MISSED_CALL_CLAIMED, entry, resource_type=RESOURCE)
    db.session.flush()


def hold(actor: Actor, entry: MissedCallEntry, now: datetime, until: datetime | None = None) -> None:
    """Claim a locked entry for a lease, or `until` a later time; the user's own claim never becomes shorter."""
    own = entry.claim_expires_at if entry.claimed_by == actor.user_id else None
    entry.status, entry.claimed_by = EntryStatus.CLAIMED, actor.user_id
    entry.claim_expires_at = max(end for end in (now + rules.LEASE, own, until) if end is not None)


def give_back(entry: MissedCallEntry) -> None:
    entry.status, entry.claimed_by, entry.claim_expires_at = EntryStatus.OPEN, None, None


def refuse_ended(entry: MissedCallEntry) -> None:
    if entry.status not in WAITING_STATUSES:
        raise Conflict(None, rules.ENDED[EntryStatus(entry.status)])


def refuse_others(actor: Actor, entry: MissedCallEntry) -> None:
    """Raise AlreadyClaimed if someone else's claim has not expired."""
    if not _is_others(actor, entry):
        return
    colleague = unscoped(User, why="the name of the user who claimed an entry is visible in the shared queue")
    holder = db.session.get_one(colleague, (actor.organization_id, entry.claimed_by))
    raise AlreadyClaimed(
        {"id": str(holder.id), "name": holder.name, "until": entry.claim_expires_at},
        _l("%(name)s has already claimed this caller.", name=holder.name),
    )


def _is_others(actor: Actor, entry: MissedCallEntry) -> bool:
    until = entry.claim_expires_at
    is_held = entry.status == EntryStatus.CLAIMED and until is not None and until > datetime.now(UTC)
    return is_held and entry.claimed_by != actor.user_id


def number_of(entry: MissedCallEntry) -> str:
    missed = unscoped(Call, why="caller numbers are visible to everyone who works the shared queue")
    call = db.session.get_one(missed, (entry.organization_id, entry.call_id))
    if call.caller_number is None:
        raise Conflict(None, WITHHELD)
    return call.caller_number


def attempts_of(entry: MissedCallEntry) -> Select[MissedCallAttempt]:
    attempts = unscoped(select(MissedCallAttempt), why="attempts of an entry to which access was already checked")
    return attempts.where(
        MissedCallAttempt.organization_id == entry.organization_id, MissedCallAttempt.entry_id == entry.id
    )


def last_counted(entry: MissedCallEntry) -> MissedCallAttempt | None:
    """Return the last attempt of an entry, or None; failed calls aren't counted."""
    counted = attempts_of(entry).where(MissedCallAttempt.result != AttemptResult.FAILED)
    return db.session.scalar(counted.order_by(MissedCallAttempt.at.desc()).limit(1))


def kept_until(actor: Actor, entry: MissedCallEntry, last: MissedCallAttempt | None) -> datetime | None:
    """Return the end of the user's claim on an entry whose `last` attempt reached the caller, or None."""
    has_reached = last is not None and last.result == AttemptResult.REACHED and last.user_id == actor.reference_id
    return entry.next_attempt_at if has_reached else None


def tried(
    actor: Actor, entry: MissedCallEntry, kind: AttemptKind, result: AttemptResult, at: datetime, **of: UUID
) -> MissedCallAttempt:
    require_own_person(actor, Permission.MISSED_CALLS_WORK)
    # Queried first, since autoflush would write the changes before their action is named.
    following, waited = next_try(entry, result, at), _business_seconds(entry, at)
    attempt = MissedCallAttempt(
        organization_id=actor.organization_id,
        id=uuid7(),
        entry_id=entry.id,
        user_id=actor.user_id,
        kind=kind,
        by=AttemptBy.HUMAN,
        at=at,
        result=result,
        **of,
    )
    db.session.add(attempt)
    if entry.attempts == 0:
        entry.first_attempt_seconds = waited
    entry.attempts += 1
    entry.last_attempt_at = at
    if entry.status in WAITING_STATUSES:  # it may have ended during the call
        entry.next_attempt_at = following
        goes_on = rules.keeps_claim(result) and actor.may(Permission.MISSED_CALLS_WORK)
        if goes_on and not _is_others(actor, entry):  # the user's own lease may have expired
            hold(actor, entry, datetime.now(UTC), following)
        elif entry.claimed_by == actor.user_id:
            give_back(entry)
    name_action(Action.MISSED_CALL_ATTEMPTED, entry, resource_type=RESOURCE, metadata={"result": result.value})
    return attempt


def next_try(entry: MissedCallEntry, result: AttemptResult, at: datetime) -> datetime | None:
    organization = db.session.get_one(Organization, entry.organization_id)
    return rules.next_try_at(result, at, organization.business_hours, organization.timezone)


def _business_seconds(entry: MissedCallEntry, at: datetime) -> int:
    organization = db.session.get_one(Organization, entry.organization_id)
    return rules.business_seconds(entry.first_missed_at, at, organization.business_hours, organization.timezone)
