"""Creation, resending, revocation and acceptance of invitations."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.context import update_context
from app.db.ids import uuid7
from app.db.session import enter_context
from app.db.transaction import translated_integrity_errors
from app.errors import Conflict, NotFound
from app.extensions import db
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.service import Receiver, queue_mail
from app.models import Invitation, Organization, User
from app.people.invitations import queries
from app.people.invitations.rules import INVITATION_LIFETIME
from app.people.users.queries import is_address_taken
from app.people.users.rules import clean_person
from app.people.users.service import create_user
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.security.rank_rules import refuse_higher_role
from app.security.scope import unscoped
from app.security.tokens import Token
from app.tenancy.organization_queries import lock_organization

_ROLE_ABOVE = _l("You can’t manage invitations to a role above your own. Ask someone with that role.")


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation with its link, of which the invitation itself stores only a hash."""

    invitation: Invitation
    link: Token


def invite(actor: Actor, *, email: str, name: str, role: Role) -> Invited:
    """Create an invitation for an email address, and queue an email with its link.

    Raises ValidationFailed, Forbidden for a role above the actor's, and Conflict if the address belongs to a user of
    the organization or already has an invitation that was neither accepted nor revoked.
    """
    refuse_higher_role(actor, role, Permission.USERS_INVITE, _ROLE_ABOVE)
    address, spelled_name = clean_person(email, name, None)
    if is_address_taken(actor.organization_id, address):
        raise Conflict("email", _l("Someone here already has this email address."))
    link = Token.new(actor.organization_id)
    invitation = Invitation(
        organization_id=actor.organization_id,
        id=uuid7(),
        email=address,
        name=spelled_name,
        role=role,
        token_hash=link.digest,
        invited_by=actor.reference_id,
        invited_by_label=actor.name,
        expires_at=datetime.now(UTC) + INVITATION_LIFETIME,
    )
    with translated_integrity_errors():
        db.session.add(invitation)
    return _sent(invitation, link)


def send_again(actor: Actor, invitation_id: UUID) -> Invited:
    """Replace the link of an invitation with a new one, valid for 7 days, sent in the actor's name.

    Raises NotFound, Forbidden for a role above the actor's, and Conflict if it was accepted or revoked.
    """
    invitation = _open_invitation(actor, invitation_id)
    link = Token.new(actor.organization_id)
    invitation.token_hash = link.digest
    invitation.expires_at = datetime.now(UTC) + INVITATION_LIFETIME
    invitation.invited_by, invitation.invited_by_label = actor.reference_id, actor.name
    db.session.flush()
    return _sent(invitation, link)


def revoke(actor: Actor, invitation_id: UUID) -> None:
    """Revoke an invitation. Raises the errors of `send_again`."""
    invitation = _open_invitation(actor, invitation_id)
    invitation.revoked_at = datetime.now(UTC)
    name_action(Action.INVITATION_REVOKED, invitation)


def find_offer(token: Token | None) -> queries.Offer | None:
    """Return the offer of a link; None if it is no longer valid or never existed."""
    return queries.find_offer(token, datetime.now(UTC)) if token else None


def accept(token: Token | None, *, name: str, password: str) -> User:
    """Create the user whom an invitation link is for; holding the link proves access to the mailbox.

    The link can be used once. Raises NotFound for a link that can't be used, ValidationFailed, QuotaExceeded if the
    plan's seats are taken (the link stays valid), and Conflict if the address has been taken in the meantime.
    """
    if token is None:
        raise NotFound("invitation")
    _serve(organization_id=token.organization_id)
    lock_organization(token.organization_id)  # until the transaction ends, no one can demote the inviter
    offer = queries.read_offer(db.session(), token, datetime.now(UTC))
    if offer is None:
        raise NotFound("invitation")
    _serve(actor_label=offer.email)
    invitation = _accepted(offer)
    made = create_user(offer.organization_id, email=offer.email, name=name, role=offer.role, password=password)
    made.user.email_verified_at = datetime.now(UTC)
    invitation.user_id = made.user.id
    name_action(Action.INVITATION_ACCEPTED, invitation)
    return made.user


def _serve(**facts: Any) -> None:
    enter_context(db.session.connection(), update_context(**facts))


def _accepted(offer: queries.Offer) -> Invitation:
    """Mark the invitation as accepted and return it; the database lets only one of two requests do so.

    Raises NotFound.
    """
    used = db.session.execute(
        update(Invitation)
        .where(Invitation.organization_id == offer.organization_id, Invitation.id == offer.invitation_id)
        .where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > func.now())
        .values(accepted_at=func.now())
        .returning(Invitation.id)
    )
    if used.first() is None:
        raise NotFound("invitation")
    invitation = unscoped(Invitation, why="the invitation that was just accepted by its link")
    return db.session.get_one(invitation, (offer.organization_id, offer.invitation_id), populate_existing=True)


def _open_invitation(actor: Actor, invitation_id: UUID) -> Invitation:
    invitation = queries.get_invitation(actor, invitation_id)
    refuse_higher_role(actor, Role(invitation.role), Permission.USERS_INVITE, _ROLE_ABOVE)
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise Conflict(None, _l("This invitation has since been accepted or revoked."))
    return invitation


def _sent(invitation: Invitation, link: Token) -> Invited:
    language = db.session.scalar(select(Organization.language).where(Organization.id == invitation.organization_id))
    receiver = Receiver(invitation.organization_id, invitation.email, Role(invitation.role), language or "en")
    queue_mail(Mail.INVITATION, receiver, link=link, inviter=invitation.invited_by_label)
    return Invited(invitation, link)
