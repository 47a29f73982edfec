"""Queries for lists of calls, also used by bulk changes and dashboards, and for their filters."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Double,
    Integer,
    Row,
    SQLColumnExpression,
    and_,
    any_,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.db.conditions import is_any_of, is_part_of_moment
from app.db.joins import refers_to
from app.db.paging import Selection, newest_or_oldest_first
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import (
    Call,
    CallAnalysis,
    CallStatus,
    ContactCard,
    Direction,
    OfferedKind,
    OfferedValue,
    Organization,
    RevisionKind,
    User,
)
from app.periods import Span, span_of
from app.phones import to_e164
from app.security.actor import Actor
from app.security.compiled_query import cached_rows, compiled_query
from app.security.list_of import ListOf
from app.security.people import matches_person
from app.security.permissions import Permission
from app.security.recording_access import may_hear_condition
from app.security.scope import restrict, unscoped, visible
from app.trust.retention.rules import RetentionKind
from app.work.calls.filters import CallFilters
from app.work.calls.follow_up_queries import follow_up_condition
from app.work.contacts.queries import is_of_contact

_Csr = aliased(User, name="csr")

SORTS = newest_or_oldest_first("startedAt", Call.started_at, Call.id)

MAX_TOPICS = 100
#: Number of latest calls whose topics are offered to users who only see their own calls.
RECENT_CALLS = 200

#: Number of the other party.
THEIR_NUMBER = case((Call.direction == Direction.OUTBOUND, Call.called_number), else_=Call.caller_number)

#: A missed call has no talk time, however long its voicemail is.
TALK = case(
    (and_(Call.status != CallStatus.MISSED, Call.status != CallStatus.VOICEMAIL), func.nullif(Call.duration_seconds, 0))
)


def wait_seconds(call: Any) -> ColumnElement[Any]:
    """Return how long the caller waited for an answer; NULL if it is unknown or there was none."""
    seconds = cast(func.round(cast(func.extract("epoch", call.answered_at - call.started_at), Double)), Integer)
    return case((~call.is_wait_unknown, seconds))


def call_conditions(filters: CallFilters, actor: Actor, span: Span | None) -> list[ColumnElement[bool]]:
    """Return the SQL conditions for `filters`, and for calls that started within `span` if it isn't None.

    Hours and weekdays are in the organization's time zone.
    """
    return [
        *_within(span),
        *_column_conditions(filters),
        *_people(filters, actor),
        *_time_conditions(filters, actor),
        *_search(filters, actor),
        *_findings(filters, actor),
    ]


def _within(span: Span | None) -> list[ColumnElement[bool]]:
    return [] if span is None else [Call.started_at >= span.start, Call.started_at < span.end]


def _column_conditions(filters: CallFilters) -> list[ColumnElement[bool]]:
    """Return conditions that compare one column with a value, or check whether it is set."""
    found: list[ColumnElement[bool]] = []
    equal: tuple[tuple[InstrumentedAttribute[Any], Any], ...] = (
        (Call.contact_card_id, filters.contact),
        (Call.direction, filters.direction),
        (Call.booking_status, filters.booking_status),
        (Call.topic, filters.topic or None),
        (Call.marketing_source, filters.marketing_source or None),
    )
    for column, value in equal:
        if value is not None:
            found.append(column.is_(None) if value == "none" else column == value)
    several: tuple[tuple[InstrumentedAttribute[Any], Sequence[str]], ...] = (
        (Call.status, filters.status),
        (Call.outcome, filters.outcome),
        (Call.call_type, filters.call_type),
    )
    found += [is_any_of(column, values) for column, values in several if values]
    known: tuple[tuple[InstrumentedAttribute[Any], bool | None], ...] = (
        (Call.answered_at, filters.answered),
        (Call.call_quality, filters.rated),
        (Call.duration_seconds, filters.timed),
        (Call.waited_seconds, filters.hung_up),
        (Call.topic, None if filters.without_topic is None else not filters.without_topic),
    )
    for column, wanted in known:
        if wanted is not None:
            found.append(column.is_not(None) if wanted else column.is_(None))
    if filters.tag:
        found.append(literal(filters.tag) == any_(Call.tags))
    if filters.waited is not None:
        found.append(Call.is_wait_unknown.is_(not filters.waited))
    if filters.ended is not None:
        found.append((Call.status != CallStatus.ACTIVE) if filters.ended else (Call.status == CallStatus.ACTIVE))
    return found


def _people(filters: CallFilters, actor: Actor) -> list[ColumnElement[bool]]:
    named = ((Call.csr_id, filters.csr), (Call.assigned_rep_id, filters.rep))
    return [matches_person(column, person, actor) for column, person in named if person is not None]


def _time_conditions(filters: CallFilters, actor: Actor) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.hour is None and filters.weekday is None:
        return found
    local = func.timezone(actor.timezone, Call.started_at)
    if filters.hour is not None:
        found.append(is_part_of_moment("hour", local, filters.hour))
    if filters.weekday is not None:
        found.append(is_part_of_moment("isodow", local, filters.weekday))
    return found


def _search(filters: CallFilters, actor: Actor) -> list[ColumnElement[bool]]:
    """Return the condition of a search by contact, or by the caller's whole phone number."""
    if not filters.q:
        return []
    theirs = is_of_contact(Call.contact_card_id, filters.q)
    number = to_e164(filters.q, actor.country) if any(map(str.isdigit, filters.q)) else None
    return [theirs if number is None else or_(theirs, Call.caller_number == number)]


