"""Content of an appointment's page: its facts, its history, and the forms available to the user."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.audit.actions import Action
from app.audit.occurred_rules import IN_METADATA
from app.audit.queries import HistoryEntry
from app.errors import LazyText
from app.lists.facts import Fact, facts_of
from app.models import Appointment, AppointmentOutcome, AppointmentStatus, Task
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.forms import Form
from app.web.labels import label
from app.work.appointments import rules
from app.work.appointments.booked_page import AfterBooking, after_booking
from app.work.appointments.detail_forms import (
    AssignForm,
    BookerForm,
    CancelForm,
    LostForm,
    StepForm,
    WonForm,
    offered_bookers,
)
from app.work.appointments.detail_queries import AppointmentDetail
from app.work.appointments.free_times_queries import list_reps
from app.work.appointments.place_rules import in_one_line, parts_of
from app.work.appointments.reminder_queries import list_open_tasks
from app.work.appointments.resource import APPOINTMENT
from app.work.calls import rules as call_rules

#: Labels that differ from those of the list.
_FIELDS: dict[str, LazyText] = {
    "address_line_1": _l("Address"),
    "cancelled_reason": _l("Reason"),
    "contact_card_id": _l("Contact"),
    "lead_id": _l("Lead"),
    "lost_reason": _l("Reason"),
    "notes": _l("Note for the sales rep"),
    "sales_rep_id": _l("Sales rep"),
    "scheduled_end_at": lazy_pgettext("moment", "End"),
    "scheduled_start_at": _l("Start"),
    "source_call_id": _l("Call"),
}
#: Fields for which the history shows the values too.
_KINDS_OF_VALUES = {"status": "AppointmentStatus", "outcome": "AppointmentOutcome"}
#: Fields left out of the history: internal ones, and those that change together with another.
_BESIDES = frozenset({"version", "completed_at", "outcome_at", "external_fingerprint", "address_line_2"})

_WORDS: dict[str, tuple[LazyText, str]] = {
    Action.APPOINTMENT_BOOKED.value: (_l("Booked"), "calendar-plus"),
    Action.APPOINTMENT_RESCHEDULED.value: (_l("Rescheduled"), "calendar"),
    Action.APPOINTMENT_ASSIGNED.value: (_l("Sales rep changed"), "users"),
    Action.APPOINTMENT_CREDITED.value: (_l("“Booked by” changed"), "users"),
    Action.APPOINTMENT_CANCELLED.value: (lazy_pgettext("visit", "Canceled"), "calendar-x"),
    Action.APPOINTMENT_MISSED.value: (_l("No-show"), "user-x"),
    Action.APPOINTMENT_COMPLETED.value: (lazy_pgettext("visit", "Completed"), "calendar-check"),
    Action.APPOINTMENT_OUTCOME_SET.value: (_l("Outcome set"), "handshake"),
    "appointment.created": (_l("Added"), "plus"),
}
_CHANGED = (_l("Changed"), "pencil")
#: Actions whose time decides the period in which a figure counts.
_COUNTED = (Action.APPOINTMENT_COMPLETED.value, Action.APPOINTMENT_OUTCOME_SET.value)
#: Longer than a request takes, and shorter than what is reported late.
_SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Change:
    """A changed field with its old and new values as text, each None if it isn't shown."""

    field: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the history.

    For a change that was submitted later than it happened, `told` is the time when it happened.
    """

    at: datetime
    reported_at: datetime | None
    is_late: bool
    words: LazyText
    icon: str
    who: str
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class AppointmentForms:
    """Forms of the page.

    A form is None if the user can't use it or the appointment's state doesn't allow it.
    """

    won: WonForm | None
    lost: LostForm | None
    cancel: CancelForm | None
    assign: AssignForm | None
    credit: BookerForm | None
    #: Buttons that complete it, mark it as a no-show, and reopen the decision.
    complete: StepForm | None
    no_show: StepForm | None
    reopen: StepForm | None
    may_edit: bool
    may_reschedule: bool
    may_delete: bool
    may_record: bool
    may_dispute_booker: bool


@dataclass(frozen=True, slots=True)
class AppointmentPage:
    """Context of the templates of an appointment's page."""

    detail: AppointmentDetail
    facts: Sequence[Fact]
    place: str
    moments: Sequence[Moment]
    forms: AppointmentForms
    #: Open tasks about it, and the next steps for whoever just booked it.
    tasks: Sequence[Task]
    after: AfterBooking | None


