"""Finding the columns of existing records that an import leaves unchanged, as `Mapping.overwrite` specifies."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, case, func, literal, text

from app.data.imports.outcome_rules import undo_operation
from app.data.imports.staging_service import StagedRecords
from app.extensions import db

#: Columns that an update writes: empty ones, those that no one has edited here, or all.
Overwrite: TypeAlias = Literal["empty", "unedited", "all"]

_UNDONE = text("SELECT id FROM imports WHERE organization_id = :organization AND undo IN ('running', 'done')")


def mark_protected(
    organization_id: UUID,
    resource: str,
    records: StagedRecords,
    kept_in: str,
    overwrite: Overwrite,
    together: Sequence[Sequence[str]] = (),
) -> None:
    """Set `records.kept` (text[]) to the columns of existing records that the import must leave unchanged.

    The existing records are in the table `kept_in`. If one column of a group in `together` is left unchanged, all of
    them are, since they belong together. Values written by an import, or reverted by undoing one, don't count as
    edited.
    """
    if overwrite == "all" or not _is_any_known(records):
        return
    here: dict[str, Any] = {"organization": organization_id}
    if overwrite == "empty":
        db.session.execute(_keep_filled(records, kept_in, "true"), here)
    else:
        undone = [undo_operation(one) for one in db.session.scalars(_UNDONE, here)]
        db.session.execute(_keep_edited(records), {**here, "resource": resource, "undone": undone})
    _keep_together(records, together)


def mark_filled(
    organization_id: UUID,
    records: StagedRecords,
    kept_in: str,
    condition: str,
    together: Sequence[Sequence[str]] = (),
) -> None:
    """Add the columns that have a value to `records.kept`, for existing records that meet a condition.

    The condition is SQL about `record`, a row of the table `kept_in`; for the other arguments, see `mark_protected`.
    """
    if _is_any_known(records):
        db.session.execute(_keep_filled(records, kept_in, condition), {"organization": organization_id})
        _keep_together(records, together)


def unless_protected(
    kept: ColumnElement[Any], values: Mapping[str, ColumnElement[Any]], record: Any
) -> dict[str, ColumnElement[Any]]:
    """Return the new value of each column: that of `record` for columns in `kept`, or else the given one."""
    return {
        name: case((func.array_position(kept, literal(name)).is_not(None), getattr(record, name)), else_=value)
        for name, value in values.items()
    }


def protected_sql(kept: str, name: str, record: str, value: str) -> str:
    """Return SQL text for the new value of a single column, by the rule of `unless_protected`."""
    return f"CASE WHEN '{name}' = ANY ({kept}) THEN {record}.{name} ELSE {value} END"


def _keep_together(records: StagedRecords, together: Sequence[Sequence[str]]) -> None:
    for names in together:
        whole = text(f"""
            UPDATE {records.table.name} SET {records.kept} = {records.kept} || CAST(:names AS text[])
            WHERE {records.kept} && CAST(:names AS text[])
        """)  # noqa: S608 - names from code; values are bound
        db.session.execute(whole, {"names": list(names)})


def _is_any_known(records: StagedRecords) -> bool:
    """Return whether any staged row has a known record.

    Most portions only have new rows, for which the audit trail need not be searched.
    """
    known = text(f"SELECT EXISTS (SELECT FROM {records.table.name} WHERE {records.is_known})")  # noqa: S608 - names from code; values are bound
    return bool(db.session.scalar(known))


def _keep_filled(records: StagedRecords, kept_in: str, condition: str) -> TextClause:
    return text(f"""
        UPDATE {records.table.name} staged SET {records.kept} = coalesce({records.kept}, '{{}}') || filled.columns
        FROM (
          SELECT record.id, array_agg(column_of.key) AS columns
          FROM {records.table.name} known
          JOIN {kept_in} record ON record.organization_id = :organization AND record.id = known.{records.id}
          CROSS JOIN jsonb_each(to_jsonb(record)) column_of
          WHERE known.{records.is_known} AND {condition} AND column_of.value NOT IN ('null', '[]', '""')
          GROUP BY record.id
        ) filled
        WHERE staged.{records.id} = filled.id
    """)  # noqa: S608 - names from code; values are bound


def _keep_edited(records: StagedRecords) -> TextClause:
    """Return the UPDATE that marks columns edited by people to be left unchanged.

    A value that a person set when creating the record counts as edited, an empty one does not.
    """
    return text(f"""
        UPDATE {records.table.name} staged SET {records.kept} = edited.columns
        FROM (
          SELECT entry.resource_id AS id, array_agg(DISTINCT column_of.key) AS columns
          FROM {records.table.name} known
          JOIN audit_logs entry ON entry.organization_id = :organization AND entry.resource_type = :resource
            AND entry.resource_id = known.{records.id}
          CROSS JOIN jsonb_each(entry.after) column_of
          WHERE known.{records.is_known} AND entry.user_id IS NOT NULL
            AND (entry.before IS NOT NULL OR column_of.value NOT IN ('null', '[]', '""'))
            AND entry.operation_id <> ALL (CAST(:undone AS uuid[]))
            AND NOT EXISTS (
              SELECT FROM imports
              WHERE imports.organization_id = :organization AND imports.id = entry.operation_id
            )
          GROUP BY entry.resource_id
        ) edited
        WHERE staged.{records.id} = edited.id
    """)  # noqa: S608 - names from code; values are bound
