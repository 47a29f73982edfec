"""What the page of a contact tells of their missed calls that wait; the calls themselves stand in its timeline."""

from datetime import UTC, datetime

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import aliased

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.declarations.person import Facts, OfPerson, Told
from app.models import WAITING_STATUSES, EntryStatus, MissedCallEntry, User
from app.security.scope import unscoped
from app.web.drawing import when

_Claimant = aliased(User, name="claimant_of_line")


def _words(facts: Facts) -> Told:
    due = datetime.fromisoformat(facts["due_at"])
    is_late = due < datetime.now(UTC) and not facts["attempts"]
    detail = Markup(_("call back by %(time)s")) % {"time": when(due)}  # noqa: S704 - a sentence of ours
    if facts["status"] == EntryStatus.CLAIMED and facts["who"]:
        detail = Markup(", ").join((detail, _("claimed by %(name)s", name=facts["who"])))
    return Told(
        _("Missed call"),
        "phone-missed",
        detail=detail,
        state=_("Late") if is_late else "",
        tone="bad",
        waits=_("Waits for a call back"),
    )


ENTRY_PERSON = OfPerson(
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
        why="named by rows that are scoped",
    ),
    words=_words,
    open=lambda: is_any_of(MissedCallEntry.status, WAITING_STATUSES),
)
