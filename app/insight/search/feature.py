"""Declaration of the global search, available on every page."""

from flask_babel import lazy_gettext as _l

from app.declarations.feature import Feature
from app.declarations.shortcut import Shortcut
from app.insight.search import views
from app.security.permissions import Permission

FEATURE = Feature(
    blueprint=views.search,
    pages=(views,),
    shortcuts=(
        Shortcut(keys=("Ctrl+k",), label=_l("Search everything"), permission=Permission.SEARCH_USE),
        Shortcut(keys=("/",), label=_l("Search this list, or everywhere"), permission=Permission.SEARCH_USE),
    ),
)
