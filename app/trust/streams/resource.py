"""Outbound streams: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

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
    revert=_l("Streams are changed on their own page."),
)
