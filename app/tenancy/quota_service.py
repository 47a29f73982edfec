"""Enforcement of the limits of an organization's plan, with counts of its usage and warnings about it.

Code that adds to a limited resource locks the organization's usage row until its transaction ends. Of two transactions
that take the last place, one therefore waits and is refused, and a warning is sent once. Incoming calls, webhooks and
imports of history are counted but never refused: for them, `refuse_over_quota` is not called.
"""

from collections.abc import Iterable, Mapping
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from app.errors import LazyText, QuotaExceeded
from app.extensions import db
from app.models import (
    Organization,
    OrganizationUsage,
    Plan,
    Role,
)
from app.tenancy.notices import QUOTA_WARNING
from app.tenancy.notification_service import notify_all
from app.tenancy.people_queries import list_people_in_charge
from app.tenancy.quota_queries import COUNTERS, lock_usage, read_quotas
from app.tenancy.quota_rules import WARN_AT, Quota, QuotaKind, levels_to_warn_of

BILLING_PAGE = "/organization/billing"

_WARNED_COLUMNS = {percent: f"quota_warning_{percent}_sent" for percent in WARN_AT}


def refuse_over_quota(organization_id: UUID, kind: QuotaKind, more: int = 1) -> None:
    """Raise QuotaExceeded unless the plan has room for `more` people, phone numbers, minutes or bytes.

    The result remains valid until the transaction ends. The caller continues with `use_minutes`, `use_storage` or, for
    people and numbers once they are stored, `warn_of_quotas`.
    """
    lock_usage(organization_id)
    [quota] = read_quotas(organization_id, [kind])
    if not quota.has_room_for(more):
        raise QuotaExceeded(limit=quota.limit, used=quota.used, message=_refusal(quota))


def use_minutes(organization_id: UUID, minutes: int) -> None:
    """Count minutes of calls, and warn near the limit. Raises ValueError for a negative number."""
    _use(organization_id, QuotaKind.CALL_MINUTES, minutes)


def use_storage(organization_id: UUID, size: int) -> None:
    """Count `size` added bytes, and warn near the limit. Raises ValueError for a negative number."""
    _use(organization_id, QuotaKind.STORAGE, size)


def warn_of_quotas(organization_id: UUID, kinds: Iterable[QuotaKind] = tuple(QuotaKind)) -> None:
    """Warn owners and admins of quotas at 80, 90 or 100%, once each in a billing period.

    If a quota reaches several levels at the same time, there is one warning, for the highest.
    """
    usage = lock_usage(organization_id)
    told = {percent: list(getattr(usage, column)) for percent, column in _WARNED_COLUMNS.items()}
    for quota in read_quotas(organization_id, kinds):
        if reached := levels_to_warn_of(quota, told):
            for percent in reached:
                told[percent].append(quota.kind.value)
            people = list_people_in_charge(organization_id, Role.ADMIN, Role.OWNER)
            notify_all(QUOTA_WARNING, people, _warning(quota), BILLING_PAGE)
    _store_warned(usage, told)


def apply_plan_quotas(organization: Organization, plan: Plan) -> None:
    """Set the limits of the plan for the organization, whose row must be locked.

    Levels that are no longer reached can trigger a warning again.
    """
    organization.call_minutes_quota = plan.call_minutes
    organization.team_members_quota = plan.team_members
    organization.phone_numbers_quota = plan.phone_numbers
    organization.storage_quota_bytes = plan.storage_bytes
    usage = lock_usage(organization.id)
    reached = {quota.kind: quota.levels for quota in read_quotas(organization.id)}
    _store_warned(
        usage,
        {
            percent: [kind for kind in getattr(usage, column) if percent in reached[QuotaKind(kind)]]
            for percent, column in _WARNED_COLUMNS.items()
        },
    )


def reset_usage(organization_id: UUID) -> dict[str, int]:
    """Reset the counters and the record of warnings sent; return the previous usage for the audit trail."""
    usage = lock_usage(organization_id)
    used = {"used_minutes": usage.used_minutes, "used_storage_bytes": usage.used_storage_bytes}
    usage.used_minutes = usage.used_storage_bytes = 0
    _store_warned(usage, {percent: [] for percent in WARN_AT})
    return used


def _use(organization_id: UUID, kind: QuotaKind, more: int) -> None:
    if more < 0:
        raise ValueError(f"{kind}: nothing is given back before the period ends")
    counter = COUNTERS[kind]
    db.session.execute(
        update(OrganizationUsage)
        .where(OrganizationUsage.organization_id == organization_id)
        .values({counter.key: counter + more}),
        execution_options={"synchronize_session": False},
    )
    warn_of_quotas(organization_id, [kind])


def _store_warned(usage: OrganizationUsage, told: Mapping[int, list[str]]) -> None:
    for percent, column in _WARNED_COLUMNS.items():
        if getattr(usage, column) != told[percent]:
            setattr(usage, column, told[percent])
    db.session.flush()


def _warning(quota: Quota) -> LazyText:
    sentences: dict[QuotaKind, LazyText] = {
        QuotaKind.CALL_MINUTES: _l("%(percent)s%% of this period’s call minutes have been used.", percent=quota.level),
        QuotaKind.TEAM_MEMBERS: _l("%(percent)s%% of the plan’s seats are in use.", percent=quota.level),
        QuotaKind.PHONE_NUMBERS: _l("%(percent)s%% of the plan’s phone numbers are in use.", percent=quota.level),
        QuotaKind.STORAGE: _l("%(percent)s%% of this period’s storage has been used.", percent=quota.level),
    }
    return sentences[quota.kind]


def _refusal(quota: Quota) -> LazyText:
    sentences: dict[QuotaKind, LazyText] = {
        QuotaKind.CALL_MINUTES: _l(
            "All %(limit)s call minutes for this period have been used. Upgrade, or wait for the next period.",
            limit=quota.limit,
        ),
        QuotaKind.TEAM_MEMBERS: _l(
            "All %(limit)s seats in the plan are in use. Deactivate someone, or upgrade.",
            limit=quota.limit,
        ),
        QuotaKind.PHONE_NUMBERS: _l(
            "All %(limit)s phone numbers in the plan are in use. Delete one, or upgrade.", limit=quota.limit
        ),
        QuotaKind.STORAGE: _l("This exceeds the storage left for this period. Upgrade, or wait for the next period."),
    }
    return sentences[quota.kind]
