"""Resource of disputes about booking statuses: labels, fields, access and list."""

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext, ngettext

from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Person, Priority
from app.declarations.listed import FROM_TO, Listed
from app.declarations.resource import Resource, Words
from app.models import BookingDispute, BookingStatus, DisputeStatus
from app.people.users.queries import csr_choices
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope
from app.work.calls.resource import title_of_call
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
    pickers=("status", "from_status", "to_status", "csr"),
    days=FROM_TO,
    opening=lambda _actor: {"status": DisputeStatus.OPEN.value, "sort": SORTS[0].name},
)

BOOKING_DISPUTE = Resource(
    name="booking_dispute",
    model=BookingDispute,
    words=Words(
        _l("booking status dispute"),
        _l("booking status disputes"),
        lambda n, count: ngettext("%(count)s dispute", "%(count)s disputes", n, count=count),
    ),
    icon="thumbs-down",
    title=title_of_call(BookingDispute),
    scope=Scope((Permission.CALLS_READ,), own_rows.of_own_call(BookingDispute.call_id)),
    listed=DISPUTE_LIST,
    fields=(
        Field("call", _l("Call"), column=Column(is_fixed=True), shows="call_name", recorded=("call_id",)),
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
