"""Exports: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import Export
from app.security import own_rows
from app.security.scope import Scope

EXPORT = Resource(
    name="export",
    model=Export,
    words=Words(_l("export"), _l("exports")),
    icon="download",
    # A file holds what its owner saw when it was made: nobody else’s, whatever the role.
    scope=Scope((), own_rows.exports, own_is_free=True),
)
