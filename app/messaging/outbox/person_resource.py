"""Messages to and from a contact, as their page shows them."""

from flask_babel import gettext as _
from sqlalchemy import func

from app.declarations.person import ContactReference, Facts, TimelineEntry, TimelineFilter
from app.models import Channel, Message, MessageDirection, MessageStatus
from app.web.labels import label

#: Number of characters of a message shown.
_FIRST_WORDS = 600

_TONES = {"queued": "warn", "undelivered": "bad", "failed": "bad"}


def _words(facts: Facts) -> TimelineEntry:
    is_text, is_theirs = facts["channel"] == Channel.SMS, facts["direction"] == MessageDirection.INBOUND
    titles = {
        (True, True): _("Text received"),
        (True, False): _("Text sent"),
        (False, True): _("Email received"),
        (False, False): _("Email sent"),
    }
    status = facts["status"]
    is_told = not is_theirs and status != MessageStatus.SENT
    return TimelineEntry(
        titles[is_text, is_theirs],
        "message-square" if is_text else "mail",
        quote=facts["text"] if is_text else facts["subject"] or "",
        state=label(status, "MessageStatus") if is_told else "",
        tone=_TONES.get(status, "plain"),
    )


MESSAGE_PERSON = ContactReference(
    card=Message.contact_card_id,
    at=Message.created_at,
    story=TimelineFilter.TEXTS,
    facts=lambda _actor: {
        "channel": Message.channel,
        "direction": Message.direction,
        "status": Message.status,
        "subject": Message.subject,
        "text": func.left(Message.body, _FIRST_WORDS),
    },
    words=_words,
)
