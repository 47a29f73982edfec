"""Storage of rows that each become one record of a single table.

Source and id identify a record. The staged table has the columns `id`, `is_known`, `is_unchanged`, `kept`, `line`,
`fingerprint`, `external_source` and `external_id`; the target has those of `app.models.contacts.Imported`.
"""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import text

from app.data.imports.declared_service import given_values
from app.data.imports.overwrite_service import protected_sql
from app.data.imports.staging_service import StagedRecords, affected, keep_before, keep_created, turn_away
from app.declarations.imported_fields import DeclaredFields
from app.extensions import db


class RecordTable(NamedTuple):
    """Staged rows, and the imported fields of the resource that they become."""

    records: StagedRecords
    declared: DeclaredFields

    @property
    def table(self) -> str:
        """The name of the table that stores the records."""
        name: str = self.declared.resource.model.__tablename__
        return name

    @property
    def resource(self) -> str:
        """The name of the resource."""
        return self.declared.resource.name

    @property
    def staged(self) -> str:
        """The name of the staged table."""
        return self.records.table.name


def find_known(organization_id: UUID, stored: RecordTable) -> None:
    """Match staged rows to existing records, and mark those that are unchanged.

    A single statement does both, since another import could add a record between two statements.
    """
    known = text(f"""
        UPDATE {stored.staged} staged SET id = record.id, is_known = true,
          is_unchanged = coalesce(record.external_fingerprint = staged.fingerprint, false)
        FROM {stored.table} record
        WHERE record.organization_id = :organization AND record.external_source = staged.external_source
          AND record.external_id = staged.external_id
    """)  # noqa: S608 - names from code; values are bound
    db.session.execute(known, {"organization": organization_id})


def turn_deleted_away(organization_id: UUID, stored: RecordTable, column: str | None, reason: str) -> None:
    """Reject rows whose record is in the trash."""
    deleted = text(f"""
        INSERT INTO staged_errors
        SELECT line, :column, staged.external_id, :reason
        FROM {stored.staged} staged
        JOIN {stored.table} record ON record.organization_id = :organization AND record.id = staged.id
        WHERE record.deleted_at IS NOT NULL
    """)  # noqa: S608 - names from code; values are bound
    turn_away(stored.records.table, deleted, column=column, reason=reason, organization=organization_id)


def drop_unchanged(stored: RecordTable) -> int:
    """Delete unchanged rows and return their number."""
    return affected(text(f"DELETE FROM {stored.staged} WHERE is_unchanged"))  # noqa: S608 - names from code; values are bound


def update_known(
    organization_id: UUID,
    import_id: UUID,
    stored: RecordTable,
    rows: str,
    values: Mapping[str, str],
    given: Collection[str],
    **more: Any,
) -> int:
    """Update known records, except for the columns in `kept`, and return their number.

    The previous values are recorded first. `values` are SQL expressions by column, over `record` and the staged rows
    selected by `rows`, named `said`; `more` are the parameters of both. Simple fields are written if they are in
    `given`.
    """
    values = {**values, **given_values(stored.declared, given)}
    keep_before(
        organization_id, import_id, stored.resource, stored.records, stored.table, [*values, "external_fingerprint"]
    )
    changes = ", ".join(
        f"{name} = {protected_sql('said.kept', name, 'record', value)}" for name, value in values.items()
    )
    update = text(f"""
        UPDATE {stored.table} record SET {changes}, external_fingerprint = said.fingerprint,
          version = record.version + 1
        FROM ({rows}) said
        WHERE record.organization_id = :organization AND record.id = said.id AND said.is_known
    """)  # noqa: S608 - names from code; values are bound
    return affected(update, organization=organization_id, **more)


def insert_new(
    organization_id: UUID, import_id: UUID, stored: RecordTable, rows: str, values: Mapping[str, str], **more: Any
) -> int:
    """Create the records that don't exist yet, add them to `import_rows`, and return their number.

    The arguments are like those of `update_known`, but all simple fields are written.
    """
    values = {**values, **given_values(stored.declared)}
    insert = text(f"""
        INSERT INTO {stored.table} (organization_id, id, external_source, external_id, external_fingerprint,
          {", ".join(values)})
        SELECT :organization, said.id, said.external_source, said.external_id, said.fingerprint,
          {", ".join(values.values())}
        FROM ({rows}) said WHERE NOT said.is_known ORDER BY said.id
    """)  # noqa: S608 - names from code; values are bound
    created = affected(insert, organization=organization_id, **more)
    keep_created(organization_id, import_id, stored.resource, stored.records)
    return created
