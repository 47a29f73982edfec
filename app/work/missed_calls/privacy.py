"""Personal data in missed calls and blocked numbers, and how it is erased (docs/privacy.md)."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, null

from app.declarations.personal import Ending, Personal, Way, among
from app.models import WAITING_STATUSES, Base, EntryStatus

PERSONAL = (
    Personal(
        "missed_call_entries",
        _l("Missed calls"),
        lambda c, who: among(c.id, who.entries),
        {"evidence": Way.EMPTIED, "outcome_note": Way.CLEARED},
        "missed_call_entry",
        how="contact_card_id, call_id",
        ending=Ending(
            _l("Missed calls to dismiss"),
            Base.metadata.tables["missed_call_entries"].c.status.in_(WAITING_STATUSES),
            {
                "status": EntryStatus.DISMISSED,
                "resolved_at": func.clock_timestamp(),
                "claimed_by": null(),
                "claim_expires_at": null(),
            },
        ),
    ),
    Personal(
        "blocked_numbers",
        _l("Blocked numbers"),
        lambda c, who: among(c.number, who.numbers),
        {"number": Way.CLEARED, "reason": Way.CLEARED},
        "blocked_number",
        removed=True,
        how="number",
    ),
)
