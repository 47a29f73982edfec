"""Notifications about events of providers."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Merge, Notice, Way
from app.security.permissions import Permission

DELIVERY_DEAD = Notice(
    kind="delivery_dead",
    label=_l("Events of providers that couldn’t be processed"),
    permission=Permission.WEBHOOKS_READ,
    icon="webhook",
    tone="bad",
    ways=frozenset({Way.PAGE, Way.MAIL}),
    about="webhook_delivery",
    merge=Merge.RECORD,
    notifies_actor=True,
)

DELIVERIES_LATE = Notice(
    kind="deliveries_late",
    label=_l("Events of providers that wait for long"),
    permission=Permission.WEBHOOKS_READ,
    hint=_l("After 5 minutes"),
    icon="webhook",
    tone="warn",
    ways=frozenset({Way.PAGE, Way.MAIL}),
    notifies_actor=True,
)
