"""An organization's schedule and email recipients of the weekly report."""

from collections.abc import Collection, Mapping
from uuid import UUID

from app.db.ids import uuid7
from app.db.transaction import translated_integrity_errors
from app.extensions import db
from app.insight.reports.queries import list_recipients, list_subscriptions
from app.models import Channel, Organization, ReportKind, ReportSubscription
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.organization_queries import lock_organization


def change_settings(
    actor: Actor, when: Mapping[str, int], *, version: int, shown: Collection[UUID], by_mail: Collection[UUID]
) -> Organization:
    """Save the schedule (`report_weekday`, `report_hour`), and which people `shown` get it by email.

    People who aren't in `shown`, because they were added later, are unchanged, as are those who have chosen for
    themselves. Raises Forbidden, VersionConflict, and ValidationFailed.
    """
    actor.requires(Permission.REPORTS_MANAGE)
    organization = lock_organization(actor.organization_id)
    now = {name: getattr(organization, name) for name in when}
    if now != when:
        organization.refuse_stale(version, now)
        with translated_integrity_errors():
            for name, value in when.items():
                setattr(organization, name, value)
    _subscribe(actor, {one: one in by_mail for one in shown})
    return organization


def _subscribe(actor: Actor, wanted: Mapping[UUID, bool]) -> None:
    """Save the changed subscriptions; the caller has locked the organization against concurrent changes."""
    changed = {
        one.id: wanted[one.id]
        for one in list_recipients(actor)
        if one.id in wanted and not one.has_chosen and one.by_mail is not wanted[one.id]
    }
    there = list_subscriptions(actor, changed)
    for user_id, is_on in changed.items():
        if (row := there.get(user_id)) is not None:
            row.is_on = is_on
            continue
        db.session.add(
            ReportSubscription(
                organization_id=actor.organization_id,
                id=uuid7(),
                kind=ReportKind.WEEKLY,
                user_id=user_id,
                channel=Channel.EMAIL,
                is_on=is_on,
            )
        )
    db.session.flush()
