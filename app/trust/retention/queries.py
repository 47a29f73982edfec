"""Queries for the records that retention will delete, and for past runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from croniter import croniter
from sqlalchemy import func, select

from app.audit.actions import Action
from app.audit.queries import list_events
from app.db.session import INCLUDE_DELETED
from app.declarations.registry import registry
from app.declarations.retained import Retained
from app.extensions import db
from app.models import AuditLog, Organization
from app.security.actor import Actor
from app.security.scope import unscoped
from app.trust.retention.rules import RUNS, RetentionKind, cutoff, days_in_force, days_of

#: Counting stops here: beyond this, the exact number doesn't matter to readers.
MAX_COUNTED = 100_000

#: Periods of the forecast, in addition to the next run.
LOOKS_AHEAD = (timedelta(days=30), timedelta(days=90))

MAX_RUNS = 12


@dataclass(frozen=True, slots=True)
class Forecast:
    """Rows of one kind that will be due for deletion at several times, each counted up to MAX_COUNTED.

    `due` is the number at the first of these times, `within` the numbers at the later ones. `days` is the retention in
    force at the first.
    """

    kind: RetentionKind
    days: int
    due: int
    within: Sequence[int]


@dataclass(frozen=True, slots=True)
class Run:
    """Time of a past run, and the number of rows that it deleted, by kind."""

    at: datetime
    deleted: dict[str, int]


def list_retained() -> list[Retained]:
    """Return the kinds of records with a retention, in the order of deletion.

    The trail is not included: it is deleted by month.
    """
    declared = registry().retains
    return [declared[kind] for kind in RetentionKind if kind is not RetentionKind.AUDIT]


def due(kept: Retained, organization_id: UUID, before: datetime) -> tuple[Any, ...]:
    """Return the conditions for rows of a kind that are deleted when the cutoff is `before`."""
    model = kept.model
    return (model.organization_id == organization_id, model.created_at < before, *kept.may_go(before))


def next_run(actor: Actor, now: datetime) -> datetime:
    """Return the time of the job's next run, in UTC."""
    following: datetime = croniter(RUNS, now.astimezone(ZoneInfo(actor.timezone))).get_next(datetime)
    return following.astimezone(UTC)


def forecast(actor: Actor, organization: Organization, now: datetime) -> list[Forecast]:
    """Return what is deleted by the next run, and what becomes due within each of LOOKS_AHEAD after it."""
    first = next_run(actor, now)
    return count_due(organization, first, *(first + ahead for ahead in LOOKS_AHEAD))


def count_due(organization: Organization, *moments: datetime) -> list[Forecast]:
    """Count what is due, by kind in the order of deletion, with a single query for all counts."""

    def retained_from(kind: RetentionKind | str, moment: datetime) -> datetime:
        return cutoff(moment, days_of(days_in_force(organization, moment), kind))

    counted = [
        *(
            _counted(kept.model, due(kept, organization.id, retained_from(kept.kind, moment)))
            for kept in list_retained()
            for moment in moments
        ),
        *(
            _counted(AuditLog, _of_trail(organization.id, retained_from(RetentionKind.AUDIT, moment)))
            for moment in moments
        ),
    ]
    found = iter(db.session.execute(select(*counted).execution_options(**{INCLUDE_DELETED: True})).one())
    first, *later = moments
    days = days_in_force(organization, first)
    return [Forecast(kind, days_of(days, kind), next(found), [next(found) for _ in later]) for kind in RetentionKind]


def list_runs(actor: Actor) -> list[Run]:
    """Return the last runs, newest first."""
    events = list_events(actor, Action.RETENTION_APPLIED, limit=MAX_RUNS)
    return [Run(row.created_at, row.details.get("itemsDeleted", {})) for row in events]


def _of_trail(organization_id: UUID, before: datetime) -> tuple[Any, ...]:
    """Return the conditions for the trail, which is deleted by whole months."""
    month = before.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return AuditLog.organization_id == organization_id, AuditLog.created_at < month


def _counted(model: Any, conditions: Sequence[Any]) -> Any:
    some = select(model.id).where(*conditions).limit(MAX_COUNTED).subquery()
    number = unscoped(
        select(func.count()).select_from(some), why="count only; retention depends on age, regardless of record scope"
    )
    return number.scalar_subquery()
