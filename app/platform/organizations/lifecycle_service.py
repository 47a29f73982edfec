"""Deletion, restoration and permanent removal of organizations by the platform's admins.

Each of these acts is recorded in the organization's audit trail.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.audit.actions import Action
from app.audit.reason_rules import clean_reason
from app.audit.record import record_event
from app.db.session import INCLUDE_DELETED
from app.db.transaction import dry_run
from app.errors import Conflict, FieldError, NotFound, ValidationFailed
from app.extensions import db
from app.models import DeletionBatch, Organization
from app.ops.jobs.queue import enqueue
from app.organization.settings.deletion_service import delete_organization, lock_deletion, restore_organization
from app.platform.organizations.jobs import purge_organization
from app.platform.organizations.onboarding_service import Step, StepState, steps_of
from app.platform.organizations.tenant_switch import working_in
from app.security.actor import Actor
from app.security.scope import unscoped
from app.tenancy.legal_hold_rules import refuse_held
from app.tenancy.organization_queries import lock_organization
from app.trust.trash.choice_rules import Chosen
from app.trust.trash.restore_preview_service import RestorePreview, Tried, conflicting_values, preview_trial
from app.trust.trash.restore_service import Restored
from app.trust.trash.restore_trial_service import attempt
from app.trust.trash.rules import Choices


@dataclass(frozen=True, slots=True)
class Overview:
    """An organization as the platform manages it; `batch` is set while it is in the trash."""

    organization: Organization
    steps: dict[Step, StepState]
    batch: DeletionBatch | None

    @property
    def gone_after(self) -> datetime | None:
        """Time when the organization will be permanently removed; None unless it is in the trash."""
        return self.batch.purge_after if self.batch else None


def get_overview(staff: Actor, organization_id: UUID) -> Overview:
    """Return the overview of an organization.

    Raises NotFound if it was purged or never existed, and the errors of `working_in`.
    """
    with working_in(staff, organization_id):
        organization = _get(organization_id)
        batch = None
        if organization.deletion_batch_id is not None:
            batch = db.session.get_one(
                unscoped(DeletionBatch, why="platform staff can see when a deleted organization is purged"),
                (organization_id, organization.deletion_batch_id),
            )
        return Overview(organization, dict(steps_of(organization_id)), batch)


def delete(staff: Actor, organization_id: UUID, *, slug: str, reason: str) -> DeletionBatch:
    """Move the organization to the trash with its users.

    Raises the errors of `delete_organization` and `working_in`.
    """
    with working_in(staff, organization_id):
        return delete_organization(organization_id, slug=slug, reason=reason)


def preview_restore(staff: Actor, organization_id: UUID, chosen: Chosen) -> RestorePreview:
    """Return what a restore would do, with every conflict.

    Raises NotFound, Conflict if the organization is not deleted, and the errors of `working_in`.
    """

    def trial(choices: Choices) -> Tried:
        with dry_run():
            batch = lock_deletion(organization_id)
            outcomes = attempt(batch, None, choices, None).outcomes
            return Tried(outcomes, conflicting_values(batch, outcomes))

    with working_in(staff, organization_id):
        return preview_trial(trial, chosen)


def restore(staff: Actor, organization_id: UUID, choices: Choices) -> Restored:
    """Restore the organization. Raises the errors of `restore_organization` and `working_in`."""
    with working_in(staff, organization_id):
        return restore_organization(organization_id, choices=choices)


def request_purge(staff: Actor, organization_id: UUID, *, slug: str, reason: str) -> None:
    """Enqueue the permanent removal of a deleted organization before its scheduled day.

    `slug` is the URL name typed to confirm. Raises NotFound, ValidationFailed, Conflict if the organization is not
    deleted or is under legal hold, and the errors of `working_in`.
    """
    why = clean_reason(reason)
    with working_in(staff, organization_id):
        organization = lock_organization(organization_id, include_deleted=True)
        if slug != organization.slug:
            raise ValidationFailed([FieldError("slug", _l("Type the organization’s URL name to confirm."))])
        if organization.deleted_at is None:
            raise Conflict(
                None, _l("Delete the organization first. Only organizations in the trash can be permanently deleted.")
            )
        refuse_held(organization)
        record_event(Action.ORGANIZATION_PURGE_REQUESTED, "organization", organization_id, {"reason": why})
    # A job of the platform, because the organization's own jobs are deleted with it.
    enqueue(purge_organization, organization=str(organization_id), deletion=str(organization.deletion_batch_id))


def _get(organization_id: UUID) -> Organization:
    wanted = select(Organization).where(Organization.id == organization_id)
    found = db.session.scalar(wanted.execution_options(**{INCLUDE_DELETED: True, "populate_existing": True}))
    if found is None:
        raise NotFound("organization", organization_id)
    return found
