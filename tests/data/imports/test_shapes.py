"""Arbitrary calls, written in another system's format, are read back unchanged without any manual setting."""

import csv
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from app.data.imports.guess_rules import guess_mapping
from app.tables.file_rules import open_table
from app.work.calls.importing import CALLS_IMPORT
from tests.support.import_files import read_calls

ZONE = ZoneInfo("America/New_York")
OURS = "+13125550100"
Text = tuple[str, ...]


class Taken(NamedTuple):
    """A call; `at` is in New York time, `talk` and `wait` are seconds of a call that was answered."""

    id: str
    at: datetime
    is_inbound: bool
    is_answered: bool
    talk: int
    wait: int
    agent: str | None
    person: str

    @property
    def ends(self) -> tuple[str, str]:
        return (self.person, OURS) if self.is_inbound else (OURS, self.person)

    @property
    def utc(self) -> datetime:
        return self.at.replace(tzinfo=ZONE).astimezone(UTC)

    @property
    def rang(self) -> int:
        """Ringing time, or the time that the caller waited in vain."""
        return self.wait if self.is_answered else 20

    @property
    def lasted(self) -> int:
        return self.talk if self.is_answered else 0


class Shape(NamedTuple):
    """A header, the notation of a call below it, and the fields of a call that it lacks."""

    header: Text
    row: Callable[[Taken], Text]
    lacks: frozenset[str] = frozenset()


class Written(NamedTuple):
    """File format of a table."""

    encoding: str
    delimiter: str
    line_end: str
    quoting: Literal[0, 1]


def clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def spoken(number: str) -> str:
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}"


def way(call: Taken, inbound: str, outbound: str) -> str:
    return inbound if call.is_inbound else outbound


SHAPES: dict[str, Shape] = {
    "twilio": Shape(
        ("Call Sid", "From", "To", "Direction", "Start Time", "Duration", "Status"),
        lambda call: (
            call.id, *call.ends, way(call, "inbound", "outbound-api"), f"{call.utc:%Y-%m-%d %H:%M:%S} UTC",
            str(call.lasted), "completed" if call.is_answered else "no-answer",
        ),
        frozenset({"agent", "wait"}),
    ),
    "aircall": Shape(
        ("line", "number timezone", "datetime (UTC)", "direction", "from", "to", "answered", "user",
         "duration (total)", "duration (in call)"),
        lambda call: (
            "Front desk", ZONE.key, f"{call.utc:%Y-%m-%d %H:%M:%S}", way(call, "inbound", "outbound"),
            *(number[1:] for number in call.ends), "Yes" if call.is_answered else "No", call.agent or "",
            str(call.lasted + call.rang), str(call.lasted),
        ),
        frozenset({"id", "wait"}),
    ),
    "ringcentral": Shape(
        ("Type", "Phone Number", "Name", "Date", "Time", "Action", "Action Result", "Duration"),
        lambda call: (
            way(call, "Incoming", "Outgoing"), spoken(call.person), "", f"{call.at:%a %m/%d/%Y}",
            f"{call.at:%I:%M %p}", "Phone Call", way(call, "Accepted", "Call connected") if call.is_answered
            else way(call, "Missed", "No Answer"), clock(call.lasted),
        ),
        frozenset({"id", "agent", "wait", "seconds", "own"}),
    ),
    "callrail": Shape(
        ("Call Status", "Tracking Number", "Source", "Start Time", "Duration (seconds)", "Phone Number", "Agent Name"),
        lambda call: (
            "Answered Call" if call.is_answered else "Abandoned Call", spoken(OURS), "Google",
            f"{call.at:%Y-%m-%d %I:%M %p}", str(call.lasted), spoken(call.person), call.agent or "",
        ),
        frozenset({"id", "wait", "seconds", "direction"}),
    ),
    "dialpad": Shape(
        ("call_id", "date_started", "direction", "external_number", "internal_number", "ringing_duration (s)",
         "talk_duration (s)"),
        lambda call: (
            call.id, f"{call.at:%Y-%m-%d %H:%M:%S}", way(call, "inbound", "outbound"), call.person, OURS,
            str(call.rang), str(call.lasted),
        ),
        frozenset({"agent"}),
    ),
    "talkdesk": Shape(
        ("call_id", "type", "start_at", "talkdesk_phone_number", "contact_phone_number", "user_name", "total_time",
         "talk_time", "wait_time"),
        lambda call: (
            call.id, way(call, "inbound", "outbound") if call.is_answered else way(call, "missed", "outbound_missed"),
            f"{call.utc:%Y-%m-%dT%H:%M:%SZ}", OURS, call.person, call.agent or "", str(call.lasted + call.rang),
            str(call.lasted), str(call.rang),
        ),
    ),
    "hubspot": Shape(
        ("Record ID", "Activity date", "Call direction", "Call duration (HH:mm:ss)", "Call outcome",
         "Activity assigned to", "From number", "To number"),
        lambda call: (
            call.id, f"{call.at:%Y-%m-%d %H:%M}", way(call, "Inbound", "Outbound"), clock(call.lasted),
            "Connected" if call.is_answered else "No answer", call.agent or "", *call.ends,
        ),
        frozenset({"wait", "seconds"}),
    ),
    "five9": Shape(
        ("CALL ID", "TIMESTAMP", "CAMPAIGN", "CALL TYPE", "AGENT NAME", "ANI", "DNIS", "QUEUE WAIT TIME", "TALK TIME",
         "HOLD TIME", "ABANDONED"),
        lambda call: (
            call.id, f"{call.at:%a, %d %b %Y %H:%M:%S}", "Main", way(call, "Inbound", "Outbound"), call.agent or "",
            *(number[2:] for number in call.ends), clock(call.rang), clock(call.lasted), "00:00:00",
            "0" if call.is_answered else "1",
        ),
    ),
    "genesys": Shape(
        ("Users", "Date", "Duration", "Direction", "ANI", "DNIS", "Queue", "Conversation ID", "Abandoned"),
        lambda call: (
            call.agent or "", f"{call.at.month}/{call.at.day}/{call.at:%y %I:%M %p}", clock(call.lasted),
            way(call, "Inbound", "Outbound"), *(f"tel:{number}" for number in call.ends), "Main", call.id,
            "NO" if call.is_answered else "YES",
        ),
        frozenset({"wait", "seconds"}),
    ),
}  # fmt: skip


