"""Feature declaration for accounts with providers."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.declarations.setup_step import SetupStep
from app.organization.providers import api, queries, resource, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.providers,
    pages=(views,),
    navigation=(
        Place(Group.ORGANIZATION_TABS, "providers.index", _l("Integrations"), "webhook", Permission.WEBHOOKS_MANAGE),
    ),
    api=api.API,
    setup=(
        SetupStep(
            label=_l("Integrations"),
            hint=_l("Connect the providers of your calls."),
            endpoint="providers.index",
            permission=Permission.WEBHOOKS_MANAGE,
            is_done=queries.has_accounts,
            order=6,
        ),
    ),
    resources=(resource.INTEGRATION,),
)
