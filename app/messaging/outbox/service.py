"""Queuing of messages, in the transaction of the change they report; a job sends them afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.record import record_read
from app.config import Settings
from app.db.ids import uuid7
from app.errors import NotFound
from app.extensions import db
from app.messaging.outbox.jobs import send_mail
from app.messaging.outbox.link_service import public_address, purpose_of
from app.messaging.outbox.mails import (
    LINK_PAGES,
    LINK_PLACE,
    SESSIONS_ANCHOR,
    SESSIONS_PAGE,
    SUBJECTS,
    Mail,
    foot_of,
)
from app.messaging.outbox.origin_queries import current_origin
from app.messaging.outbox.queries import get_sending
from app.messaging.outbox.rules import may_read_link
from app.models import Channel, Message, Organization, User
from app.ops.jobs.queue import enqueue, enqueue_each
from app.security.actor import Actor
from app.security.encryption import seal, unseal
from app.security.permissions import Permission, Role
from app.security.tokens import Token


@dataclass(frozen=True, slots=True)
class Receiver:
    """An email recipient who is not a user yet: their address, and the role they will have."""

    organization_id: UUID
    email: str
    role: Role
    language: str


def queue_mail(
    mail: Mail,
    receiver: User | Receiver,
    *,
    link: Token | None = None,
    dedupe_key: str | None = None,
    **values: object,
) -> Message:
    """Write `mail` to `receiver` in their language and queue it in the current transaction.

    Returns the message; a job sends it if a mail server is set up. `values` are for the template; `link` is a token for
    the secret link in the text. The database rejects a second message with the same `dedupe_key`.
    """
    organization = db.session.get_one(Organization, receiver.organization_id)
    message = _written(mail, organization, receiver, values, dedupe_key)
    if link is not None:
        message.link_secret = seal(public_address(LINK_PAGES[mail], token=link.text), purpose_of(message))
    db.session.add(message)
    db.session.flush()
    if mail_server_is_set():
        enqueue(send_mail, message_id=str(message.id))
    return message


@dataclass(frozen=True, slots=True)
class MailTo:
    """One of several emails to queue; the database rejects a second one with the same `dedupe_key`."""

    receiver: User
    values: Mapping[str, object]
    dedupe_key: str | None = None
    #: The record that an email is about if its text is built when it is sent.
    about_id: UUID | None = None


def queue_mails(mail: Mail, letters: Iterable[MailTo]) -> None:
    """Write `mail` to several recipients of one organization, as `queue_mail` does.

    Takes only a few statements, however many recipients there are.
    """
    letters = list(letters)
    if not letters:
        return
    organization = db.session.get_one(Organization, letters[0].receiver.organization_id)
    messages = []
    for one in letters:
        message = _written(mail, organization, one.receiver, one.values, one.dedupe_key)
        message.about_id = one.about_id
        messages.append(message)
    db.session.add_all(messages)
    db.session.flush()
    if mail_server_is_set():
        enqueue_each(send_mail, [{"message_id": str(message.id)} for message in messages])


def _written(
    mail: Mail,
    organization: Organization,
    receiver: User | Receiver,
    values: Mapping[str, object],
    dedupe_key: str | None = None,
) -> Message:
    with force_locale(receiver.language):
        body = render_template(
            f"messaging/mail/{mail}.txt",
            receiver=receiver,
            organization=organization,
            link=LINK_PLACE,
            origin=current_origin(),
            sessions=public_address(SESSIONS_PAGE) + SESSIONS_ANCHOR,
            foot=foot_of(mail, organization.name),
            **values,
        )
        subject = str(SUBJECTS[mail])
    return Message(
        organization_id=receiver.organization_id,
        id=uuid7(),
        channel=Channel.EMAIL,
        to_address=receiver.email,
        subject=subject,
        body=body.strip(),
        template=mail,
        receiver_id=receiver.id if isinstance(receiver, User) else None,
        receiver_role=receiver.role,
        dedupe_key=dedupe_key,
    )


def mail_server_is_set() -> bool:
    """Return whether emails are sent; otherwise they stay in the outbox."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings.smtp_url is not None


def show_link(actor: Actor, message_id: UUID) -> str:
    """Return the link of a message, for the actor to pass on; the audit trail records it.

    Raises NotFound if the message has no link or no longer has one, Forbidden for users who can't see it,
    RateLimited, and SecretUnreadable if it was sealed with another SECRETS_KEY.
    """
    sending = get_sending(actor, message_id)
    message = sending.message
    if message.link_secret is None:
        raise NotFound("link", message_id)
    if not may_read_link(actor, message.template, sending.receiver_role):
        raise actor.refusal(
            Permission.OUTBOX_READ_LINKS,
            _l("This link opens someone’s account, so only a person with a higher role than theirs can view it."),
        )
    record_read(Action.MESSAGE_LINK_SHOWN, "message", message_id)
    return unseal(message.link_secret, purpose_of(message))
