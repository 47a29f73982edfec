"""Personal data in messages, and its erasure (docs/privacy.md)."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import literal

from app.declarations.personal import Ending, Personal, Way, among
from app.models import Base, MessageStatus

PERSONAL = (
    Personal(
        "messages",
        _l("Messages"),
        lambda c, who: among(c.id, who.messages),
        {
            "to_address": Way.WORD,
            "from_address": Way.CLEARED,
            "subject": Way.CLEARED,
            "body": Way.EMPTIED,
            "link_secret": Way.CLEARED,
        },
        "message",
        how="contact_card_id, appointment_id, to_address, from_address",
        ending=Ending(
            _l("Unsent messages"),
            Base.metadata.tables["messages"].c.status == MessageStatus.QUEUED,
            {"status": MessageStatus.FAILED, "error_code": literal("erased")},
        ),
    ),
)
