"""The JSON API of messages: none yet."""

from app.declarations.api import NoApi
from app.messaging.outbox.resource import MESSAGE

API = (NoApi(MESSAGE, "It is not part of the first version of the API."),)