def appointment_page(actor: Actor, detail: AppointmentDetail, submitted: Form | None = None) -> AppointmentPage:
    """Return the page as `actor` sees it.

    `submitted` is a form with errors, which replaces the blank one.
    """
    tasks = list_open_tasks(actor, detail.appointment)
    is_new = rules.may_undo_booking(detail.appointment, actor, datetime.now(UTC))
    return AppointmentPage(
        detail=detail,
        facts=facts_of(APPOINTMENT, detail.appointment),
        place=in_one_line(parts_of(detail.appointment)),
        moments=sorted([*_moments(detail.history), *_notes(detail)], key=lambda moment: moment.at, reverse=True),
        forms=appointment_forms(actor, detail.appointment, submitted),
        tasks=tasks,
        after=after_booking(actor, detail.appointment, tasks) if is_new else None,
    )


def fill_people(actor: Actor, form: AssignForm, besides: UUID | None) -> None:
    """Offer every rep who could take over the appointment, except `besides`."""
    form.rep.choices = [(str(rep.id), rep.name) for rep in list_reps(actor) if rep.id != besides]


def appointment_forms(actor: Actor, row: Appointment, submitted: Form | None = None) -> AppointmentForms:
    """Return the forms that `actor` can use in the appointment's current state.

    `submitted` is a form with errors, which replaces the blank one.
    """
    may_write = rules.may_change(row, actor, Permission.APPOINTMENTS_WRITE)
    to_come = may_write and rules.is_to_come(row.status)
    undecided = may_write and row.status in (AppointmentStatus.SCHEDULED, AppointmentStatus.COMPLETED)
    is_open, has_begun = row.outcome == AppointmentOutcome.OPEN, row.scheduled_start_at <= datetime.now(UTC)

    def given(kind: type[Form], *, when: bool) -> Form | None:
        if not when:
            return None
        return submitted if isinstance(submitted, kind) else kind(formdata=None, version=row.version)

    may_assign = rules.may_change(row, actor, Permission.APPOINTMENTS_ASSIGN)
    assign = given(AssignForm, when=may_assign and rules.is_to_come(row.status))
    if isinstance(assign, AssignForm):
        fill_people(actor, assign, row.sales_rep_id)
    credit = given(BookerForm, when=may_assign)
    if isinstance(credit, BookerForm):
        credit.csr.choices = offered_bookers(actor, row.csr_id)
    return AppointmentForms(
        won=given(WonForm, when=undecided and is_open),
        lost=given(LostForm, when=undecided and is_open),
        cancel=given(CancelForm, when=to_come),
        assign=assign if assign is not None and assign.rep.choices else None,
        credit=credit,
        complete=given(StepForm, when=to_come),
        no_show=given(StepForm, when=to_come and has_begun),
        reopen=given(StepForm, when=undecided and not is_open),
        may_edit=may_write,
        may_reschedule=to_come,
        may_delete=actor.may(Permission.APPOINTMENTS_DELETE),
        may_record=rules.may_record(row, row.status, actor),
        may_dispute_booker=call_rules.may_dispute_booker(actor),
    )


def _moments(history: Sequence[HistoryEntry]) -> Iterator[Moment]:
    for entry in history:
        words, icon = _WORDS.get(entry.action, _CHANGED)
        changes = [_change(name, *values) for name, values in entry.changes.items() if name not in _BESIDES]
        if changes or entry.action in _WORDS:
            told = _reported_at(entry)
            late = told is not None and entry.action in _COUNTED and _counts_when_received(entry, told)
            if entry.action == Action.APPOINTMENT_CREDITED.value and entry.facts.get("reason"):
                changes.append(Change(str(_l("Reason")), after=entry.facts["reason"]))
            yield Moment(entry.at, told, late, words, icon, entry.actor_label, changes)


def _notes(detail: AppointmentDetail) -> Iterator[Moment]:
    for note in detail.notes:
        yield Moment(note.at, None, False, _l("Note added"), "message-square", note.author, ())


def _reported_at(entry: HistoryEntry) -> datetime | None:
    told = (entry.facts or {}).get(IN_METADATA)
    return datetime.fromisoformat(told) if told else None


def _counts_when_received(entry: HistoryEntry, reported_at: datetime) -> bool:
    """Return whether what happened at `told` counts toward the time when it was received.

    The recorded time decides, because the limit for late reports was once shorter.
    """
    values = (entry.changes.get(name, (None, None))[1] for name in ("outcome_at", "completed_at"))
    counted = next((datetime.fromisoformat(value) for value in values if value), reported_at)
    return counted - reported_at > _SOON and abs(entry.at - counted) < _SOON


def _change(name: str, before: object, after: object) -> Change:
    words = str(_FIELDS.get(name) or APPOINTMENT.recorded.get(name) or name.replace("_", " ").capitalize())
    kind = _KINDS_OF_VALUES.get(name)
    if name in ("cancelled_reason", "lost_reason") and after:
        return Change(words, after=str(after))
    if kind is None:
        return Change(words)
    return Change(words, *(label(str(value) if value else None, kind) for value in (before, after)))
