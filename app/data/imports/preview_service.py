"""Determining the effect of importing a whole file; only the result is stored, with the import."""

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, TextClause, Update, text, update

from app.data.imports.load_service import Load, as_one_operation
from app.data.imports.run_service import in_words, progress_writer
from app.data.imports.staging_service import CONFLICT, COPY, TAKEN, UNKNOWN_NAME, StagedRecords
from app.data.imports.whole_file_rules import Change, ChangedField, Group, WholeFile
from app.db.context import current_context
from app.db.session import one_connection
from app.declarations.job import WAITS_FOR_STORAGE
from app.declarations.registry import registry
from app.errors import DomainError, is_storage_fault
from app.extensions import db
from app.models import Import, ImportStatus
from app.security.scope import unscoped
from app.storage import storage

MAX_GROUPS = 50
MAX_NAMES = 200
_SHOWN_RECORDS = 10
#: Storing these takes a fraction of a second.
_COMPARED_RECORDS = 1_000
_MAX_FAILURE_LENGTH = 1_000
_MAX_VALUE_LENGTH = 200

_WRONG = text(f"""
    SELECT count(DISTINCT line) FILTER (WHERE NOT is_remark) AS rejected,
      count(DISTINCT line) FILTER (WHERE is_remark AND NOT is_turned_away) AS remarked,
      count(DISTINCT line) FILTER (WHERE kind = '{COPY}') AS copies,
      count(DISTINCT line) FILTER (WHERE kind = '{CONFLICT}') AS conflicts,
      count(DISTINCT line) FILTER (WHERE kind = '{UNKNOWN_NAME}') AS nameless
    FROM (
      SELECT *, bool_or(NOT is_remark) OVER (PARTITION BY line) AS is_turned_away FROM staged_errors
    ) wrong
""")  # noqa: S608 - names from code; values are bound
_NAMES = text(f"""
    SELECT value FROM staged_errors WHERE kind = '{UNKNOWN_NAME}'
    GROUP BY value ORDER BY count(*) DESC, value LIMIT :most
""")  # noqa: S608 - names from code; values are bound
# The line number in a reason is removed, so that such reasons form one group.
_GROUPS = text(f"""
    SELECT column_name AS "column", is_remark,
      CASE WHEN kind IN ('{COPY}', '{CONFLICT}', '{TAKEN}') THEN regexp_replace(reason, '[0-9]+', '…') ELSE reason
      END AS reason,
      count(DISTINCT line) AS rows, (array_agg(DISTINCT line ORDER BY line))[1:5] AS lines
    FROM staged_errors GROUP BY 1, 2, 3 ORDER BY is_remark, rows DESC, 1, 3 LIMIT :most
""")  # noqa: S608 - names from code; values are bound


def run_preview(import_id: UUID) -> None:
    """Determine what the import would do, and store the result with the import.

    Does nothing if the import has started, has no mapping or already has a preview; the result is discarded if the
    mapping changes in the meantime. Domain errors are stored with the import; others are raised.
    """
    row = _get(import_id)
    if row.status != ImportStatus.UPLOADED or not row.mapping or row.preview is not None:
        return
    mapping = row.mapping
    values: dict[str, Any]
    with one_connection(db.session()):
        try:
            values = {"preview": _look(_get(import_id)).model_dump(mode="json"), "preview_failure": None}
        except DomainError as error:
            if is_storage_fault(error):  # the job is tried again
                raise
            values = {"preview_failure": in_words(error)[:_MAX_FAILURE_LENGTH]}
        db.session.rollback()
        db.session.execute(_same(import_id, mapping).values(**values))
        db.session.commit()


def fail_preview(import_id: UUID, error: BaseException) -> None:
    """Store that the preview failed, and why."""
    row = _get(import_id)
    failure = in_words(error)[:_MAX_FAILURE_LENGTH]
    db.session.execute(_same(import_id, row.mapping).values(preview_failure=failure))


def show_preview_waiting(import_id: UUID) -> None:
    """Store with the import that its preview waits for storage."""
    row = _get(import_id)
    db.session.execute(_same(import_id, row.mapping).values(preview_failure=str(WAITS_FOR_STORAGE)))


def _look(row: Import) -> WholeFile:
    load = Load(row, keep=False)
    records: StagedRecords = load.declared.records
    with as_one_operation(row.id):
        total, left_out = load.read(storage().path(row.storage_key), progress_writer(row.id, ImportStatus.UPLOADED))
        # Users are only created when the import starts; the preview counts their names.
        load.declared.check(row.organization_id, row.id, load.mapping, False)
        question = load.source_question(total)
        twins = _count(f"SELECT count(*) FROM {records.table.name} WHERE external_id ~ '^row-[0-9a-f]{{32}}-[0-9]+$'")  # noqa: S608 - names from code; values are bound
        unchanged = load.declared.settle(row.organization_id, row.id, load.mapping)
        updated = _count(f"SELECT count(*) FROM {records.table.name} WHERE {records.is_known}")  # noqa: S608 - names from code; values are bound
        created = _count(f"SELECT count(*) FROM {records.table.name}") - updated  # noqa: S608 - names from code; values are bound
        wrong: RowMapping = db.session.execute(_WRONG).mappings().one()
        names = db.session.scalars(_NAMES, {"most": MAX_NAMES}).all()
        groups = db.session.execute(_GROUPS, {"most": MAX_GROUPS}).mappings().all()
        compared = _compare(row, load) if updated else {}
    return WholeFile(
        total=total,
        left_out=left_out,
        created=created,
        updated=updated,
        unchanged=unchanged,
        twins=twins,
        names=tuple(names),
        groups=tuple(Group(**one) for one in groups),
        question=question,
        **compared,
        **wrong,
    )


