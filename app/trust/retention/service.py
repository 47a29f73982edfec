"""Writing for how long an organization keeps its records, and the hold that keeps all of them."""

from collections.abc import Mapping
from uuid import UUID

from app.audit.actions import Action
from app.audit.reason_rules import clean_reason
from app.audit.record import name_action
from app.extensions import db
from app.models import Organization
from app.ops.jobs.queue import request_job
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.legal_hold_rules import refuse_held
from app.tenancy.organization_queries import lock_organization
from app.trust.retention.jobs import apply_retention
from app.trust.retention.rules import checked_days


def set_days(actor: Actor, days: Mapping[str, int | None], *, version: int) -> None:
    """Keep each kind for so many days. Raises ValidationFailed, and VersionConflict for a stale version."""
    actor.requires(Permission.ORGANIZATION_UPDATE)
    checked = checked_days(days)
    organization = _opened(actor, version)
    if organization.retention_days != checked:
        organization.retention_days = checked
        db.session.flush()


def hold(actor: Actor, reason: str, *, version: int) -> None:
    """From now on nothing is removed, whoever asks. Raises ValidationFailed without a reason, and VersionConflict."""
    actor.requires(Permission.ORGANIZATION_UPDATE)
    why = clean_reason(reason)
    organization = _opened(actor, version)
    organization.legal_hold, organization.legal_hold_reason = True, why
    organization.raise_version()  # said again in the same words, it is recorded again
    name_action(Action.ORGANIZATION_HELD, organization)


def release(actor: Actor, *, version: int) -> None:
    """End the hold: what is due goes with the next run. Raises VersionConflict."""
    actor.requires(Permission.ORGANIZATION_UPDATE)
    organization = _opened(actor, version)
    if organization.legal_hold:
        organization.legal_hold, organization.legal_hold_reason = False, None
        name_action(Action.ORGANIZATION_RELEASED, organization)


def request_sweep(actor: Actor) -> UUID:
    """Have what is due removed now; the id of the job. Raises Conflict while the data is held."""
    actor.requires(Permission.ORGANIZATION_UPDATE)
    refuse_held(lock_organization(actor.organization_id))
    return request_job(apply_retention, one_by_one=f"retention:{actor.organization_id}")


def _opened(actor: Actor, version: int) -> Organization:
    organization = lock_organization(actor.organization_id)
    shown = {**organization.retention_days, "legal_hold_reason": organization.legal_hold_reason}
    organization.refuse_stale(version, shown)
    return organization
