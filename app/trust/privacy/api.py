"""The JSON API of erasures: none yet."""

from app.declarations.api import NoApi
from app.trust.privacy.resource import ERASURE

API = (NoApi(ERASURE, "later: part 2"),)
