"""Deletion and restoration of organizations, in serializable transactions.

An organization is deleted with its people, and everyone is signed out.
"""

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

#: Its rows are locked, which blocks everyone in the organization.
MAX_DURATION = timedelta(seconds=10)


def delete_organization(organization_id: UUID, *, slug: str, reason: str, actor: Actor | None = None) -> DeletionBatch:
    """Move an organization to the trash with its people and its other records, and end everyone's access.

    `slug` is the URL name typed to confirm. Begins its own transaction, which can fail with a conflict at its commit:
    see `begin_serializable`. Raises NotFound, Forbidden, ValidationFailed for the wrong URL name or a missing reason,
    and ActiveCalls during active calls.
    """
    if actor is not None:
        actor.requires(Permission.ORGANIZATION_DELETE)
    begin_serializable(MAX_DURATION)
    organization = lock_organization(organization_id, with_its_rows=True)
    if slug != organization.slug:
        raise ValidationFailed([FieldError("slug", _l("Type the organization’s URL name to confirm."))])
    talking = select(func.count()).where(Call.organization_id == organization_id, Call.status == CallStatus.ACTIVE)
    active = unscoped(talking, why="count only; any active call prevents the deletion")
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
    """Restore an organization with what was deleted along with it, but nothing that was deleted before.

    Begins its own transaction, like `delete_organization`. Raises NotFound, and Conflict if it isn't deleted, or if an
    address or a number has been taken in the meantime and `choices` don't resolve that.
    """
    begin_serializable(MAX_DURATION)
    return restore_batch(lock_deletion(organization_id), choices=choices, by=None)


def lock_deletion(organization_id: UUID) -> DeletionBatch:
    """Return the deletion of an organization, locked together with it.

    Raises NotFound, and Conflict if it isn't deleted.
    """
    organization = lock_organization(organization_id, with_its_rows=True, include_deleted=True)
    if organization.deletion_batch_id is None:
        raise Conflict(None, _l("This organization isn’t deleted."))
    return queries.get_batch_of_organization(organization_id, organization.deletion_batch_id)
