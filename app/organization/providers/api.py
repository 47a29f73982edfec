"""The JSON API of integrations: none yet."""

from app.declarations.api import NoApi
from app.organization.providers.resource import INTEGRATION

API = (NoApi(INTEGRATION, "It is not part of the first version of the API."),)
