"""The JSON API of integrations: none yet."""

from app.declarations.api import NoApi
from app.organization.providers.resource import INTEGRATION

API = (NoApi(INTEGRATION, "later: part 2"),)
