"""Notifications about missed calls."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Act, Merge, Notice, Way
from app.security.permissions import Permission

CLAIM_ENDING = Notice(
    kind="claim_ending",
    label=_l("Claims about to expire"),
    permission=Permission.MISSED_CALLS_WORK,
    hint=_l("2 minutes before a claim expires"),
    icon="timer",
    tone="warn",
    # An email would arrive after the claim has expired.
    offered=(Way.PAGE,),
    about="missed_call_entry",
    merge=Merge.RECORD,
    act=Act(_l("Extend"), "missed_calls.claim", "entry_id"),
)

FOLLOW_UP_ENDING = Notice(
    kind="follow_up_ending",
    label=_l("Reached callers to follow up with"),
    permission=Permission.MISSED_CALLS_WORK,
    hint=_l("1 hour before your claim on a caller you reached expires"),
    icon="timer",
    tone="warn",
    offered=(Way.PAGE,),
    about="missed_call_entry",
    merge=Merge.RECORD,
)

CLAIM_ENDED = Notice(
    kind="claim_ended",
    label=_l("Expired claims"),
    permission=Permission.MISSED_CALLS_WORK,
    hint=_l("When a claim expires without a result"),
    icon="timer",
    offered=(Way.PAGE,),
    about="missed_call_entry",
    merge=Merge.RECORD,
)
