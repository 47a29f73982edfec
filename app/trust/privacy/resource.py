"""Erasures of people: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import Erasure
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

ERASURE = Resource(
    name="erasure",
    model=Erasure,
    words=Words(_l("erasure of a person"), _l("erasures of people")),
    icon="eraser",
    scope=Scope((Permission.CONTACTS_ERASE,), own_rows.nothing),
)
