"""The JSON API of api keys."""

from app.declarations.api import NoApi
from app.organization.api_keys.resource import API_KEY

API = (NoApi(API_KEY, "later: part 1"),)
