"""Declaration of saved views and column choices: labels and who can see them."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.declarations.field import Column, Field, Priority
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page, not_entered
from app.models import ListSettings, SavedView
from app.security import own_rows
from app.security.scope import Scope

SAVED_VIEW = Resource(
    name="saved_view",
    model=SavedView,
    words=Words(_l("saved view"), _l("saved views")),
    icon="star",
    title=lambda: SavedView.name,
    scope=Scope((), own_rows.saved_views, own_is_free=True),
    stored=(
        not_entered("The page and the person who saves it tell it.", "user_id", "page"),
        entered_on_page("name", "query", "is_shared"),
    ),
    fields=(
        Field("name", lazy_pgettext("thing", "Name"), column=Column(is_fixed=True)),
        Field("list", _l("List"), column=Column(), recorded=()),
        Field("owner", lazy_pgettext("saved view", "Owner"), column=Column(Priority.WIDE), recorded=()),
    ),
)

LIST_SETTINGS = Resource(
    name="list_settings",
    model=ListSettings,
    words=Words(_l("list columns"), _l("list columns")),
    icon="list-filter",
    scope=Scope((), own_rows.list_settings, own_is_free=True),
    stored=(
        not_entered("The page and the person who chooses the columns tell it.", "user_id", "page"),
        entered_on_page("columns"),
    ),
)
