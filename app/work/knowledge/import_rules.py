"""Parsing of the rows of a file into answers. Pure: no database access."""

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import text_parser
from app.data.imports.column_rules import Column, Columns, RowCheck
from app.data.imports.field_rules import FieldReader, field_column
from app.data.imports.mapping_rules import Mapping
from app.data.imports.record_rules import Copies, RejectedRow, with_fingerprint
from app.declarations.imported_fields import DeclaredFields
from app.tables.table_rules import Row, Table
from app.work.knowledge.import_record_rules import AnswerRecord
from app.work.knowledge.import_target_rules import AnswerTarget, gaps
from app.work.knowledge.rules import MIN_TEXT

MAX_ID_LENGTH = 200

#: Fields of the resource that are read by a rule.
BY_RULE = ("question", "answer", "category", "language")


class AnswerReader:
    """Reader that turns the rows of one table into answers."""

    def __init__(self, mapping: Mapping, table: Table, fields: DeclaredFields) -> None:
        self._source = mapping.source
        self._copies = Copies()
        columns = self._columns = Columns(mapping, table.header, gaps(mapping.given))
        self._external_id = columns.one(AnswerTarget.EXTERNAL_ID, text_parser(MAX_ID_LENGTH), unique=True)
        self._question, self._answer, self._category, self._language = (
            field_column(columns, fields.named(name)) for name in BY_RULE
        )
        self._fields = FieldReader(columns, fields.simple)

    def read(self, row: Row) -> AnswerRecord | RejectedRow:
        """Return the answer of this row, or all problems of the row."""
        check = self._columns.check(row)
        if check.is_wrong():
            return check.rejected()
        record = AnswerRecord(
            line=check.line,
            fingerprint=b"",
            external_source=self._source,
            external_id=self._external_id.read(check) or "",
            question=_long_enough(self._question, check),
            answer=_long_enough(self._answer, check),
            category=self._category.read(check),
            language=self._language.read(check),
            remarks=(),
            fields=self._fields.read(check),
        )
        if check.is_wrong():
            return check.rejected()
        known = with_fingerprint(record, self._copies)
        return known._replace(remarks=tuple(check.problems))


def _long_enough(column: Column[str], check: RowCheck) -> str:
    text = column.require(check)
    if text is not None and len(text) < MIN_TEXT:
        check.refuse(_l("It’s shorter than %(limit)s characters.", limit=MIN_TEXT), column.name, text)
    return text or ""
