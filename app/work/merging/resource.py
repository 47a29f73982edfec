"""Merges of two contacts: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import ContactMerge
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

CONTACT_MERGE = Resource(
    name="contact_merge",
    model=ContactMerge,
    words=Words(_l("merge of two contacts"), _l("merges of contacts")),
    icon="git-merge",
    page=("merging.show_merge", "contact_merge_id"),
    scope=Scope((Permission.CONTACTS_MERGE,), own_rows.nothing),
)
