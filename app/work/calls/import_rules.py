"""Parsing of the rows of a file into calls. Pure: no database access, no clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.data.imports.amount_rules import cost_parser, number_parser, rating_parser, seconds_parser
from app.data.imports.cell_rules import CellProblem, text_parser
from app.data.imports.column_rules import Columns, RowCheck
from app.data.imports.field_rules import FieldReader, field_column
from app.data.imports.mapping_rules import Mapping
from app.data.imports.moment_rules import StartColumns
from app.data.imports.record_rules import Copies, RejectedRow, with_fingerprint
from app.data.imports.word_rules import TURN_AWAY, renamed
from app.declarations.imported_fields import DeclaredFields
from app.models.calls import CallOutcome, CallStatus, Direction, HandledBy
from app.people.users.import_name_rules import person_parser
from app.tables.table_rules import Row, Table
from app.work.calls.import_direction_rules import (
    CallNumbers,
    NumberColumns,
    NumberPlan,
    answer_of,
    has_direction_question,
)
from app.work.calls.import_moment_rules import MomentColumns, Spans
from app.work.calls.import_record_rules import EARLIER, CallRecord
from app.work.calls.import_target_rules import DATES, DIRECTION, DURATIONS, STATUS, CallTarget, gaps
from app.work.calls.rules import MAX_NOTE_CHARACTERS
from app.work.contacts.import_rules import parse_tags

MAX_ID_LENGTH = 200
MAX_AGENT_LENGTH = 100
AHEAD_ALLOWED = timedelta(minutes=5)
STORED_COST_DECIMALS = 6

#: Fields of the resource that need a rule in addition to their declaration.
BY_RULE = (STATUS, "outcome")


@dataclass(frozen=True, slots=True)
class CallSettings:
    """Settings of the organization for reading calls, its own numbers, and the current time (timezone-aware)."""

    timezone: ZoneInfo
    country: str
    now: datetime
    currency: str = "USD"
    own_numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Course:
    """Course of a call. `duration_seconds` is talk time, None if the call was answered but its length is unknown."""

    answered_at: datetime | None
    ended_at: datetime | None
    duration_seconds: int | None


def course(started_at: datetime, *, answered: bool, wait: int | None, talk: int | None) -> Course:
    """Compute the course of a call that rings for `wait` seconds and then lasts `talk` seconds.

    An unknown wait is treated as 0; the caller of this function records that it is unknown. A call that never connected
    or lasted 0 seconds has no end and a duration of 0: the duration that a file has for an unanswered call is waiting
    time, or the length of a voicemail.
    """
    if not answered:
        return Course(None, None, 0)
    answered_at = started_at + timedelta(seconds=wait or 0)
    ended_at = answered_at + timedelta(seconds=talk) if talk else None
    return Course(answered_at, ended_at, talk)


def waited_until_hang_up(status: CallStatus, *, waited: int | None, wait: int | None, talk: int | None) -> int | None:
    """Return how long the caller of an unanswered call waited; None if it was answered or that is unknown.

    Without a time of its own, it is the wait time, where 0 means that there was no answer, or the duration of a missed
    call, which has no talk. The duration of a voicemail is that of the message.
    """
    if status is CallStatus.COMPLETED:
        return None
    if waited is not None:
        return waited
    return wait or (talk if status is CallStatus.MISSED else None) or None


def first_of(*seconds: int | None) -> int | None:
    """Return the first duration that is known, None if none is."""
    for one in seconds:
        if one is not None:
            return one
    return None


def _with_other_numbers(record: CallRecord, numbers: CallNumbers) -> CallRecord:
    """Fill in caller and called number from the customer's and the company's number, by the call's direction."""
    ends = numbers.customer, numbers.own
    if ends == (None, None):
        return record
    caller, called = ends[::-1] if record.fields[DIRECTION] == Direction.OUTBOUND else ends
    return record._replace(caller_number=record.caller_number or caller, called_number=record.called_number or called)


def _as_outbound(record: CallRecord, *, waited: int | None, wait: int | None) -> CallRecord:
    """Return an unanswered outbound call as failed, since no caller was missed; any other call unchanged.

    A voicemail that was left for a customer is the outcome, as when a call is recorded here.
    """
    if record.fields[DIRECTION] != Direction.OUTBOUND or record.status not in {CallStatus.MISSED, CallStatus.VOICEMAIL}:
        return record
    left = CallOutcome.VOICEMAIL if record.status is CallStatus.VOICEMAIL else None
    return record._replace(
        status=CallStatus.FAILED,
        waited_seconds=waited_until_hang_up(CallStatus.FAILED, waited=waited, wait=wait, talk=None),
        outcome=record.outcome or left,
    )


