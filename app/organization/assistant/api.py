"""The JSON API of assistant."""

from app.declarations.api import NoApi
from app.organization.assistant.resource import AI_CONFIG

API = (NoApi(AI_CONFIG, "later: part 1"),)
