"""The JSON API of settings."""

from app.declarations.api import NoApi
from app.organization.settings.resource import ORGANIZATION

API = (NoApi(ORGANIZATION, "later: part 1"),)
