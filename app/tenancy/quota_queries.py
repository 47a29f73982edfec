"""Queries for the usage of a plan's quotas."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, func, select, true
from sqlalchemy.orm import Mapped

from app.db.paging import Selection
from app.errors import NotFound
from app.extensions import db
from app.models import (
    Export,
    ExportStatus,
    Import,
    Organization,
    OrganizationUsage,
    PhoneNumber,
    RecordingSession,
    User,
)
from app.models.users import TAKES_A_SEAT
from app.security.scope import unscoped
from app.tenancy.quota_rules import Quota, QuotaKind

#: Rows that count toward the plan, with their condition.
TAKES_A_PLACE: Mapping[QuotaKind, tuple[Any, Callable[[], ColumnElement[bool]]]] = {
    QuotaKind.TEAM_MEMBERS: (User, lambda: TAKES_A_SEAT),
    QuotaKind.PHONE_NUMBERS: (PhoneNumber, true),
}
_LIMITS = {
    QuotaKind.CALL_MINUTES: Organization.call_minutes_quota,
    QuotaKind.TEAM_MEMBERS: Organization.team_members_quota,
    QuotaKind.PHONE_NUMBERS: Organization.phone_numbers_quota,
    QuotaKind.STORAGE: Organization.storage_quota_bytes,
}
COUNTERS = {
    QuotaKind.CALL_MINUTES: OrganizationUsage.used_minutes,
    QuotaKind.STORAGE: OrganizationUsage.used_storage_bytes,
}


def read_quotas(organization_id: UUID, kinds: Iterable[QuotaKind] = tuple(QuotaKind)) -> list[Quota]:
    """Return the limit and the current usage of each of `kinds`. Raises NotFound."""
    kinds = tuple(kinds)
    numbers = db.session.execute(select_quotas(organization_id, kinds)).one_or_none()
    if numbers is None:
        raise NotFound("organization", organization_id)
    return [Quota(kind, numbers[2 * place], numbers[2 * place + 1] or 0) for place, kind in enumerate(kinds)]


def select_quotas(organization_id: UUID, kinds: Iterable[QuotaKind]) -> Selection:
    """Select the limit and the usage of each kind, in turn, in one row."""
    counted = [value for kind in kinds for value in (_LIMITS[kind], _used(kind))]
    return (
        unscoped(select(*counted), why="numbers only; the plan's limits apply to the whole organization")
        .outerjoin(OrganizationUsage, OrganizationUsage.organization_id == Organization.id)
        .where(Organization.id == organization_id)
    )


def lock_usage(organization_id: UUID) -> OrganizationUsage:
    """Return the usage counters, locked until the transaction ends. Raises NotFound.

    They are locked before any user who may have to be notified.
    """
    usage = db.session.scalar(
        unscoped(select(OrganizationUsage), why="one row per organization, which belongs to no user")
        .where(OrganizationUsage.organization_id == organization_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if usage is None:
        raise NotFound("organization", organization_id)
    return usage


def sum_stored_bytes(organization_id: UUID) -> int:
    """Return the total size in bytes of all existing files: recordings, imported files and exports.

    The quota, in contrast, counts the bytes added in the billing period.
    """
    found = db.session.execute(
        select(
            _sum_of(RecordingSession.audio_bytes, RecordingSession.organization_id == organization_id),
            _sum_of(Import.file_bytes, Import.organization_id == organization_id),
            _sum_of(
                Export.file_bytes, Export.organization_id == organization_id, Export.status == ExportStatus.COMPLETED
            ),
        )
    ).one()
    return int(sum(size or 0 for size in found))


def _sum_of(sizes: Mapped[Any], *where: ColumnElement[bool]) -> ScalarSelect[Any]:
    stored = unscoped(select(func.sum(sizes)), why="sum only; storage is shared by the whole organization")
    return stored.where(*where).scalar_subquery()


def _used(kind: QuotaKind) -> ColumnElement[Any]:
    if kind in COUNTERS:
        return COUNTERS[kind].expression
    model, takes_a_place = TAKES_A_PLACE[kind]
    places = unscoped(
        select(func.count(model.id)), why="count only; the plan's limits apply to the whole organization"
    ).where(model.organization_id == Organization.id, model.deleted_at.is_(None), takes_a_place())
    return places.correlate(Organization).scalar_subquery()
