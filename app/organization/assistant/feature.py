"""Feature declaration for the assistant that answers calls."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.organization.assistant import api, resource, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.assistant,
    pages=(views,),
    navigation=(
        Place(Group.ORGANIZATION_TABS, "assistant.edit", _l("AI assistant"), "bot", Permission.ORGANIZATION_READ),
    ),
    api=api.API,
    resources=(resource.AI_CONFIG,),
)
