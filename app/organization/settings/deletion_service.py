"""Deleting an organization and bringing it back: serializable, with its people, and nobody signed in afterwards."""

from datetime import timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.audit.actions import Action
from app.audit.record import name_change
from app.db.context import current_context
from app.db.transaction import begin_serializable
from app.errors import ActiveCalls, Conflict, FieldError, ValidationFailed
from app.extensions import db
from app.models import Call, CallStatus, DeletionBatch
from app.organization.settings.trash import ORGANIZATION_DELETION
from app.people.users.access_service import end_access_of_all
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.tenancy.organization_queries import lock_organization
from app.trust.trash import queries
from app.trust.trash.delete_service import soft_delete
from app.trust.trash.restore_service import Restored, restore_batch
from app.trust.trash.rules import Choices

#: Its rows are locked, and everybody of it waits.
LONGEST = timedelta(seconds=10)


def delete_organization(organization_id: UUID, *, slug: str, reason: str, actor: Actor | None = None) -> DeletionBatch:
    """Put an organization into the trash with its people and what else belongs to it; everybody's access ends.

    `slug` is what was typed to confirm. It begins a transaction of its own, which may collide at its commit: see
    `begin_serializable`. Raises NotFound, Forbidden, ValidationFailed for the wrong short name or no reason, and
    ActiveCalls while people are talking.
    """
    if actor is not None:
        actor.requires(Permission.ORGANIZATION_DELETE)
    begin_serializable(LONGEST)
    organization = lock_organization(organization_id, with_its_rows=True)
    if slug != organization.slug:
        raise ValidationFailed([FieldError("slug", _l("Type the short name of the organization to confirm."))])
    talking = select(func.count()).where(Call.organization_id == organization_id, Call.status == CallStatus.ACTIVE)
    active = unscoped(talking, why="the whole organization goes, with everybody’s calls")
    if count := db.session.scalar(active):
        raise ActiveCalls(count)
    kept = {"retentionDays": organization.trash_days}
    name_change(Action.ORGANIZATION_DELETED, "organization", organization_id, metadata=kept)
    batch = soft_delete(
        ORGANIZATION_DELETION,
        [organization],
        deleted_by=actor.reference_id if actor else None,
        label=actor.name if actor else current_context().actor_label,
        reason=reason,
    )
    end_access_of_all(organization_id)
    return batch


def restore_organization(organization_id: UUID, *, choices: Choices | None = None) -> Restored:
    """Bring an organization back with what was deleted along with it, and nothing that was deleted before.

    It begins a transaction of its own, as deleting does. Raises NotFound, and Conflict when it is not deleted, or when
    an address or a number was taken meanwhile and `choices` leave that open.
    """
    begin_serializable(LONGEST)
    return restore_batch(lock_deletion(organization_id), choices=choices, by=None)


def lock_deletion(organization_id: UUID) -> DeletionBatch:
    """The deletion of an organization, held with it. Raises NotFound, and Conflict when it is not deleted."""
    organization = lock_organization(organization_id, with_its_rows=True, include_deleted=True)
    if organization.deletion_batch_id is None:
        raise Conflict(None, _l("This organization is not deleted."))
    return queries.get_batch_of_organization(organization_id, organization.deletion_batch_id)
