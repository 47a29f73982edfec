"""Retention of closed missed calls."""

from app.declarations.retained import Child, Retained
from app.models import WAITING_STATUSES, MissedCallEntry
from app.work.missed_calls.resource import MISSED_CALL_ENTRY

MISSED_CALLS = Retained(
    kind="missed_calls",
    resource=MISSED_CALL_ENTRY,
    may_go=lambda _before: (MissedCallEntry.status.not_in(WAITING_STATUSES),),
    children=(Child("missed_call_attempt", "entry_id"),),
)
