"""Calls and their notes on the timeline of a contact."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import pgettext
from sqlalchemy import and_, case, func
from sqlalchemy.orm import aliased

from app.db.joins import refers_to
from app.db.paging import Selection
from app.declarations.person import ContactReference, Facts, TimelineEntry, TimelineFilter
from app.errors import LazyText
from app.models import Call, CallAnalysis, CallNote, CallStatus, CallType, Direction, NoteKind, User
from app.security.actor import Actor
from app.security.recording_access import may_hear_condition
from app.security.scope import unscoped
from app.web.formatting import spoken_duration
from app.web.labels import label

_Csr = aliased(User, name="csr_of_line")
_Handler = aliased(User, name="handler_of_line")
# An alias, because the scope of notes also queries their calls.
_Noted = aliased(Call, name="call_of_note")
_Author = aliased(User, name="author_of_line")

#: Number of characters of a note that are shown.
_FIRST_WORDS = 600

_TONES = {"booked": "good", "not_booked": "warn"}


def _call_facts(actor: Actor) -> Mapping[str, Any]:
    return {
        "direction": Call.direction,
        "type": Call.call_type,
        "status": Call.status,
        "outcome": Call.outcome,
        "booking": Call.booking_status,
        "topic": Call.topic,
        "talk": Call.duration_seconds,
        "who": func.coalesce(_Handler.name, _Csr.name),
        "summary": case((may_hear_condition(actor), CallAnalysis.summary)),
    }


def _with_people_and_analysis(selection: Selection) -> Selection:
    of_the_call = and_(CallAnalysis.organization_id == Call.organization_id, CallAnalysis.call_id == Call.id)
    named = selection.outerjoin(_Csr, refers_to(_Csr, Call, Call.csr_id)).outerjoin(
        _Handler, refers_to(_Handler, Call, Call.handled_by_user_id)
    )
    return unscoped(named.outerjoin(CallAnalysis, of_the_call), why="joins names and analyses to calls that are scoped")


def _call_words(facts: Facts) -> TimelineEntry:
    outcome = label(facts["outcome"], "CallOutcome") if facts["outcome"] else ""
    booking = facts["booking"]
    return TimelineEntry(
        title=_call_title(facts),
        icon=_call_icon(facts),
        detail=" · ".join(part for part in (facts["topic"], outcome) if part),
        quote=facts["summary"] or "",
        state=label(booking, "BookingStatus") if booking else "",
        tone=_TONES.get(booking or "", "neutral"),
    )


def _call_title(facts: Facts) -> LazyText:
    who, is_out = facts["who"], facts["direction"] == Direction.OUTBOUND
    said: LazyText
    if facts["type"] == CallType.VISIT_CALL:
        said = _("Appointment recording")
    elif facts["status"] == CallStatus.MISSED:
        return _("Missed call")
    elif facts["status"] == CallStatus.VOICEMAIL:
        said = _("Voicemail left for the contact") if is_out else _("Voicemail")
    elif facts["status"] == CallStatus.FAILED:
        return (
            _("%(name)s called but didn’t reach the contact", name=who)
            if is_out and who
            else _("Call that didn’t connect")
        )
    elif is_out:
        said = _("%(name)s called the contact", name=who) if who else _("Call to contact")
    else:
        said = _("Call with %(name)s", name=who) if who else pgettext("standing alone", "Call")
    return f"{said}, {spoken_duration(facts['talk'])}" if facts["talk"] else said


def _call_icon(facts: Facts) -> str:
    if facts["type"] == CallType.VISIT_CALL:
        return "headphones"
    if facts["status"] in (CallStatus.MISSED, CallStatus.VOICEMAIL):
        return {"missed": "phone-missed", "voicemail": "voicemail"}[facts["status"]]
    return "phone-outgoing" if facts["direction"] == Direction.OUTBOUND else "phone-incoming"


CALL_PERSON = ContactReference(
    card=Call.contact_card_id,
    at=Call.started_at,
    story=TimelineFilter.CALLS,
    facts=_call_facts,
    joined=_with_people_and_analysis,
    words=_call_words,
    holds=lambda: Call.contact_card_id.is_not(None),
)


def _with_call_and_author(selection: Selection) -> Selection:
    call = refers_to(_Noted, CallNote, CallNote.call_id)
    named = selection.join(_Noted, call).outerjoin(_Author, refers_to(_Author, CallNote, CallNote.user_id))
    return unscoped(named, why="joins calls and names to notes that are scoped")


def _note_words(facts: Facts) -> TimelineEntry:
    is_coaching = facts["kind"] == NoteKind.COACHING
    title = _("Note by %(name)s", name=facts["who"]) if facts["who"] else _("Note")
    return TimelineEntry(
        title, "message-square", quote=facts["body"], state=_("Coaching") if is_coaching else "", tone="plain"
    )


NOTE_PERSON = ContactReference(
    card=_Noted.contact_card_id,
    at=CallNote.created_at,
    story=TimelineFilter.NOTES,
    facts=lambda _actor: {
        "kind": CallNote.kind,
        "body": func.left(CallNote.body, _FIRST_WORDS),
        "who": func.coalesce(_Author.name, CallNote.author_label),
    },
    joined=_with_call_and_author,
    words=_note_words,
    page=("calls.show", "call_id", CallNote.call_id),
)
