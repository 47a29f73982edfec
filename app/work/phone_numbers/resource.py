"""Phone numbers: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import func

from app.declarations.resource import Resource, Words
from app.models import PhoneNumber
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

PHONE_NUMBER = Resource(
    name="phone_number",
    model=PhoneNumber,
    words=Words(
        _l("phone number"),
        _l("phone numbers"),
        lambda n, count: ngettext("%(count)s phone number", "%(count)s phone numbers", n, count=count),
    ),
    icon="phone",
    title=lambda: func.coalesce(PhoneNumber.display_name, PhoneNumber.number),
    scope=Scope((Permission.PHONE_NUMBERS_READ,), own_rows.nothing),
    revert=_l("Phone numbers are changed on their own page, which tells the phone provider too."),
)
