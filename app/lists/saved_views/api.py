"""The JSON API of saved views and list settings: none yet."""

from app.declarations.api import NoApi
from app.lists.saved_views.resource import LIST_SETTINGS, SAVED_VIEW

API = (
    NoApi(SAVED_VIEW, "It is not part of the first version of the API."),
    NoApi(LIST_SETTINGS, "It belongs to a page of the app."),
)
