"""The working time of reps in a period, for comparison with their booked hours."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Subquery, and_, case, false, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from app.audit.actions import Action
from app.business_hours import open_time
from app.db.conditions import is_any_of
from app.db.filters import TEAM, Person
from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.insight.metrics.cached_queries import cached_numbers
from app.insight.metrics.grouping_queries import BySpan, Grouping
from app.insight.metrics.metric import Credit
from app.insight.metrics.numbers import Measured
from app.insight.metrics.question_queries import Question
from app.insight.metrics.working_hours_rules import rep_spans, worked
from app.models import Appointment, AppointmentStatus, AuditLog, BusySource, BusyTime, Role, User, UserStatus
from app.periods import Period, Span, midnight
from app.security.actor import Actor
from app.security.scope import unscoped
from app.tenancy.organization_queries import get_own_organization

_SECONDS_AN_HOUR = 3600
#: The action of changes that no service made.
_CORRECTED = "user.updated"


def working_time(actor: Actor, period: Period, *, rep: Person | None, now: datetime) -> Mapping[UUID, timedelta]:
    """Return the working time in the period of each person who was a rep then, or only of `rep`.

    It is based on the rep's own hours, or else the organization's; a rep without either is omitted. It begins on their
    first day, ends when they leave or get another role, and excludes their time off. Runs two statements. Raises
    Forbidden, and NotFound for another rep if the actor can only see their own numbers.
    """
    question = Question.of(actor, Credit.REP, rep, now, ())
    own = get_own_organization(actor)
    span, zone = period.span, ZoneInfo(own.timezone)
    # Most people have the organization's hours, and most were there all the time: this is counted only once.
    usual = cache(partial(open_time, hours=own.business_hours, zone=zone))
    times: dict[UUID, timedelta] = {}
    for row in _people.rows(question, BySpan.of(period)):
        spans = list(_spans_of(row, span, zone))
        if spans and (hours := row.working_hours or own.business_hours):
            opened = partial(open_time, hours=hours, zone=zone) if row.working_hours else usual
            times[row.id] = worked(spans, [Span(away.lower, away.upper) for away in row.absences], opened)
    return times


def share_of_working_time(booked: Mapping[UUID | None, Measured], times: Mapping[UUID, timedelta]) -> Measured:
    """Return the share of working time that is booked; its value is None if no one works in the period.

    `booked` are the hours of each person; those of people without working time are omitted, as are those of no one. The
    numerator and the denominator of the share are in seconds.
    """
    seconds = sum(times.values(), timedelta()) // timedelta(seconds=1)
    working_reps = [rep for rep, time in times.items() if time and rep in booked]
    hours = sum((Decimal(booked[rep].exact or 0) for rep in working_reps), Decimal())
    working = Decimal(seconds) / _SECONDS_AN_HOUR
    return Measured(hours / working if working else None, round(hours * _SECONDS_AN_HOUR), seconds)


def _spans_of(row: Any, span: Span, zone: ZoneInfo) -> Iterator[Span]:
    begin = max(span.start, midnight(row.joined_at.astimezone(zone).date(), zone))
    end = span.end if row.left_at is None else min(span.end, row.left_at)
    if begin < end:
        yield from rep_spans(begin, end, row.role, list(zip(row.changed_at or (), row.roles or (), strict=True)))


@cached_numbers
def _people(question: Question, grouping: Grouping) -> Selection:
    """Select the people who may have been reps in the period, with what their working time depends on.

    `joined_at` is when they were added or had their first visit, whichever is earlier: imports bring visits of before.
    `left_at` is when they were deactivated or deleted. People whom an import added as inactive left with their last
    visit.
    """
    span = grouping.span
    of_actor = User.organization_id == question.actor.organization_id
    changes = _role_changes(question.actor, span)
    is_imported = and_(User.status == UserStatus.INACTIVE, User.deactivated_at.is_(None))
    last_visit = func.coalesce(_visits(func.max(Appointment.scheduled_end_at)), User.created_at)
    joined_at = case(
        (User.created_at > span.start, func.least(User.created_at, _visits(func.min(Appointment.scheduled_start_at)))),
        else_=User.created_at,
    )
    left_at = func.least(case((is_imported, last_visit), else_=User.deactivated_at), User.deleted_at)
    people = unscoped(
        select(
            User.id,
            User.role,
            User.working_hours,
            joined_at.label("joined_at"),
            left_at.label("left_at"),
            _absences(span).label("absences"),
            changes.c.changed_at,
            changes.c.roles,
        ),
        why="limited to the people that the actor can ask about",
    ).outerjoin(changes, changes.c.user_id == User.id)
    was_rep = or_(User.role == Role.SALES_REP, changes.c.user_id.is_not(None))
    return people.where(of_actor, was_rep, *_whose(question)).execution_options(**{INCLUDE_DELETED: True})


def _role_changes(actor: Actor, span: Span) -> Subquery:
    """Return the changes of roles since the start of the period, in order, with the role before each.

    The trail has them, including corrections in the database; changes before the period make no difference to it.
    """
    entries = select(
        AuditLog.resource_id.label("user_id"),
        func.array_agg(aggregate_order_by(AuditLog.created_at, AuditLog.created_at)).label("changed_at"),
        func.array_agg(aggregate_order_by(AuditLog.before["role"].astext, AuditLog.created_at)).label("roles"),
    )
    return (
        entries.where(
            AuditLog.organization_id == actor.organization_id,
            is_any_of(AuditLog.action, (Action.USER_ROLE_CHANGED, _CORRECTED)),
            AuditLog.before.has_key("role"),
            AuditLog.created_at >= span.start,
        )
        .group_by(AuditLog.resource_id)
        .subquery("changes")
    )


def _visits(selected: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a value of the person's visits, which are those that can count as booked hours."""
    visits = unscoped(select(selected), why="limited to the people that the actor can ask about").where(
        Appointment.organization_id == User.organization_id,
        Appointment.sales_rep_id == User.id,
        Appointment.status != AppointmentStatus.CANCELLED,
        Appointment.deleted_at.is_(None),
    )
    return visits.correlate(User).scalar_subquery()


def _absences(span: Span) -> ColumnElement[Any]:
    """Return the person's time off in the period; the database sees to it that it doesn't overlap."""
    absences = unscoped(select(BusyTime.range), why="limited to the people that the actor can ask about").where(
        BusyTime.organization_id == User.organization_id,
        BusyTime.user_id == User.id,
        BusyTime.source == BusySource.TIME_OFF,
        BusyTime.range.op("&&")(func.tstzrange(span.start, span.end)),
    )
    return func.array(absences.correlate(User).scalar_subquery())


def _whose(question: Question) -> list[ColumnElement[bool]]:
    person, actor = question.person, question.actor
    if person is None:
        return []
    if not isinstance(person, str):  # an id, or the placeholder for one in a compiled statement
        return [User.id == person]
    return [or_(User.manager_id == actor.user_id, User.id == actor.user_id) if person == TEAM else false()]
