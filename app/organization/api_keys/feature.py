"""Keys that programs come in with."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.place import Group, Place
from app.organization.api_keys import integrity, privacy, resource, views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.api_keys,
    pages=(views,),
    navigation=(
        Place(Group.ORGANIZATION_TABS, "api_keys.index", _l("API keys"), "key-round", Permission.API_KEYS_MANAGE),
    ),
    resources=(resource.API_KEY,),
    checks=(integrity.PERMISSION,),
    personal=privacy.PERSONAL,
)
