"""Undoing an import: created records are deleted permanently, changed ones are reverted.

Records changed or used since then remain. A record counts as changed if the audit trail has a later entry that is not
from the import, and as used if another record refers to it that the import did not create, or that remains itself. Both
are determined for all records and shown, then checked again for each portion while its records are locked.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKeyConstraint, Table, func, select, text

from app.audit.actions import Action
from app.audit.record import name_action
from app.data.imports.load_service import as_one_operation
from app.data.imports.notices import IMPORT_FINISHED
from app.data.imports.outcome_rules import undo_operation
from app.data.imports.staging_service import prepare
from app.db.context import current_context
from app.declarations.registry import registry
from app.extensions import db
from app.models import Import, ImportedRow, ImportUndo
from app.models.base import Base
from app.security.scope import unscoped
from app.tenancy.notification_service import NewNotification, notify

#: Records undone in one transaction; anyone who wants to change one of them waits that long.
PORTION_ROWS = 2_000
# Tables whose rows are derived from the record and deleted with it.
_DERIVED = frozenset({"busy_times"})

_FORGET_REASONS = text("""
    UPDATE import_rows SET stays = NULL
    WHERE organization_id = :organization AND import_id = :import AND stays IS NOT NULL
""")
_MARK_CHANGED = text("""
    UPDATE import_rows made SET stays = 'changed'
    WHERE made.organization_id = :organization AND made.import_id = :import AND made.resource = :resource
      AND made.stays IS NULL AND (CAST(:ids AS uuid[]) IS NULL OR made.record_id = ANY (:ids))
      AND EXISTS (
        SELECT FROM audit_logs later
        WHERE later.organization_id = :organization AND later.resource_type = :resource
          AND later.resource_id = made.record_id AND later.created_at >= :since
          AND later.operation_id <> ALL (:own_operations)
      )
""")
# Records that the import created or will revert don't keep another record from being deleted, unless they remain.
_MARK_USED = """
    UPDATE import_rows made SET stays = 'used'
    WHERE made.organization_id = :organization AND made.import_id = :import AND made.resource = :resource
      AND made.effect = 'created' AND made.stays IS NULL
      AND (CAST(:ids AS uuid[]) IS NULL OR made.record_id = ANY (:ids))
      AND EXISTS (
        SELECT FROM {child} child
        WHERE child.organization_id = :organization AND child.{column} = made.record_id
          AND NOT EXISTS (
            SELECT FROM import_rows along
            WHERE along.organization_id = :organization AND along.import_id = :import
              AND along.resource = :child_resource AND along.record_id = child.id AND along.stays IS NULL
              AND (along.effect = 'created' OR jsonb_exists(along.before, '{column}'))
          )
          {unless}
      )
"""
# Rows created along with a record without being recorded, such as the numbers of a new contact, count as the import's
# own unless someone else has changed them.
_UNLESS_UNTOUCHED = """
          AND (
            EXISTS (
              SELECT FROM import_rows staying
              WHERE staying.organization_id = :organization AND staying.import_id = :import
                AND staying.resource = :child_resource AND staying.record_id = child.id
            )
            OR EXISTS (
              SELECT FROM audit_logs entry
              WHERE entry.organization_id = :organization AND entry.resource_type = :child_resource
                AND entry.resource_id = child.id AND entry.operation_id <> ALL (:own_operations)
            )
          )
"""
_COLUMNS_CHANGED = text("""
    SELECT DISTINCT resource, (SELECT array_agg(key ORDER BY key) FROM jsonb_object_keys(before) key) AS columns
    FROM import_rows
    WHERE organization_id = :organization AND import_id = :import AND effect = 'updated' AND stays IS NULL
""")
_NEXT = text("""
    SELECT record_id FROM import_rows
    WHERE organization_id = :organization AND import_id = :import AND resource = :resource AND effect = :effect
      AND stays IS NULL ORDER BY record_id LIMIT :size
