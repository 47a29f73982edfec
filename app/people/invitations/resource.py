"""Invitations: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import Invitation
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

INVITATION = Resource(
    name="invitation",
    model=Invitation,
    words=Words(_l("invitation"), _l("invitations")),
    icon="mail",
    title=lambda: Invitation.email,
    scope=Scope((Permission.USERS_INVITE,), own_rows.nothing),
)
