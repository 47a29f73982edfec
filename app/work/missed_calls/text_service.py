"""Texts to callers of the queue: each waits in the outbox, and is a try once somebody says that it is sent.

Whoever writes, cancels or sends one holds its entry first; its message comes after it.
"""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from app.audit.actions import Action
from app.audit.record import record_event
from app.errors import Conflict, NotFound
from app.extensions import db
from app.models import (
    SENT_STATUSES,
    AttemptKind,
    AttemptResult,
    Channel,
    ContactCard,
    Message,
    MessageStatus,
    MissedCallEntry,
)
from app.security.actor import Actor
from app.security.rows import held
from app.security.scope import unscoped
from app.work.missed_calls.service import RESOURCE, locked_entry, number_of, refuse_others, take, tried

#: What is said to whoever wants to send a text that does not wait.
_NOT_SENT = _l("This text was cancelled or has failed. Write a new one.")


def write_text(actor: Actor, entry_id: UUID, message_id: UUID, body: str) -> Message:
    """Write to a caller, and keep them: the message waits in the outbox, and counts as no try until it is sent.

    `message_id` is made with the form. Raises as `claim`, and Conflict for a withheld number, for whoever wants no
    texts, and while another text to them waits.
    """
    entry = locked_entry(actor, entry_id)
    there = db.session.scalar(_texts_to(entry).where(Message.id == message_id))
    if there is not None:
        return there
    number = number_of(entry)
    card = _card_of(entry)
    if card is not None and card.sms_opt_out_at is not None:
        raise Conflict(None, _l("This person wants no texts. Call them instead."))
    before = _texts_to(entry).with_only_columns(Message.id, Message.status)
    texts = db.session.execute(before.order_by(Message.created_at, Message.id)).all()
    if any(text.status == MessageStatus.QUEUED for text in texts):
        raise Conflict(None, _l("A text to this caller waits to be sent already. Cancel it to write another."))
    take(actor, entry)
    message = Message(
        organization_id=actor.organization_id,
        id=message_id,
        channel=Channel.SMS,
        to_address=number,
        body=body,
        contact_card_id=entry.contact_card_id,
        missed_entry_id=entry.id,
        # One text comes after another: the database refuses a second one after the same.
        dedupe_key=f"missed_call_text:{entry.id}:{texts[-1].id if texts else 'first'}",
    )
    db.session.add(message)
    db.session.flush()
    return message


def mark_text_sent(actor: Actor, entry_id: UUID, message_id: UUID) -> Message:
    """Say that a text was sent: it is a try of now, by whoever says so; saying it again changes nothing.

    Raises NotFound, Forbidden, and Conflict for a text that was cancelled or has failed.
    """
    entry = locked_entry(actor, entry_id)
    message = _locked_text(entry, message_id)
    if message.status in SENT_STATUSES:
        return message
    if message.status != MessageStatus.QUEUED:
        raise Conflict(None, _NOT_SENT)
    now = datetime.now(UTC)
    message.status, message.sent_at = MessageStatus.SENT, now
    tried(actor, entry, AttemptKind.TEXT, AttemptResult.SENT, now, message_id=message.id)
    db.session.flush()
    return message


def cancel_text(actor: Actor, entry_id: UUID, message_id: UUID) -> Message:
    """Take back a text that waits, also of a caller who waits no more; cancelling it again changes nothing.

    Raises NotFound, Forbidden, AlreadyClaimed where somebody else has the caller, and Conflict for a text that was
    sent.
    """
    entry = locked_entry(actor, entry_id)
    message = _locked_text(entry, message_id)
    if message.status == MessageStatus.CANCELLED:
        return message
    refuse_others(actor, entry)
    if message.status != MessageStatus.QUEUED:
        raise Conflict(None, _l("This text waits no more: it was sent, or it has failed."))
    message.status = MessageStatus.CANCELLED
    record_event(Action.MISSED_CALL_TEXT_CANCELLED, RESOURCE, entry.id, {"message_id": str(message.id)})
    db.session.flush()
    return message


def _texts_to(entry: MissedCallEntry) -> Select[Message]:
    texts = unscoped(select(Message), why="to a caller of the queue, which is shared work, and so are its texts")
    return texts.where(Message.organization_id == entry.organization_id, Message.missed_entry_id == entry.id)


def _locked_text(entry: MissedCallEntry, message_id: UUID) -> Message:
    message = db.session.scalar(held(_texts_to(entry).where(Message.id == message_id)))
    if message is None:
        raise NotFound("message", message_id)
    return message


def _card_of(entry: MissedCallEntry) -> ContactCard | None:
    if entry.contact_card_id is None:
        return None
    card = unscoped(ContactCard, why="the queue is shared work, and who waits in it is known to all who work it")
    return db.session.get(card, (entry.organization_id, entry.contact_card_id))
