"""Declaration of appointments as a resource: names, permissions, list and fields."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext
from sqlalchemy import func

from app.audit.actions import Action
from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Money, Person, Phone, Priority
from app.declarations.found import Found
from app.declarations.listed import FROM_TO, Listed
from app.declarations.resource import Resource, Words
from app.declarations.revertible import Revertible, each
from app.lists.listing import people_options
from app.models import Appointment, AppointmentOutcome, AppointmentStatus
from app.people.users.queries import csr_choices, rep_choices
from app.security import own_rows
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import Scope
from app.work.appointments.column_resource import APPOINTMENT_COLUMNS
from app.work.appointments.filters import AppointmentFilters, DateOf
from app.work.appointments.import_target_rules import OUTCOME, STATUS
from app.work.appointments.person_resource import APPOINTMENT_PERSON
from app.work.appointments.queries import SOONEST_FIRST, SORTS, appointment_list
from app.work.contacts.queries import CONTACT_FINDER, FOUND_BY
from app.work.contacts.resource import contact_title

#: End of the list's initial period; appointments aren't booked further ahead.
_AHEAD = timedelta(days=365)


def _from_today(actor: Actor) -> Mapping[str, str]:
    today = datetime.now(ZoneInfo(actor.timezone)).date()
    return {"from": today.isoformat(), "to": (today + _AHEAD).isoformat(), "sort": SOONEST_FIRST}


_DATES = {
    DateOf.SCHEDULED: lazy_pgettext("date of", "Appointment date"),
    DateOf.BOOKED: _l("Booking date"),
    DateOf.COMPLETED: _l("Completion date"),
    DateOf.OUTCOME: _l("Decision date"),
}

APPOINTMENT_LIST = Listed(
    name="appointments",
    label=_l("Appointments"),
    endpoint="appointments.index",
    permission=Permission.APPOINTMENTS_READ,
    filters=AppointmentFilters,
    query=appointment_list,
    sorts=SORTS,
    bar_label=_l("Filter appointments"),
    pickers=("status", "outcome", "csr", "rep", "date_of"),
    own_pickers=("date_of",),
    offered={
        "csr": lambda actor: people_options(csr_choices(actor)),
        "date_of": lambda _actor: [(date_of.value, str(words)) for date_of, words in _DATES.items()],
    },
    days=FROM_TO,
    linked=("contact", "priced", "analysed"),
    opening=_from_today,
    filter_words={
        "q": FOUND_BY,
        "csr": _l("Booked by"),
        "contact": _l("Contact"),
        "priced": _l("Deal value known"),
        "analysed": _l("Recording analyzed"),
        "date_of": _l("Date type"),
    },
    also_reads=lambda filters: () if filters.analysed is None else (Permission.RECORDINGS_READ,),
)


_ADDRESS = ("address_line_1", "address_line_2", "city", "state", "zip", "country", "timezone")


APPOINTMENT = Resource(
    name="appointment",
    model=Appointment,
    words=Words(
        _l("appointment"),
        _l("appointments"),
        lambda n, count: ngettext("%(count)s appointment", "%(count)s appointments", n, count=count),
    ),
    icon="calendar-check",
    page=("appointments.show", "appointment_id"),
    title=lambda: func.concat_ws(", ", Appointment.service_type, contact_title(Appointment)()),
    scope=Scope((Permission.APPOINTMENTS_READ,), own_rows.appointments),
    revert=Revertible(
        Action.APPOINTMENT_REVERTED,
        each(Permission.APPOINTMENTS_WRITE, "service_type", "scheduled_start_at", "scheduled_end_at", *_ADDRESS)
        | each(Permission.APPOINTMENTS_WRITE, "status", "completed_at", "cancelled_reason", "notes")
        | each(Permission.APPOINTMENTS_WRITE, "outcome", "outcome_at", "deal_value", "lost_reason")
        | each(Permission.APPOINTMENTS_ASSIGN, "csr_id", "sales_rep_id"),
        able=frozenset({"sales_rep_id"}),
    ),
    listed=APPOINTMENT_LIST,
    found=Found(
        by=((CONTACT_FINDER, Appointment.contact_card_id),),
        at=lambda: Appointment.scheduled_start_at,
        line=lambda: {
            "scheduled_start_at": Appointment.scheduled_start_at,
            "status": Appointment.status,
            "city": Appointment.city,
        },
        order=1,
    ),
    person=APPOINTMENT_PERSON,
    stored=APPOINTMENT_COLUMNS,
    fields=(
        Field("scheduled_start_at", _l("Scheduled for"), Moment(), Column(is_whole=True), sort="startTime"),
        Field("contact_name", _l("Contact"), column=Column(is_fixed=True), recorded=("contact_card_id",)),
        Field("number", _l("Number"), Phone(), file=FileColumn(), shows="primary_phone", recorded=()),
        Field("city", _l("City"), file=FileColumn()),
        Field("service_type", _l("Service"), column=Column(Priority.WIDE)),
        Field(
            "status",
            _l("Status"),
            Choice(
                AppointmentStatus, {"cancelled": "neutral", "no_show": "bad", "scheduled": "info", "completed": "plain"}
            ),
            Column(),
            imported=STATUS,
        ),
        Field("outcome", _l("Outcome"), Choice(AppointmentOutcome), file=FileColumn(), imported=OUTCOME),
        Field("booked_by", _l("Booked by"), column=Column(Priority.WIDER), shows="csr_name", recorded=("csr_id",)),
        Field(
            "rep",
            _l("Sales rep"),
            Person(rep_choices),
            Column(Priority.WIDEST),
            shows="rep_name",
            recorded=("sales_rep_id",),
        ),
        Field("deal_value", _l("Value"), Money(), Column(Priority.WIDEST)),
    ),
)
