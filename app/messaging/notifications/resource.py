"""Declaration of notifications: labels and who can see them."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.declarations.stored import not_entered
from app.models import Notification
from app.security import own_rows
from app.security.scope import Scope

NOTIFICATION = Resource(
    name="notification",
    model=Notification,
    words=Words(_l("notification"), _l("notifications")),
    icon="info",
    scope=Scope((), own_rows.notifications, own_is_free=True),
    is_audited=False,
    stored=(
        not_entered(
            "The app notifies a person of what happened.",
            "user_id",
            "kind",
            "text",
            "link",
            "told_at",
            "count",
            "merge_key",
            "about_type",
            "about_id",
            "is_shown",
            "in_digest",
        ),
        not_entered("Reading the notification sets it.", "read_at"),
    ),
)
