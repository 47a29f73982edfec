"""The JSON API of bulk operations: none yet."""

from app.data.bulk.resource import BULK_OPERATION
from app.declarations.api import NoApi

API = (NoApi(BULK_OPERATION, "later: part 2"),)
