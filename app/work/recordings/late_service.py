"""Recordings whose preparation takes long: they are looked after, and people are notified."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.db.context import current_context
from app.declarations.notice import Notice
from app.errors import LazyText, NotFound
from app.extensions import db
from app.models import RecordingSession, Role
from app.tenancy.notification_service import NewNotification, notify
from app.tenancy.people_queries import list_people_in_charge
from app.work.recordings import rules
from app.work.recordings.detail_queries import list_late
from app.work.recordings.notices import RECORDING_DELAYED

_LATE = _l(
    "A recording is taking over an hour to prepare. Nothing is lost, and you’ll be notified once it’s ready to play."
)


def look_after_late(now: datetime) -> list[UUID]:
    """Notify people once of each recording of the organization that is late, and return the ids to prepare.

    These are the late ones without a job. A late recording has waited for an hour since it arrived, or since it was
    looked after.
    """
    organization_id = current_context().organization_id
    if organization_id is None:
        raise NotFound("organization")
    late = list_late(organization_id, now - rules.LATE_AFTER)
    delayed = [row for row, _is_pending in late if row.delayed_at is None]
    for row in delayed:
        row.delayed_at = now
    db.session.flush()
    notify_concerned(RECORDING_DELAYED, _LATE, delayed)
    return [row.id for row, is_pending in late if not is_pending]


def notify_concerned(notice: Notice, sentence: LazyText, rows: Sequence[RecordingSession]) -> None:
    """Send a notification about each recording to its rep, the admins and the owners, once to each person."""
    if not rows:
        return
    in_charge = [person.id for person in list_people_in_charge(rows[0].organization_id, Role.ADMIN, Role.OWNER)]
    notify(
        notice,
        [
            NewNotification(person, sentence, f"/recordings/{row.id}", row.id)
            for row in rows
            for person in {row.sales_rep_id, *in_charge}
        ],
    )
