"""Resource declarations of missed calls, callback attempts and blocked numbers."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, select

from app.db.conditions import is_any_of
from app.db.joins import refers_to
from app.declarations.field import Choice, Column, Field, FileColumn, Moment, Number, Phone, Priority
from app.declarations.found import Found, Heard
from app.declarations.listed import FROM_TO, Listed
from app.declarations.resource import Resource, Words
from app.declarations.stored import entered_as, entered_on_page, not_entered
from app.lists.listing import people_options
from app.models import BlockedNumber, Call, ContactCard, EntryStatus, MissedCallAttempt, MissedCallEntry, RescuedBy
from app.people.users.queries import csr_choices
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope, unscoped
from app.work.contacts.queries import CONTACT_FINDER, FOUND_BY
from app.work.contacts.resource import contact_title
from app.work.missed_calls.filters import EntryFilters, Tab
from app.work.missed_calls.person_resource import ENTRY_PERSON
from app.work.missed_calls.queries import SORTS, WAITING, entry_list
from app.work.missed_calls.said_queries import is_said_by_caller, name_told, sentence_said, told_in_calls

MISSED_CALL_LIST = Listed(
    name="missed_calls",
    label=_l("Missed calls"),
    endpoint="missed_calls.index",
    permission=Permission.MISSED_CALLS_READ,
    filters=EntryFilters,
    query=entry_list,
    sorts=SORTS,
    bar_label=_l("Filter missed calls"),
    pickers=("status", "rescued_by", "overdue"),
    offered={"csr": lambda actor: people_options(csr_choices(actor))},
    also_offered={"status": (("open,claimed", _l("Waiting")),)},
    days=FROM_TO,
    linked=("tab", "date_of", "rescuer", "csr", "attempted", "in_time", "reached", "hour", "weekday"),
    opening=lambda _actor: {"tab": Tab.TO_DO.value},
    filter_words={
        "tab": _l("Queue tab"),
        "q": FOUND_BY,
        "csr": _l("Credited to"),
        "rescuer": _l("Rescued"),
        "overdue": _l("Overdue"),
        "attempted": _l("Attempted"),
        "in_time": _l("First attempt within SLA"),
        "reached": _l("Reached"),
        "hour": _l("Hour"),
        "weekday": _l("Day of week"),
        "date_of": _l("Date type"),
    },
)


_NUMBER = (
    unscoped(select(Call.caller_number), why="the number that called is visible to everyone who can see the entry")
    .where(refers_to(Call, MissedCallEntry, MissedCallEntry.call_id))
    .scalar_subquery()
)


_NAME = (
    unscoped(
        select(ContactCard.full_name), why="only shows whether the contact has a name; a name said is for one without"
    )
    .where(refers_to(ContactCard, MissedCallEntry, MissedCallEntry.contact_card_id))
    .correlate(MissedCallEntry)
    .scalar_subquery()
)


def _caller() -> ColumnElement[Any]:
    return func.coalesce(contact_title(MissedCallEntry)(), _NUMBER)


MISSED_CALL_ENTRY = Resource(
    name="missed_call_entry",
    model=MissedCallEntry,
    words=Words(
        _l("missed call"),
        _l("missed calls"),
        lambda n, count: ngettext("%(count)s missed call", "%(count)s missed calls", n, count=count),
    ),
    icon="phone-missed",
    page=("missed_calls.show", "entry_id"),
    title=_caller,
    scope=Scope((Permission.MISSED_CALLS_READ,), own_rows.nothing),
    revert=_l("Handle missed calls in the queue."),
    listed=MISSED_CALL_LIST,
    # Whoever works the queue sees a caller's name and number there, and nothing else of a contact outside their scope.
    found=Found(
        by=((CONTACT_FINDER, MissedCallEntry.contact_card_id),),
        parts_of_numbers=(_NUMBER,),
        heard=Heard(
            is_said=lambda contains: is_said_by_caller(contains, is_nameless=_NAME.is_(None)),
            is_nameless=lambda: _NAME.is_(None),
            read_from=told_in_calls,
            name_in=name_told,
            sentence_with=sentence_said,
        ),
        only=lambda: is_any_of(MissedCallEntry.status, WAITING),
        at=lambda: MissedCallEntry.first_missed_at,
        told=_l("Waiting in the queue"),
        order=1,
    ),
    person=ENTRY_PERSON,
    stored=(
        not_entered("The missed call itself tells it.", "call_id", "contact_card_id", "first_missed_at"),
        not_entered("It follows from the call and the settings of the organization.", "sla_due_at"),
        not_entered(
            "Work on the entry and on calls with the caller sets it.",
            "lead_id",
            "status",
            "attempts",
            "first_attempt_seconds",
            "last_attempt_at",
            "next_attempt_at",
        ),
        not_entered("The lead’s CSR of that time is credited.", "csr_id", "resolved_csr_id"),
        not_entered("Claiming the missed call sets it, and the claim expires.", "claimed_by", "claim_expires_at"),
        not_entered(
            "The call, the text or the appointment that ends the entry sets it.",
            "resolved_at",
            "rescued_by",
            "rescued_by_user_id",
            "rescue_call_id",
            "rescue_appointment_id",
            "evidence",
        ),
        entered_as("reason", "outcome_note"),
    ),
    fields=(
        Field("sla_due_at", _l("Callback due"), Moment(), Column(is_whole=True), sort="dueAt", recorded=()),
        Field(
            "caller",
            _l("Caller"),
            column=Column(is_fixed=True),
            file=FileColumn(value=lambda known: func.coalesce(known.contact_name, known.caller_number)),
            recorded=("contact_card_id",),
        ),
        Field("number", _l("Number"), Phone(), file=FileColumn(), shows="caller_number", recorded=()),
        Field("words", _l("Why they called"), column=Column(Priority.WIDER, is_filed=False), recorded=()),
        Field("topic", _l("Topic"), column=Column(Priority.WIDEST), recorded=()),
        Field(
            "status",
            _l("Status"),
            # Only the exception is a badge.
            Choice(EntryStatus, {"lost": "bad"}),
            Column(Priority.WIDEST),
        ),
        Field("rescued_by", _l("Rescued"), Choice(RescuedBy), file=FileColumn()),
        Field(
            "first_missed_at",
            _l("Missed"),
            Moment("relative"),
            Column(Priority.WIDER, is_whole=True),
            sort="missedAt",
            recorded=(),
        ),
        Field("tried", _l("Attempts"), column=Column(Priority.WIDE, stored="attempts", is_filed=False), recorded=()),
        Field("attempts", _l("Attempts"), Number(), file=FileColumn()),
        Field("next_attempt_at", _l("Next attempt"), Moment(), file=FileColumn()),
        Field("claimed_by", _l("Claimed by"), column=Column(Priority.WIDE), shows="claimant_name"),
    ),
)


MISSED_CALL_ATTEMPT = Resource(
    name="missed_call_attempt",
    model=MissedCallAttempt,
    words=Words(_l("callback attempt"), _l("callback attempts")),
    icon="phone-outgoing",
    scope=Scope((Permission.MISSED_CALLS_READ,), own_rows.nothing),
    stored=(
        not_entered(
            "The call or the text that tried to reach the caller tells it.",
            "entry_id",
            "user_id",
            "by",
            "at",
            "call_id",
            "message_id",
        ),
    ),
)


BLOCKED_NUMBER = Resource(
    name="blocked_number",
    model=BlockedNumber,
    words=Words(_l("blocked number"), _l("blocked numbers")),
    icon="phone-off",
    title=lambda: BlockedNumber.number,
    scope=Scope((Permission.MISSED_CALLS_READ,), own_rows.nothing),
    stored=(
        not_entered("It is the number of the missed call that is marked as spam.", "number"),
        entered_on_page("reason"),
    ),
)
