"""Queries for duplicates of suggested tasks, and their tasks, when two contacts are merged."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from app.db.session import INCLUDE_DELETED
from app.declarations.merging import Duplicate, MergePair
from app.extensions import db
from app.models import PendingAction, Task
from app.security.scope import unscoped

_Kept = aliased(PendingAction, name="kept")


def find_duplicate_actions(pair: MergePair) -> Sequence[Duplicate]:
    """Return the suggested tasks of the merged contact that the kept contact has too.

    Rows in the trash are included.
    """
    return [Duplicate(row_id) for row_id in db.session.scalars(_duplicates(pair))]


def find_tasks_of_duplicates(pair: MergePair) -> Sequence[Duplicate]:
    """Return the tasks created from the duplicate suggested tasks."""
    tasks = unscoped(select(Task.id), why="users who can merge two contacts can see all records of both").where(
        Task.organization_id == pair.organization_id,
        Task.contact_card_id == pair.merged_id,
        Task.pending_action_id.in_(_duplicates(pair)),
    )
    return [Duplicate(row_id) for row_id in db.session.scalars(tasks.order_by(Task.id))]


def _duplicates(pair: MergePair) -> Any:
    says_otherwise = and_(
        PendingAction.category == "other",
        PendingAction.due_at.is_(None),
        func.md5(PendingAction.raw_text) != func.md5(_Kept.raw_text),
    )
    alike = unscoped(select(PendingAction.id), why="users who can merge two contacts can see all records of both").join(
        _Kept,
        and_(
            _Kept.organization_id == PendingAction.organization_id,
            _Kept.contact_card_id == pair.kept_id,
            _Kept.category == PendingAction.category,
            _Kept.due_at.is_not_distinct_from(PendingAction.due_at),
        ),
    )
    of_merged = (
        PendingAction.organization_id == pair.organization_id,
        PendingAction.contact_card_id == pair.merged_id,
    )
    return (
        alike.where(*of_merged, ~says_otherwise).order_by(PendingAction.id).execution_options(**{INCLUDE_DELETED: True})
    )
