"""The resource of calls: labels, fields and access."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, select

from app.audit.actions import Action
from app.db.joins import refers_to
from app.declarations.field import (
    Choice,
    Column,
    Duration,
    Field,
    FileColumn,
    Id,
    Imported,
    Moment,
    Money,
    Number,
    Phone,
    Priority,
    Tags,
)
from app.declarations.found import Found
from app.declarations.listed import Listed
from app.declarations.resource import Model, Resource, Title, Words
from app.declarations.revertible import Revertible, each
from app.models import (
    BookingStatus,
    Call,
    CallOutcome,
    CallStatus,
    CallType,
    Direction,
    Sentiment,
)
from app.security import own_rows
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import Scope, unscoped
from app.work.calls.column_resource import CALL_COLUMNS
from app.work.calls.filters import CallFilters
from app.work.calls.person_resource import CALL_PERSON
from app.work.calls.queries import SORTS, call_list, wait_seconds
from app.work.calls.rules import COST_DECIMALS
from app.work.contacts.queries import CONTACT_FINDER, FOUND_BY
from app.work.contacts.resource import contact_title


def _sees_all(actor: Actor) -> bool:
    """Return whether the actor sees all calls.

    For others, the CSR column is hidden: on most calls of a CSR, it would show their own name.
    """
    return actor.sees_all(Permission.CALLS_READ)


#: Words that phone systems use for the direction of a call.
# Kinds that only exist for inbound calls imply the direction.
_DIRECTION_WORDS = {
    **dict.fromkeys(
        ("in", "incoming", "inbound_call", "call_in", "incoming_call", "missed", "abandoned", "short_abandoned",
         "voicemail"),
        Direction.INBOUND,
    ),
    **dict.fromkeys(
        ("out", "outgoing", "outbound_call", "call_out", "outgoing_call", "outbound_api", "outbound_dial",
         "outbound_missed", "manual", "outbound_manual"),
        Direction.OUTBOUND,
    ),
}  # fmt: skip

_STATUS_WORDS = {
    **dict.fromkeys(
        ("answered", "connected", "call_connected", "accepted", "answered_elsewhere", "answered_call",
         "success", "call_finished", "transferred"),
        CallStatus.COMPLETED,
    ),
    **dict.fromkeys(
        ("abandoned", "short_abandoned", "no_answer", "not_answered", "unanswered", "lost", "missed_call",
         "abandoned_call", "hang_up",
         "hung_up", "dropped", "ring_no_answer", "out_of_business_hours", "out_of_opening_hours", "abandoned_in_queue",
         "abandoned_in_ivr", "abandoned_in_voicemail"),
        CallStatus.MISSED,
    ),
    **dict.fromkeys(("voice_mail", "left_voicemail", "left_message", "voicemail_left"), CallStatus.VOICEMAIL),
    **dict.fromkeys(
        ("busy", "canceled", "cancelled", "rejected", "declined", "wrong_number", "error", "call_failed"),
        CallStatus.FAILED,
    ),
}  # fmt: skip

CALL_LIST = Listed(
    name="calls",
    label=_l("Calls"),
    endpoint="calls.index",
    permission=Permission.CALLS_READ,
    filters=CallFilters,
    query=call_list,
    sorts=SORTS,
    pickers=(
        "csr",
        "status",
        "booking_status",
        "outcome",
        "direction",
        "call_type",
        "sentiment",
        "topic",
        "objection",
        "marketing_source",
        "tag",
        "answered",
        "rated",
        "analysed",
        "followed_up",
    ),
    own_pickers=("csr", "topic", "objection", "marketing_source", "tag"),
    shows_pickers=True,
    linked=("rep", "contact", "without_topic", "hour", "weekday", "waited", "hung_up", "ended", "timed"),
    exported=Action.CALLS_EXPORTED,
    filter_words={
        "q": FOUND_BY,
        "contact": _l("Contact"),
        "without_topic": _l("No topic"),
        "hour": _l("Hour"),
        "weekday": _l("Day of week"),
        "objection": _l("Objection"),
        "tag": _l("Tag"),
        "analysed": _l("Analyzed"),
        "answered": _l("Answered"),
        "waited": _l("Wait time known"),
        "hung_up": _l("Hang-up time known"),
        "ended": _l("Ended"),
        "rated": _l("Rated"),
        "followed_up": _l("Followed up"),
        "timed": _l("Talk time known"),
    },
    also_reads=lambda filters: (Permission.RECORDINGS_READ,) if filters.hears_visits else (),
)


def _call_title() -> ColumnElement[Any]:
    return func.coalesce(contact_title(Call)(), Call.caller_number, Call.called_number)


def title_of_call(source: Model) -> Title:
    """Return a title for records of a call: the title of that call."""

    def title() -> ColumnElement[Any]:
        called = unscoped(select(_call_title()), why="a call's title is visible to everyone who can see the row")
        return called.where(refers_to(Call, source, source.call_id)).scalar_subquery()

    return title


CALL = Resource(
    name="call",
    model=Call,
    words=Words(
        _l("call"), _l("calls"), lambda n, count: ngettext("%(count)s call", "%(count)s calls", n, count=count)
    ),
    icon="phone",
    title=_call_title,
    page=("calls.show", "call_id"),
    scope=Scope((Permission.CALLS_READ,), own_rows.calls),
    revert=Revertible(
        Action.CALL_REVERTED,
        # The source belongs to the decision: all three columns are in the audit entry wherever they changed.
        each(Permission.CALLS_RECLASSIFY, "booking_status", "booking_status_reason", "booking_status_source")
        | each(Permission.CALLS_UPDATE, "outcome", "contact_card_id", "lead_id")
        | each(Permission.CALLS_ASSIGN, "csr_id", "assigned_rep_id"),
    ),
    listed=CALL_LIST,
    found=Found(
        by=((CONTACT_FINDER, Call.contact_card_id),),
        # For callers who are not contacts.
        numbers=(Call.caller_number,),
        at=lambda: Call.started_at,
        line=lambda: {"started_at": Call.started_at, "status": Call.status, "topic": Call.topic},
        order=1,
    ),
    person=CALL_PERSON,
    stored=CALL_COLUMNS,
    fields=(
        Field(
            "started_at",
            _l("Started"),
            Moment(),
            Column(Priority.WIDE, is_whole=True),
            FileColumn(label=lambda zone: _("Started (%(zone)s)", zone=zone)),
            sort="startedAt",
        ),
        Field("caller", _l("Caller"), column=Column(is_fixed=True), shows="contact_name"),
        Field("company_name", _l("Company"), file=FileColumn()),
        Field("number", _l("Number"), Phone(), file=FileColumn()),
        Field(
            "topic",
            _l("Topic"),
            column=Column(Priority.WIDER),
            imported=Imported(
                (
                    "topic",
                    "call topic",
                    "subject",
                    "category",
                    "call reason",
                    "reason for call",
                    "reason",
                    "тема",
                    "mavzu",
                    "queue",
                    "queue name",
                    "department",
                ),
                longest=100,
            ),
            is_fact=True,
        ),
        Field(
            "csr",
            _l("CSR"),
            column=Column(Priority.WIDER, shown_to=_sees_all),
            shows="csr_name",
            recorded=("csr_id",),
        ),
        Field("rep", _l("Sales rep"), recorded=("assigned_rep_id",)),
        Field(
            "direction",
            _l("Direction"),
            Choice(Direction),
            file=FileColumn(),
            imported=Imported(
                ("direction", "call direction", "направление", "yo nalish"),
                words=_DIRECTION_WORDS,
                usual=Direction.INBOUND,
                matches_by_words=True,
            ),
        ),
        Field(
            "call_type",
            _l("Type"),
            Choice(CallType),
            file=FileColumn(),
            imported=Imported(
                ("call type", "type of call", "тип звонка"),
                words={"csr": CallType.CSR_CALL, "sales": CallType.SALES_CALL, "visit": CallType.VISIT_CALL},
                usual=CallType.CSR_CALL,
                otherwise="topic",
            ),
        ),
        Field(
            "status",
            _l("Status"),
            Choice(CallStatus, {"missed": "bad", "failed": "bad", "voicemail": "warn", "active": "info"}),
            Column(is_whole=True),
            imported=Imported(
                (
                    "call status",
                    "completion status",
                    "call result",
                    "call disposition",
                    "action result",
                    "status",
                    "result",
                    "state",
                    "статус",
                    "holat",
                ),
                words=_STATUS_WORDS,
                # An active call can't be imported.
                values=tuple(status for status in CallStatus if status is not CallStatus.ACTIVE),
                is_needed=True,
            ),
        ),
        Field(
            "wait",
            _l("Wait time"),
            Duration(),
            file=FileColumn(lambda _zone: _("Wait time (seconds)"), wait_seconds),
            recorded=(),
        ),
        Field(
            "duration_seconds",
            _l("Talk time"),
            Duration(),
            Column(Priority.WIDE, stored="talk"),
            FileColumn(lambda _zone: _("Talk time (seconds)")),
        ),
        Field(
            "waited_seconds",
            _l("Waited"),
            Duration(),
            Column(Priority.WIDEST, stored="waited", is_optional=True),
            FileColumn(lambda _zone: _("Waited (seconds)")),
            is_fact=True,
        ),
        Field(
            "outcome",
            _l("Outcome"),
            Choice(CallOutcome),
            Column(Priority.WIDEST),
            imported=Imported(("outcome", "call outcome", "disposition", "результат", "natija")),
        ),
        Field(
            "booking_status",
            _l("Booking"),
            Choice(BookingStatus, {"not_booked": "warn"}),
            Column(Priority.WIDE, stored="booking", is_whole=True),
            imported=Imported(
                ("booking status", "booking", "booked"),
                words={
                    "yes": BookingStatus.BOOKED,
                    "y": BookingStatus.BOOKED,
                    "no": BookingStatus.NOT_BOOKED,
                    "unbooked": BookingStatus.NOT_BOOKED,
                    "n": BookingStatus.NOT_BOOKED,
                },
            ),
        ),
        Field(
            "sentiment",
            _l("Sentiment"),
            Choice(Sentiment),
            Column(Priority.WIDEST),
            imported=Imported(("sentiment", "call sentiment")),
        ),
        Field("call_quality", _l("Rating"), Number(), Column(Priority.WIDEST, stored="rating")),
        Field("cost", _l("Cost"), Money(COST_DECIMALS), Column(Priority.WIDEST, is_optional=True), is_fact=True),
        Field(
            "marketing_source",
            _l("Marketing source"),
            column=Column(Priority.WIDEST, is_optional=True),
            imported=Imported(
                ("marketing source", "source", "source name", "lead source", "traffic source", "источник", "manba"),
                longest=100,
            ),
            is_fact=True,
        ),
        Field("tags", _l("Tags"), Tags(), Column(Priority.WIDEST, is_optional=True), is_fact=True),
        Field("value", _l("Call value"), Money(), Column(Priority.WIDEST, is_optional=True), is_fact=True),
        Field("id", _l("Call ID"), Id(), file=FileColumn()),
    ),
)
