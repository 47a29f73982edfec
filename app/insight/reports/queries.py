"""Reading reports."""

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from app.db.lists import ListQuery
from app.db.paging import Selection, Sort
from app.extensions import db
from app.insight.reports.filters import ReportFilters
from app.models import Report, Role, User, UserStatus
from app.security.actor import Actor
from app.security.kept_selections import kept_selection
from app.security.matrix import permissions_of
from app.security.permissions import Permission
from app.security.rows import get_row
from app.security.scope import restrict, unscoped, visible

#: So many weeks are drawn beside each other.
WEEKS = 7

_ROW: Selection = select(Report.id, Report.kind, Report.first_day, Report.last_day, Report.created_at)

SORTS = (
    Sort("-week", Report.first_day, Report.id, True, lambda row: row.first_day, date.fromisoformat),
    Sort("week", Report.first_day, Report.id, False, lambda row: row.first_day, date.fromisoformat),
)


def report_list(actor: Actor, filters: ReportFilters) -> ListQuery:
    """The reports, the latest week first."""
    return ListQuery(rows=_rows.where(actor, []), matching=_ids.where(actor, []), sorts=SORTS, filters=filters)


def get_report(actor: Actor, report_id: UUID) -> Report:
    """The report; raises NotFound."""
    return get_row(actor, Report, report_id, named="report")


def list_weeks(actor: Actor, report: Report) -> Sequence[Report]:
    """The report and those of the weeks before it, of WEEKS at most; the oldest first."""
    first = report.first_day - timedelta(weeks=WEEKS - 1)
    those = visible(Report, actor).where(Report.kind == report.kind, Report.first_day.between(first, report.first_day))
    return db.session.scalars(those.order_by(Report.first_day)).all()


@kept_selection
def _rows(actor: Actor) -> Selection:
    return restrict(_ROW, Report, actor)


@kept_selection
def _ids(actor: Actor) -> Selection:
    return restrict(select(Report.id), Report, actor)


def list_readers(actor: Actor) -> Sequence[User]:
    """Whom a report of the organization of `actor` is for: the active people whose role may read it."""
    readers = unscoped(select(User), why="whoever is told of a report may read it, whoever may see them").where(
        User.organization_id == actor.organization_id,
        User.role.in_([role for role in Role if Permission.REPORTS_READ in permissions_of(role)]),
        User.status == UserStatus.ACTIVE,
    )
    return db.session.scalars(readers.order_by(User.id)).all()
