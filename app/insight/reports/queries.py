"""Queries for reports."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from app.db.paging import Selection, Sort
from app.declarations.notice import Way
from app.extensions import db
from app.insight.reports.rules import REPORT_READY, channels_for
from app.models import Channel, Report, ReportKind, ReportSubscription, Role, User, UserStatus
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.matrix import permissions_of
from app.security.permissions import Permission
from app.security.rows import get_row
from app.security.scope import unscoped, visible

#: Number of weeks in a chart.
WEEKS = 7

_ROW: Selection = select(Report.id, Report.kind, Report.first_day, Report.last_day, Report.created_at)

SORTS = (
    Sort("-week", Report.first_day, Report.id, True, lambda row: row.first_day, date.fromisoformat),
    Sort("week", Report.first_day, Report.id, False, lambda row: row.first_day, date.fromisoformat),
)


#: The list of reports, the latest week first.
report_list = ListOf(Report, _ROW, narrow=lambda _filters, _actor, _now: (), sorts=SORTS)


def get_report(actor: Actor, report_id: UUID) -> Report:
    """Return the report; raises NotFound."""
    return get_row(actor, Report, report_id, named="report")


def list_weeks(actor: Actor, report: Report) -> Sequence[Report]:
    """Return the report and those of the weeks before it, at most WEEKS, the oldest first."""
    first = report.first_day - timedelta(weeks=WEEKS - 1)
    those = visible(Report, actor).where(Report.kind == report.kind, Report.first_day.between(first, report.first_day))
    return db.session.scalars(those.order_by(Report.first_day)).all()


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person who can read reports: whether they get them by email, and whether that is their own choice."""

    id: UUID
    name: str
    email: str
    role: Role
    by_mail: bool
    has_chosen: bool


def list_readers(actor: Actor) -> Sequence[User]:
    """Return the readers of the actor's organization: its active users whose role can read reports."""
    readers = unscoped(
        select(User), why="selected by permission; recipients do not have to be visible to the actor"
    ).where(_reads_reports(actor))
    return db.session.scalars(readers.order_by(User.id)).all()


def list_recipients(actor: Actor) -> list[Recipient]:
    """Return the readers of reports, sorted by name, with the email setting that applies to each.

    A person's own choice takes precedence over the organization's. Raises Forbidden.
    """
    actor.requires(Permission.REPORTS_MANAGE)
    columns: Selection = select(
        User.id, User.name, User.email, User.role, User.notification_choices, ReportSubscription.is_on
    )
    people = unscoped(columns, why="users who manage reports can see all users who can read them")
    decided = and_(
        ReportSubscription.organization_id == User.organization_id,
        ReportSubscription.user_id == User.id,
        ReportSubscription.kind == ReportKind.WEEKLY,
        ReportSubscription.channel == Channel.EMAIL,
    )
    rows = db.session.execute(
        people.outerjoin(ReportSubscription, decided)
        .where(_reads_reports(actor))
        .order_by(func.lower(User.name), User.id)
    )
    return [_recipient(row) for row in rows]


def list_subscriptions(actor: Actor, people: Collection[UUID]) -> Mapping[UUID, ReportSubscription]:
    """Return the organization's email settings for these people, by user id.

    People without a setting are absent.
    """
    those = visible(ReportSubscription, actor).where(
        ReportSubscription.kind == ReportKind.WEEKLY,
        ReportSubscription.channel == Channel.EMAIL,
        ReportSubscription.user_id.in_(people),
    )
    return {one.user_id: one for one in db.session.scalars(those)}


def chosen_channels(session: Session, organization_id: UUID, people: Collection[UUID]) -> Mapping[UUID, frozenset[Way]]:
    """Return the channels that the organization has set for these people, by user id.

    People without a setting are absent and get the default.
    """
    columns: Selection = select(ReportSubscription.user_id, ReportSubscription.is_on)
    those = unscoped(
        columns, why="the organization's settings apply to all recipients, regardless of record scope"
    ).where(
        ReportSubscription.organization_id == organization_id,
        ReportSubscription.kind == ReportKind.WEEKLY,
        ReportSubscription.channel == Channel.EMAIL,
        ReportSubscription.user_id.in_(people),
    )
    return {row.user_id: channels_for(by_mail=row.is_on) for row in session.execute(those)}


def _reads_reports(actor: Actor) -> ColumnElement[bool]:
    return and_(
        User.organization_id == actor.organization_id,
        User.role.in_([role for role in Role if Permission.REPORTS_READ in permissions_of(role)]),
        User.status == UserStatus.ACTIVE,
    )


def _recipient(row: Any) -> Recipient:
    chosen = row.notification_choices.get(REPORT_READY)
    by_mail = row.is_on is not False if chosen is None else Way.MAIL in chosen
    return Recipient(row.id, row.name, row.email, Role(row.role), by_mail, chosen is not None)
