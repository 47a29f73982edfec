"""The JSON API of recordings."""

from app.declarations.api import NoApi
from app.work.recordings.resource import RECORDING_PART, RECORDING_SESSION

API = (
    NoApi(RECORDING_SESSION, "later: part 1"),
    NoApi(RECORDING_PART, "later: part 1"),
)
