"""How long reps work in a period: what their booked hours are set beside."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, or_, select

from app.business_hours import open_time
from app.db.filters import NOBODY, TEAM, Person
from app.extensions import db
from app.insight.metrics.question_queries import Credit, Question
from app.models import Role, User
from app.periods import Period
from app.security.actor import Actor
from app.security.scope import unscoped
from app.tenancy.organization_queries import get_own_organization


def working_time(actor: Actor, period: Period, *, rep: Person | None, now: datetime) -> Mapping[UUID, timedelta]:
    """Of each active rep who is asked about: by their own hours, or else by the organization's. Who has neither is not
    there. Two statements. Raises Forbidden, and NotFound for another rep than oneself where one sees one's own only."""
    question = Question.of(actor, Credit.REP, rep, now)
    own = get_own_organization(actor)
    span, zone = period.span, ZoneInfo(own.timezone)
    people = unscoped(select(User.id, User.working_hours), why="the question says of whom its actor may ask").where(
        User.organization_id == actor.organization_id,
        User.role == Role.SALES_REP,
        User.is_active,
        User.deleted_at.is_(None),
        *_whose(question),
    )
    hours = {row.id: row.working_hours for row in db.session.execute(people)}
    # Most people work as the organization does, whose hours are counted once.
    usual = open_time(span.start, span.end, own.business_hours, zone)
    times = {id_: usual if one is None else open_time(span.start, span.end, one, zone) for id_, one in hours.items()}
    return {id_: time for id_, time in times.items() if hours[id_] or own.business_hours}


def _whose(question: Question) -> list[ColumnElement[bool]]:
    person, actor = question.person, question.actor
    if person is None:
        return []
    if person == TEAM:
        return [or_(User.manager_id == actor.user_id, User.id == actor.user_id)]
    return [User.id == (None if person == NOBODY else person)]
