"""Declaration of messages: labels, fields, list and who can see them."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from sqlalchemy import func

from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Priority
from app.declarations.listed import Listed
from app.declarations.merging import Merging
from app.declarations.resource import Resource, Words
from app.declarations.stored import not_entered
from app.messaging.outbox.filters import MessageFilters
from app.messaging.outbox.person_resource import MESSAGE_PERSON
from app.messaging.outbox.queries import SORTS, message_list
from app.models import Channel, Message, MessageStatus
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

MESSAGE_LIST = Listed(
    name="outbox",
    label=_l("Messages"),
    endpoint="outbox.index",
    permission=Permission.OUTBOX_READ,
    filters=MessageFilters,
    query=message_list,
    sorts=SORTS,
    bar_label=_l("Filter messages"),
    pickers=("status", "channel"),
    keeps_views=False,
)


MESSAGE = Resource(
    name="message",
    model=Message,
    words=Words(_l("message"), _l("messages")),
    icon="mail",
    title=lambda: Message.to_address,
    page=("outbox.show", "message_id"),
    page_permission=Permission.OUTBOX_READ,
    scope=Scope((Permission.OUTBOX_READ,), own_rows.messages, own_is_free=True),
    listed=MESSAGE_LIST,
    person=MESSAGE_PERSON,
    merging=Merging(Message.contact_card_id, is_recorded=False),
    stored=(
        not_entered(
            "The app writes and sends the message, or a provider delivers it.",
            "channel",
            "direction",
            "to_address",
            "from_address",
            "subject",
            "body",
            "link_secret",
            "template",
            "status",
            "receiver_id",
            "receiver_role",
            "provider_sid",
            "error_code",
            "cost",
            "contact_card_id",
            "appointment_id",
            "missed_entry_id",
            "dedupe_key",
            "about_id",
            "sent_at",
        ),
    ),
    fields=(
        Field(
            "subject",
            _l("Message"),
            column=Column(is_fixed=True),
            file=FileColumn(value=lambda known: func.coalesce(known.subject, known.first_words)),
            recorded=(),
        ),
        Field("to_address", lazy_pgettext("recipient", "To"), column=Column(Priority.WIDE)),
        Field("channel", _l("Type"), Choice(Channel), Column(Priority.WIDEST), recorded=()),
        Field(
            "status",
            _l("Status"),
            Choice(
                MessageStatus,
                {
                    "queued": "warn",
                    "sent": "good",
                    "delivered": "good",
                    "undelivered": "bad",
                    "failed": "bad",
                    "cancelled": "neutral",
                },
            ),
            Column(),
        ),
        Field("created_at", _l("Created"), Moment("relative"), Column(Priority.WIDER, is_whole=True), recorded=()),
    ),
)
