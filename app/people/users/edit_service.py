"""Changes to a person's details: name, contact data, working hours and team."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.transaction import translated_integrity_errors
from app.errors import FieldError, LazyText, ValidationFailed
from app.extensions import db
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.service import Receiver, queue_mail
from app.models import User
from app.people.users import queries
from app.people.users.access_service import use_up_links
from app.people.users.detail_queries import get_person
from app.people.users.rules import (
    ADDRESS_OPENS_ACCOUNT,
    MANAGING,
    clean_name,
    clean_person,
    is_placeholder_address,
    may_change_address,
)
from app.people.users.service import lock_person
from app.phones import to_e164
from app.security.actor import Actor, refusal_of_key
from app.security.confirmation import Effect, require_confirmation
from app.security.password_queries import is_password
from app.security.permissions import Permission, Role


@dataclass(frozen=True, slots=True)
class Details:
    """Submitted details of a person.

    `phone` is as typed. People who change their own address need their `own_password`, unless their session
    `is_confirmed`.
    """

    name: str
    email: str
    phone: str | None
    language: str
    manager_id: UUID | None
    own_password: str = ""
    is_confirmed: bool = False


def change_details(actor: Actor, user_id: UUID, details: Details, *, version: int) -> User:
    """Save the changed details of a person.

    A new email address is unverified, and both the old and the new one are notified. Raises NotFound, Forbidden for a
    person above the actor (or of equal rank, for the address), VersionConflict, ValidationFailed, and Conflict if
    another person has the address.
    """
    user = lock_person(get_person(actor, user_id), actor, Permission.USERS_UPDATE)
    address, name = _clean(user, details)
    phone = _clean_phone(details.phone, actor.country)
    wanted = {
        "name": name,
        "email": address,
        "phone": phone,
        "language": details.language,
        "manager_id": details.manager_id,
    }
    current = {field: getattr(user, field) for field in wanted}
    if wanted == current:
        return user
    # As a string, because that is what the form is compared with.
    user.refuse_stale(version, {**current, "manager_id": str(user.manager_id or "")})
    if user.manager_id != details.manager_id and details.manager_id is not None:
        _check_manager(user, details.manager_id)
    if user.email != address:
        check_address_change(actor, user, details.own_password, is_confirmed=details.is_confirmed)
    _save(user, wanted)
    return user


def set_working_hours(actor: Actor, user_id: UUID, hours: Mapping[str, Any] | None, *, version: int) -> User:
    """Set a person's working hours, as hours are stored (app/business_hours.py).

    None means those of the organization. Raises NotFound, Forbidden for a person above the actor, VersionConflict and
    ValidationFailed.
    """
    user = lock_person(get_person(actor, user_id), actor, Permission.USERS_UPDATE)
    if user.working_hours != hours:
        user.refuse_stale(version, {"working_hours": user.working_hours})
        with translated_integrity_errors():
            user.working_hours = dict(hours) if hours is not None else None
    return user


def set_team(actor: Actor, manager_id: UUID, member_id: UUID, *, is_member: bool) -> User:
    """Move a person into the team of `manager_id`, or out of it; repeating it changes nothing.

    Raises NotFound, Forbidden for a person above the actor, and ValidationFailed (on "manager_id").
    """
    manager = get_person(actor, manager_id)
    member = lock_person(get_person(actor, member_id), actor, Permission.USERS_UPDATE)
    if (member.manager_id == manager.id) == is_member:
        return member
    if is_member:
        _check_manager(member, manager.id)
    member.manager_id = manager.id if is_member else None
    db.session.flush()
    return member


def _clean(user: User, details: Details) -> tuple[str, str]:
    """Return the address and the name as they are stored.

    An unchanged address isn't validated, so the placeholder of an imported person can stay.
    """
    if details.email == user.email:
        return user.email, clean_name(details.name)
    return clean_person(details.email, details.name, None)


def _save(user: User, wanted: dict[str, Any]) -> None:
    old_address = user.email
    with translated_integrity_errors():
        for field, value in wanted.items():
            setattr(user, field, value)
    if user.email.lower() != old_address.lower():  # a change of case is the same mailbox
        follow_new_address(user, old_address)


def follow_new_address(user: User, old_address: str) -> None:
    """Mark the new address as unverified, void the person's password links, and notify both mailboxes.

    Placeholder addresses aren't notified.
    """
    user.email_verified_at = None
    # Links in the old mailbox must not work any longer.
    use_up_links(user)
    receiver = Receiver(user.organization_id, old_address, Role(user.role), user.language)
    for told in (receiver, user):
        if is_placeholder_address(told.email):
            continue
        queue_mail(Mail.ADDRESS_CHANGED, told, name=user.name, old=old_address, new=user.email)


def check_address_change(actor: Actor, user: User, own_password: str = "", *, is_confirmed: bool = False) -> None:
    """Raise unless the actor can change a person's address, which can open the account by a password link.

    Raises Forbidden for a person who isn't below the actor and for an API key, ReauthenticationRequired for another
    person's address, and ValidationFailed for the actor's own address without their password, which isn't needed if
    their session `is_confirmed`.
    """
    if actor.ceiling is not None:
        raise refusal_of_key()
    if user.id == actor.user_id:
        if not is_confirmed and not is_password(user.id, own_password):
            raise ValidationFailed([FieldError("own_password", _l("Wrong password. Try again."))])
        return
    if not may_change_address(actor.role, Role(user.role)):
        raise actor.refusal(Permission.USERS_UPDATE, ADDRESS_OPENS_ACCOUNT)
    require_confirmation(actor, Effect.ADDRESS)


def _check_manager(user: User, manager_id: UUID) -> None:
    """Raise ValidationFailed for an invalid manager, such as one who already reports to the person.

    Call it under the organization's lock.
    """
    roles = queries.find_roles(user.organization_id, {manager_id})
    if manager_id == user.id:
        raise _wrong_manager(_l("People can’t be their own manager."))
    if roles.get(manager_id) not in MANAGING:
        raise _wrong_manager(_l("Choose an active manager, exec, admin or owner."))
    if user.id in queries.managers_above(user.organization_id, manager_id):
        raise _wrong_manager(
            _l("The manager you chose reports to this person, directly or indirectly. Choose someone else.")
        )


def _wrong_manager(sentence: LazyText) -> ValidationFailed:
    return ValidationFailed([FieldError("manager_id", sentence)], sentence)


def _clean_phone(typed: str | None, country: str) -> str | None:
    if not typed:
        return None
    number = to_e164(typed, country)
    if number is None:
        raise ValidationFailed(
            [FieldError("phone", _l("Enter a phone number with its country code, such as +1 512 555 0142."))]
        )
    return number