""")
_FORGET = text("""
    DELETE FROM import_rows
    WHERE organization_id = :organization AND import_id = :import AND resource = :resource
      AND record_id = ANY (:ids) AND stays IS NULL
""")


def weigh_undo(import_id: UUID) -> None:
    """Determine which records would remain if a finished import were undone."""
    row = _get(import_id)
    if row.undo != ImportUndo.WEIGHING:
        return
    _weigh(row)
    _get(import_id, lock=True).undo = ImportUndo.WEIGHED
    db.session.flush()


def run_undo(import_id: UUID) -> None:
    """Undo an import in portions; one that was interrupted is resumed."""
    row = _get(import_id)
    if row.undo != ImportUndo.RUNNING:
        return
    with as_one_operation(undo_operation(import_id)):
        if row.undo_counts is None:
            _weigh(row)
            row.undo_counts = _counts(row)
            db.session.commit()
        _return_changed(row)
        _delete_made(row)
        row = _get(import_id, lock=True)
        row.undo, row.undone_at = ImportUndo.DONE, datetime.now(UTC)
        name_action(Action.IMPORT_UNDONE, row)
        sentence = _l("Your import of “%(file)s” was undone.", file=row.file_name)
        notify(IMPORT_FINISHED, [NewNotification(row.created_by, sentence, f"/imports/{row.id}", row.id)])
        db.session.flush()


def stop_undo(import_id: UUID) -> None:
    """Record that the undo stopped.

    Everything undone so far stays undone, and the undo can be requested again.
    """
    row = _get(import_id, lock=True)
    if row.undo in (ImportUndo.WEIGHING, ImportUndo.RUNNING):
        row.undo = None
    db.session.flush()


def _weigh(row: Import) -> None:
    """Mark all records that would remain if the import were undone, with the reason."""
    prepare()
    db.session.execute(_FORGET_REASONS, _of(row))
    resources = _resources(row)
    for resource in resources:
        _mark_changed(row, resource, None)
    # A record that remains may refer to others, which then remain too.
    while sum(_mark_used(row, resource, None) for resource in resources):
        continue


def _return_changed(row: Import) -> None:
    """Revert the columns that the import changed in records that do not remain."""
    for resource, columns in db.session.execute(_COLUMNS_CHANGED, _of(row)).all():
        table = _table(resource)
        names = [*columns, *(["version"] if "version" in table.c else [])]
        kept = [*(f"kept.{name}" for name in columns), *(["record.version + 1"] if "version" in table.c else [])]
        returned = text(f"""
            UPDATE {table.name} record SET ({", ".join(names)}) = (
              SELECT {", ".join(kept)}
              FROM jsonb_populate_record(NULL::{table.name}, changed.before) kept
            )
            FROM import_rows changed
            WHERE record.organization_id = :organization AND record.id = changed.record_id
              AND changed.organization_id = :organization AND changed.import_id = :import
              AND changed.resource = :resource AND changed.effect = 'updated' AND changed.stays IS NULL
              AND changed.record_id = ANY (:ids)
        """)  # noqa: S608 - names from code; values are bound
        while ids := _hold(row, resource, "updated"):
            of = {**_of(row), "resource": resource, "ids": ids}
            db.session.execute(returned, of)
            db.session.execute(_FORGET, of)
            db.session.commit()


def _delete_made(row: Import) -> None:
    """Delete the records that the import created, dependent ones first, except those that remain."""
    for resource in _resources(row):
        while ids := _hold(row, resource, "created"):
            db.session.scalar(select(func.take_back_rows(_table(resource).name, row.id, ids)))
            db.session.execute(_FORGET, {**_of(row), "resource": resource, "ids": ids})
            db.session.commit()


def _hold(row: Import, resource: str, effect: str) -> Sequence[UUID]:
    """Lock the next records until the transaction ends, mark those that remain, and return the ids of all."""
    prepare()
    wanted = {**_of(row), "resource": resource, "effect": effect, "size": PORTION_ROWS}
    ids = db.session.scalars(_NEXT, wanted).all()
    if ids:
        hold = text(
            f"SELECT id FROM {_table(resource).name}"  # noqa: S608 - names from code; values are bound
            " WHERE organization_id = :organization AND id = ANY (:ids) ORDER BY id FOR UPDATE"
        )
        db.session.execute(hold, {"organization": row.organization_id, "ids": ids})
        _mark_changed(row, resource, ids)
        _mark_used(row, resource, ids)
    return ids


def _mark_changed(row: Import, resource: str, ids: Sequence[UUID] | None) -> None:
    db.session.execute(_MARK_CHANGED, _marking(row, resource, ids))


def _mark_used(row: Import, resource: str, ids: Sequence[UUID] | None) -> int:
    """Mark created records that other records refer to, and return how many were marked.

    References from records that are undone along with them don't count.
    """
    count = 0
    for child, column in _children(_table(resource)):
        declared = registry().resources_by_table.get(child.name)
        unless = _UNLESS_UNTOUCHED if declared else ""
        statement = text(_MARK_USED.format(child=child.name, column=column, unless=unless))
        child_resource = declared.name if declared else ""
        values = {**_marking(row, resource, ids), "child_resource": child_resource}
        result = db.session.connection().execute(statement, values, execution_options={"preserve_rowcount": True})
        count += result.rowcount
    return count


def _marking(row: Import, resource: str, ids: Sequence[UUID] | None) -> dict[str, object]:
    return {
        **_of(row),
        "resource": resource,
        "ids": None if ids is None else list(ids),
        "since": row.started_at,
        "own_operations": [row.id, undo_operation(row.id)],
    }


def _children(table: Table) -> Iterable[tuple[Table, str]]:
    """Yield each table that refers to `table`, except derived ones, with the column that does."""
    for child in Base.metadata.sorted_tables:
        for key in child.constraints:
            if isinstance(key, ForeignKeyConstraint) and key.referred_table is table and child.name not in _DERIVED:
                column = next((one.name for one in key.columns if one.name != "organization_id"), None)
                if column is not None:
                    yield child, column


def _resources(row: Import) -> list[str]:
    """Return the kinds of the records that the import created or changed, dependent ones first."""
    kinds = unscoped(
        select(ImportedRow.resource).distinct(), why="the job reads the records of the import that it undoes"
    )
    found = db.session.scalars(
        kinds.where(ImportedRow.organization_id == row.organization_id, ImportedRow.import_id == row.id)
    )
    order = {table.name: place for place, table in enumerate(reversed(Base.metadata.sorted_tables))}
    return sorted(found, key=lambda resource: order[_table(resource).name])


def _counts(row: Import) -> dict[str, dict[str, int]]:
    """Return the numbers of records to be undone, by kind and effect."""
    rows = unscoped(
        select(ImportedRow.resource, ImportedRow.effect, func.count()),
        why="counts only, of the import that the job undoes",
    ).where(
        ImportedRow.organization_id == row.organization_id,
        ImportedRow.import_id == row.id,
        ImportedRow.stays.is_(None),
    )
    counts: dict[str, Counter[str]] = {}
    for resource, effect, count in db.session.execute(rows.group_by(ImportedRow.resource, ImportedRow.effect)):
        counts.setdefault(resource, Counter())[effect] = count
    return {resource: dict(of_kind) for resource, of_kind in counts.items()}


def _table(resource: str) -> Table:
    table = registry().resources[resource].model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{resource} stands in no table")
    return table


def _of(row: Import) -> dict[str, object]:
    return {"organization": row.organization_id, "import": row.id}


def _get(import_id: UUID, *, lock: bool = False) -> Import:
    wanted = unscoped(Import, why="the job loads the import that it undoes, of any user")
    return db.session.get_one(
        wanted, (current_context().organization_id, import_id), with_for_update=lock or None, populate_existing=True
    )
