"""The card with what a sales rep needs before a visit, and the forms that report its outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from urllib.parse import quote
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _

from app.models import Appointment
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.appointments.day_queries import Visit, find_visit_before, get_visit, list_visits_by_id
from app.work.appointments.detail_page import AppointmentForms, appointment_forms
from app.work.appointments.place_rules import in_one_line, parts_of
from app.work.calls.analysed_queries import AnalysedCall, find_analysed_call
from app.work.calls.conversation_rules import read_conversation
from app.work.calls.evidence_rules import Finding, FindingKind, read_findings
from app.work.contacts.note_forms import NewNoteForm
from app.work.recordings.forms import ConsentForm

_DIRECTIONS = "https://www.google.com/maps/dir/?api=1&destination="
#: Time to leave.
_SOON = timedelta(minutes=15)
#: A visit counts as beginning now for this long after its start.
_JUST_NOW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class When:
    """The time until or since a visit as text, and the tone of its badge."""

    words: str
    tone: str


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection of the caller: its sentence ("" if there is none), and a link to where it was said."""

    finding: Finding
    sentence: str
    href: str


@dataclass(frozen=True, slots=True)
class Card:
    """A visit that is next, or that is waiting for its outcome."""

    visit: Visit
    #: None on days other than today.
    when: When | None
    is_over: bool
    place: str
    before: Appointment | None
    call: AnalysedCall | None
    objections: Sequence[Objection]
    #: None before the day of the visit.
    forms: AppointmentForms | None
    #: The consent to record it; None for users who can't record.
    consent: ConsentForm | None
    #: None for users who can't write notes, and without a contact.
    note: NewNoteForm | None

    @property
    def directions(self) -> str:
        """The address of a map with directions."""
        return _DIRECTIONS + quote(self.place)

    @property
    def summary(self) -> str | None:
        """The call's summary if the user can listen to the call, else the contact's; None without either."""
        contact = self.visit.contact
        return (self.call.summary if self.call else None) or (contact.last_call_summary if contact else None)


@dataclass(frozen=True, slots=True)
class Later:
    """A visit after the next one, with everything that a phone needs to show it offline."""

    visit: Visit
    place: str
    forms: AppointmentForms
    consent: ConsentForm | None
    note: NewNoteForm | None

    @property
    def directions(self) -> str:
        """The address of a map with directions."""
        return _DIRECTIONS + quote(self.place)


def later_visits(actor: Actor, ids: Sequence[UUID], back: str) -> list[Later]:
    """Return the visits with these `ids`, which come after the next one.

    The ids of their form fields are unique on the page.
    """
    return [_later(actor, visit, back, number) for number, visit in enumerate(list_visits_by_id(actor, ids), 1)]


def visit_card(actor: Actor, appointment_id: UUID, now: datetime, *, back: str, is_today: bool, has_come: bool) -> Card:
    """Return the card of one visit; its forms redirect to `back`.

    The card has the time until or since the visit only if `is_today`, and the forms for its outcome only if `has_come`,
    that is, from the day of the visit on. Raises NotFound.
    """
    visit = get_visit(actor, appointment_id)
    row = visit.appointment
    call = find_analysed_call(actor, visit.contact_id, row.source_call_id) if visit.contact_id else None
    return Card(
        visit=visit,
        when=when_of(row.scheduled_start_at, row.scheduled_end_at, now) if is_today else None,
        is_over=row.scheduled_end_at <= now,
        place=in_one_line(parts_of(row)),
        before=find_visit_before(actor, row),
        call=call,
        objections=_objections(call) if call else (),
        forms=(forms := _forms(actor, row, back) if has_come else None),
        consent=_consent(forms),
        note=_note(actor, visit, back),
    )


def when_of(start: datetime, end: datetime, now: datetime) -> When:
    """Return the time until a visit starts, or since it started or was due to end, rounded up to minutes."""
    if now < start:
        return When(_("in %(time)s", time=_spoken(start - now)), "warn" if start - now <= _SOON else "info")
    if now >= end:
        return When(_("ended %(time)s ago", time=_spoken(now - end)), "warn")
    if now < start + _JUST_NOW:
        return When(_("now"), "warn")
    return When(_("started %(time)s ago", time=_spoken(now - start)), "warn")


def _spoken(length: timedelta) -> str:
    hours, minutes = divmod(ceil(length / timedelta(minutes=1)), 60)
    if not hours:
        return str(_("%(minutes)s min", minutes=minutes))
    if not minutes:
        return str(_("%(hours)s h", hours=hours))
    return str(_("%(hours)s h %(minutes)s min", hours=hours, minutes=minutes))


def _objections(call: AnalysedCall) -> list[Objection]:
    findings = read_findings(call.evidence, call.objections, call.missed_opportunities)
    page = url_for("calls.show", call_id=call.id)
    return [
        Objection(
            found.finding,
            found.finding.quote or (found.turn.text if found.turn else ""),
            f"{page}#{found.turn.anchor}" if found.turn else page,
        )
        for found in read_conversation(call.speaker_labels, "", findings).findings
        if found.finding.kind is FindingKind.OBJECTION
    ]


def _later(actor: Actor, visit: Visit, back: str, number: int) -> Later:
    forms, note = _forms(actor, visit.appointment, back), _note(actor, visit, back)
    consent = _consent(forms)
    for form in (forms.won, forms.lost, consent, note):
        for field in form or ():
            field.id = f"{field.id}-{number}"
    return Later(visit, in_one_line(parts_of(visit.appointment)), forms, consent, note)


def _note(actor: Actor, visit: Visit, back: str) -> NewNoteForm | None:
    may_write = visit.contact_id is not None and actor.may(Permission.CONTACTS_WRITE)
    return NewNoteForm.new(back=back, appointment_id=visit.appointment.id) if may_write else None


def _consent(forms: AppointmentForms | None) -> ConsentForm | None:
    return ConsentForm.new() if forms is not None and forms.may_record else None


def _forms(actor: Actor, row: Appointment, back: str) -> AppointmentForms:
    forms = appointment_forms(actor, row)
    for form in (forms.won, forms.lost, forms.complete, forms.no_show):
        if form is not None:
            form.back.data = back
    return forms
