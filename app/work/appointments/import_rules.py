"""Rules that turn the rows of a file into appointments.

Pure: no database, no clock of its own.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from flask_babel import lazy_gettext as _l

from app.data.imports.cell_rules import Value, as_text, text_parser
from app.data.imports.column_rules import Column, Columns, RowCheck
from app.data.imports.date_rules import moment_or_noon_parser
from app.data.imports.field_rules import FieldReader, field_column
from app.data.imports.mapping_rules import Mapping
from app.data.imports.moment_rules import Clock
from app.data.imports.record_rules import Copies, RejectedRow, with_fingerprint
from app.data.imports.word_rules import TURN_AWAY, renamed
from app.declarations.imported_fields import DeclaredFields
from app.errors import LazyText
from app.models import AppointmentOutcome, AppointmentStatus
from app.people.users.import_name_rules import first_person_parser
from app.tables.table_rules import Row, Table
from app.work.appointments.import_paid_rules import meaning_of_paid, value_parser
from app.work.appointments.import_record_rules import VisitRecord
from app.work.appointments.import_target_rules import OUTCOME_NAME, STATUS_NAME, VisitTarget, gaps
from app.work.appointments.import_time_rules import USUAL_LENGTH, Span, SpanReader
from app.work.appointments.rules import (
    MAX_NOTES_CHARACTERS,
    MAX_REASON_CHARACTERS,
    MIN_REASON_CHARACTERS,
)
from app.work.contacts.import_person_rules import PersonReader
from app.work.contacts.import_rules import parse_country
from app.work.contacts.rules import MAX_ADDRESS_LINE_LENGTH, MAX_CITY_LENGTH, MAX_NAME_LENGTH, MAX_ZIP_LENGTH

T = TypeVar("T")

MAX_ID_LENGTH = 200
PERSON_NAME_LENGTHS = (2, 100)
SERVICE_LENGTHS = (2, 80)

#: Fields of the resource that need a rule.
BY_RULE = (STATUS_NAME, OUTCOME_NAME)

_OVER = (AppointmentStatus.COMPLETED, AppointmentStatus.NO_SHOW)
#: Parts of the address, and the maximum length of each.
_PLACE = {
    VisitTarget.ADDRESS_LINE_1: MAX_ADDRESS_LINE_LENGTH,
    VisitTarget.ADDRESS_LINE_2: MAX_ADDRESS_LINE_LENGTH,
    VisitTarget.CITY: MAX_CITY_LENGTH,
    VisitTarget.STATE: MAX_NAME_LENGTH,
    VisitTarget.ZIP: MAX_ZIP_LENGTH,
}


@dataclass(frozen=True, slots=True)
class VisitSettings:
    """Organization settings needed to read appointments."""

    clock: Clock
    country: str
    currency: str = "USD"


class VisitReader:
    """Reader of appointments from the rows of one table."""

    def __init__(self, mapping: Mapping, table: Table, settings: VisitSettings, fields: DeclaredFields) -> None:
        self._clock = settings.clock
        self._source = mapping.source
        self._copies = Copies()
        columns = self._columns = Columns(mapping, table.header, gaps(mapping.given))
        one = columns.one
        name = text_parser(PERSON_NAME_LENGTHS[1], PERSON_NAME_LENGTHS[0])
        moment = moment_or_noon_parser(mapping.date_formats, mapping.time_formats)
        reason = text_parser(MAX_REASON_CHARACTERS, MIN_REASON_CHARACTERS)
        self._external_id = one(VisitTarget.EXTERNAL_ID, text_parser(MAX_ID_LENGTH), unique=True)
        agent = renamed(first_person_parser(PERSON_NAME_LENGTHS[1]), mapping.values.get(VisitTarget.AGENT, {}))
        self._agent = one(VisitTarget.AGENT, agent, optional=True)
        self._csr = one(VisitTarget.CSR, name)
        self._contact_id = one(VisitTarget.CONTACT_ID, text_parser(MAX_ID_LENGTH), unique=True, optional=True)
        self._person = PersonReader(columns, settings.country)
        self._span = SpanReader(columns, mapping, settings.clock)
        self._service = one(VisitTarget.SERVICE, text_parser(SERVICE_LENGTHS[1], SERVICE_LENGTHS[0]))
        self._other_services = columns.each(VisitTarget.OTHER_SERVICE, _brief_service)
        self._status, self._outcome = (field_column(columns, fields.named(name)) for name in BY_RULE)
        self._fields = FieldReader(columns, fields.simple)
        self._booked_at = one(VisitTarget.BOOKED_AT, moment, optional=True)
        self._completed_at = one(VisitTarget.COMPLETED_AT, moment, optional=True)
        self._deal_value = one(VisitTarget.DEAL_VALUE, value_parser(mapping, settings.currency), optional=True)
        self._paid = meaning_of_paid(mapping)
        self._lost_reason = one(VisitTarget.LOST_REASON, reason, optional=True)
        self._cancelled_reason = one(VisitTarget.CANCELLED_REASON, reason, optional=True)
        self._notes = one(VisitTarget.NOTES, text_parser(MAX_NOTES_CHARACTERS), unique=True, optional=True)
        self._place = {part: one(part, text_parser(longest), optional=True) for part, longest in _PLACE.items()}
        self._country = one(VisitTarget.COUNTRY, parse_country, optional=True)

    def read(self, row: Row) -> VisitRecord | RejectedRow:
        """Return the appointment in this row, or all errors of the row."""
        return self._columns.read(row, self._record)

    def _record(self, check: RowCheck) -> VisitRecord:
        """Return the appointment, with placeholders for invalid values.

        This way all errors of the row are found in one pass.
        """
        now = self._clock.now
        span = self._span.read(check) or Span(now, now + USUAL_LENGTH)
        outcome = self._outcome.read(check)
        status, value = self._read_status(check, span, outcome), self._deal_value.read(check)
        if outcome is None and value and status is AppointmentStatus.COMPLETED:
            outcome = self._read_paid(check, value)
        is_won, is_lost = (outcome is one for one in (AppointmentOutcome.CLOSED_WON, AppointmentOutcome.CLOSED_LOST))
        is_completed, is_cancelled = (
            status is one for one in (AppointmentStatus.COMPLETED, AppointmentStatus.CANCELLED)
        )
        completed_at = self._clock.read(self._completed_at, check)
        completed_at = _only(is_completed, completed_at, _ONLY_COMPLETED, self._completed_at.name, check)
        record = VisitRecord(
            line=check.line,
            fingerprint=b"",
            external_source=self._source,
            external_id=self._external_id.read(check) or "",
            agent=self._agent.read(check),
            csr=self._csr.read(check),
            contact_id=self._contact_id.read(check),
            **self._person.read(check)._asdict(),
            service=self._read_service(check) or "",
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            status=status,
            outcome=outcome,
            booked_at=self._clock.read(self._booked_at, check),
            completed_at=completed_at or (span.ends_at if is_completed else None),
            deal_value=_only(is_won, value, _ONLY_WON, self._deal_value.name, check),
            lost_reason=self._only_of(is_lost, self._lost_reason, _ONLY_LOST, check),
            cancelled_reason=self._only_of(is_cancelled, self._cancelled_reason, _ONLY_CANCELLED, check),
            notes=self._notes.read(check),
            **{str(part): column.read(check) for part, column in self._place.items()},
            country=self._country.read(check),
            remarks=(),
            fields=self._fields.read(check),
        )
        known = with_fingerprint(record, self._copies)
        return known._replace(remarks=tuple(check.problems))

    def _read_service(self, check: RowCheck) -> str | None:
        """Return the service, or the first other text that says what the appointment is about."""
        said = self._service.read(check) or next(
            (said for column in self._other_services if (said := column.read(check))), None
        )
        return said or self._service.require(check)

    def _read_paid(self, check: RowCheck, value: Decimal) -> AppointmentOutcome | None:
        """Return the outcome that completed appointments with a price have in this file."""
        if self._paid == TURN_AWAY:
            check.refuse(_l("You chose to skip rows with this value."), self._deal_value.name, str(value))
            return None
        return AppointmentOutcome(self._paid) if self._paid else None

    def _read_status(self, check: RowCheck, span: Span, outcome: AppointmentOutcome | None) -> AppointmentStatus:
        """Return the status in the file; if only the outcome is known, derive the status from it.

        An appointment with a decided outcome is completed.
        """
        is_decided = outcome not in (None, AppointmentOutcome.OPEN)
        status: AppointmentStatus | None = self._status.read(check)
        status = status or (AppointmentStatus.COMPLETED if is_decided else AppointmentStatus.SCHEDULED)
        name = self._status.name or self._outcome.name
        if is_decided and status is not AppointmentStatus.COMPLETED:
            check.refuse(_l("A won or lost appointment must have the status “Completed”."), name, status)
        if status in _OVER and self._clock.is_to_come(span.starts_at):
            check.refuse(_l("This appointment is in the future, so it can’t have this status."), name, status)
        if status is AppointmentStatus.SCHEDULED and span.ends_at < self._clock.now:
            check.remark(
                _l("This appointment is in the past but still scheduled. Update its status after the import."),
                name,
                status,
            )
        return status

    def _only_of(self, is_so: bool, column: Column[T], reason: LazyText, check: RowCheck) -> T | None:
        return _only(is_so, column.read(check), reason, column.name, check)


def _brief_service(value: Value) -> str | None:
    """Return the first line of a text, as far as a service can be long; None if it is too short for one."""
    text = as_text(value).partition("\n")[0].strip()
    longest = SERVICE_LENGTHS[1]
    return (text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…") if len(text) > 1 else None


_ONLY_COMPLETED = _l("Only completed appointments can have a completion time.")
_ONLY_WON = _l("Only won appointments can have a deal value.")
_ONLY_LOST = _l("Only lost appointments can have a lost reason.")
_ONLY_CANCELLED = _l("Only canceled appointments can have a cancellation reason.")


def _only(is_so: bool, value: T | None, reason: LazyText, column: str | None, check: RowCheck) -> T | None:
    """Return `value` if `is_so`, that is, if the appointment can have one.

    Otherwise returns None, and adds a warning to `check` if there is a value.
    """
    if value and not is_so:
        check.remark(reason, column, str(value))
    return value if is_so else None
