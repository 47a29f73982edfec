"""The working time of reps in a period, for comparison with their booked hours."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select

from app.business_hours import open_time
from app.db.filters import NOBODY, TEAM, Person
from app.extensions import db
from app.insight.metrics.metric import Credit
from app.insight.metrics.numbers import Measured
from app.insight.metrics.question_queries import Question
from app.models import Role, User
from app.periods import Period
from app.security.actor import Actor
from app.security.scope import unscoped
from app.tenancy.organization_queries import get_own_organization

_SECONDS_AN_HOUR = 3600


def working_time(actor: Actor, period: Period, *, rep: Person | None, now: datetime) -> Mapping[UUID, timedelta]:
    """Return the working time of each active rep in the period, or only of `rep`.

    It is based on the rep's own hours, or else the organization's; a rep without either is left out. Runs two
    statements. Raises Forbidden, and NotFound for another rep if the actor can only see their own numbers.
    """
    question = Question.of(actor, Credit.REP, rep, now)
    own = get_own_organization(actor)
    span, zone = period.span, ZoneInfo(own.timezone)
    people = unscoped(
        select(User.id, User.working_hours), why="limited to the people that the actor can ask about"
    ).where(
        User.organization_id == actor.organization_id,
        User.role == Role.SALES_REP,
        User.is_active,
        User.deleted_at.is_(None),
        *_whose(question),
    )
    hours = {row.id: row.working_hours for row in db.session.execute(people)}
    # Most people have the organization's hours, which are counted only once.
    usual = open_time(span.start, span.end, own.business_hours, zone)
    times = {id_: usual if one is None else open_time(span.start, span.end, one, zone) for id_, one in hours.items()}
    return {id_: time for id_, time in times.items() if hours[id_] or own.business_hours}


def share_of_working_time(booked: Measured, times: Iterable[timedelta]) -> Measured:
    """Return the share of working time that is booked; its value is None if no one works in the period.

    `booked` is in hours; the numerator and the denominator of the share are in seconds.
    """
    seconds = sum(times, timedelta()) // timedelta(seconds=1)
    hours, working = booked.exact or 0, Decimal(seconds) / _SECONDS_AN_HOUR
    return Measured(hours / working if working else None, round(hours * _SECONDS_AN_HOUR), seconds)


def _whose(question: Question) -> list[ColumnElement[bool]]:
    person, actor = question.person, question.actor
    if person is None:
        return []
    if person == TEAM:
        return [or_(User.manager_id == actor.user_id, User.id == actor.user_id)]
    return [User.id == (None if person == NOBODY else person)]
