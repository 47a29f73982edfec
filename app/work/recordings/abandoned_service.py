"""Recordings whose phone was lost, or whose page was never opened again."""

from datetime import datetime

from app.db.context import current_context
from app.errors import NotFound
from app.work.recordings import rules
from app.work.recordings.detail_queries import list_abandoned, list_parts
from app.work.recordings.service import end


def end_abandoned(now: datetime) -> None:
    """End each with the parts that are here up to the first gap; what comes after a gap can't be put in its place."""
    organization_id = current_context().organization_id
    if organization_id is None:
        raise NotFound("organization")
    for row in list_abandoned(organization_id, now - rules.ABANDONED_AFTER):
        parts = list_parts(row)
        whole = rules.parts_in_order(part.number for part in parts)
        end(row, max((part.received_at for part in parts), default=None), count=whole)
