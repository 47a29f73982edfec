"""Waiting missed calls on the page of a contact; its timeline has the calls themselves."""

from datetime import UTC, datetime

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import aliased

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.declarations.person import ContactReference, Facts, TimelineEntry
from app.models import WAITING_STATUSES, EntryStatus, MissedCallEntry, User
from app.security.scope import unscoped
from app.web.drawing import when

_Claimant = aliased(User, name="claimant_of_line")


def _words(facts: Facts) -> TimelineEntry:
    due = datetime.fromisoformat(facts["due_at"])
    is_late = due < datetime.now(UTC) and not facts["attempts"]
    detail = Markup(_("call back by %(time)s")) % {"time": when(due)}  # noqa: S704 - our own sentence
    if facts["status"] == EntryStatus.CLAIMED and facts["who"]:
        detail = Markup(", ").join((detail, _("claimed by %(name)s", name=facts["who"])))
    return TimelineEntry(
        _("Missed call"),
        "phone-missed",
        detail=detail,
        state=_("Overdue") if is_late else "",
        tone="bad",
        waits=_("Waiting for a callback"),
    )


ENTRY_PERSON = ContactReference(
    card=MissedCallEntry.contact_card_id,
    at=MissedCallEntry.first_missed_at,
    facts=lambda _actor: {
        "status": MissedCallEntry.status,
        "due_at": MissedCallEntry.sla_due_at,
        "attempts": MissedCallEntry.attempts,
        "who": _Claimant.name,
    },
    joined=lambda selection: unscoped(
        selection.outerjoin(_Claimant, refers_to(_Claimant, MissedCallEntry, MissedCallEntry.claimed_by)),
        why="joins names to rows that are scoped",
    ),
    words=_words,
    open=lambda: is_any_of(MissedCallEntry.status, WAITING_STATUSES),
)
