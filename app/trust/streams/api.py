"""The JSON API of audit streams: none yet."""

from app.declarations.api import NoApi
from app.trust.streams.resource import OUTBOUND_STREAM

API = (NoApi(OUTBOUND_STREAM, "It is not part of the first version of the API."),)
