"""Platform staff: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import PlatformStaff

PLATFORM_STAFF = Resource(
    name="platform_staff",
    model=PlatformStaff,
    words=Words(_l("platform staff"), _l("platform staff")),
    icon="shield-check",
)
