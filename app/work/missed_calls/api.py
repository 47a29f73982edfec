"""The JSON API of missed calls."""

from app.declarations.api import NoApi
from app.work.missed_calls.resource import BLOCKED_NUMBER, MISSED_CALL_ATTEMPT, MISSED_CALL_ENTRY

API = (
    NoApi(MISSED_CALL_ENTRY, "later: part 1"),
    NoApi(MISSED_CALL_ATTEMPT, "later: part 1"),
    NoApi(BLOCKED_NUMBER, "later: part 2"),
)
