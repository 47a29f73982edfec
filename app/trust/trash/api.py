"""The JSON API of trash."""

from app.declarations.api import NoApi
from app.trust.trash.resource import DELETION_BATCH

API = (NoApi(DELETION_BATCH, "later: part 1"),)
