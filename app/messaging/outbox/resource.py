"""Messages: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import Message
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

MESSAGE = Resource(
    name="message",
    model=Message,
    words=Words(_l("message"), _l("messages")),
    icon="mail",
    title=lambda: Message.to_address,
    page=("outbox.show", "message_id"),
    scope=Scope((Permission.OUTBOX_READ,), own_rows.nothing),
)
