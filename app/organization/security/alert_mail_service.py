"""Emails of the watches: at most one an hour for each, with the number of alerts since the last one."""

from collections.abc import Callable
from datetime import datetime

from flask_babel import LazyString, format_decimal
from flask_babel import lazy_ngettext as _ln
from sqlalchemy import or_, select

from app.db.context import current_context
from app.extensions import db
from app.messaging.outbox.link_service import public_address
from app.messaging.outbox.mails import Mail
from app.messaging.outbox.service import MailTo, queue_mails
from app.models import Watch, WatchAlerts
from app.organization.security.rules import BETWEEN_ALERT_MAILS, LARGE_EXPORT_ROWS
from app.security.permissions import Role
from app.security.scope import unscoped
from app.tenancy.people_queries import list_people_in_charge

_SENTENCES: dict[Watch, Callable[[int], LazyString]] = {
    Watch.NEW_OWNERS: lambda count: _ln("%(num)s person became an owner.", "%(num)s people became owners.", count),
    Watch.LARGE_EXPORTS: lambda count: _ln(
        "%(num)s export had more than %(rows)s rows or included all organization data.",
        "%(num)s exports had more than %(rows)s rows or included all organization data.",
        count,
        rows=LazyString(format_decimal, LARGE_EXPORT_ROWS),
    ),
    Watch.SENSITIVE_GRANTS: lambda count: _ln(
        "%(num)s sensitive permission was granted.", "%(num)s sensitive permissions were granted.", count
    ),
}


def mail_alerts(now: datetime) -> None:
    """Queue an email to each owner and admin for each watch with waiting alerts, if its last one is old enough.

    The rows are locked: of two workers, the second finds nothing left. The organization is that of the context.
    """
    organization_id = current_context().organization_id
    if organization_id is None:
        raise ValueError("alerts are of one organization")
    due = unscoped(select(WatchAlerts), why="counters of the organization, which belong to no user").where(
        WatchAlerts.organization_id == organization_id,
        WatchAlerts.waiting > 0,
        or_(WatchAlerts.mailed_at.is_(None), WatchAlerts.mailed_at <= now - BETWEEN_ALERT_MAILS),
    )
    rows = db.session.scalars(due.order_by(WatchAlerts.watch).with_for_update()).all()
    people = list_people_in_charge(organization_id, Role.OWNER, Role.ADMIN) if rows else ()
    for row in rows:
        values = {
            "sentence": _SENTENCES[Watch(row.watch)](row.waiting),
            "page": public_address("notifications.index", kind="security_alert"),
            "watches": public_address("security.edit") + "#watches",
        }
        queue_mails(Mail.SECURITY_ALERT, [MailTo(person, values) for person in people])
        row.waiting, row.mailed_at = 0, now
