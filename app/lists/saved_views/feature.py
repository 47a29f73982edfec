"""Declaration of saved views and of column choices."""

from app.declarations.feature import Feature
from app.lists.keys import LIST_KEYS
from app.lists.saved_views import api, resource, views

FEATURE = Feature(
    blueprint=views.saved_views,
    pages=(views,),
    shortcuts=LIST_KEYS,
    api=api.API,
    resources=(
        resource.SAVED_VIEW,
        resource.LIST_SETTINGS,
    ),
)
