"""Resource declaration of organizations."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.declarations.resource import Resource, Words
from app.models import Organization
from app.security.permissions import Permission

ORGANIZATION = Resource(
    name="organization",
    model=Organization,
    words=Words(
        _l("organization"),
        _l("organizations"),
        lambda n, count: ngettext("%(count)s organization", "%(count)s organizations", n, count=count),
    ),
    icon="building",
    title=lambda: Organization.name,
    page=("organizations.show", "organization_id"),
    page_permission=Permission.ORGANIZATIONS_MANAGE,
    revert=_l("Edit the organization on its own page."),
)
