"""Resource declaration of merges of contacts."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import ContactMerge
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

CONTACT_MERGE = Resource(
    name="contact_merge",
    model=ContactMerge,
    words=Words(_l("contact merge"), _l("contact merges")),
    icon="git-merge",
    page=("merging.show_merge", "contact_merge_id"),
    scope=Scope((Permission.CONTACTS_MERGE,), own_rows.nothing),
)
