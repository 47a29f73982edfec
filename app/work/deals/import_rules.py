"""Parsing of the rows of a file into deals. Pure: no database access, no clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.data.imports.amount_rules import cost_parser, number_parser
from app.data.imports.cell_rules import text_parser
from app.data.imports.column_rules import Columns, RowCheck
from app.data.imports.date_rules import day_parser
from app.data.imports.field_rules import FieldReader, field_column
from app.data.imports.mapping_rules import Mapping
from app.data.imports.record_rules import Copies, RejectedRow, with_fingerprint
from app.data.imports.word_rules import renamed
from app.declarations.imported_fields import DeclaredFields
from app.models.leads import DealStage
from app.people.users.import_name_rules import person_parser
from app.tables.table_rules import Row, Table
from app.work.appointments.rules import MAX_DEAL_VALUE
from app.work.contacts.import_person_rules import PersonReader
from app.work.deals.import_record_rules import DealRecord
from app.work.deals.import_target_rules import PROGRESS, STAGE, DealTarget, gaps

MAX_ID_LENGTH = 200
MAX_AGENT_LENGTH = 100
MAX_ACCOUNT_LENGTH = 100
SERVICE_LENGTHS = (2, 80)
REASON_LENGTHS = (3, 500)

#: Fields that are read by a rule.
BY_RULE = (STAGE.name, PROGRESS.name)

_NOON: Final = time(12)


@dataclass(frozen=True, slots=True)
class DealSettings:
    """Settings of the organization for reading deals, and the current time (timezone-aware).

    `country` (ISO 3166-1 alpha-2) is that of phone numbers without a country code.
    """

    timezone: ZoneInfo
    now: datetime
    country: str
    currency: str = "USD"


class DealReader:
    """Reader that turns the rows of one table into deals."""

    def __init__(self, mapping: Mapping, table: Table, settings: DealSettings, fields: DeclaredFields) -> None:
        self._settings = settings
        self._source = mapping.source
        self._copies = Copies()
        columns = self._columns = Columns(mapping, table.header, gaps(mapping.given))
        one = columns.one
        day = day_parser(mapping.date_formats, mapping.time_formats)
        number = number_parser(mapping.decimal_separator, mapping.thousands_separator)
        self._external_id = one(DealTarget.EXTERNAL_ID, text_parser(MAX_ID_LENGTH), unique=True)
        agent = renamed(person_parser(MAX_AGENT_LENGTH), mapping.values.get(DealTarget.AGENT, {}))
        self._agent = one(DealTarget.AGENT, agent)
        self._account = one(DealTarget.ACCOUNT, text_parser(MAX_ACCOUNT_LENGTH), optional=True)
        self._product = one(DealTarget.PRODUCT, text_parser(SERVICE_LENGTHS[1], SERVICE_LENGTHS[0]))
        self._person = PersonReader(columns, settings.country)
        self._stage, self._progress = field_column(columns, STAGE), field_column(columns, PROGRESS)
        self._fields = FieldReader(columns, fields.simple)
        self._engaged_on = one(DealTarget.ENGAGED_ON, day, optional=True)
        said_day = day_parser(("YYYY-MM-DD", *mapping.date_formats), mapping.time_formats)
        self._closed_on = one(DealTarget.CLOSED_ON, day, default=said_day)
        value = cost_parser(number, most=MAX_DEAL_VALUE, currency=settings.currency)
        self._deal_value = one(DealTarget.DEAL_VALUE, value, optional=True)
        reason = text_parser(REASON_LENGTHS[1], REASON_LENGTHS[0])
        self._lost_reason = one(DealTarget.LOST_REASON, reason, optional=True)

    def read(self, row: Row) -> DealRecord | RejectedRow:
        """Return the deal of this row, or all problems of the row."""
        return self._columns.read(row, self._record)

    def _record(self, check: RowCheck) -> DealRecord:
        """Read the deal, substituting placeholders for invalid values so that all errors are found in one pass."""
        stage, progress = self._stage.require(check) or DealStage.NEW, self._progress.read(check)
        is_decided = stage in (DealStage.WON, DealStage.LOST)
        person = self._person.read(check)
        record = DealRecord(
            line=check.line,
            fingerprint=b"",
            external_source=self._source,
            external_id=self._external_id.read(check) or "",
            agent=self._agent.read(check),
            account=self._account.read(check),
            first_name=person.first_name,
            last_name=person.last_name,
            phone=person.phone,
            email=person.email,
            product=self._product.require(check) if is_decided else self._product.read(check),
            stage=progress if stage is DealStage.NEW and progress else stage,
            progress=progress,
            engaged_at=self._noon_of(self._engaged_on.read(check)),
            closed_at=self._read_closing(check) if is_decided else None,
            deal_value=self._read_value(check, stage),
            lost_reason=self._lost_reason.read(check) if stage is DealStage.LOST else None,
            remarks=(),
            fields=self._fields.read(check),
        )
        known = with_fingerprint(record, self._copies)
        return known._replace(remarks=tuple(check.problems))

    def _read_closing(self, check: RowCheck) -> datetime | None:
        """Return noon of the day on which the deal was won or lost, and refuse a day in the future."""
        closed_at = self._noon_of(self._closed_on.require(check))
        today = self._settings.now.astimezone(self._settings.timezone).date()
        if closed_at and closed_at.astimezone(self._settings.timezone).date() > today:
            sentence = _l("The date is in the future, so the deal can’t be closed.")
            check.refuse(sentence, self._closed_on.name, str(closed_at.date()))
        return closed_at

    def _read_value(self, check: RowCheck, stage: DealStage) -> Decimal | None:
        """Return the value of a won deal. A value of any other deal is ignored, with a warning."""
        value = self._deal_value.read(check)
        if stage is DealStage.WON:
            return value
        if value:
            check.remark(_l("Only won deals have a value."), self._deal_value.name, str(value))
        return None

    def _noon_of(self, day: date | None) -> datetime | None:
        return None if day is None else datetime.combine(day, _NOON, self._settings.timezone).astimezone(UTC)
