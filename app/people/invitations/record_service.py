"""Invitations sent through the API, with their link if no mail server can send it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from app.extensions import db
from app.messaging.outbox.link_service import public_address
from app.messaging.outbox.service import mail_server_is_set
from app.people.invitations import service
from app.people.invitations.queries import invitation_records
from app.people.invitations.schemas import InvitationInput
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class Sent:
    """The row of an invitation, and its link if no mail server sends it."""

    invitation: Any
    link: str | None = field(repr=False)


def invite(actor: Actor, _invitation_id: UUID, given: InvitationInput) -> Sent:
    """Invite a person. Raises the errors of `service.invite`."""
    return _sent(actor, service.invite(actor, email=given.email, name=given.name, role=given.role))


def send_again(actor: Actor, invitation_id: UUID) -> Sent:
    """Replace the link of an invitation, and send the new one. Raises the errors of `service.send_again`."""
    return _sent(actor, service.send_again(actor, invitation_id))


def _sent(actor: Actor, invited: service.Invited) -> Sent:
    db.session.flush()
    address = public_address("invitations.confirm_accept", token=invited.link.text)
    row = invitation_records.find(actor, invited.invitation.id, ())
    return Sent(row, None if mail_server_is_set() else address)