class AgentColumns:
    """Columns for the agent of a call: one for the whole name, or two for first and last name."""

    def __init__(self, columns: Columns, mapping: Mapping) -> None:
        self._parse = renamed(person_parser(MAX_AGENT_LENGTH), mapping.values.get(CallTarget.AGENT, {}))
        self._whole = columns.one(CallTarget.AGENT, self._parse)
        part = text_parser(MAX_AGENT_LENGTH)
        self._parts = [columns.one(name, part) for name in (CallTarget.AGENT_FIRST_NAME, CallTarget.AGENT_LAST_NAME)]

    def read(self, check: RowCheck) -> str | None:
        """Return the agent's name or email address, or None if the row has none."""
        parts = [found for column in self._parts if (found := column.read(check))]
        if not parts or self._whole.name:
            return self._whole.read(check)
        name = " ".join(parts)
        try:
            return self._parse(name)
        except CellProblem as problem:
            check.refuse(problem.reason, self._parts[0].name, name)
            return None


class CallReader:
    """Reader that turns the rows of one table into calls."""

    def __init__(self, mapping: Mapping, table: Table, settings: CallSettings, fields: DeclaredFields) -> None:
        self._settings = settings
        self._source = mapping.source
        self._copies = Copies()
        self._several_per_id = mapping.several_per_id
        self._columns = columns = Columns(mapping, table.header, gaps(mapping.given))
        number = number_parser(mapping.decimal_separator, mapping.thousands_separator)
        one, given = columns.one, mapping.given
        others_tell = STATUS in given or CallTarget.ANSWERED_AT in given
        self._external_id = one(CallTarget.EXTERNAL_ID, text_parser(MAX_ID_LENGTH), unique=True)
        self._agent = AgentColumns(columns, mapping)
        self._start = StartColumns(columns, mapping, DATES)
        self._moments = MomentColumns(columns, mapping)
        self._is_timed = CallTarget.ANSWERED_AT in given
        self._answered = columns.flag(CallTarget.ANSWERED, optional=others_tell)
        self._resolved = columns.flag(CallTarget.RESOLVED, optional=True)
        wait, waited, talk = (seconds_parser(number, mapping.units.get(target, "seconds")) for target in DURATIONS)
        self._wait = one(CallTarget.SPEED_OF_ANSWER, wait, optional=True)
        self._waited = one(CallTarget.WAITED, waited, optional=True)
        self._talk = one(CallTarget.TALK_TIME, talk, optional=others_tell or CallTarget.ANSWERED in given)
        rating = rating_parser(number, mapping.rating_scale)
        self._satisfaction = one(CallTarget.SATISFACTION, rating, optional=True)
        self._numbers = NumberColumns(columns, mapping, NumberPlan(settings.own_numbers, settings.country))
        self._has_direction = DIRECTION in mapping.columns.values()
        self._has_direction_question = has_direction_question(mapping)
        self._undecided = answer_of(mapping)
        cost = cost_parser(
            number,
            decimals=STORED_COST_DECIMALS,
            below_zero=mapping.costs_below_zero,
            currency=settings.currency,
        )
        self._cost = one(CallTarget.COST, cost, optional=True)
        value = cost_parser(number, below_zero=False, currency=settings.currency)
        self._value = one(CallTarget.VALUE, value, optional=True)
        self._tags = one(CallTarget.TAGS, parse_tags, optional=True)
        self._note = one(CallTarget.NOTE, text_parser(MAX_NOTE_CHARACTERS), unique=True, optional=True)
        self._status, self._outcome = (field_column(columns, fields.named(name)) for name in BY_RULE)
        self._fields = FieldReader(columns, fields.simple)

    def read(self, row: Row) -> CallRecord | RejectedRow:
        """Return the call of this row, or all problems of the row."""
        return self._columns.read(row, self._record)

    def _record(self, check: RowCheck) -> CallRecord:
        """Read the call, substituting placeholders for invalid values so that all errors are found in one pass."""
        zone = self._moments.zone(check) or self._settings.timezone
        started_at = self._started_at(check, zone)
        spans = self._moments.spans(check, started_at, zone)
        external_id = self._external_id.read(check) or ""
        talk = first_of(self._talk.read(check), spans.talk)
        outcome = self._read_outcome(check)
        status = self._read_status(check, talk, spans, outcome)
        answered = status is CallStatus.COMPLETED
        wait, waited = first_of(self._wait.read(check), spans.wait), self._waited.read(check)
        if status is CallStatus.MISSED:
            waited = first_of(waited, spans.rang)
        went = course(started_at, answered=answered, wait=wait, talk=talk)
        agent, call_quality = self._agent.read(check), self._satisfaction.read(check)
        numbers = self._numbers.read(check)
        record = CallRecord(
            line=check.line,
            fingerprint=b"",
            earlier_fingerprint=None,
            earlier_ids=(external_id,) if self._several_per_id and external_id else (),
            external_source=self._source,
            external_id=self._own_id(external_id, started_at),
            agent=agent,
            status=status,
            handled_by=HandledBy.HUMAN if answered else HandledBy.NONE,
            started_at=started_at,
            answered_at=went.answered_at,
            is_wait_unknown=answered and wait is None,
            ended_at=went.ended_at,
            duration_seconds=went.duration_seconds,
            waited_seconds=waited_until_hang_up(status, waited=waited, wait=wait, talk=talk),
            outcome=outcome,
            call_quality=call_quality,
            caller_number=numbers.caller,
            called_number=numbers.called,
            cost=self._cost.read(check),
            tags=self._tags.read(check) or (),
            value=self._value.read(check),
            note=self._note.read(check),
            remarks=(),
            fields=self._read_fields(check, numbers),
        )
        record = _as_outbound(_with_other_numbers(record, numbers), waited=waited, wait=wait)
        known = with_fingerprint(record, self._copies, EARLIER)
        return known._replace(remarks=tuple(check.problems)) if check.problems else known

    def _own_id(self, external_id: str, started_at: datetime) -> str:
        """Return the ID of a row, with the start time appended if the mapping allows several rows per ID."""
        return f"{external_id}@{started_at:%Y-%m-%dT%H:%M:%SZ}" if self._several_per_id and external_id else external_id

    def _read_fields(self, check: RowCheck, numbers: CallNumbers) -> dict[str, Any]:
        """Read the declared fields; if no column has the direction, own numbers give it, or else the answer."""
        fields = self._fields.read(check)
        if self._has_direction:
            return fields
        direction = self._numbers.direction(numbers)
        if direction is None and self._has_direction_question and self._undecided is not None:
            if self._undecided == TURN_AWAY:
                check.refuse(_l("You chose to skip rows with this value."))
                return fields
            direction = Direction(self._undecided)
        return fields if direction is None else {**fields, DIRECTION: direction}

    def _started_at(self, check: RowCheck, zone: ZoneInfo) -> datetime:
        started_at = self._start.require(check, zone)
        if started_at is None:
            return self._settings.now
        if started_at > self._settings.now + AHEAD_ALLOWED:
            local = started_at.astimezone(zone).replace(tzinfo=None)
            check.refuse(_l("The call starts in the future."), self._start.name, str(local))
        return started_at

    def _read_status(self, check: RowCheck, talk: int | None, spans: Spans, outcome: CallOutcome | None) -> CallStatus:
        """Determine the status from the status column, or else from whether the call was answered.

        If neither is known, the time of the answer decides, or else the talk time.
        """
        others_tell = self._answered.is_given or self._talk.is_given or self._is_timed
        status = self._status.read(check) if others_tell else self._status.require(check)
        if status is not None or not others_tell:
            return status or CallStatus.MISSED
        if spans.is_connected is False and outcome is CallOutcome.VOICEMAIL:
            return CallStatus.VOICEMAIL
        answered = (
            self._answered.read(check) if self._talk.is_given or self._is_timed else self._answered.require(check)
        )
        if answered is None:
            answered = bool(talk) if spans.is_connected is None else spans.is_connected
        return CallStatus.COMPLETED if answered else CallStatus.MISSED

    def _read_outcome(self, check: RowCheck) -> CallOutcome | None:
        """Determine the outcome from the outcome column, or else from whether the call was resolved.

        Returns None if neither is known.
        """
        outcome = self._outcome.read(check)
        resolved = self._resolved.read(check)
        if outcome is not None or resolved is None:
            return outcome
        return CallOutcome.RESOLVED if resolved else CallOutcome.FOLLOW_UP
