"""Creation of weekly reports, one per organization and week, and their delivery on request."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from app.db.ids import uuid7
from app.extensions import db
from app.insight.metrics.compute_queries import compute_all, compute_team
from app.insight.metrics.metric import Credit
from app.insight.metrics.missed_queries import METRICS as MISSED_METRICS
from app.insight.reports.notices import REPORT_READY
from app.insight.reports.queries import get_report, list_readers
from app.insight.reports.stored import team_to_store, to_store
from app.messaging.notifications.queries import get_own_row
from app.messaging.outbox.link_service import public_address
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.service import MailTo, queue_mails
from app.models import Report, ReportKind
from app.periods import PeriodName, resolve_period
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.tenancy.actor_queries import actor_of_the_whole
from app.tenancy.notification_service import notify_all
from app.work.calls.queries import find_call_history

_WEEK = timedelta(days=7)
_READY = _l("The weekly report is ready.")


def write_weekly(now: datetime) -> UUID:
    """Write the report of the last full week unless it exists; return its id.

    The week is Monday to Sunday in the time zone of the context's organization. The numbers are those of the
    performance pages, compared with the week before. A concurrent call waits for the first one and returns its report.
    Readers are notified once, in the same transaction.
    """
    actor = actor_of_the_whole()
    first = _last_monday(now.astimezone(ZoneInfo(actor.timezone)).date())
    if (found := db.session.scalar(_of_week(actor.organization_id, first))) is not None:
        return found
    last = first + _WEEK - timedelta(days=1)
    period = resolve_period(PeriodName.CUSTOM, now=now, timezone=actor.timezone, first_day=first, last_day=last)
    period = period.with_kept_from(find_call_history(actor).kept_from)
    numbers = {
        "csr": team_to_store(compute_team(actor, Credit.CSR, period, None, now=now)),
        "sales": team_to_store(compute_team(actor, Credit.REP, period, None, now=now)),
        "missed_calls": to_store(compute_all(actor, MISSED_METRICS, period, None, now=now)),
    }
    row = insert(Report).values(
        id=uuid7(),
        organization_id=actor.organization_id,
        kind=ReportKind.WEEKLY,
        first_day=first,
        last_day=last,
        numbers=numbers,
    )
    once = row.on_conflict_do_nothing(constraint="uq_reports_kind_first_day").returning(Report.id)
    written = db.session.scalar(once)
    if written is None:
        return _get(actor.organization_id, first)
    notify_all(REPORT_READY, list_readers(actor), _READY, f"/reports/{written}", written)
    return written


def send_to_self(actor: Actor, report_id: UUID) -> None:
    """Send a report by email to the actor only; the email is built when it is sent.

    Raises Forbidden, and NotFound, also for guests, who have no email here.
    """
    actor.requires(Permission.REPORTS_READ)
    report, reader = get_report(actor, report_id), get_own_row(actor)
    items = [(str(_READY), public_address("reports.show", report_id=str(report.id)))]
    queue_mails(Mail.WEEKLY_REPORT, [MailTo(reader, {"items": items}, about_id=report.id)])


def _last_monday(today: date) -> date:
    """Return the first day of the last complete week."""
    return today - timedelta(days=today.weekday()) - _WEEK


def _get(organization_id: UUID, first_day: date) -> UUID:
    """Return the id of the report that a concurrent call has written."""
    return db.session.scalars(_of_week(organization_id, first_day)).one()


def _of_week(organization_id: UUID, first_day: date) -> Select[UUID]:
    this = unscoped(select(Report.id), why="looks up the organization's report, which all readers share")
    return this.where(
        Report.organization_id == organization_id, Report.kind == ReportKind.WEEKLY, Report.first_day == first_day
    )
