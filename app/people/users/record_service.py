"""Creation and changes of people by programs."""

from uuid import UUID

from app.models import DeletionBatch, User
from app.people.users import edit_service, leaving_service, service, suspension_service
from app.people.users.detail_queries import get_person
from app.people.users.edit_service import Details
from app.people.users.schemas import LeavingInput, NewUserInput, SuspensionInput, UserChanges
from app.security.actor import Actor
from app.security.confirmation import Effect, require_confirmation
from app.security.permissions import Permission


def create_person(actor: Actor, _user_id: UUID, given: NewUserInput) -> User:
    """Create an active person with a password. Raises the errors of `service.create_user`."""
    actor.requires(Permission.USERS_INVITE)
    values = {"email": given.email, "name": given.name, "password": given.password}
    return service.create_user(actor.organization_id, **values, role=given.role, actor=actor).user


def change_person(actor: Actor, user_id: UUID, given: UserChanges, version: int) -> None:
    """Change the details of a person.

    Raises ReauthenticationRequired for a new address, and the errors of `edit_service.change_details`.
    """
    is_own_address = user_id == actor.user_id and given.email != get_person(actor, user_id).email
    if is_own_address:
        require_confirmation(actor, Effect.ADDRESS)
    details = Details(**given.values(), is_confirmed=is_own_address)
    edit_service.change_details(actor, user_id, details, version=version)


def suspend_person(actor: Actor, user_id: UUID, given: SuspensionInput, *, version: int) -> None:
    """Suspend a person. Raises the errors of `suspension_service.suspend`."""
    suspension_service.suspend(actor, user_id, given.reason, given.until, version=version)


def deactivate_person(actor: Actor, user_id: UUID, given: LeavingInput, *, version: int) -> None:
    """Reassign a person's work and deactivate them. Raises the errors of `leaving_service.deactivate_person`."""
    leaving_service.deactivate_person(actor, user_id, given.reason, given.takers, version=version)


def delete_person(actor: Actor, user_id: UUID, given: LeavingInput, *, version: int) -> DeletionBatch:
    """Reassign a person's work and move them to the trash. Raises the errors of `leaving_service.delete_person`."""
    return leaving_service.delete_person(actor, user_id, given.reason, given.takers, version=version)


def hold_person(actor: Actor, user_id: UUID) -> User:
    """Return the person, locked after their organization, as all changes of people do. Raises NotFound."""
    return service.lock_person(get_person(actor, user_id), None, Permission.USERS_READ)
