"""Parsing of results of Shunya into analyses and transcripts (docs/webhooks.md).

All functions are pure. A single value that can't be used is left out or shortened, as in an imported file; a transcript
that can't be used, or a result of another shape, is an error.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from json import dumps
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.data.imports.amount_rules import number_parser
from app.data.imports.cell_rules import CellProblem, Value
from app.errors import FieldError, LazyText, ValidationFailed
from app.models import BookingStatus, Qualification, Sentiment
from app.work.analyses.import_list_rules import (
    actions_parser,
    objections_parser,
    opportunities_parser,
    share_parser,
    texts_parser,
    worst,
)
from app.work.analyses.import_record_rules import AnalysisRecord
from app.work.analyses.import_rules import (
    MAX_INTENT_LENGTH,
    MAX_NAME_LENGTH,
    MAX_SUMMARY_LENGTH,
    MAX_TOPIC_LENGTH,
    language_of,
)
from app.work.analyses.import_target_rules import AnalysisTarget
from app.work.analyses.import_turn_rules import Transcript, parse_transcript, plain_text
from app.work.calls.import_rules import AHEAD_ALLOWED

MAX_PROPERTY_FACTS = 50
_MAX_FACT_NAME_LENGTH, _MAX_FACT_LENGTH = 60, 500
_MAX_LANGUAGE_LENGTH = 20
_MAX_NUMBER = 10**15

#: Values of an analysis, and the targets of an import that are the same.
_TARGETS = {
    "qualification_status": "qualification_status",
    "sentiment_score": AnalysisTarget.SENTIMENT_SCORE,
    "objections": AnalysisTarget.OBJECTIONS,
    "sop_score": AnalysisTarget.SOP_SCORE,
    "sop_stages_completed": AnalysisTarget.STAGES_COMPLETED,
    "sop_stages_missed": AnalysisTarget.STAGES_MISSED,
    "pending_actions": AnalysisTarget.PENDING_ACTIONS,
    "summary": AnalysisTarget.SUMMARY,
    "missed_opportunities": AnalysisTarget.MISSED_OPPORTUNITIES,
    "confidence": AnalysisTarget.CONFIDENCE,
}

C = TypeVar("C", bound=StrEnum)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TaskResult:
    """A result: the analysis with its transcript, and the facts about the contact's property.

    `targets` are the targets of an import that it provides, and `left_out` the names of values that it has, but that
    can't be used.
    """

    record: AnalysisRecord
    targets: frozenset[str]
    facts: Mapping[str, str | int | float]
    left_out: tuple[str, ...]


def read_result(result: Mapping[str, Any], call_id: UUID, task_id: str, zone: ZoneInfo, now: datetime) -> TaskResult:
    """Return the result of a task about a call; due dates without an offset are in `zone`.

    Raises ValidationFailed if it has another shape, no time, or a transcript that can't be used.
    """
    reader = _Reader(_part(result, "analysis"))
    transcript, said = _part(result, "transcript"), Transcript("", ())
    if transcript:
        said = _transcript(transcript)
    about = _Reader({**transcript, "model": result.get("model")})
    record = AnalysisRecord(
        line=1,
        fingerprint=None,
        external_source="",
        external_id="",
        call=call_id,
        started_at=None,
        ended_at=None,
        duration_seconds=None,
        transcript_text=said.text,
        turns=said.turns,
        language=language_of(about.text("language", _MAX_LANGUAGE_LENGTH)),
        model=about.text("model", MAX_NAME_LENGTH),
        analysed_at=_analysed_at(result, now),
        remarks=(),
        fields={},
        task_id=task_id,
        transcript_confidence=about.share("confidence", 0, 1),
        **_read_analysis(reader, zone),
    )
    targets = {target for name, target in _TARGETS.items() if name in reader.values and name not in reader.left_out}
    targets |= {AnalysisTarget.MODEL} if record.model else set()
    facts = reader.facts("property")
    return TaskResult(record, frozenset(targets), facts, (*reader.left_out, *about.left_out))


def _read_analysis(reader: "_Reader", zone: ZoneInfo) -> dict[str, Any]:
    """Return the values of the analysis by the name of the record's field."""
    objections = reader.items("objections", objections_parser())
    steps = texts_parser(MAX_NAME_LENGTH)
    return {
        "summary": reader.text("summary", MAX_SUMMARY_LENGTH),
        "topic": reader.text("topic", MAX_TOPIC_LENGTH),
        "sentiment": reader.choice("sentiment", Sentiment),
        "sentiment_score": reader.share("sentiment_score", -1, 1),
        "booking_status": reader.choice("booking_status", BookingStatus),
        "qualification_status": reader.choice("qualification_status", Qualification),
        "primary_intent": reader.text("primary_intent", MAX_INTENT_LENGTH),
        "risks": reader.items("risks", texts_parser(MAX_INTENT_LENGTH)),
        "objections": objections,
        "objection_severity": worst(objections),
        "pending_actions": reader.items("pending_actions", actions_parser(zone)),
        "missed_opportunities": reader.items("missed_opportunities", opportunities_parser()),
        "evidence": (),
        "sop_compliance_score": reader.share("sop_score", 0, 100),
        "sop_stages_completed": reader.items("sop_stages_completed", steps),
        "sop_stages_missed": reader.items("sop_stages_missed", steps),
        "confidence": reader.share("confidence", 0, 1),
    }


