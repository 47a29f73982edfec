"""Suggested tasks that two contacts have alike, with the tasks made of them: of each pair one stays."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from app.db.session import INCLUDE_DELETED
from app.declarations.merging import Double, Pair
from app.extensions import db
from app.models import PendingAction, Task
from app.security.scope import unscoped

_Kept = aliased(PendingAction, name="kept")


def find_double_actions(pair: Pair) -> Sequence[Double]:
    """Of the contact that goes those that would be there twice, in the trash or not."""
    return [Double(row_id) for row_id in db.session.scalars(_doubles(pair))]


def find_tasks_of_doubles(pair: Pair) -> Sequence[Double]:
    """The tasks of these."""
    tasks = unscoped(select(Task.id), why="whoever merges two contacts sees all of both").where(
        Task.organization_id == pair.organization_id,
        Task.contact_card_id == pair.merged_id,
        Task.pending_action_id.in_(_doubles(pair)),
    )
    return [Double(row_id) for row_id in db.session.scalars(tasks.order_by(Task.id))]


def _doubles(pair: Pair) -> Any:
    says_otherwise = and_(
        PendingAction.category == "other",
        PendingAction.due_at.is_(None),
        func.md5(PendingAction.raw_text) != func.md5(_Kept.raw_text),
    )
    alike = unscoped(select(PendingAction.id), why="whoever merges two contacts sees all of both").join(
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
