"""Dismissing and reopening callers, blocking numbers, and correcting the credit for a rescue."""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.ids import uuid7
from app.errors import Conflict, FieldError, ValidationFailed
from app.extensions import db
from app.models import WAITING_STATUSES, BlockedNumber, Call, EntryStatus, MissedCallEntry, RescuedBy, User
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.rows import find_row, get_row, held
from app.security.scope import restrict, unscoped
from app.trust.privacy.sealed_text_queries import without_mentions
from app.work.missed_calls import rules
from app.work.missed_calls.service import (
    RESOURCE,
    give_back,
    locked_entry,
    number_of,
    refuse_ended,
    refuse_others,
)


def dismiss(actor: Actor, entry_id: UUID, reason: str, *, version: int) -> MissedCallEntry:
    """Dismiss a caller from the queue with a reason.

    Raises NotFound, Forbidden, Conflict, VersionConflict, and AlreadyClaimed if someone else has claimed them.
    """
    entry = locked_entry(actor, entry_id)
    if entry.status == EntryStatus.DISMISSED and entry.outcome_note == reason:
        return entry
    refuse_ended(entry)
    refuse_others(actor, entry)
    entry.refuse_stale(version, {"reason": entry.outcome_note})
    _dismiss(entry, reason)
    return entry


def reopen(actor: Actor, entry_id: UUID) -> MissedCallEntry:
    """Return a dismissed caller to the queue.

    Raises NotFound, Forbidden, and Conflict for an entry that ended in another way.
    """
    entry = locked_entry(actor, entry_id)
    if entry.status in WAITING_STATUSES:
        return entry
    if entry.status != EntryStatus.DISMISSED:
        raise Conflict(None, rules.ENDED[EntryStatus(entry.status)])
    entry.status, entry.resolved_at, entry.outcome_note = EntryStatus.OPEN, None, None
    name_action(Action.MISSED_CALL_REOPENED, entry, resource_type=RESOURCE)
    return entry


def block_number(actor: Actor, entry_id: UUID, row_id: UUID, reason: str) -> BlockedNumber:
    """Block the number of a caller and dismiss all waiting entries from it.

    Its calls no longer open entries. Raises NotFound, Forbidden, and Conflict for a withheld number or if the form was
    submitted with another reason before.
    """
    actor.requires(Permission.MISSED_CALLS_CORRECT)
    entry = locked_entry(actor, entry_id)
    number = number_of(entry)
    blocked = db.session.scalar(
        restrict(select(BlockedNumber), BlockedNumber, actor).where(BlockedNumber.number == number)
    )
    if blocked is not None and blocked.id == row_id and blocked.reason != reason:
        raise Conflict(None, _l("This number is already blocked. To change the reason, unblock it first."))
    if blocked is None:
        # The id may have been used already, by the form of another caller.
        new_id = row_id if find_row(actor, BlockedNumber, row_id) is None else uuid7()
        blocked = BlockedNumber(organization_id=actor.organization_id, id=new_id, number=number, reason=reason)
        db.session.add(blocked)
        db.session.flush()
    from_it = restrict(select(MissedCallEntry), MissedCallEntry, actor).where(
        MissedCallEntry.status.in_(WAITING_STATUSES),
        MissedCallEntry.call_id.in_(
            unscoped(select(Call.id), why="filters entries that are scoped; no call is returned").where(
                Call.organization_id == actor.organization_id, Call.caller_number == number
            )
        ),
    )
    for waiting in db.session.scalars(held(from_it.order_by(MissedCallEntry.id))).all():
        _dismiss(waiting, reason)
    return blocked


def unblock_number(actor: Actor, row_id: UUID) -> None:
    """Unblock a number, so that its calls open entries again.

    Raises Forbidden and NotFound.
    """
    actor.requires(Permission.MISSED_CALLS_CORRECT)
    db.session.delete(get_row(actor, BlockedNumber, row_id, named="blocked_number", lock=True))
    db.session.flush()


def correct_credit(
    actor: Actor, entry_id: UUID, rescued_by: RescuedBy, user_id: UUID | None, reason: str, *, version: int
) -> MissedCallEntry:
    """Correct who is credited with a rescue; `user_id` is only used with `human`.

    Raises NotFound, Forbidden, Conflict if the caller was not rescued, VersionConflict, ValidationFailed.
    """
    actor.requires(Permission.MISSED_CALLS_CORRECT)
    entry = locked_entry(actor, entry_id)
    if entry.status != EntryStatus.RESCUED:
        raise Conflict(None, _l("No one rescued this caller, so there’s nothing to credit."))
    user_id = user_id if rescued_by == RescuedBy.HUMAN else None
    if rescued_by == RescuedBy.HUMAN and (user_id is None or find_row(actor, User, user_id) is None):
        raise ValidationFailed([FieldError("user_id", _l("Choose who rescued this caller."))])
    if (entry.rescued_by, entry.rescued_by_user_id) == (rescued_by, user_id):
        return entry
    entry.refuse_stale(version, {"rescued_by": entry.rescued_by, "user_id": entry.rescued_by_user_id})
    sealed = without_mentions(actor.organization_id, entry.contact_card_id, reason)
    entry.rescued_by, entry.rescued_by_user_id = rescued_by, user_id
    entry.evidence = {**entry.evidence, "corrected_by": actor.name, "reason": reason}
    name_action(Action.MISSED_CALL_CREDITED, entry, resource_type=RESOURCE, metadata={"reason": sealed})
    return entry


def _dismiss(entry: MissedCallEntry, reason: str) -> None:
    give_back(entry)
    entry.status, entry.resolved_at, entry.outcome_note = EntryStatus.DISMISSED, datetime.now(UTC), reason
    name_action(Action.MISSED_CALL_DISMISSED, entry, resource_type=RESOURCE)
