"""Trial restores of rows, each separately so that every conflict is found, with the choices applied.

The caller has locked the organization and the batch, and rolls everything back if the outcome is not acceptable.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.db.constraints import find_refusal
from app.db.transaction import translated_integrity_errors
from app.declarations.deletable import Deletable, Rename
from app.errors import (
    Conflict,
    EventTimeConflict,
    LastOwner,
    LazyText,
    NotFound,
    UserNotAvailable,
    ValidationFailed,
)
from app.extensions import db
from app.models import DeletionBatch
from app.security.actor import Actor
from app.trust.trash import queries, rules
from app.trust.trash.kinds import deletables, described, labels_of
from app.trust.trash.parent_queries import ParentInTrash, find_parents_in_trash
from app.trust.trash.rules import AsWell, Choice, Choices, Outcome, Problem, WrongValue

_RESTORE = text("SELECT * FROM restore_deleted(:batch, CAST(:kinds AS jsonb), CAST(:chosen AS uuid[]))")


@dataclass(frozen=True, slots=True)
class Attempt:
    """Result of a trial.

    `batches` are the deletion itself and those whose rows had to be restored for it; `ids` are the ids of the rows that
    were tried, by deletion.
    """

    outcomes: Sequence[Outcome]
    batches: Sequence[DeletionBatch]
    ids: Mapping[UUID, frozenset[UUID]]

    def came_of(self, batch: DeletionBatch) -> Mapping[str, int]:
        """Count the restored rows of one of the deletions, by kind."""
        return Counter(one.resource for one in self.outcomes if not one.problem and one.row_id in self.ids[batch.id])


def attempt(batch: DeletionBatch, only: frozenset[UUID] | None, choices: Choices, by: Actor | None) -> Attempt:
    """Try the restore as far as possible, without the rows that were chosen to be skipped.

    If all optional parents are to be restored where possible, those that can't be are left in the trash, with the rows
    that only they need.
    """
    left: dict[UUID, Outcome] = {}
    while True:
        with db.session.begin_nested() as savepoint:
            tried = _try(batch, only, choices.without(left), by)
            stuck = [one for one in tried.outcomes if one.as_well and one.is_conflict]
            if choices.parents is not None or not stuck:
                return replace(tried, outcomes=[*tried.outcomes, *left.values()])
            savepoint.rollback()
        left |= {one.row_id: _left(one) for one in stuck}


def _left(outcome: Outcome) -> Outcome:
    return replace(outcome, as_well=replace(outcome.as_well, is_left=True)) if outcome.as_well else outcome


def _try(batch: DeletionBatch, only: frozenset[UUID] | None, choices: Choices, by: Actor | None) -> Attempt:
    wanted = frozenset(queries.resources_left(batch, only))
    if only is not None and only - wanted:
        raise NotFound("deletion_batch", batch.id)
    wanted -= choices.skipped
    if by is not None:
        refuse_restoring_rows(batch, wanted, by)
    _rename(batch, choices, by)
    parents = find_parents_in_trash(batch, wanted, choices, by)
    as_well = [one for one in parents if not one.is_required and one.refusal is None]
    beside = {one.row_id: AsWell(one.batch.deleted_by_label, one.batch.created_at, one.needed_by) for one in as_well}
    required = [one for one in parents if one.is_required]
    runs = [*_together(required), (batch, wanted, list(deletables().values())), *_together(as_well)]
    outcomes, batches, tried = [], {batch.id: batch}, {batch.id: wanted}
    for other, ids, kinds in runs:
        batches[other.id] = other
        tried[other.id] = tried.get(other.id, frozenset()) | ids
        outcomes += [replace(one, as_well=beside.get(one.row_id)) for one in _run(other, ids, kinds)]
    outcomes += [_refused(one, is_left=choices.parents is None) for one in parents if one.refusal is not None]
    return Attempt(_over_quota(batch.organization_id, outcomes), list(batches.values()), tried)


def _together(parents: Iterable[ParentInTrash]) -> Iterator[tuple[DeletionBatch, frozenset[UUID], list[Deletable]]]:
    """Group parents of the same kind and deletion, which are restored together."""
    for _key, same in groupby(parents, key=lambda one: (one.kind.name, one.batch.id)):
        first, *others = same
        yield first.batch, frozenset(one.row_id for one in (first, *others)), [first.kind]


def _refused(parent: ParentInTrash, *, is_left: bool) -> Outcome:
    """Return the outcome for an optional parent that stays in the trash because of its `refusal`.

    It reveals the parent's kind and who deleted it when, but not its label.
    """
    problem = Problem(rules.PARENT_REFUSED, parent.refusal or "")
    as_well = AsWell(parent.batch.deleted_by_label, parent.batch.created_at, is_left=is_left)
    return Outcome(parent.kind.name, parent.row_id, parent.kind.resource.words.label, problem, as_well)


def refuse_restoring_rows(batch: DeletionBatch, ids: Collection[UUID], by: Actor) -> None:
    """Raise Forbidden for rows that `by` cannot restore, such as users who rank above `by`."""
    for kind in deletables().values():
        if kind.may_restore is not None and (rows := queries.list_rows(batch, kind, ids)):
            kind.may_restore(by, rows)


def _run(batch: DeletionBatch, ids: frozenset[UUID], kinds: Sequence[Deletable]) -> list[Outcome]:
    labels = {
        row_id: label
        for kind in kinds
        for row_id, label in labels_of(kind, queries.list_rows(batch, kind, ids)).items()
    }
    values = {"batch": batch.id, "kinds": json.dumps(described(kinds)), "chosen": sorted(ids)}
    rows = db.session.execute(_RESTORE, values).all()
    outcomes = [Outcome(row.resource, row.row_id, labels[row.row_id], _problem(row)) for row in rows]
    db.session.expire_all()
    _check_deferred()
    return outcomes


def _check_deferred() -> None:
    """Have the database check deferred constraints now: a preview never commits.

    Raises LastOwner if the organization would have no active owner, and IntegrityError for any other constraint.
    """
    try:
        with db.session.begin_nested():
            db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", None) == "last_owner":
            raise LastOwner(
                _l("None of the people being restored is an active owner. Include at least one."), count=0
            ) from None
        raise
    db.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


def _problem(row: Any) -> Problem | None:
    if row.problem is None:
        return None
    if row.problem == rules.PARENT_DELETED:
        parent = (row.parent_resource, row.parent_id)
        return Problem(row.problem, rules.PARENT_IS_DELETED, (Choice.WITH_PARENT, Choice.SKIP), parent)
    sentence = _sentence(row.problem_table, row.problem)
    can_rename = row.problem in deletables()[row.resource].renames
    return Problem(row.problem, sentence, (Choice.RENAME, Choice.SKIP) if can_rename else (Choice.SKIP,))


def _sentence(table: str, constraint: str) -> LazyText:
    """Return the message for a violated constraint; time conflicts are raised by triggers, not by a constraint."""
    times: dict[str, LazyText] = {
        "event_time_conflict": EventTimeConflict.default_message,
        "user_not_available": UserNotAvailable.default_message,
    }
    refusal = find_refusal(table, constraint)
    return refusal.sentence if refusal else times.get(constraint, Conflict.default_message)


def _over_quota(organization_id: UUID, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Mark as conflicts the last of the restored rows that exceed the plan's quota."""
    problems: dict[UUID, Problem] = {}
    for kind in deletables().values():
        came = [one.row_id for one in outcomes if one.resource == kind.name and one.problem is None]
        if came and kind.limited_by is not None:
            problem = Problem(rules.QUOTA_EXCEEDED, kind.limited_by.sentence)
            problems |= dict.fromkeys(kind.limited_by.beyond(organization_id, came), problem)
    return [replace(one, problem=problems.get(one.row_id, one.problem)) for one in outcomes]


def _rename(batch: DeletionBatch, choices: Choices, by: Actor | None) -> None:
    """Change values of rows while they are in the trash, where nothing conflicts.

    Raises WrongValue, and Forbidden if `by` is not allowed to change the value.
    """
    if not choices.renamed:
        return
    for kind in deletables().values():
        for rename in {one.column: one for one in kind.renames.values()}.values():
            for row in queries.list_rows(batch, kind, choices.renamed):
                typed = choices.renamed[row.id]
                _give(row, rename, rename.read(typed, by) if by else typed, by)


def _give(row: Any, rename: Rename, value: str, by: Actor | None) -> None:
    before = getattr(row, rename.column)
    if value == before:
        return
    if rename.check is not None and by is not None:
        rename.check(by, row)
    try:
        with translated_integrity_errors():
            setattr(row, rename.column, value)
    except ValidationFailed as refusal:
        raise WrongValue(row.id, refusal.fields) from None
    if rename.renamed is not None:
        rename.renamed(row, before)