def told(call: Taken, shape: Shape) -> tuple[object, ...]:
    """Return the call as far as the shape represents it."""
    inbound = call.is_inbound or "direction" in shape.lacks
    caller, called = (call.person, OURS) if inbound else (OURS, call.person)
    if "own" in shape.lacks:
        caller, called = (call.person, "") if inbound else ("", call.person)
    return (
        "" if "id" in shape.lacks else call.id,
        call.utc.replace(second=0) if "seconds" in shape.lacks else call.utc,
        "completed" if call.is_answered else "missed" if inbound else "failed",
        "inbound" if inbound else "outbound",
        call.lasted,
        None if "wait" in shape.lacks or not call.is_answered else call.wait,
        "" if "agent" in shape.lacks else call.agent or "",
        caller,
        called,
    )


# Between the daylight saving changes, and by day.
_TIMES = some.builds(
    lambda day, second: datetime(2025, 11, 10) + timedelta(days=day, hours=6, seconds=second),
    some.integers(0, 110),
    some.integers(0, 12 * 3600),
)
_CALLS = some.lists(
    some.builds(
        Taken,
        id=some.integers(10_000, 99_999).map(str),
        at=_TIMES,
        is_inbound=some.booleans(),
        is_answered=some.booleans(),
        talk=some.integers(1, 7_200),
        wait=some.integers(0, 600),
        agent=some.sampled_from((None, "Ann Lee", "Bob Ray", "O’Neil, Jo", "Мария Иванова")),
        person=some.integers(0, 99).map(lambda number: f"+121255501{number:02}"),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda call: call.id,
)


_WRITTEN = some.builds(
    Written,
    encoding=some.sampled_from(("utf-8", "utf-8-sig", "utf-16")),
    delimiter=some.sampled_from((",", ";", "\t", "|")),
    line_end=some.sampled_from(("\r\n", "\n", "\r")),
    quoting=some.sampled_from((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
)


@pytest.mark.parametrize("name", SHAPES)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=_CALLS, written=_WRITTEN)
def test_calls_are_the_same_again(tmp_path: Path, name: str, calls: Sequence[Taken], written: Written) -> None:
    shape = SHAPES[name]
    file = tmp_path / f"{name}.csv"
    with file.open("w", newline="", encoding=written.encoding) as stream:
        writer = csv.writer(
            stream, delimiter=written.delimiter, lineterminator=written.line_end, quoting=written.quoting
        )
        writer.writerows([shape.header, *map(shape.row, calls)])
    with open_table(file) as table:
        mapping = guess_mapping(CALLS_IMPORT, table.header, table.rows).mapping

    read = read_calls(file, mapping, zone=mapping.timezone or ZONE.key)

    assert read.reasons == []
    found = [
        (
            "" if call.external_id.startswith("row-") else call.external_id,
            call.started_at,
            str(call.status),
            str(call.fields["direction"]),
            call.duration_seconds,
            None if call.is_wait_unknown or not call.answered_at else (call.answered_at - call.started_at).seconds,
            call.agent or "",
            call.caller_number or "",
            call.called_number or "",
        )
        for call in read.calls
    ]
    assert found == [told(call, shape) for call in calls]
