"""Preview of a restore: what would be restored, what would not, and which choices there are."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias
from uuid import UUID

from app.db.transaction import dry_run
from app.declarations.deletable import Alternative, HandedOver, Rename
from app.errors import Conflict, Forbidden, NotFound
from app.extensions import db
from app.models import DeletionBatch
from app.security.actor import Actor
from app.trust.trash import queries
from app.trust.trash.choice_rules import CHOICE, VALUE, Chosen
from app.trust.trash.kinds import deletables
from app.trust.trash.offer_rules import Offer, offers_of
from app.trust.trash.restore_service import count_handed_over, preview
from app.trust.trash.rules import QUOTA_EXCEEDED, Choice, Choices, Outcome, Problem, WrongValue


@dataclass(frozen=True, slots=True)
class Tried:
    """Result of a trial.

    It contains the outcome of each row, the values that conflict, the reassigned work that would be returned, and other
    possible actions for some rows (`instead`).
    """

    outcomes: Sequence[Outcome]
    values: Mapping[UUID, str]
    handed_over: HandedOver = field(default_factory=HandedOver)
    instead: Mapping[UUID, Alternative] = field(default_factory=dict)


#: A function that tries a restore with some choices.
Trial: TypeAlias = Callable[[Choices], Tried]

#: Number of conflicts that a page lists; all others can be left in the trash together.
MAX_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Conflicting:
    """A row that can't be restored unchanged.

    `is_open` is True while no choice resolves the conflict. If another value can be entered, `column` and `value` are
    the field and its conflicting value; `instead` is an alternative action.
    """

    row_id: UUID
    resource: str
    label: str
    problem: Problem
    is_open: bool
    choice: Choice | None = None
    column: str | None = None
    value: str = ""
    error: str = ""
    instead: Alternative | None = None

    @property
    def is_over_quota(self) -> bool:
        """True if the plan's quota prevents restoring the row."""
        return self.problem.code == QUOTA_EXCEEDED


@dataclass(frozen=True, slots=True)
class RestorePreview:
    """Preview of a restore.

    `coming` counts the rows that would be restored, by kind; `refusal` states why the choices can't be tried at all.
    """

    coming: Mapping[str, int]
    conflicts: Sequence[Conflicting]
    not_shown: int = 0
    refusal: str = ""
    skips_the_rest: bool = False
    #: Choices already made that are not shown on the page, as hidden fields.
    kept: Sequence[tuple[str, str]] = ()
    handed_over: HandedOver = field(default_factory=HandedOver)
    #: Optional parents of the rows that are in the trash too.
    offers: Sequence[Offer] = ()

    @property
    def number(self) -> int:
        """The number of rows that would be restored."""
        return sum(self.coming.values())

    @property
    def open_conflicts(self) -> int:
        """The number of conflicts that are still to be decided."""
        return sum(one.is_open for one in self.conflicts) + self.not_shown

    @property
    def may_restore(self) -> bool:
        """True if the restore can be executed with these choices."""
        return self.number > 0 and not self.open_conflicts and not self.refusal


def preview_batch(actor: Actor, batch_id: UUID, chosen: Chosen) -> RestorePreview:
    """Return the preview of a restore, with and without the choices.

    The trial ends the transaction, so rows that were read before must be read again. Invalid values, and choices that
    `actor` is not allowed to make, are reported in the preview. Raises NotFound, Forbidden if `actor` can't restore the
    deletion, and Conflict if it is settled or being processed by the worker.
    """
    return preview_trial(lambda choices: _try(actor, batch_id, chosen.rows, choices), chosen)


def preview_trial(trial: Trial, chosen: Chosen) -> RestorePreview:
    """Return the preview of a restore: what `trial` does without the choices, and with them."""
    tried = trial(Choices(parents=None))
    first = _conflicts(tried.outcomes)
    if not chosen.made and not chosen.skips_the_rest and not chosen.unselected:
        return _preview(tried, first, first, chosen)
    try:
        again = trial(replace(chosen.choices, parents=None).without(chosen.unselected))
    except WrongValue as wrong:
        told = {wrong.row_id: " ".join(str(error.message) for error in wrong.fields)}
        return _preview(tried, first, first, chosen, told)
    except (Conflict, Forbidden, NotFound) as refusal:
        return _preview(tried, first, first, chosen, refusal=refusal.sentence)
    left = _conflicts(again.outcomes)
    unselected = [one for one in tried.outcomes if one.row_id in chosen.unselected and one.as_well is not None]
    all_told = replace(
        again,
        outcomes=[*again.outcomes, *unselected],
        values={**again.values, **tried.values},
        instead={**again.instead, **tried.instead},
    )
    return _preview(all_told, {**first, **left}, left, chosen)


