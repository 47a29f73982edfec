"""Changes of roles and extra permissions by programs."""

from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import Conflict, FieldError, ValidationFailed
from app.models import UserPermission
from app.people.roles import queries, service
from app.people.roles.schemas import GrantInput, RoleInput
from app.people.users.record_service import hold_person
from app.security.actor import Actor


def change_role(actor: Actor, user_id: UUID, given: RoleInput, *, version: int) -> None:
    """Change a person's role. Raises the errors of `service.change_role`."""
    service.change_role(
        actor,
        user_id,
        given.role,
        reason=given.reason,
        version=version,
        dropped=given.dropped,
        takers=given.takers,
    )


def grant_permission(actor: Actor, user_id: UUID, _grant_id: UUID, given: GrantInput) -> UserPermission:
    """Grant an extra permission and return the grant.

    Raises Conflict if the person's role includes it, and the errors of `service.grant`.
    """
    try:
        granted = service.grant(actor, user_id, given.permission, reason=given.reason, expires_at=given.expires_at)
    except ValidationFailed as error:
        raise ValidationFailed([_in_input(one) for one in error.fields]) from None
    if granted is None:
        raise Conflict("permission", _l("The person’s role includes this permission."))
    return granted


def _in_input(error: FieldError) -> FieldError:
    """Return an error under the name that the value has in the input."""
    return FieldError("expires_at", error.message, error.code) if error.field == "until" else error


def revoke_permission(actor: Actor, grant_id: UUID) -> None:
    """Revoke an extra permission. Raises the errors of `service.revoke`."""
    service.revoke(actor, queries.get_grant(actor, grant_id).user_id, grant_id)


def hold_grant(actor: Actor, grant_id: UUID) -> UserPermission:
    """Return the grant, after locking its person. Raises NotFound."""
    hold_person(actor, queries.get_grant(actor, grant_id).user_id)
    return queries.get_grant(actor, grant_id)
