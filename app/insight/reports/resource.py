"""Reports: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import Report
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

REPORT = Resource(
    name="report",
    model=Report,
    words=Words(_l("report"), _l("reports")),
    icon="scroll-text",
    scope=Scope((Permission.REPORTS_READ,), own_rows.nothing),
    is_audited=False,
)
