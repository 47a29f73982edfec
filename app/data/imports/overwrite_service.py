"""Which columns of a record stay as they are, whatever a file says: `Mapping.overwrite` chooses it."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, TextClause, case, func, literal, text

from app.data.imports.outcome_rules import undo_operation
from app.data.imports.staging_service import StagedRecords
from app.extensions import db

#: What an update writes: columns that are empty, those that nobody has edited here, or all.
Overwrite: TypeAlias = Literal["empty", "unedited", "all"]

_UNDONE = text("SELECT id FROM imports WHERE organization_id = :organization AND undo IN ('running', 'done')")


def find_kept(
    organization_id: UUID,
    resource: str,
    records: StagedRecords,
    kept_in: str,
    overwrite: Overwrite,
    together: Sequence[Sequence[str]] = (),
) -> None:
    """Have the columns that stay in `records.kept` (text[]) of each row whose record is known, in the table `kept_in`.

    Of each group in `together` all stay where one does: they say one thing. What an import has written is nobody's
    edit, nor is what taking one back has returned.
    """
    if overwrite == "all" or not _is_any_known(records):
        return
    here: dict[str, Any] = {"organization": organization_id}
    if overwrite == "empty":
        db.session.execute(_keep_filled(records, kept_in), here)
    else:
        undone = [undo_operation(one) for one in db.session.scalars(_UNDONE, here)]
        db.session.execute(_keep_edited(records), {**here, "resource": resource, "undone": undone})
    for names in together:
        whole = text(f"""
            UPDATE {records.table.name} SET {records.kept} = {records.kept} || CAST(:names AS text[])
            WHERE {records.kept} && CAST(:names AS text[])
        """)  # noqa: S608 - names that are declared
        db.session.execute(whole, {"names": list(names)})


def unless_kept(
    kept: ColumnElement[Any], values: Mapping[str, ColumnElement[Any]], record: Any
) -> dict[str, ColumnElement[Any]]:
    """For each column what it is set to: what `record` has where it is among `kept`, else its value."""
    return {
        name: case((func.array_position(kept, literal(name)).is_not(None), getattr(record, name)), else_=value)
        for name, value in values.items()
    }


def kept_sql(kept: str, name: str, record: str, value: str) -> str:
    """As `unless_kept`, for one column of a statement that is written as text."""
    return f"CASE WHEN '{name}' = ANY ({kept}) THEN {record}.{name} ELSE {value} END"


def _is_any_known(records: StagedRecords) -> bool:
    """Most portions have new rows only: the trail is not looked through for those."""
    known = text(f"SELECT EXISTS (SELECT FROM {records.table.name} WHERE {records.is_known})")  # noqa: S608 - names that are declared
    return bool(db.session.scalar(known))


def _keep_filled(records: StagedRecords, kept_in: str) -> TextClause:
    return text(f"""
        UPDATE {records.table.name} staged SET {records.kept} = filled.columns
        FROM (
          SELECT record.id, array_agg(column_of.key) AS columns
          FROM {records.table.name} known
          JOIN {kept_in} record ON record.organization_id = :organization AND record.id = known.{records.id}
          CROSS JOIN jsonb_each(to_jsonb(record)) column_of
          WHERE known.{records.is_known} AND column_of.value NOT IN ('null', '[]', '""')
          GROUP BY record.id
        ) filled
        WHERE staged.{records.id} = filled.id
    """)  # noqa: S608 - names that are declared


def _keep_edited(records: StagedRecords) -> TextClause:
    """What a person has set when making the record counts as edited too, what they left empty does not."""
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
    """)  # noqa: S608 - names that are declared
