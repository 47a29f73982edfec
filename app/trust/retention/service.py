"""Changing an organization's retention, and the legal hold that suspends all deletion."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.reason_rules import clean_reason
from app.audit.record import name_action
from app.errors import Conflict
from app.extensions import db
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.service import queue_mail
from app.models import Organization
from app.ops.jobs.queue import request_job
from app.security.actor import Actor
from app.security.confirmation import Effect, require_confirmation
from app.security.permissions import Permission, Role
from app.tenancy.legal_hold_rules import refuse_held
from app.tenancy.organization_queries import lock_organization
from app.tenancy.people_queries import list_people_in_charge
from app.trust.retention.jobs import apply_retention
from app.trust.retention.rules import (
    NOTICE,
    OWNERS_MIN_DAYS,
    RetentionKind,
    checked_days,
    days_of,
    shorter_days,
)
from app.trust.retention.sweep_service import settle_days
from app.trust.retention.words import in_words

_OWNERS = _l("Only an owner can change how long calls and the audit trail are kept.")


def set_days(actor: Actor, days: Mapping[str, int | None], *, version: int) -> None:
    """Set the retention of each kind; a longer one applies immediately, a shorter one a day later.

    Owners are notified of a shorter one. Raises ValidationFailed, VersionConflict for a stale version, Forbidden
    without the permission or if a changed number is reserved to owners, and ReauthenticationRequired.
    """
    actor.requires(Permission.ORGANIZATION_UPDATE)
    wanted = checked_days(days)
    organization, now = _opened(actor, version), datetime.now(UTC)
    settle_days(organization, now)
    counting, waiting = organization.retention_days, organization.pending_retention or {}
    saved = {**counting, **waiting}
    changed = {kind for kind in RetentionKind if wanted[kind] != days_of(saved, kind)}
    if not changed:
        return
    if changed & OWNERS_MIN_DAYS.keys() and not actor.may(Permission.RETENTION_UPDATE):
        raise actor.refusal(Permission.RETENTION_UPDATE, _OWNERS, needed=Role.OWNER)
    require_confirmation(actor, Effect.RETENTION)
    shorter = {kind.value: wanted[kind] for kind in RetentionKind if wanted[kind] < days_of(counting, kind)}
    organization.retention_days = {kind.value: max(wanted[kind], days_of(counting, kind)) for kind in RetentionKind}
    if shorter != waiting:
        organization.pending_retention = shorter or None
        organization.pending_retention_at = now + NOTICE if shorter else None
        _notify_owners(actor, organization, shorter)
    db.session.flush()


def withdraw(actor: Actor, *, version: int) -> None:
    """Cancel a shorter retention before it takes effect.

    This keeps records longer, so everyone who can change the retention can do it, even for kinds that are otherwise
    reserved to owners. Raises Forbidden, VersionConflict, Conflict if the shorter retention is already in force, and
    ReauthenticationRequired.
    """
    actor.requires(Permission.ORGANIZATION_UPDATE)
    organization = _opened(actor, version)
    if organization.pending_retention is not None and not shorter_days(organization, datetime.now(UTC)):
        raise Conflict(None, _l("The shorter retention has already taken effect. Save a longer retention instead."))
    if organization.pending_retention is not None:
        require_confirmation(actor, Effect.RETENTION)
    organization.pending_retention = organization.pending_retention_at = None
    db.session.flush()


def hold(actor: Actor, reason: str, *, version: int) -> None:
    """Place a legal hold: from now on, no one can delete anything permanently.

    Raises Forbidden, ValidationFailed for a reason that is too short or too long, and VersionConflict.
    """
    actor.requires(Permission.ORGANIZATION_UPDATE)
    why = clean_reason(reason)
    organization = _opened(actor, version)
    organization.legal_hold, organization.legal_hold_reason = True, why
    organization.raise_version()  # recorded again even if the same reason is submitted again
    name_action(Action.ORGANIZATION_HELD, organization)


def release(actor: Actor, *, version: int) -> None:
    """End the hold; expired records are deleted by the next run.

    Raises Forbidden, VersionConflict and ReauthenticationRequired.
    """
    actor.requires(Permission.ORGANIZATION_UPDATE)
    organization = _opened(actor, version)
    if organization.legal_hold:
        require_confirmation(actor, Effect.RETENTION)
        organization.legal_hold, organization.legal_hold_reason = False, None
        name_action(Action.ORGANIZATION_RELEASED, organization)


def request_sweep(actor: Actor) -> UUID:
    """Have expired records deleted now, and return the id of the job.

    Raises Forbidden, and Conflict during a legal hold.
    """
    actor.requires(Permission.TRASH_PURGE)
    refuse_held(lock_organization(actor.organization_id))
    return request_job(apply_retention, one_by_one=f"retention:{actor.organization_id}")


def _opened(actor: Actor, version: int) -> Organization:
    organization = lock_organization(actor.organization_id)
    saved = {**organization.retention_days, **(organization.pending_retention or {})}
    shown = {**saved, "legal_hold_reason": organization.legal_hold_reason}
    organization.refuse_stale(version, shown)
    return organization


def _notify_owners(actor: Actor, organization: Organization, shorter: Mapping[str, int]) -> None:
    changes = [in_words(RetentionKind(kind), days, organization.retention_days[kind]) for kind, days in shorter.items()]
    for owner in list_people_in_charge(organization.id, Role.OWNER) if changes else ():
        queue_mail(
            Mail.RETENTION_SHORTENED, owner, sender=actor.name, changes=changes, at=organization.pending_retention_at
        )
