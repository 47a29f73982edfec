"""The JSON API of bulk operations: none yet."""

from app.data.bulk.resource import BULK_OPERATION
from app.declarations.api import NoApi

API = (NoApi(BULK_OPERATION, "It is not part of the first version of the API."),)
