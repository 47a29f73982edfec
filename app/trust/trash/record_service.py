"""Restores by programs, with all choices in one request."""

from dataclasses import replace
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed
from app.models import DeletionBatch
from app.security.actor import Actor
from app.security.confirmation import as_confirmed
from app.trust.trash import background_service, queries
from app.trust.trash.choice_rules import Chosen
from app.trust.trash.parent_queries import find_parents_in_trash, refuse_restoring
from app.trust.trash.restore_preview_service import Conflicting, RestorePreview, preview_batch
from app.trust.trash.restore_service import count_to_restore
from app.trust.trash.restore_service import restore as restore_deletion
from app.trust.trash.rules import Choice, Choices, WrongValue
from app.trust.trash.schemas import ConflictRecord, OptionalParentRecord, RestoreInput, RestorePreviewRecord

_NOT_IN_BACKGROUND = _l(
    "This deletion is too large to restore with choices. List the records to restore in “records”, or leave the "
    "choices out."
)
_NOT_PART = _l("This deletion has no such record in the trash.")
_NO_PARENT = _l("No record of this deletion belongs to such a record in the trash.")


def restore(actor: Actor, batch_id: UUID, given: RestoreInput) -> None:
    """Restore a deletion, or have the worker restore a large one; records in conflict there stay in the trash.

    Raises NotFound, Forbidden, ValidationFailed for an invalid choice, and Conflict if the deletion is settled, is
    being processed by the worker, or has conflicts that the choices leave open.
    """
    batch = queries.get_batch(actor, batch_id)
    refuse_restoring(actor, batch)
    if _is_for_worker(batch, given):
        _refuse_choices(given)
        background_service.start(actor, batch_id, with_parents=given.all_parents)
        return
    _refuse_unknown(batch, given, actor)
    chosen = _chosen(given)
    choices = replace(chosen.choices, parents=None) if given.all_parents else chosen.choices
    try:
        restore_deletion(actor, batch_id, only=chosen.rows, choices=choices)
    except WrongValue as error:
        named = [FieldError(f"choices.{error.row_id}", one.message, one.code) for one in error.fields]
        raise ValidationFailed(named) from None


def preview(actor: Actor, batch_id: UUID, given: RestoreInput) -> RestorePreviewRecord:
    """Return what `restore` would do, without asking for a confirmation.

    Ends the transaction; raises what else `restore` raises, except open conflicts.
    """
    batch = queries.get_batch(actor, batch_id)
    refuse_restoring(actor, batch)
    queries.refuse_settled(batch)
    if _is_for_worker(batch, given):
        _refuse_choices(given)
        return _of_worker(batch)
    _refuse_unknown(batch, given, actor)
    return _record_of(preview_batch(as_confirmed(actor), batch_id, _chosen(given)), gives_back=given.hand_back)


def _is_for_worker(batch: DeletionBatch, given: RestoreInput) -> bool:
    return not given.records and background_service.is_many(count_to_restore(batch, queries.count_left(batch)))


def _refuse_choices(given: RestoreInput) -> None:
    wrong = [FieldError(name, _NOT_IN_BACKGROUND) for name in ("choices", "parents") if getattr(given, name)]
    if not given.hand_back:
        wrong.append(FieldError("hand_back", _NOT_IN_BACKGROUND))
    if wrong:
        raise ValidationFailed(wrong)


def _refuse_unknown(batch: DeletionBatch, given: RestoreInput, actor: Actor) -> None:
    """Raise ValidationFailed for records, choices and parents that have nothing to do with the deletion."""
    left = queries.resources_left(batch, {*given.records, *(one.id for one in given.choices)})
    unknown = [one for one in given.choices if one.id not in left]
    wrong = [FieldError("records", _NOT_PART)] if not left.keys() >= set(given.records) else []
    if unknown or given.parents:
        wanted = frozenset(given.records) or frozenset(queries.resources_left(batch))
        found = find_parents_in_trash(batch, wanted, Choices(parents=None), actor)
        parents = {one.row_id for one in found if one.is_optional}
        unknown = [one for one in unknown if one.choice is not Choice.SKIP or one.id not in parents]
        if not parents.issuperset(given.parents):
            wrong.append(FieldError("parents", _NO_PARENT))
    wrong += [FieldError(f"choices.{one.id}", _NOT_PART) for one in unknown]
    if wrong:
        raise ValidationFailed(wrong)


def _chosen(given: RestoreInput) -> Chosen:
    """Return the choices. Raises ValidationFailed for a new value that is missing."""
    missing = [
        FieldError(f"choices.{one.id}", _l("Enter the new value, or choose another option."))
        for one in given.choices
        if one.choice is Choice.RENAME and one.value is None
    ]
    if missing:
        raise ValidationFailed(missing)
    return Chosen(
        frozenset(given.records) or None,
        made={one.id: one.choice for one in given.choices},
        values={one.id: one.value for one in given.choices if one.value is not None},
        errors={},
        skips_the_rest=given.skip_the_rest,
        seen="",
        gives_back=given.hand_back,
        parents=frozenset(given.parents),
    )


def _of_worker(batch: DeletionBatch) -> RestorePreviewRecord:
    return RestorePreviewRecord(
        can_restore=True,
        is_background=True,
        counts=queries.count_left(batch),
        conflicts=(),
        conflicts_not_shown=0,
        parents=(),
        handed_back=0,
        refusal=None,
    )


def _record_of(found: RestorePreview, *, gives_back: bool) -> RestorePreviewRecord:
    return RestorePreviewRecord(
        can_restore=found.may_restore,
        is_background=False,
        counts=dict(found.coming),
        conflicts=tuple(_conflict(one) for one in found.conflicts),
        conflicts_not_shown=found.not_shown,
        parents=tuple(
            OptionalParentRecord(
                id=one.row_id,
                resource_type=one.resource,
                label=one.label,
                deleted_by_name=one.deleted_by,
                deleted_at=one.deleted_at,
                reason=None if one.why_not is None else str(one.why_not),
            )
            for one in found.offers
        ),
        handed_back=found.handed_over.back if gives_back else 0,
        refusal=found.refusal or None,
    )


def _conflict(one: Conflicting) -> ConflictRecord:
    return ConflictRecord(
        id=one.row_id,
        resource_type=one.resource,
        label=one.label,
        code=one.problem.code,
        message=str(one.problem.sentence),
        choices=one.problem.choices,
        choice=one.choice,
        is_open=one.is_open,
        field=one.column,
        value=one.value,
        error=one.error,
    )
