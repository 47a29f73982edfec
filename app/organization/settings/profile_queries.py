"""Queries for the actor's own organization: its settings, and an overview."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.db.paging import Selection
from app.extensions import db
from app.models import AuditSeal, DeletionBatch, Organization, OrganizationUsage, Subscription, User, UserStatus
from app.models.users import TAKES_A_SEAT
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.scope import restrict, unscoped


@dataclass(frozen=True, slots=True)
class Use:
    """Usage of a quota, in people, minutes or bytes."""

    used: int
    quota: int


@dataclass(frozen=True, slots=True)
class Overview:
    """An overview of an organization; `sealed_at` is None until its audit trail is first sealed."""

    organization: Organization
    plan: str | None
    seats: Use
    minutes: Use
    storage: Use
    without_second_factor: int
    sealed_at: datetime | None


def get_overview(actor: Actor) -> Overview:
    """Return the organization with its usage of the plan, in one statement."""
    people = restrict(select(func.count()).select_from(User), User, actor)
    signing_in = people.where(User.status == UserStatus.ACTIVE)
    plan = restrict(select(Subscription.plan), Subscription, actor).where(Subscription.deleted_at.is_(None))
    sealed = select(func.max(AuditSeal.sealed_at)).where(AuditSeal.organization_id == actor.organization_id)
    usage = unscoped(OrganizationUsage, why="one row per organization, which belongs to no user")
    wanted = (
        select(
            Organization,
            usage.used_minutes,
            usage.used_storage_bytes,
            _one(plan).label("plan"),
            _one(people.where(TAKES_A_SEAT)).label("people"),
            _one(signing_in.where(User.mfa_secret.is_(None))).label("without_second_factor"),
            _one(sealed).label("sealed_at"),
        )
        .join(usage, usage.organization_id == Organization.id)
        .where(Organization.id == actor.organization_id)
    )
    row = db.session.execute(wanted).one()
    organization: Organization = row.Organization
    return Overview(
        organization,
        plan=row.plan,
        seats=Use(row.people, organization.team_members_quota),
        minutes=Use(row.used_minutes, organization.call_minutes_quota),
        storage=Use(row.used_storage_bytes, organization.storage_quota_bytes),
        without_second_factor=row.without_second_factor,
        sealed_at=row.sealed_at,
    )


def _own(statement: Selection, _model: Any, actor: Actor) -> Selection:
    return statement.where(Organization.id == actor.organization_id)


#: The organization of the actor, with all its settings.
organization_record = ListOf(
    Organization,
    select(
        Organization.id,
        Organization.name,
        Organization.slug,
        Organization.status,
        Organization.timezone,
        Organization.country,
        Organization.currency,
        Organization.language,
        Organization.week_start,
        Organization.business_hours,
        Organization.billing_email,
        Organization.require_mfa,
        Organization.appointment_minutes,
        Organization.travel_minutes,
        Organization.missed_call_sla_minutes,
        Organization.rescue_window_days,
        Organization.trash_days,
        Organization.call_minutes_quota,
        Organization.team_members_quota,
        Organization.phone_numbers_quota,
        Organization.storage_quota_bytes,
        Organization.created_at,
        Organization.updated_at,
        Organization.version,
    ),
    narrow=lambda _filters, _actor, _now: (),
    sorts=(),
    hold=_own,
)


def count_deleted_before(actor: Actor, moment: datetime) -> int:
    """Count the deletions in the trash that were made before `moment`."""
    batches = restrict(select(func.count()).select_from(DeletionBatch), DeletionBatch, actor)
    return db.session.scalar(batches.where(*older_than(moment))) or 0


def older_than(moment: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for deletions that are older than `moment` and still in the trash.

    The deletion of the organization itself is excluded.
    """
    return (
        DeletionBatch.root_type != "organization",
        DeletionBatch.restored_at.is_(None),
        DeletionBatch.purged_at.is_(None),
        DeletionBatch.created_at < moment,
    )


def _one(statement: Select[Any]) -> ColumnElement[Any]:
    return statement.scalar_subquery()
