"""Parsing of the rows of a file into analyses and transcripts.

All functions are pure: no database access, no clock.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.data.imports.amount_rules import SECONDS_IN_A_DAY, number_parser, seconds_parser
from app.data.imports.cell_rules import CellProblem, Value, as_text, text_parser
from app.data.imports.column_rules import Column, Columns, RowCheck
from app.data.imports.date_rules import moment_parser
from app.data.imports.field_rules import FieldReader, field_column
from app.data.imports.mapping_rules import Mapping
from app.data.imports.moment_rules import StartColumns, instant_of
from app.data.imports.record_rules import Copies, RejectedRow, with_fingerprint
from app.declarations.imported_fields import DeclaredFields
from app.tables.table_rules import Row, Table
from app.work.analyses.import_list_rules import (
    actions_parser,
    objections_parser,
    opportunities_parser,
    share_parser,
    texts_parser,
    worst,
)
from app.work.analyses.import_record_rules import AnalysisRecord, Item
from app.work.analyses.import_target_rules import DATES, FIELDS, AnalysisTarget, gaps
from app.work.analyses.import_turn_rules import Transcript, parse_transcript
from app.work.calls.import_rules import AHEAD_ALLOWED, MAX_ID_LENGTH

#: Fields that are read by a rule.
BY_RULE = tuple(field.name for field in FIELDS)

MAX_SUMMARY_LENGTH = 10_000
MAX_TOPIC_LENGTH = 100
MAX_NAME_LENGTH = 100
MAX_INTENT_LENGTH = 300
MAX_DETAIL_LENGTH = 2_000
_NOTHING: Final = Transcript("", ())


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """Settings of the organization for reading analyses, and the current time (timezone-aware)."""

    timezone: ZoneInfo
    now: datetime


@dataclass(frozen=True, slots=True)
class _Times:
    """Start and end of a call in UTC, and its duration in seconds. A call without a duration has no end."""

    started_at: datetime | None
    ended_at: datetime | None
    duration_seconds: int | None


class AnalysisReader:
    """Reader that turns the rows of one table into analyses."""

    def __init__(self, mapping: Mapping, table: Table, settings: AnalysisSettings, fields: DeclaredFields) -> None:
        self._settings = settings
        self._source = mapping.source
        self._copies = Copies()
        columns = self._columns = Columns(mapping, table.header, gaps(mapping.given))
        one = columns.one
        number = number_parser(mapping.decimal_separator, mapping.thousands_separator)
        moment = moment_parser(mapping.date_formats, mapping.time_formats)
        self._call = one(AnalysisTarget.CALL, parse_id, unique=True)
        self._external_id = one(AnalysisTarget.EXTERNAL_ID, text_parser(MAX_ID_LENGTH), unique=True)
        self._start = StartColumns(columns, mapping, DATES)
        self._ended_at = one(AnalysisTarget.ENDED_AT, moment, unique=True, optional=True)
        self._analysed_at = one(AnalysisTarget.ANALYSED_AT, moment, unique=True, optional=True)
        unit = mapping.units.get(AnalysisTarget.DURATION, "seconds")
        self._duration = one(AnalysisTarget.DURATION, seconds_parser(number, unit), optional=True)
        self._transcript = one(AnalysisTarget.TRANSCRIPT, parse_transcript, unique=True, optional=True)
        self._language = self._text(AnalysisTarget.LANGUAGE, 20)
        self._summary = self._text(AnalysisTarget.SUMMARY, MAX_SUMMARY_LENGTH)
        self._topic = self._text(AnalysisTarget.TOPIC, MAX_TOPIC_LENGTH)
        self._model = self._text(AnalysisTarget.MODEL, MAX_NAME_LENGTH)
        self._intent = self._text(AnalysisTarget.INTENT, MAX_INTENT_LENGTH)
        self._details = columns.each(AnalysisTarget.DETAIL, text_parser(MAX_DETAIL_LENGTH))
        self._score = one(AnalysisTarget.SENTIMENT_SCORE, share_parser(number, -1, 1), optional=True)
        self._of_five = one(AnalysisTarget.SENTIMENT_OF_FIVE, share_parser(number, -5, 5, of=5), optional=True)
        self._sop_score = one(AnalysisTarget.SOP_SCORE, share_parser(number, 0, 100), optional=True)
        self._confidence = one(AnalysisTarget.CONFIDENCE, share_parser(number, 0, 1), optional=True)
        self._objections = self._list(AnalysisTarget.OBJECTIONS, objections_parser())
        self._actions = self._list(AnalysisTarget.PENDING_ACTIONS, actions_parser(settings.timezone))
        self._missed = self._list(AnalysisTarget.MISSED_OPPORTUNITIES, opportunities_parser())
        steps = texts_parser(MAX_NAME_LENGTH)
        self._risks = one(AnalysisTarget.RISKS, texts_parser(MAX_INTENT_LENGTH), unique=True, optional=True)
        self._steps_done = one(AnalysisTarget.STAGES_COMPLETED, steps, unique=True, optional=True)
        self._steps_missed = one(AnalysisTarget.STAGES_MISSED, steps, unique=True, optional=True)
        self._sentiment, self._booking_status, self._qualification = (field_column(columns, one) for one in FIELDS)
        self._fields = FieldReader(columns, fields.simple)

    def read(self, row: Row) -> AnalysisRecord | RejectedRow:
        """Return the analysis of this row, or all problems of the row."""
        return self._columns.read(row, self._record)

    def _record(self, check: RowCheck) -> AnalysisRecord:
        """Read the analysis, substituting placeholders for invalid values so that all errors are found in one pass."""
        times = self._read_times(check)
        said = self._transcript.read(check) or _NOTHING
        record = AnalysisRecord(
            line=check.line,
            fingerprint=b"",
            external_source=self._source,
            external_id=self._external_id.read(check) or "",
            call=self._call.read(check),
            started_at=times.started_at,
            ended_at=times.ended_at,
            duration_seconds=times.duration_seconds,
            transcript_text=said.text,
            turns=said.turns,
            language=language_of(self._language.read(check)),
            analysed_at=self._read_analysed_at(check),
            remarks=(),
            fields=self._fields.read(check),
            **self._read_found(check),
        )
        if record.call is None and not record.external_id and record.started_at is None:
            check.refuse(_l("Nothing identifies the call."))
        known = with_fingerprint(record, self._copies)
        return known._replace(remarks=tuple(check.problems))

    def _read_found(self, check: RowCheck) -> dict[str, Any]:
        """Read the results of the analysis, keyed by the record's field names."""
        score, objections = self._score.read(check), self._objections.read(check) or ()
        return {
            "summary": self._summary.read(check),
            "topic": self._topic.read(check),
            "sentiment": self._sentiment.read(check),
            "sentiment_score": self._of_five.read(check) if score is None else score,
            "booking_status": self._booking_status.read(check),
            "qualification_status": self._qualification.read(check),
            "primary_intent": self._intent.read(check),
            "risks": self._risks.read(check) or (),
            "objections": objections,
            "objection_severity": worst(objections),
            "pending_actions": self._actions.read(check) or (),
            "missed_opportunities": self._missed.read(check) or (),
            "evidence": self._read_details(check),
            "sop_compliance_score": self._sop_score.read(check),
            "sop_stages_completed": self._steps_done.read(check) or (),
            "sop_stages_missed": self._steps_missed.read(check) or (),
            "confidence": self._confidence.read(check),
            "model": self._model.read(check),
        }

    def _read_times(self, check: RowCheck) -> _Times:
        """Read the call's times from start and end, or else from start and duration."""
        started_at = self._start.read(check, self._settings.timezone)
        if started_at is None:
            return _Times(None, None, None)
        if started_at > self._settings.now + AHEAD_ALLOWED:
            check.refuse(_l("The call starts in the future."), self._start.name, str(started_at))
        ended_at, duration = self._moment(check, self._ended_at), self._duration.read(check)
        if ended_at is not None:
            length = (ended_at - started_at).total_seconds()
            if length < 0:
                check.remark(_l("The call ends before it starts."), self._ended_at.name, str(ended_at))
            elif length > SECONDS_IN_A_DAY:
                check.remark(_l("It’s longer than a day."), self._ended_at.name, str(ended_at))
            else:
                duration = round(length)
        return _Times(started_at, started_at + timedelta(seconds=duration) if duration else None, duration)

    def _moment(self, check: RowCheck, column: Column[datetime]) -> datetime | None:
        moment = column.read(check)
        if moment is None:
            return None
        return instant_of(moment, self._settings.timezone, check, column.name)

    def _read_analysed_at(self, check: RowCheck) -> datetime | None:
        """Read the time of the analysis, ignoring one in the future.

        A result with such a time would block every other result until then.
        """
        analysed_at = self._moment(check, self._analysed_at)
        if analysed_at is not None and analysed_at > self._settings.now + AHEAD_ALLOWED:
            check.remark(_l("This date is in the future."), self._analysed_at.name, str(analysed_at))
            return None
        return analysed_at

    def _read_details(self, check: RowCheck) -> tuple[Item, ...]:
        """Read the additional columns, titled by their names in the file."""
        found = ((column.name, column.read(check)) for column in self._details)
        return tuple({"kind": "remark", "title": name, "detail": text} for name, text in found if text)

    def _text(self, target: AnalysisTarget, longest: int) -> Column[str]:
        return self._columns.one(target, text_parser(longest), unique=True, optional=True)

    def _list(self, target: AnalysisTarget, parse: Callable[[Value], tuple[Item, ...]]) -> Column[tuple[Item, ...]]:
        return self._columns.one(target, parse, unique=True, optional=True)


def parse_id(value: Value) -> UUID:
    """Parse the ID of a call in Switchboard. Raises CellProblem for any other text."""
    try:
        return UUID(as_text(value))
    except ValueError:
        raise CellProblem(_l("There’s no call with this ID.")) from None


def language_of(code: str | None) -> str | None:
    """Return the language of a locale: `en` for `en-US`; None without a locale."""
    return code.replace("_", "-").split("-")[0].casefold() if code else None
