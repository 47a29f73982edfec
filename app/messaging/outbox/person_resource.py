"""What the page of a contact tells of messages to them and from them."""

from flask_babel import gettext as _
from sqlalchemy import func

from app.declarations.person import Facts, OfPerson, Story, Told
from app.models import Channel, Message, MessageDirection, MessageStatus
from app.web.labels import label

#: So much of a message is shown, in characters.
_FIRST_WORDS = 600

_TONES = {"queued": "warn", "undelivered": "bad", "failed": "bad"}


def _words(facts: Facts) -> Told:
    is_text, is_theirs = facts["channel"] == Channel.SMS, facts["direction"] == MessageDirection.INBOUND
    titles = {
        (True, True): _("Text from them"),
        (True, False): _("Text to them"),
        (False, True): _("E-mail from them"),
        (False, False): _("E-mail to them"),
    }
    status = facts["status"]
    is_told = not is_theirs and status != MessageStatus.SENT
    return Told(
        titles[is_text, is_theirs],
        "message-square" if is_text else "mail",
        quote=facts["text"] if is_text else facts["subject"] or "",
        state=label(status, "MessageStatus") if is_told else "",
        tone=_TONES.get(status, "plain"),
    )


MESSAGE_PERSON = OfPerson(
    card=Message.contact_card_id,
    at=Message.created_at,
    story=Story.TEXTS,
    facts=lambda _actor: {
        "channel": Message.channel,
        "direction": Message.direction,
        "status": Message.status,
        "subject": Message.subject,
        "text": func.left(Message.body, _FIRST_WORDS),
    },
    words=_words,
)
