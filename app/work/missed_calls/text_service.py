"""Text messages to callers in the queue.

A text waits in the outbox, and counts as an attempt once it is marked as sent. Writing, canceling and sending a text
locks its entry before the message.
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
from app.security.permissions import Permission
from app.security.rows import held
from app.security.scope import unscoped
from app.tenancy.actor_rules import require_own_person
from app.work.missed_calls.service import RESOURCE, locked_entry, number_of, refuse_others, take, tried

#: Message for users who try to mark a text as sent that is not waiting.
_NOT_SENT = _l("This text was canceled or failed. Write a new one.")


def write_text(actor: Actor, entry_id: UUID, message_id: UUID, body: str) -> Message:
    """Write a text message to a caller and claim them; it waits in the outbox.

    `message_id` is generated with the form. The text is not an attempt until it is sent. Raises the same errors as
    `claim`, and Conflict for a withheld number, for a person who has opted out of texts, while another text to them is
    waiting, and if the form was submitted with another text before.
    """
    entry = locked_entry(actor, entry_id)
    existing = db.session.scalar(_texts_to(entry).where(Message.id == message_id))
    if existing is not None:
        if existing.body != body:
            raise Conflict(None, _l("This form was already submitted. Reopen the page to write another text."))
        return existing
    number = number_of(entry)
    card = _card_of(entry)
    if card is not None and card.sms_opt_out_at is not None:
        raise Conflict(None, _l("This contact has opted out of texts. Call them instead."))
    before = _texts_to(entry).with_only_columns(Message.id, Message.status)
    texts = db.session.execute(before.order_by(Message.created_at, Message.id)).all()
    if any(text.status == MessageStatus.QUEUED for text in texts):
        raise Conflict(None, _l("A text to this caller is already waiting to be sent. Cancel it to write another."))
    take(actor, entry)
    message = Message(
        organization_id=actor.organization_id,
        id=message_id,
        channel=Channel.SMS,
        to_address=number,
        body=body,
        contact_card_id=entry.contact_card_id,
        missed_entry_id=entry.id,
        # Each text follows another one: the unique key refuses two texts after the same one.
        dedupe_key=f"missed_call_text:{entry.id}:{texts[-1].id if texts else 'first'}",
    )
    db.session.add(message)
    db.session.flush()
    return message


def mark_text_sent(actor: Actor, entry_id: UUID, message_id: UUID) -> Message:
    """Mark a text as sent, which counts as an attempt by the user now; repeating this has no effect.

    Raises NotFound, Forbidden, and Conflict for a text that was canceled or has failed.
    """
    entry = locked_entry(actor, entry_id)
    require_own_person(actor, Permission.MISSED_CALLS_WORK)
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
    """Cancel a waiting text, even if its caller is no longer waiting; repeating this has no effect.

    Raises NotFound, Forbidden, AlreadyClaimed if someone else has claimed the caller, and Conflict for a text that was
    sent or has failed.
    """
    entry = locked_entry(actor, entry_id)
    message = _locked_text(entry, message_id)
    if message.status == MessageStatus.CANCELLED:
        return message
    refuse_others(actor, entry)
    if message.status != MessageStatus.QUEUED:
        raise Conflict(None, _l("This text can’t be canceled: it was already sent, or it failed."))
    message.status = MessageStatus.CANCELLED
    record_event(Action.MISSED_CALL_TEXT_CANCELLED, RESOURCE, entry.id, {"message_id": str(message.id)})
    db.session.flush()
    return message


def _texts_to(entry: MissedCallEntry) -> Select[Message]:
    texts = unscoped(select(Message), why="texts to callers are visible to everyone who works the shared queue")
    return texts.where(Message.organization_id == entry.organization_id, Message.missed_entry_id == entry.id)


def _locked_text(entry: MissedCallEntry, message_id: UUID) -> Message:
    message = db.session.scalar(held(_texts_to(entry).where(Message.id == message_id)))
    if message is None:
        raise NotFound("message", message_id)
    return message


def _card_of(entry: MissedCallEntry) -> ContactCard | None:
    if entry.contact_card_id is None:
        return None
    card = unscoped(ContactCard, why="callers' contacts are visible to everyone who works the shared queue")
    return db.session.get(card, (entry.organization_id, entry.contact_card_id))
