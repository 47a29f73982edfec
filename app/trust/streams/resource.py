"""Outbound streams: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.declarations.field import Column, Field, Moment, Room
from app.declarations.resource import Resource, Words
from app.models import OutboundStream
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

OUTBOUND_STREAM = Resource(
    name="outbound_stream",
    model=OutboundStream,
    words=Words(_l("outbound stream"), _l("outbound streams")),
    icon="radio-tower",
    title=lambda: OutboundStream.name,
    page=("streams.show", "stream_id"),
    scope=Scope((Permission.ORGANIZATION_UPDATE,), own_rows.nothing),
    fields=(
        Field("name", lazy_pgettext("thing", "Name"), column=Column(is_fixed=True)),
        Field("status", _l("Status"), column=Column(), recorded=()),
        Field("waiting", _l("Not sent yet"), column=Column(Room.WIDE), recorded=()),
        Field(
            "last_sent_at",
            _l("Last delivery"),
            Moment("relative"),
            Column(Room.WIDE, is_whole=True),
            shows="stream.last_sent_at",
            recorded=(),
        ),
        Field("last_error", _l("What went wrong"), column=Column(Room.WIDER), recorded=()),
        Field("created_by", _l("Sent in the name of"), recorded=()),
        Field("paused_because", _l("Paused because")),
    ),
    revert=_l("Streams are changed on their own page."),
)
