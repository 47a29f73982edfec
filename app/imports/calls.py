"""Calls out of the rows of a file: the rules by which columns become a call. Pure: no database, no clock of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.imports.amounts import cost_parser, number_parser, rating_parser, seconds_parser
from app.imports.cells import text_parser
from app.imports.columns import Columns, RowCheck
from app.imports.dates import date_parser, moment_parser, time_parser, to_utc
from app.imports.mapping import Mapping
from app.imports.phones import caller_parser
from app.imports.records import CallRecord, RejectedRow, RowNames, fingerprint
from app.imports.tables import Row, Table
from app.imports.targets import CallTarget
from app.imports.words import flag_parser
from app.models.calls import BookingStatus, CallOutcome, CallStatus, CallType, Direction, HandledBy, Sentiment

LONGEST_ID = 200
LONGEST_TOPIC = 100
AGENT_NAME_LENGTHS = (2, 100)
AHEAD_ALLOWED = timedelta(minutes=5)

# A call that is under way is no history.
_STATUSES = tuple(status for status in CallStatus if status is not CallStatus.ACTIVE)
_STATUS_WORDS = {
    "answered": CallStatus.COMPLETED,
    "connected": CallStatus.COMPLETED,
    "abandoned": CallStatus.MISSED,
    "no_answer": CallStatus.MISSED,
    "not_answered": CallStatus.MISSED,
    "unanswered": CallStatus.MISSED,
    "voice_mail": CallStatus.VOICEMAIL,
    "busy": CallStatus.FAILED,
}
_DIRECTION_WORDS = {
    "in": Direction.INBOUND,
    "incoming": Direction.INBOUND,
    "out": Direction.OUTBOUND,
    "outgoing": Direction.OUTBOUND,
}
_TYPE_WORDS = {"csr": CallType.CSR_CALL, "sales": CallType.SALES_CALL, "visit": CallType.VISIT_CALL}
_BOOKING_WORDS = {
    "yes": BookingStatus.BOOKED,
    "y": BookingStatus.BOOKED,
    "no": BookingStatus.NOT_BOOKED,
    "n": BookingStatus.NOT_BOOKED,
}


@dataclass(frozen=True, slots=True)
class CallSettings:
    """What reading calls needs to know of the organization, and the moment that counts as now (aware)."""

    timezone: ZoneInfo
    country: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Course:
    """How a call went. `duration_seconds` is talk; it is None where a call was answered but its length is not known."""

    answered_at: datetime | None
    ended_at: datetime | None
    duration_seconds: int | None


def course(started_at: datetime, *, answered: bool, wait: int | None, talk: int | None) -> Course:
    """Ringing for `wait` seconds, then talk for `talk`; an unknown wait counts as none.

    A call that never connected or lasted 0 s has no end and a duration of 0: what a file calls the duration of an
    unanswered call is waiting, or the message left.
    """
    if not answered:
        return Course(None, None, 0)
    answered_at = started_at + timedelta(seconds=wait or 0)
    ended_at = answered_at + timedelta(seconds=talk) if talk else None
    return Course(answered_at, ended_at, talk)


class CallReader:
    """Turns the rows of one table into calls."""

    def __init__(self, mapping: Mapping, table: Table, settings: CallSettings) -> None:
        self._settings = settings
        self._source = mapping.source
        self._row_names = RowNames()
        self._columns = columns = Columns(mapping, table.header)
        number = number_parser(mapping.decimal_separator, mapping.thousands_separator)
        seconds = seconds_parser(number)
        flag = flag_parser(mapping.yes_words, mapping.no_words)
        phone = caller_parser(settings.country)
        one, choice = columns.one, columns.choice
        self._external_id = one(CallTarget.EXTERNAL_ID, text_parser(LONGEST_ID), unique=True)
        self._agent = one(CallTarget.AGENT, text_parser(AGENT_NAME_LENGTHS[1], AGENT_NAME_LENGTHS[0]))
        self._moment = one(
            CallTarget.STARTED_AT, moment_parser(mapping.date_formats, mapping.time_formats), unique=True
        )
        self._date = one(CallTarget.DATE, date_parser(mapping.date_formats))
        self._time = one(CallTarget.TIME, time_parser(mapping.time_formats))
        self._answered = one(CallTarget.ANSWERED, flag)
        self._resolved = one(CallTarget.RESOLVED, flag)
        self._wait = one(CallTarget.SPEED_OF_ANSWER, seconds)
        self._talk = one(CallTarget.TALK_TIME, seconds)
        self._satisfaction = one(CallTarget.SATISFACTION, rating_parser(number))
        self._caller_number = one(CallTarget.CALLER_NUMBER, phone)
        self._called_number = one(CallTarget.CALLED_NUMBER, phone)
        self._topic = one(CallTarget.TOPIC, text_parser(LONGEST_TOPIC))
        self._cost = one(CallTarget.COST, cost_parser(number))
        self._direction = choice(CallTarget.DIRECTION, Direction, _DIRECTION_WORDS)
        self._call_type = choice(CallTarget.CALL_TYPE, CallType, _TYPE_WORDS)
        self._status = choice(CallTarget.STATUS, _STATUSES, _STATUS_WORDS)
        self._outcome = choice(CallTarget.OUTCOME, CallOutcome, {})
        self._booking_status = choice(CallTarget.BOOKING_STATUS, BookingStatus, _BOOKING_WORDS)
        self._sentiment = choice(CallTarget.SENTIMENT, Sentiment, {})

    def read(self, row: Row) -> CallRecord | RejectedRow:
        """The call of this row, or everything that is wrong with the row."""
        check = self._columns.check(row)
        if check.errors:
            return check.rejected()
        record = self._record(check)
        return check.rejected() if check.errors else record

    def _record(self, check: RowCheck) -> CallRecord:
        """The call, with something in the place of what is wrong, so that every error of the row is found at once."""
        started_at = self._started_at(check)
        talk = self._talk.read(check)
        status = self._read_status(check, talk)
        answered = status is CallStatus.COMPLETED
        went = course(started_at, answered=answered, wait=self._wait.read(check), talk=talk)
        record = CallRecord(
            line=check.line,
            fingerprint=b"",
            external_source=self._source,
            external_id=self._external_id.read(check) or "",
            agent=self._agent.read(check),
            direction=self._direction.read(check) or Direction.INBOUND,
            call_type=self._call_type.read(check) or CallType.CSR_CALL,
            status=status,
            handled_by=HandledBy.HUMAN if answered else HandledBy.NONE,
            started_at=started_at,
            answered_at=went.answered_at,
            ended_at=went.ended_at,
            duration_seconds=went.duration_seconds,
            outcome=self._read_outcome(check),
            booking_status=self._booking_status.read(check),
            call_quality=self._satisfaction.read(check),
            caller_number=self._caller_number.read(check),
            called_number=self._called_number.read(check),
            topic=self._topic.read(check),
            sentiment=self._sentiment.read(check),
            cost=self._cost.read(check),
        )
        digest = fingerprint(record)
        return record._replace(fingerprint=digest, external_id=record.external_id or self._row_names.name(digest))

    def _started_at(self, check: RowCheck) -> datetime:
        moment = self._local_start(check)
        if moment is None:
            return self._settings.now
        started_at = to_utc(moment, self._settings.timezone)
        if started_at > self._settings.now + AHEAD_ALLOWED:
            check.refuse(_l("The call starts in the future."), self._moment.name or self._date.name, str(moment))
        return started_at

    def _local_start(self, check: RowCheck) -> datetime | None:
        if self._moment.is_given:
            return self._moment.require(check)
        day, clock = self._date.require(check), self._time.require(check)
        return None if day is None or clock is None else datetime.combine(day, clock)

    def _read_status(self, check: RowCheck, talk: int | None) -> CallStatus:
        """By the status itself, else by whether it was answered, else by whether anyone talked."""
        others_tell = self._answered.is_given or self._talk.is_given
        status = self._status.read(check) if others_tell else self._status.require(check)
        if status is not None or not others_tell:
            return status or CallStatus.MISSED
        answered = self._answered.read(check) if self._talk.is_given else self._answered.require(check)
        return CallStatus.COMPLETED if answered or (answered is None and talk) else CallStatus.MISSED

    def _read_outcome(self, check: RowCheck) -> CallOutcome | None:
        """By the outcome itself, else by whether the call was resolved; not known where neither says so."""
        outcome = self._outcome.read(check)
        resolved = self._resolved.read(check)
        if outcome is not None or resolved is None:
            return outcome
        return CallOutcome.RESOLVED if resolved else CallOutcome.FOLLOW_UP
