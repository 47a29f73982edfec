"""The JSON API of notifications: none yet."""

from app.declarations.api import NoApi
from app.messaging.notifications.resource import NOTIFICATION

API = (NoApi(NOTIFICATION, "It is not part of the first version of the API."),)