def conflicting_values(batch: DeletionBatch, outcomes: Sequence[Outcome]) -> Mapping[UUID, str]:
    """Return the values that other rows use by now, by the id of the row to restore.

    Must be called within the dry run that returned `outcomes`.
    """
    return {row_id: getattr(row, rename.column) for row_id, rename, row in _with_value_taken(batch, outcomes)}


def _alternatives(actor: Actor, batch: DeletionBatch, outcomes: Sequence[Outcome]) -> Mapping[UUID, Alternative]:
    taken = [(row_id, rename.instead, row) for row_id, rename, row in _with_value_taken(batch, outcomes)]
    return {row_id: way for row_id, find, row in taken if find is not None and (way := find(actor, row))}


def _with_value_taken(batch: DeletionBatch, outcomes: Sequence[Outcome]) -> Iterator[tuple[UUID, Rename, Any]]:
    """Yield the rows whose value another row has taken since."""
    for row_id, conflict in _conflicts(outcomes).items():
        kind, rename = deletables()[conflict.resource], _rename_of(conflict)
        if rename is not None:
            yield row_id, rename, db.session.scalars(queries.rows_in(batch, kind).where(kind.model.id == row_id)).one()


def _try(actor: Actor, batch_id: UUID, rows: Iterable[UUID] | None, choices: Choices) -> Tried:
    with dry_run():
        outcomes = preview(actor, batch_id, only=rows, choices=choices)
        batch = queries.get_batch(actor, batch_id)
        return Tried(
            outcomes,
            conflicting_values(batch, outcomes),
            count_handed_over(batch, outcomes),
            _alternatives(actor, batch, outcomes),
        )


def _conflicts(outcomes: Sequence[Outcome]) -> dict[UUID, Outcome]:
    return {one.row_id: one for one in outcomes if one.is_conflict}


def _rename_of(outcome: Outcome) -> Rename | None:
    return deletables()[outcome.resource].renames.get(outcome.problem.code) if outcome.problem else None


def _preview(
    tried: Tried,
    all_conflicts: Mapping[UUID, Outcome],
    left: Mapping[UUID, Outcome],
    chosen: Chosen,
    errors: Mapping[UUID, str] | None = None,
    refusal: str = "",
) -> RestorePreview:
    errors = {**chosen.errors, **(errors or {})}
    listed = [
        Conflicting(
            row_id,
            one.resource,
            one.label,
            one.problem,
            is_open=row_id in left or row_id in errors,
            choice=chosen.made.get(row_id),
            column=rename.column if (rename := _rename_of(one)) else None,
            value=chosen.values.get(row_id) or tried.values.get(row_id, ""),
            error=errors.get(row_id, ""),
            instead=tried.instead.get(row_id),
        )
        for row_id, one in all_conflicts.items()
        if one.problem is not None
    ]
    coming = Counter(one.resource for one in tried.outcomes if one.problem is None and one.as_well is None)
    # Open ones first, since they have to be decided.
    listed.sort(key=lambda one: not one.is_open)
    shown, others = listed[:MAX_SHOWN], listed[MAX_SHOWN:]
    kept = [pair for one in others for pair in _fields_of(one)]
    hidden = sum(one.is_open for one in others)
    offers = offers_of(tried.outcomes, chosen.unselected)
    return RestorePreview(coming, shown, hidden, refusal, chosen.skips_the_rest, kept, tried.handed_over, offers)


def _fields_of(one: Conflicting) -> list[tuple[str, str]]:
    if one.choice is None:
        return []
    return [(f"{CHOICE}{one.row_id}", one.choice.value), (f"{VALUE}{one.row_id}", one.value)]