def _compare(row: Import, load: Load) -> dict[str, Any]:
    """Return how the first known records would change, as values of a WholeFile.

    To find out, the changes are stored; the caller rolls them back.
    """
    table, known = load.declared.records.table.name, load.declared.records.is_known
    db.session.execute(
        text(f"""
            DELETE FROM {table} WHERE line NOT IN (SELECT line FROM {table} WHERE {known} ORDER BY line LIMIT :most)
        """),  # noqa: S608 - names from code; values are bound
        {"most": _COMPARED_RECORDS},
    )
    compared = _count(f"SELECT count(*) FROM {table}")  # noqa: S608 - names from code; values are bound
    load.declared.store(row.organization_id, row.id, load.mapping)
    of = {"organization": row.organization_id, "import": row.id}
    kinds = text(
        "SELECT DISTINCT resource FROM import_rows"
        " WHERE organization_id = :organization AND import_id = :import AND effect = 'updated' ORDER BY 1"
    )
    found = {name: {**of, "resource": name} for name in db.session.scalars(kinds, of)}
    return {
        "compared": compared,
        "changes": tuple(
            Change(resource=name, **one)
            for name, values in found.items()
            for one in db.session.execute(_samples(name), {**values, "most": _SHOWN_RECORDS}).mappings()
        ),
        "changed_fields": tuple(
            ChangedField(resource=name, **one)
            for name, values in found.items()
            for one in db.session.execute(_by_field(name), values).mappings()
        ),
    }


def _samples(resource: str) -> TextClause:
    """Return the SQL for all changes of the first records that change."""
    return text(f"""
        SELECT line, "column", before, after
        FROM (SELECT *, dense_rank() OVER (ORDER BY line) AS place FROM ({_differences(resource)}) changed) placed
        WHERE place <= :most ORDER BY line, "column"
    """)  # noqa: S608 - names from code; values are bound


def _by_field(resource: str) -> TextClause:
    """Return the SQL for the number of records by changed column, with the values of the first."""
    return text(f"""
        SELECT "column", count(*) AS records, (array_agg(before ORDER BY line))[1] AS before,
          (array_agg(after ORDER BY line))[1] AS after
        FROM ({_differences(resource)}) changed GROUP BY 1 ORDER BY 2 DESC, 1
    """)  # noqa: S608 - names from code; values are bound


def _differences(resource: str) -> str:
    """Return the SQL for the changed columns with the values before and after, by line.

    Ids of users are replaced by their names.
    """
    table = registry().resources[resource].model.__tablename__
    return f"""
        SELECT made.line, told.key AS "column", {_said("told.value")} AS before, {_said("now.value")} AS after
        FROM import_rows made
        JOIN {table} record ON record.organization_id = :organization AND record.id = made.record_id
        CROSS JOIN jsonb_each(made.before) told
        JOIN jsonb_each(to_jsonb(record)) now ON now.key = told.key AND now.value <> told.value
        WHERE made.organization_id = :organization AND made.import_id = :import AND made.resource = :resource
          AND made.effect = 'updated' AND left(told.key, 9) <> 'external_'
    """  # noqa: S608 - names from code; values are bound


def _said(value: str) -> str:
    plain = f"left({value} #>> '{{}}', {_MAX_VALUE_LENGTH})"
    user = "SELECT name FROM users WHERE users.organization_id = :organization AND users.id::text"
    user = f"({user} = {value} #>> '{{}}')"
    return f"CASE WHEN told.key LIKE '%\\_id' THEN coalesce({user}, {plain}) ELSE {plain} END"


def _count(statement: str) -> int:
    return int(db.session.execute(text(statement)).scalar_one())


def _same(import_id: UUID, mapping: dict[str, Any]) -> Update:
    """Return an UPDATE of the import that has no effect if it was started or its mapping has changed."""
    return update(Import).where(
        Import.organization_id == current_context().organization_id,
        Import.id == import_id,
        Import.status == ImportStatus.UPLOADED,
        Import.mapping == mapping,
    )


def _get(import_id: UUID) -> Import:
    wanted = unscoped(Import, why="the job loads the import that it previews, of any user")
    return db.session.get_one(wanted, (current_context().organization_id, import_id), populate_existing=True)
