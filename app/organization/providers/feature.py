"""Feature declaration for accounts with providers."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.organization.providers import api, resource, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.providers,
    pages=(views,),
    navigation=(
        Place(Group.ORGANIZATION_TABS, "providers.index", _l("Integrations"), "webhook", Permission.WEBHOOKS_MANAGE),
    ),
    api=api.API,
    resources=(resource.INTEGRATION,),
)
