"""Parsing of the rows of a file into leads. Pure: no database access, no clock."""

from dataclasses import dataclass
from typing import TypeVar

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import text_parser
from app.data.imports.column_rules import Columns, RowCheck
from app.data.imports.date_rules import moment_or_noon_parser
from app.data.imports.field_rules import FieldReader, field_column
from app.data.imports.mapping_rules import Mapping
from app.data.imports.moment_rules import Clock
from app.data.imports.record_rules import Copies, RejectedRow, with_fingerprint
from app.declarations.imported_fields import DeclaredFields
from app.models import LeadStage
from app.tables.table_rules import Row, Table
from app.work.contacts.import_person_rules import PersonReader
from app.work.leads.import_record_rules import LeadRecord
from app.work.leads.import_target_rules import LeadTarget, gaps
from app.work.leads.rules import MAX_REASON_CHARACTERS, MIN_REASON_CHARACTERS

T = TypeVar("T")

MAX_ID_LENGTH = 200
PERSON_NAME_LENGTHS = (2, 100)

#: Fields of the resource that are read by a rule.
BY_RULE = ("stage", "qualification")


@dataclass(frozen=True, slots=True)
class LeadSettings:
    """Settings of the organization for reading leads."""

    clock: Clock
    country: str


class LeadReader:
    """Reader that turns the rows of one table into leads."""

    def __init__(self, mapping: Mapping, table: Table, settings: LeadSettings, fields: DeclaredFields) -> None:
        self._settings = settings
        self._source = mapping.source
        self._copies = Copies()
        columns = self._columns = Columns(mapping, table.header, gaps(mapping.given))
        one = columns.one
        name = text_parser(PERSON_NAME_LENGTHS[1], PERSON_NAME_LENGTHS[0])
        moment = moment_or_noon_parser(mapping.date_formats, mapping.time_formats)
        reason = text_parser(MAX_REASON_CHARACTERS, MIN_REASON_CHARACTERS)
        self._external_id = one(LeadTarget.EXTERNAL_ID, text_parser(MAX_ID_LENGTH), unique=True)
        self._agent, self._csr = one(LeadTarget.AGENT, name), one(LeadTarget.CSR, name)
        self._person = PersonReader(columns, settings.country)
        self._stage, self._qualification = (field_column(columns, fields.named(name)) for name in BY_RULE)
        self._fields = FieldReader(columns, fields.simple)
        self._created_at = one(LeadTarget.CREATED_AT, moment, optional=True)
        self._last_activity_at = one(LeadTarget.LAST_ACTIVITY_AT, moment, optional=True)
        self._closed_at = one(LeadTarget.CLOSED_AT, moment, optional=True)
        self._dead_reason = one(LeadTarget.DEAD_REASON, reason, optional=True)

    def read(self, row: Row) -> LeadRecord | RejectedRow:
        """Return the lead of this row, or all problems of the row."""
        return self._columns.read(row, self._record)

    def _record(self, check: RowCheck) -> LeadRecord:
        """Read the lead, substituting placeholders for invalid values so that all errors are found in one pass."""
        stage, past = self._stage.read(check) or LeadStage.NEW, self._settings.clock.read
        record = LeadRecord(
            line=check.line,
            fingerprint=b"",
            external_source=self._source,
            external_id=self._external_id.read(check) or "",
            agent=self._agent.read(check),
            csr=self._csr.read(check),
            **self._person.read(check)._asdict(),
            stage=stage,
            qualification=self._qualification.read(check),
            created_at=past(self._created_at, check),
            last_activity_at=past(self._last_activity_at, check),
            closed_at=self._of_dead(past(self._closed_at, check), stage, self._closed_at.name, check),
            dead_reason=self._of_dead(self._dead_reason.read(check), stage, self._dead_reason.name, check),
            remarks=(),
            fields=self._fields.read(check),
        )
        known = with_fingerprint(record, self._copies)
        return known._replace(remarks=tuple(check.problems))

    def _of_dead(self, value: T | None, stage: LeadStage, column: str | None, check: RowCheck) -> T | None:
        """Return a value that only dead leads have. For other leads, it is ignored with a warning."""
        if value is not None and stage is not LeadStage.DEAD:
            check.remark(_l("Only dead leads can have a closing date or a lost reason."), column, str(value))
            return None
        return value
