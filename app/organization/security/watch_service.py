"""Watches: notifications and emails to owners and admins about watched changes.

Each watch sends at most one email an hour. An alert is counted in the transaction of the change, which enqueues the job
that writes the email if one is due; otherwise the schedule starts the job as soon as one is due.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from flask_babel import LazyString, format_decimal
from flask_babel import lazy_gettext as _l
from sqlalchemy.dialects.postgresql import insert

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.context import current_context
from app.db.ids import uuid7
from app.declarations.events import FileExported, OwnerAdded, PermissionGranted
from app.errors import LazyText
from app.extensions import db
from app.models import Organization, Watch, WatchAlerts
from app.ops.jobs.queue import enqueue
from app.organization.security.jobs import mail_security_alerts
from app.organization.security.notices import SECURITY_ALERT
from app.organization.security.rules import BETWEEN_ALERT_MAILS, LARGE_EXPORT_ROWS, SENSITIVE, column_of
from app.people.roles.words import permission_label
from app.security.actor import Actor
from app.security.permissions import Permission, Role
from app.tenancy.notification_service import notify_all
from app.tenancy.organization_queries import lock_organization
from app.tenancy.people_queries import list_people_in_charge

_PAGE = "/organization/security"
_TURNED_OFF: Mapping[Watch, Callable[[str], LazyText]] = {
    Watch.NEW_OWNERS: lambda name: _l("%(name)s turned off alerts on new owners.", name=name),
    Watch.LARGE_EXPORTS: lambda name: _l("%(name)s turned off alerts on large exports.", name=name),
    Watch.SENSITIVE_GRANTS: lambda name: _l("%(name)s turned off alerts on sensitive permissions.", name=name),
}


def change_watches(actor: Actor, wanted: Mapping[Watch, bool], *, version: int) -> None:
    """Turn watches on and off, and notify the owners of each one that was turned off.

    Raises Forbidden and VersionConflict.
    """
    actor.requires(Permission.ORGANIZATION_UPDATE)
    organization = lock_organization(actor.organization_id)
    now = {watch: getattr(organization, column_of(watch)) for watch in wanted}
    if now == wanted:
        return
    organization.refuse_stale(version, {column_of(watch): is_on for watch, is_on in now.items()})
    for watch, is_on in wanted.items():
        setattr(organization, column_of(watch), is_on)
    name_action(Action.ORGANIZATION_WATCHES_CHANGED, organization)
    owners = list_people_in_charge(organization.id, Role.OWNER)
    for watch in Watch:
        if now[watch] and not wanted[watch]:
            notify_all(SECURITY_ALERT, owners, _TURNED_OFF[watch](actor.name), _PAGE)


def alert_of_new_owner(event: OwnerAdded) -> None:
    """Alert owners and admins about a new owner."""
    _alert(Watch.NEW_OWNERS, _l("%(name)s is now an owner.", name=event.name), f"/users/{event.user_id}")


def alert_of_grant(event: PermissionGranted) -> None:
    """Alert owners and admins about the grant of a sensitive permission."""
    if event.permission in SENSITIVE:
        label = permission_label(event.permission)
        sentence = _l("%(name)s was granted a sensitive permission: %(permission)s.", name=event.name, permission=label)
        _alert(Watch.SENSITIVE_GRANTS, sentence, f"/users/{event.user_id}")


def alert_of_export(event: FileExported) -> None:
    """Alert owners and admins about an export that is large or contains all data."""
    if event.is_everything:
        sentence = _l("%(name)s exported all organization data.", name=event.requested_by)
    elif event.rows > LARGE_EXPORT_ROWS:
        rows = LazyString(format_decimal, event.rows)
        sentence = _l(
            "%(name)s exported %(rows)s rows: %(list)s.", name=event.requested_by, rows=rows, list=event.label
        )
    else:
        return
    _alert(Watch.LARGE_EXPORTS, sentence, f"/audit?resource_type={event.resource_type}&resource_id={event.resource_id}")


def _alert(watch: Watch, sentence: LazyText, link: str) -> None:
    """Notify owners and admins, and count the alert for the next email, if the watch is on."""
    organization = db.session.get_one(Organization, current_context().organization_id)
    if not getattr(organization, column_of(watch)):
        return
    counted = insert(WatchAlerts).values(organization_id=organization.id, id=uuid7(), watch=watch, waiting=1)
    mailed_at = db.session.scalar(
        counted.on_conflict_do_update(
            index_elements=[WatchAlerts.organization_id, WatchAlerts.watch],
            set_={"waiting": WatchAlerts.waiting + 1},
        ).returning(WatchAlerts.mailed_at)
    )
    notify_all(SECURITY_ALERT, list_people_in_charge(organization.id, Role.OWNER, Role.ADMIN), sentence, link)
    if mailed_at is None or mailed_at <= datetime.now(UTC) - BETWEEN_ALERT_MAILS:
        enqueue(mail_security_alerts)
