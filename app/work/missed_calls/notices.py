"""What people are told about missed calls."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Act, Merge, Notice, Way
from app.security.permissions import Permission

CLAIM_ENDING = Notice(
    kind="claim_ending",
    label=_l("Claims about to end"),
    permission=Permission.MISSED_CALLS_WORK,
    hint=_l("2 minutes before"),
    icon="timer",
    tone="warn",
    # A mail would come when it is over.
    offered=(Way.PAGE,),
    about="missed_call_entry",
    merge=Merge.RECORD,
    act=Act(_l("Keep"), "missed_calls.claim", "entry_id"),
)
