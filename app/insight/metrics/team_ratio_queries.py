"""Ratios of all reps together, for users who only see their own numbers.

They can be shown next to the user's own, without names and without links to the rows.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select

from app.extensions import db
from app.insight.metrics import rep_definitions as d
from app.insight.metrics.metric import Rows
from app.insight.metrics.numbers import Measured, average_of, ratio
from app.models import Appointment
from app.periods import Period
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.work.appointments.filters import AppointmentFilters
from app.work.appointments.queries import appointment_conditions


def team_ratios(actor: Actor, period: Period) -> Mapping[str, Measured]:
    """Return win rate and average deal by name, over all appointments of the organization in the period.

    Runs one statement. Raises Forbidden.
    """
    actor.requires(Permission.DASHBOARDS_REP)
    completed, won = (_of_all(actor, period, one.rows, func.count()) for one in (d.VISITS_COMPLETED, d.VISITS_WON))
    total = func.sum(Appointment.deal_value)
    deals, value = (_of_all(actor, period, d.AVERAGE_DEAL.rows, what) for what in (func.count(), total))
    row = db.session.execute(select(completed, won, deals, value)).one()
    return {d.WIN_RATE.name: ratio(row[1], row[0]), d.AVERAGE_DEAL.name: average_of(row[3], row[2])}


def _of_all(actor: Actor, period: Period, rows: Rows, what: ColumnElement[Any]) -> Any:
    """Return a subquery of `what` over the rows of a list, including rows that the actor can't see.

    The conditions of the list and the period apply.
    """
    measured = unscoped(select(what), why="team-wide ratios only, without names or links")
    conditions = appointment_conditions(AppointmentFilters.of(rows.filters), actor, period.span)
    return measured.where(Appointment.organization_id == actor.organization_id, *conditions).scalar_subquery()
