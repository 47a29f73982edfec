"""Calls as CallRail reports them: each event has all facts that are known of the call (docs/webhooks.md).

Pure functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, ValidationFailed
from app.models import CallStatus, Direction, HandledBy
from app.organization.webhooks.event_rules import callrail_call_of
from app.phones import to_e164
from app.work.contacts.import_rules import parse_full_name

_MAX_SECONDS = 86_400
_MAX_TAGS, _MAX_TAG_LENGTH = 20, 40
_MAX_SOURCE_LENGTH, _MAX_NAME_LENGTH = 100, 100
_MAX_VALUE = Decimal(10) ** 10
_FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)


class CallStage(IntEnum):
    """Stage of a call at which CallRail reports it; the values of a later stage replace those of an earlier one."""

    RINGING = 0
    ROUTED = 1
    ENDED = 2
    MODIFIED = 3


STAGES: Mapping[str, CallStage] = {
    "pre-call": CallStage.RINGING,
    "routing-complete": CallStage.ROUTED,
    "post-call": CallStage.ENDED,
    "call-modified": CallStage.MODIFIED,
}


@dataclass(frozen=True, slots=True)
class CallReport:
    """A call as an event describes it.

    Numbers are in E.164; `person_number` is that of the other party, None if it was withheld. `seconds` is the whole
    duration. The other values are empty if the event has none.
    """

    provider_id: str
    stage: CallStage
    direction: Direction
    person_number: str | None
    own_number: str | None
    status: CallStatus
    started_at: datetime
    seconds: int | None
    agent_email: str
    marketing_source: str | None
    tags: tuple[str, ...]
    value: Decimal | None
    first_name: str | None
    last_name: str | None
    city: str
    state: str

    @property
    def caller_number(self) -> str | None:
        """Number from which the call was made."""
        return self.person_number if self.direction == Direction.INBOUND else self.own_number

    @property
    def called_number(self) -> str | None:
        """Number that was called."""
        return self.own_number if self.direction == Direction.INBOUND else self.person_number


def read_report(kind: str, content: Mapping[str, Any], country: str, now: datetime) -> CallReport:
    """Return the call that an event of a kind describes; numbers are those dialed in `country`.

    Raises ValidationFailed for a direction or a time that can't be read.
    """
    stage = STAGES[kind]
    direction = _direction(content)
    first_name, last_name = _name(content)
    return CallReport(
        callrail_call_of(content),
        stage,
        direction,
        to_e164(_text(content, "customer_phone_number"), country),
        to_e164(_text(content, "tracking_phone_number"), country),
        _status(stage, direction, content),
        _moment(content, now),
        _seconds(content),
        _text(content, "agent_email").lower(),
        _source(content),
        _tags(content),
        _value(content),
        first_name,
        last_name,
        _text(content, "customer_city")[:_MAX_NAME_LENGTH],
        _text(content, "customer_state")[:_MAX_NAME_LENGTH],
    )


def course_of(report: CallReport) -> dict[str, Any]:
    """Return the columns of a call that say how it went.

    CallRail doesn't say when a call was answered, so the wait is unknown and the talk has the whole duration.
    """
    talked = report.status == CallStatus.COMPLETED
    has_ended = report.status != CallStatus.ACTIVE
    seconds = report.seconds if has_ended else None
    return {
        "status": report.status,
        "started_at": report.started_at,
        "answered_at": report.started_at if talked else None,
        "is_wait_unknown": talked,
        "ended_at": report.started_at + timedelta(seconds=seconds) if seconds else None,
        "duration_seconds": seconds if talked else None,
        "waited_seconds": seconds if report.status == CallStatus.MISSED else None,
        "handled_by": HandledBy.HUMAN if talked else HandledBy.NONE,
    }


def _status(stage: CallStage, direction: Direction, content: Mapping[str, Any]) -> CallStatus:
    """Return the status: a ringing phone is reported as unanswered, so only the end says how a call went."""
    if stage < CallStage.ENDED:
        return CallStatus.ACTIVE
    if _is_true(content.get("voicemail")):
        return CallStatus.VOICEMAIL
    if _is_true(content.get("answered")):
        return CallStatus.COMPLETED
    return CallStatus.MISSED if direction == Direction.INBOUND else CallStatus.FAILED


def _direction(content: Mapping[str, Any]) -> Direction:
    try:
        return Direction(_text(content, "direction").lower())
    except ValueError:
        raise _unreadable("direction") from None


def _moment(content: Mapping[str, Any], now: datetime) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(content, "start_time"))
        is_plausible = moment.utcoffset() is not None and _FIRST_DAY <= moment <= now + timedelta(days=1)
    except (ValueError, OverflowError):
        is_plausible = False
    if not is_plausible:
        raise _unreadable("start_time")
    return moment.astimezone(UTC).replace(microsecond=0)


def _seconds(content: Mapping[str, Any]) -> int | None:
    try:
        seconds = int(float(_text(content, "duration")))
    except (ValueError, OverflowError):
        return None
    return seconds if 0 <= seconds <= _MAX_SECONDS else None


def _value(content: Mapping[str, Any]) -> Decimal | None:
    try:
        value = Decimal(_text(content, "value").lstrip("$").replace(",", ""))
    except InvalidOperation:
        return None
    return round(value, 2) if value.is_finite() and 0 <= value < _MAX_VALUE else None


def _tags(content: Mapping[str, Any]) -> tuple[str, ...]:
    tags = content.get("tags")
    names = [_text({"tag": tag.get("name") if isinstance(tag, dict) else tag}, "tag") for tag in _listed(tags)]
    return tuple(dict.fromkeys(name[:_MAX_TAG_LENGTH] for name in names if name))[:_MAX_TAGS]


def _listed(value: object) -> list[Any]:
    return value[: 10 * _MAX_TAGS] if isinstance(value, list) else []


def _source(content: Mapping[str, Any]) -> str | None:
    names = (_text(content, name) for name in ("source_name", "formatted_tracking_source", "source"))
    return next((name[:_MAX_SOURCE_LENGTH] for name in names if name), None)


def _name(content: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return first and last name; caller ID often has a number or nothing instead of a name."""
    name = _text(content, "customer_name")[:_MAX_NAME_LENGTH]
    return parse_full_name(name) if any(map(str.isalpha, name)) else (None, None)


def _is_true(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def _text(content: Mapping[str, Any], name: str) -> str:
    """Return a value as one line of text; '' if it is missing, empty, or no plain value."""
    value = content.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return " ".join(str(value).replace("\0", " ").split())


def _unreadable(name: str) -> ValidationFailed:
    problem = FieldError(name, _l("The value is missing or can’t be read."))
    return ValidationFailed([problem], _l("The event’s %(name)s is missing or can’t be read.", name=name))
