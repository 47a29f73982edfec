"""What the clock does to the missed-call queue: claims run out, and people who were not reached in time are lost."""

from datetime import datetime, timedelta

from sqlalchemy import update

from app.db.context import current_context
from app.extensions import db
from app.models import EntryStatus, MissedCallEntry, Organization
from app.work.missed_calls.queries import WAITING

_NOBODY = {"claimed_by": None, "claim_expires_at": None}


def lapse_missed_calls(now: datetime) -> None:
    """Lose the entries whose rescue window is over, and open those again whose claim has run out.

    For the organization of the context. Whoever has such an entry open finds it changed when they save.
    """
    organization = db.session.get_one(Organization, current_context().organization_id)
    entries = update(MissedCallEntry).where(MissedCallEntry.organization_id == organization.id)
    window = timedelta(days=organization.rescue_window_days)
    changed = {**_NOBODY, "version": MissedCallEntry.version + 1}
    db.session.execute(
        entries.where(MissedCallEntry.status.in_(WAITING), MissedCallEntry.first_missed_at <= now - window).values(
            status=EntryStatus.LOST, resolved_at=now, **changed
        )
    )
    db.session.execute(
        entries.where(MissedCallEntry.status == EntryStatus.CLAIMED, MissedCallEntry.claim_expires_at <= now).values(
            status=EntryStatus.OPEN, **changed
        )
    )
