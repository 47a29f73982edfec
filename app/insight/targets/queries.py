"""Queries for targets."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Row, bindparam, select

from app.db.conditions import is_any_of
from app.db.filters import Person
from app.db.joins import refers_to
from app.db.paging import Selection, Sort
from app.errors import NotFound
from app.extensions import db
from app.insight.targets.definitions import TARGETED, is_whole_month, month_of
from app.insight.targets.filters import TargetFilters
from app.models import Target, User
from app.periods import Period
from app.security.actor import Actor
from app.security.compiled_query import compiled_query
from app.security.list_of import ListOf
from app.security.people import matches_person
from app.security.rows import get_row
from app.security.scope import restrict

#: Target values by number and person; None is the whole company.
Targets = Mapping[tuple[str, UUID | None], Decimal]

SORTS = (
    Sort("-month", Target.month, Target.id, True, lambda row: row.month, date.fromisoformat),
    Sort("month", Target.month, Target.id, False, lambda row: row.month, date.fromisoformat),
)


def has_targets(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that there are targets, for any month."""
    return restrict(select(Target.id), Target, actor).exists()


def targets_of(actor: Actor, period: Period) -> Targets:
    """Return the targets of the month that contains the last day of `period`, by number and person.

    The person None is the whole organization. Rates and means are included for any period; counts and sums only if it
    is exactly one calendar month, whether over or not. Targets that `actor` can't see are left out. Runs one statement.
    """
    is_whole = is_whole_month(period)
    found = _of_month.rows(actor, month=month_of(period))
    return {
        (row.metric, row.user_id): row.value
        for row in found
        if row.metric in TARGETED and (is_whole or TARGETED[row.metric].is_of_any_period)
    }


def targets_of_person(targets: Targets, person: Person | None) -> dict[str, Decimal]:
    """Return the targets of one person, or of the whole organization (None), by number; a team has none."""
    return {metric: value for (metric, whose), value in targets.items() if whose == person}


def get_target(actor: Actor, target_id: UUID, *, lock: bool = False) -> Target:
    """Return the target; raises NotFound."""
    return get_row(actor, Target, target_id, named="target", lock=lock)


def get_line(actor: Actor, target_id: UUID) -> Row[*tuple[Any, ...]]:
    """Return the target as a row of the list, with the person's name; raises NotFound."""
    one = restrict(_ROW, Target, actor).where(Target.id == target_id, Target.deleted_at.is_(None))
    found = db.session.execute(one).one_or_none()
    if found is None:
        raise NotFound("target", target_id)
    return found


@compiled_query
def _of_month(actor: Actor) -> Selection:
    targets = restrict(select(Target.metric, Target.user_id, Target.value), Target, actor)
    return targets.where(Target.deleted_at.is_(None), Target.month == bindparam("month", type_=Date()))


def _conditions(filters: TargetFilters, actor: Actor) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Target.deleted_at.is_(None)]
    if filters.month is not None:
        found.append(Target.month == filters.month)
    if filters.metric:
        found.append(is_any_of(Target.metric, filters.metric))
    if filters.person is not None:
        found.append(matches_person(Target.user_id, filters.person, actor))
    return found


# Deleted users are included: their targets still show the name.
_ROW = (
    select(Target.id, Target.version, Target.metric, Target.user_id, Target.month, Target.value, User.name)
    .outerjoin(User, refers_to(User, Target, Target.user_id))
    .execution_options(include_deleted=True)
)


#: The targets that match `filters`, those of the newest month first.
target_list = ListOf(
    Target,
    _ROW,
    narrow=lambda filters, actor, _now: _conditions(filters, actor),
    sorts=SORTS,
)
