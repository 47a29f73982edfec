"""Open work of a user who leaves: the missed calls that they have claimed."""

from app.declarations.open_work import Work, WorkKind, roles_with
from app.models import EntryStatus, MissedCallEntry
from app.security.permissions import Permission
from app.work.contacts.resource import contact_title
from app.work.missed_calls.resource import MISSED_CALL_ENTRY

CLAIMS = Work(
    kind=WorkKind.CLAIMS,
    resource=MISSED_CALL_ENTRY,
    holder=MissedCallEntry.claimed_by,
    roles=roles_with(Permission.MISSED_CALLS_WORK),
    is_open=lambda _now: (MissedCallEntry.status == EntryStatus.CLAIMED,),
    label=contact_title(MissedCallEntry),
    order=(MissedCallEntry.sla_due_at, MissedCallEntry.id),
    can_be_unassigned=True,
    when_unassigned={MissedCallEntry.status.key: EntryStatus.OPEN, MissedCallEntry.claim_expires_at.key: None},
)
