"""The end of an organization, and its way back: done by the platform's admins, told in its own trail."""

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
from app.trust.trash.restore_preview_service import RestorePreview, Tried, preview_trial, values_in_the_way
from app.trust.trash.restore_service import Restored
from app.trust.trash.restore_trial_service import attempt
from app.trust.trash.rules import Choices


@dataclass(frozen=True, slots=True)
class Overview:
    """An organization as the platform looks after it; `batch` while it is in the trash."""

    organization: Organization
    steps: dict[Step, StepState]
    batch: DeletionBatch | None

    @property
    def gone_after(self) -> datetime | None:
        """When it is removed for good."""
        return self.batch.purge_after if self.batch else None


def get_overview(staff: Actor, organization_id: UUID) -> Overview:
    """Raises NotFound for one that was purged or never was."""
    with working_in(staff, organization_id):
        organization = _get(organization_id)
        batch = None
        if organization.deletion_batch_id is not None:
            batch = db.session.get_one(
                unscoped(DeletionBatch, why="the platform's staff deletes organizations, and sees when that ends"),
                (organization_id, organization.deletion_batch_id),
            )
        return Overview(organization, dict(steps_of(organization_id)), batch)


def delete(staff: Actor, organization_id: UUID, *, slug: str, reason: str) -> DeletionBatch:
    """Put it into the trash with its people. Raises what `delete_organization` raises."""
    with working_in(staff, organization_id):
        return delete_organization(organization_id, slug=slug, reason=reason)


def preview_restore(staff: Actor, organization_id: UUID, chosen: Chosen) -> RestorePreview:
    """What would come back, with every conflict. Raises NotFound, and Conflict when it is not deleted."""

    def trial(choices: Choices) -> Tried:
        with dry_run():
            batch = lock_deletion(organization_id)
            outcomes = attempt(batch, None, choices, None).outcomes
            return Tried(outcomes, values_in_the_way(batch, outcomes))

    with working_in(staff, organization_id):
        return preview_trial(trial, chosen)


def restore(staff: Actor, organization_id: UUID, choices: Choices) -> Restored:
    """Bring it back. Raises what `restore_organization` raises."""
    with working_in(staff, organization_id):
        return restore_organization(organization_id, choices=choices)


def request_purge(staff: Actor, organization_id: UUID, *, slug: str, reason: str) -> None:
    """Have a job remove a deleted organization for good, without waiting for its day.

    `slug` is what was typed to confirm. Raises NotFound, ValidationFailed, and Conflict when it is not deleted or its
    data is held.
    """
    why = clean_reason(reason)
    with working_in(staff, organization_id):
        organization = lock_organization(organization_id, include_deleted=True)
        if slug != organization.slug:
            raise ValidationFailed([FieldError("slug", _l("Type the short name of the organization to confirm."))])
        if organization.deleted_at is None:
            raise Conflict(
                None, _l("Delete the organization first: only what is in the trash can be removed for good.")
            )
        refuse_held(organization)
        record_event(Action.ORGANIZATION_PURGE_REQUESTED, "organization", organization_id, {"reason": why})
    # The job is the platform's own: those of the organization go with it.
    enqueue(purge_organization, organization=str(organization_id), deletion=str(organization.deletion_batch_id))


def _get(organization_id: UUID) -> Organization:
    wanted = select(Organization).where(Organization.id == organization_id)
    found = db.session.scalar(wanted.execution_options(**{INCLUDE_DELETED: True, "populate_existing": True}))
    if found is None:
        raise NotFound("organization", organization_id)
    return found
