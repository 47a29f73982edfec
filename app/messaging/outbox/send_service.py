"""Sending of queued messages, in a job for each message."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from app.clients.mail import MailRefused, MailServer, OutgoingMail
from app.config import Settings
from app.db.context import current_context
from app.declarations.registry import registry
from app.extensions import db
from app.messaging.outbox.link_service import with_link
from app.models import Message, MessageStatus
from app.security.scope import unscoped

#: Error code of an email that is built when it is sent and that its recipient can no longer have.
NOT_FOR_THEM = "not_for_them"


def send_message(message_id: UUID) -> None:
    """Send one queued email; skip one that is no longer queued, or that another worker is sending.

    The row is locked during delivery, so that two workers can't both send it. If this process dies after the server
    accepted the email and before that is stored, it is sent again with the same Message-ID, so that recipients see it
    only once. Raises MailUnavailable, to be retried.
    """
    settings: Settings = current_app.config["SETTINGS"]
    message = _claim(message_id)
    if message is None or settings.smtp_url is None:
        return
    server = MailServer.at(settings.smtp_url.get_secret_value(), settings.mail_from)
    letter = _mail_of(message)
    if letter is None:
        message.status, message.error_code = MessageStatus.FAILED, NOT_FOR_THEM
        db.session.flush()
        return
    try:
        message.provider_sid = server.send(letter)
    except MailRefused as refusal:
        message.status, message.error_code = MessageStatus.FAILED, refusal.reply_code
    else:
        message.status, message.sent_at = MessageStatus.SENT, datetime.now(UTC)
        message.from_address, message.error_code = settings.mail_from, None
        message.link_secret = None  # the recipient has it now
    db.session.flush()


def _mail_of(message: Message) -> OutgoingMail | None:
    """Build the email to send; None if its recipient can no longer see the record it is about."""
    kind = registry().rendered_mails.get(message.template or "")
    if kind is None or message.receiver_id is None or message.about_id is None:
        return _plain_mail(message, with_link(message))
    made = kind.make(message.receiver_id, message.about_id)
    if made is None:
        return None
    return replace(
        _plain_mail(message, made.text),
        html=made.html,
        pictures=made.pictures,
        files=made.files,
        unsubscribe=made.unsubscribe,
    )


def _plain_mail(message: Message, text: str) -> OutgoingMail:
    return OutgoingMail(
        str(message.id),
        message.to_address,
        message.subject or "",
        text,
        correlation_id=current_context().outgoing_correlation_id,
    )


def fail_message(message_id: UUID, error: BaseException) -> None:
    """Mark a message as failed with this error."""
    message = _claim(message_id)
    if message is not None:
        message.status, message.error_code = MessageStatus.FAILED, type(error).__name__
        db.session.flush()


def _claim(message_id: UUID) -> Message | None:
    """Lock and return the message if it is queued and not locked by another worker."""
    queued = unscoped(select(Message), why="the job sends queued messages of any user").where(
        Message.organization_id == current_context().organization_id,
        Message.id == message_id,
        Message.status == MessageStatus.QUEUED,
    )
    return db.session.scalar(queued.with_for_update(skip_locked=True))
