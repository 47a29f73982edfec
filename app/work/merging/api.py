"""The JSON API of merged contacts: none yet."""

from app.declarations.api import NoApi
from app.work.merging.resource import CONTACT_MERGE

API = (NoApi(CONTACT_MERGE, "It is not part of the first version of the API."),)