def _findings(filters: CallFilters, actor: Actor) -> list[ColumnElement[bool]]:
    """Return conditions on the results of the analysis, and on follow-ups."""
    found: list[ColumnElement[bool]] = []
    if filters.sentiment is not None:
        found += [Call.sentiment == filters.sentiment, may_hear_condition(actor)]
    if filters.analysed is not None:
        analysed = and_(_has_analysis(actor), may_hear_condition(actor))
        found.append(analysed if filters.analysed else not_(analysed))
    if filters.objection:
        has_it = literal(filters.objection) == any_(CallAnalysis.objection_categories)
        found += [_has_analysis(actor, CallAnalysis.has_objections, has_it), may_hear_condition(actor)]
    if filters.followed_up is not None:
        found.append(follow_up_condition(actor, has_follow_up=filters.followed_up))
    return found


def _has_analysis(actor: Actor, *with_: SQLColumnExpression[bool]) -> ColumnElement[bool]:
    """Build the condition that a call is analyzed and its analysis meets the conditions `with_`."""
    analysis = (CallAnalysis.organization_id == actor.organization_id, CallAnalysis.call_id == Call.id)
    return unscoped(
        exists().where(*analysis, *with_), why="filters calls that are scoped, together with `may_hear_condition`"
    )


def list_topics(actor: Actor) -> tuple[str, ...]:
    """Return the topics for a picker, sorted: of all calls, or of the latest ones if the actor sees only their own."""
    topics = _topics_of_all if actor.sees_all(Permission.CALLS_READ) else _topics_of_latest
    return topics.made(actor, _as_topics)


def _as_topics(rows: Sequence[Row[Any]]) -> tuple[str, ...]:
    return tuple(topic for (topic,) in rows)


#: Calls, and the records that come from them and are deleted for their own age, too.
_FROM_CALLS = (RetentionKind.CALLS, RetentionKind.LEADS, RetentionKind.MISSED_CALLS)


class CallHistory(NamedTuple):
    """The start of an organization's first call, and the times from which all its calls are kept.

    `first_at` is None without calls. `kept_from` has calls and what comes from them, by kind, if any were deleted.
    """

    first_at: datetime | None
    kept_from: Mapping[str, datetime]


def find_call_history(actor: Actor) -> CallHistory:
    """Return when the organization's first call started and from when all are kept, with one statement."""
    [row] = _call_history.rows(actor)
    kept_from = {kind: moment for kind, moment in (row.deleted_before or {}).items() if kind in _FROM_CALLS}
    return CallHistory(row.first_at, {kind: datetime.fromisoformat(moment) for kind, moment in kept_from.items()})


@compiled_query
def _call_history(actor: Actor) -> Selection:
    first = unscoped(
        select(func.min(Call.started_at).label("first_at")), why="time of the organization's first call only"
    )
    own = select(Organization.deleted_before).where(Organization.id == actor.organization_id)
    deleted_before = own.scalar_subquery().label("deleted_before")
    return first.add_columns(deleted_before).where(Call.organization_id == actor.organization_id)


def find_name_of_contact(actor: Actor, contact_id: UUID) -> str | None:
    """Return the display name of a contact visible to `actor`, deleted or not, or None."""
    card = visible(ContactCard, actor).where(ContactCard.id == contact_id)
    return db.session.scalar(
        card.with_only_columns(ContactCard.display_name), execution_options={INCLUDE_DELETED: True}
    )


def find_name_of_person(actor: Actor, user_id: UUID) -> str | None:
    """Return the name of a user visible to `actor`, deleted or not, or None."""
    name = visible(User, actor).where(User.id == user_id).with_only_columns(User.name)
    return db.session.scalar(name, execution_options={INCLUDE_DELETED: True})


@cached_rows(RevisionKind.TOPICS)
def _topics_of_all(actor: Actor) -> Selection:
    topics = unscoped(select(OfferedValue.value), why="used only for actors who can see all calls")
    of_organization = OfferedValue.organization_id == actor.organization_id
    topics = topics.where(of_organization, OfferedValue.kind == OfferedKind.TOPIC)
    return topics.order_by(OfferedValue.value).limit(MAX_TOPICS)


@compiled_query
def _topics_of_latest(actor: Actor) -> Selection:
    latest = restrict(select(Call.topic), Call, actor).order_by(Call.started_at.desc(), Call.id.desc())
    topics = latest.limit(RECENT_CALLS).subquery("latest").c.topic
    return select(topics).distinct().where(topics.is_not(None)).order_by(topics)


def _row(actor: Actor) -> Selection:
    """Select the columns of a row in the list.

    Deleted users and contacts are still named. The sentiment is only included for users who can listen to the call,
    like all results of its analysis.
    """
    contact = refers_to(ContactCard, Call, Call.contact_card_id)
    return (
        select(
            Call.id,
            Call.started_at,
            THEIR_NUMBER.label("number"),
            Call.direction,
            Call.call_type,
            Call.status,
            Call.topic,
            Call.outcome,
            Call.booking_status,
            case((may_hear_condition(actor), Call.sentiment)).label("sentiment"),
            Call.call_quality,
            Call.cost,
            Call.marketing_source,
            # A row is the cache key of its rendered output, so it has to be hashable and contains no lists.
            func.array_to_string(Call.tags, "\n").label("tags"),
            Call.value,
            TALK.label("duration_seconds"),
            Call.waited_seconds,
            Call.answered_at,
            Call.is_wait_unknown,
            ContactCard.display_name.label("contact_name"),
            ContactCard.company_name,
            _Csr.name.label("csr_name"),
        )
        .outerjoin(ContactCard, contact)
        .outerjoin(_Csr, refers_to(_Csr, Call, Call.csr_id))
        .execution_options(**{INCLUDE_DELETED: True})
    )


call_list = ListOf(
    Call,
    _row,
    narrow=lambda filters, actor, now: call_conditions(filters, actor, span_of(filters, actor, now)),
    sorts=SORTS,
)
