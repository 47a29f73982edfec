"""Sending what is queued; runs in the job of each message."""

from datetime import UTC, datetime
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from app.clients.mail import Letter, MailRefused, MailServer
from app.config import Settings
from app.db.context import current_context
from app.declarations.registry import registry
from app.extensions import db
from app.messaging.outbox.link_service import with_link
from app.models import Message, MessageStatus
from app.security.scope import unscoped

#: Of a mail that is made when it is sent, whose reader may not have it any more.
NOT_FOR_THEM = "not_for_them"


def send_message(message_id: UUID) -> None:
    """Send one queued e-mail; one that was sent, or is being sent, is left alone.

    The row is held while the server is talked to, so that two workers do not both send it. Should this process die
    after the server took the mail and before that is written down, it is sent once more under the same Message-ID,
    which receivers show once. Raises MailUnavailable, to be tried again.
    """
    settings: Settings = current_app.config["SETTINGS"]
    message = _claim(message_id)
    if message is None or settings.smtp_url is None:
        return
    server = MailServer.at(settings.smtp_url.get_secret_value(), settings.mail_from)
    letter = _letter(message)
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
        message.link_secret = None  # its reader has it now
    db.session.flush()


def _letter(message: Message) -> Letter | None:
    """The mail as it leaves; None where its reader may not have any more what it is about."""
    kind = registry().letters.get(message.template or "")
    if kind is None or message.receiver_id is None or message.about_id is None:
        return Letter(str(message.id), message.to_address, message.subject or "", with_link(message))
    made = kind.make(message.receiver_id, message.about_id)
    if made is None:
        return None
    return Letter(
        str(message.id),
        message.to_address,
        message.subject or "",
        made.text,
        html=made.html,
        pictures=made.pictures,
        files=made.files,
        unsubscribe=made.unsubscribe,
    )


def fail_message(message_id: UUID, error: BaseException) -> None:
    """Write down that it could not be sent."""
    message = _claim(message_id)
    if message is not None:
        message.status, message.error_code = MessageStatus.FAILED, type(error).__name__
        db.session.flush()


def _claim(message_id: UUID) -> Message | None:
    """The message while it is queued, and nobody else is at it."""
    queued = unscoped(select(Message), why="the job sends what was written, whoever asked for it").where(
        Message.organization_id == current_context().organization_id,
        Message.id == message_id,
        Message.status == MessageStatus.QUEUED,
    )
    return db.session.scalar(queued.with_for_update(skip_locked=True))
