"""The JSON API of calls."""

from app.declarations.api import NoApi
from app.work.calls.resource import (
    CALL,
    CALL_ANALYSIS,
    CALL_NOTE,
    CALL_TRANSCRIPT,
)

API = (
    NoApi(CALL, "later: part 1"),
    NoApi(CALL_NOTE, "later: part 1"),
    NoApi(CALL_TRANSCRIPT, "later: part 1"),
    NoApi(CALL_ANALYSIS, "later: part 1"),
)
