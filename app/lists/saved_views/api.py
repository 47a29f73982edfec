"""The JSON API of saved views and list settings: none yet."""

from app.declarations.api import NoApi
from app.lists.saved_views.resource import LIST_SETTINGS, SAVED_VIEW

API = (
    NoApi(SAVED_VIEW, "later: part 2"),
    NoApi(LIST_SETTINGS, "belongs to a page"),
)
