"""Resource of disputes about bookings: labels, fields, access and list."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext
from sqlalchemy import ColumnElement, func, select

from app.db.joins import refers_to
from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Person, Priority
from app.declarations.listed import FROM_TO, Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_on_page, not_entered
from app.models import Appointment, BookingDispute, BookingStatus, DisputeKind, DisputeStatus
from app.people.users.queries import csr_choices
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope, unscoped
from app.work.calls.resource import title_of_call
from app.work.contacts.resource import contact_title
from app.work.disputes.filters import DisputeFilters
from app.work.disputes.queries import SORTS, dispute_list

DISPUTE_LIST = Listed(
    name="disputes",
    label=_l("Disputes"),
    endpoint="disputes.index",
    permission=Permission.CALLS_READ,
    filters=DisputeFilters,
    query=dispute_list,
    sorts=SORTS,
    bar_label=_l("Filter disputes"),
    pickers=("kind", "status", "from_status", "to_status", "csr"),
    days=FROM_TO,
    opening=lambda _actor: {"status": DisputeStatus.OPEN.value, "sort": SORTS[0].name},
)


def _title() -> ColumnElement[Any]:
    """Return the title of the call or the appointment that a dispute is about."""
    visit = unscoped(select(contact_title(Appointment)()), why="a title is visible to everyone who can see the row")
    of_dispute = visit.where(refers_to(Appointment, BookingDispute, BookingDispute.appointment_id))
    return func.coalesce(title_of_call(BookingDispute)(), of_dispute.scalar_subquery())


BOOKING_DISPUTE = Resource(
    name="booking_dispute",
    model=BookingDispute,
    words=Words(
        _l("booking dispute"),
        _l("booking disputes"),
        lambda n, count: ngettext("%(count)s dispute", "%(count)s disputes", n, count=count),
    ),
    icon="thumbs-down",
    title=_title,
    scope=Scope((Permission.CALLS_READ,), own_rows.disputes, everybody=own_rows.disputes_of_calls),
    listed=DISPUTE_LIST,
    stored=(
        not_entered(
            "The dispute is about the call or the appointment whose page it is raised on, by the person who opens it.",
            "kind",
            "call_id",
            "raised_by",
            "raised_by_label",
            "decided_by",
            "decided_by_label",
            "decided_at",
        ),
        not_entered("The call or the appointment has it when the dispute is raised.", "from_status", "from_csr_id"),
        entered_on_page("appointment_id", "to_status", "to_csr_id", "reason", "status", "decision_note"),
    ),
    fields=(
        Field(
            "call",
            _l("Call or appointment"),
            column=Column(is_fixed=True),
            shows="call_name",
            recorded=("call_id", "appointment_id"),
        ),
        Field("kind", lazy_pgettext("dispute", "About"), Choice(DisputeKind), Column(Priority.WIDER)),
        Field("created_at", _l("Raised"), Moment(), Column(Priority.WIDE, is_whole=True), sort="raisedAt"),
        Field(
            "csr",
            _l("Raised by"),
            Person(csr_choices),
            Column(Priority.WIDE),
            shows="raised_by_name",
            recorded=("raised_by",),
        ),
        Field(
            "from_status",
            lazy_pgettext("dispute", "Disputed status"),
            Choice(BookingStatus),
            Column(Priority.WIDER),
        ),
        Field(
            "to_status",
            lazy_pgettext("dispute", "Requested status"),
            Choice(BookingStatus),
            Column(Priority.WIDER),
        ),
        Field(
            "from_csr",
            lazy_pgettext("dispute", "Disputed “Booked by”"),
            file=FileColumn(),
            shows="from_csr_name",
            recorded=("from_csr_id",),
        ),
        Field(
            "to_csr",
            lazy_pgettext("dispute", "Requested “Booked by”"),
            file=FileColumn(),
            shows="to_csr_name",
            recorded=("to_csr_id",),
        ),
        Field("reason", _l("Reason"), file=FileColumn()),
        Field(
            "status",
            _l("Status"),
            Choice(DisputeStatus, {"open": "warn", "accepted": "good", "rejected": "neutral"}),
            Column(),
        ),
        Field("decided_by_name", _l("Decided by"), file=FileColumn(), recorded=("decided_by", "decided_by_label")),
        Field("decided_at", _l("Decided"), Moment(), file=FileColumn()),
        Field("decision_note", _l("Decision note"), file=FileColumn()),
    ),
)
