"""Writing messages: queued in the transaction of what they tell of, sent by a job afterwards."""

from dataclasses import dataclass
from uuid import UUID

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import record_event
from app.config import Settings
from app.db.ids import uuid7
from app.errors import NotFound
from app.extensions import db
from app.messaging.outbox.jobs import send_mail
from app.messaging.outbox.link_service import public_address, purpose_of
from app.messaging.outbox.mails import LINK_PAGES, LINK_PLACE, SUBJECTS, Mail
from app.messaging.outbox.queries import get_sending
from app.messaging.outbox.rules import may_read_link
from app.models import Channel, Message, Organization, User
from app.ops.jobs.queue import enqueue
from app.security.actor import Actor
from app.security.encryption import seal, unseal
from app.security.permissions import Permission, Role
from app.security.tokens import Token


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whom a mail is for when they are no user yet: by address, with the role they are to have."""

    organization_id: UUID
    email: str
    role: Role
    language: str


def queue_mail(mail: Mail, receiver: User | Receiver, *, link: Token | None = None, **values: object) -> Message:
    """Write `mail` to `receiver` in their language, in the current transaction; a job sends it where a server is set.

    `values` are for the template; `link` is a token that its text leads to.
    """
    organization = db.session.get_one(Organization, receiver.organization_id)
    with force_locale(receiver.language):
        body = render_template(
            f"messaging/mail/{mail}.txt", receiver=receiver, organization=organization, link=LINK_PLACE, **values
        )
        subject = str(SUBJECTS[mail])
    message = Message(
        organization_id=receiver.organization_id,
        id=uuid7(),
        channel=Channel.EMAIL,
        to_address=receiver.email,
        subject=subject,
        body=body.strip(),
        template=mail,
        receiver_id=receiver.id if isinstance(receiver, User) else None,
        receiver_role=receiver.role,
    )
    if link is not None:
        message.link_secret = seal(public_address(LINK_PAGES[mail], token=link.text), purpose_of(message))
    db.session.add(message)
    db.session.flush()
    if mail_server_is_set():
        enqueue(send_mail, message_id=str(message.id))
    return message


def mail_server_is_set() -> bool:
    """Whether mails leave; else they stay in the outbox."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.smtp_url is not None


def show_link(actor: Actor, message_id: UUID) -> str:
    """The link of a message, to be handed over by whoever asks; recorded.

    Raises NotFound where there is none (any more), Forbidden for those who may not see it.
    """
    sending = get_sending(actor, message_id)
    message = sending.message
    if message.link_secret is None:
        raise NotFound("link", message_id)
    if not may_read_link(actor, message.template, sending.receiver_role):
        raise actor.refusal(
            Permission.OUTBOX_READ,
            _l("This link opens the account of somebody who is not below you. Ask the person themselves."),
        )
    record_event(Action.MESSAGE_LINK_SHOWN, "message", message_id)
    return unseal(message.link_secret, purpose_of(message))