class _Reader:
    """Values of one JSON object, and the names of those that can't be used."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.values = {name: value for name, value in content.items() if value not in (None, "")}
        self.left_out: list[str] = []

    def text(self, name: str, longest: int) -> str | None:
        """Return a text, cut to its greatest length."""
        return self._read(name, lambda value: _text(value)[:longest].strip())

    def choice(self, name: str, choices: type[C]) -> C | None:
        """Return a value of an enumeration."""
        return self._read(name, lambda value: choices(_text(value).casefold()))

    def share(self, name: str, lowest: int, highest: int) -> Decimal | None:
        """Return a number in a range."""
        parse = share_parser(number_parser(".", ""), lowest, highest)
        return self._read(name, lambda value: parse(_number(value)))

    def items(self, name: str, parse: Callable[[Value], tuple[T, ...]]) -> tuple[T, ...]:
        """Return the items of a list that can be used."""
        value = self.values.get(name, [])
        if not isinstance(value, list):
            self.left_out.append(name)
            return ()
        try:
            return parse(dumps(value))
        except CellProblem as problem:
            usable: tuple[T, ...] = problem.rest or ()
            if not usable:
                self.left_out.append(name)
            return usable

    def facts(self, name: str) -> dict[str, str | int | float]:
        """Return the texts and numbers of an object, by name."""
        value = self.values.get(name, {})
        if not isinstance(value, dict):
            self.left_out.append(name)
            return {}
        read = {_fact_name(key): self._fact(f"{name}.{key}", fact) for key, fact in value.items()}
        usable = [(key, fact) for key, fact in read.items() if key and fact is not None]
        return dict(usable[:MAX_PROPERTY_FACTS])

    def _fact(self, name: str, value: object) -> str | int | float | None:
        if value is None or value == "":
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _MAX_NUMBER:
            return value
        try:
            return _text(value)[:_MAX_FACT_LENGTH]
        except ValueError:
            self.left_out.append(name[:_MAX_FACT_NAME_LENGTH])
            return None

    def _read(self, name: str, parse: Callable[[Any], T]) -> T | None:
        if name not in self.values:
            return None
        try:
            return parse(self.values[name])
        except ValueError:
            self.left_out.append(name)
            return None


def _part(result: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = result.get(name)
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise _unreadable(f"result.{name}", _l("It isn’t an object."))
    return part


def _transcript(transcript: Mapping[str, Any]) -> Transcript:
    """Return a transcript from its turns, or else from its text."""
    turns, text = transcript.get("turns") or [], transcript.get("text") or ""
    if not isinstance(turns, list) or not isinstance(text, str):
        raise _unreadable("result.transcript", _l("It has neither turns nor text."))
    try:
        return parse_transcript(dumps(turns) if turns else plain_text(text))
    except CellProblem as problem:
        raise _unreadable("result.transcript", problem.reason) from None


def _analysed_at(result: Mapping[str, Any], now: datetime) -> datetime:
    """Return the time of the analysis: one in the future would keep every later result from being stored."""
    no_time = _unreadable("result.analyzed_at", _l("It isn’t a time with a time zone."))
    try:
        read = datetime.fromisoformat(_text(result.get("analyzed_at")))
        moment = read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise no_time from None
    if read.tzinfo is None:
        raise no_time
    if moment > now + AHEAD_ALLOWED:
        raise _unreadable("result.analyzed_at", _l("This date is in the future."))
    return moment


def _text(value: object) -> str:
    """Return clean text. Raises ValueError if it is none."""
    text = plain_text(value) if isinstance(value, str) else ""
    if not text:
        raise ValueError("no text")
    return text


def _number(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _MAX_NUMBER:
        raise ValueError("no number")
    return value


def _fact_name(name: str) -> str:
    """Return the name of a fact as it is stored, or '' if it can't be."""
    return "" if "\0" in name else plain_text(name)[:_MAX_FACT_NAME_LENGTH]


def _unreadable(field: str, reason: LazyText) -> ValidationFailed:
    message = _l("The result can’t be read: %(field)s. %(reason)s", field=field, reason=reason)
    return ValidationFailed([FieldError(field, reason)], message)
