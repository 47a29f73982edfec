"""Declaration of outbound streams: names, visibility and fields."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.declarations.field import Column, Field, Moment, Priority
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page, not_entered
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
    scope=Scope((Permission.WEBHOOKS_MANAGE,), own_rows.nothing),
    stored=(
        entered_on_page("name", "url", "enabled"),
        not_entered("The app generates it and shows it once.", "secret"),
        not_entered(
            "Sending the entries records how far it got.",
            "paused_because",
            "sent_pos",
            "sent_id",
            "last_sent_at",
            "attempts",
            "last_error",
            "delivery_id",
            "until_pos",
            "until_id",
            "next_try_at",
            "failing_since",
            "tested_at",
            "test_error",
        ),
    ),
    fields=(
        Field("name", lazy_pgettext("thing", "Name"), column=Column(is_fixed=True)),
        Field("status", _l("Status"), column=Column(), recorded=()),
        Field("waiting", _l("Unsent entries"), column=Column(Priority.WIDE), recorded=()),
        Field(
            "last_sent_at",
            _l("Last delivery"),
            Moment("relative"),
            Column(Priority.WIDE, is_whole=True),
            shows="stream.last_sent_at",
            recorded=(),
        ),
        Field("last_error", _l("Error"), column=Column(Priority.WIDER), recorded=()),
        Field("created_by", _l("Sender"), recorded=()),
        Field("paused_because", _l("Reason for pause")),
    ),
    revert=_l("Edit streams on their own page."),
)
