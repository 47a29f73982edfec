"""Ending of recordings whose phone was lost or whose page was never opened again."""

from datetime import datetime

from app.db.context import current_context
from app.errors import NotFound
from app.work.recordings import rules
from app.work.recordings.detail_queries import list_abandoned
from app.work.recordings.service import end_with_arrived


def end_abandoned(now: datetime) -> None:
    """End each abandoned recording with the parts that have arrived."""
    organization_id = current_context().organization_id
    if organization_id is None:
        raise NotFound("organization")
    for row in list_abandoned(organization_id, now - rules.ABANDONED_AFTER):
        end_with_arrived(row)
