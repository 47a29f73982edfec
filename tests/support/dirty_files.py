"""Fictional call logs in the formats of other systems, with the errors of real ones.

The errors are duplicates, IDs that recur with different contents, missing and negative durations, invalid dates,
titles, totals, and rows that aren't about calls.
"""

import csv
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from io import BytesIO, StringIO
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

from app.tables.table_rules import Cell
from tests.support.import_files import workbook
from tests.support.sheet_files import ods, xls

Rows = list[tuple[Cell, ...]]
OURS = "+13125550100"
_ZONE = ZoneInfo("America/New_York")
_AGENTS = ("Ann Lee", "Bob Ray", "Мария Иванова")


class Taken(NamedTuple):
    """An inbound call, in New York time; `talk` and `wait` are in seconds."""

    number: int
    at: datetime
    is_answered: bool
    talk: int
    wait: int
    agent: str
    person: str

    @property
    def in_utc(self) -> str:
        return f"{self.at.replace(tzinfo=_ZONE).astimezone(ZoneInfo('UTC')):%Y-%m-%d %H:%M:%S}"


#: Thirty calls on three days, every fourth of them missed.
CALLS = tuple(
    Taken(
        number=number,
        at=datetime(2026, 3, 17 + number % 3, 9) + timedelta(minutes=13 * number, seconds=number),
        is_answered=number % 4 != 3,
        talk=30 + 37 * number % 400,
        wait=3 + 5 * number % 60,
        agent=_AGENTS[number % 3] if number % 4 != 3 else "",
        person=f"+121255501{number:02}",
    )
    for number in range(30)
)


def twilio() -> bytes:
    """Return a Twilio log in UTF-16, with tabs as delimiters and CR line endings.

    Some calls occur twice, one of them with different contents; one duration is negative, one is missing, and one
    number is a short code.
    """
    rows: Rows = [("Call Sid", "From", "To", "Direction", "Start Time", "Duration", "Status")]
    for call in CALLS:
        status = "completed" if call.is_answered else ("no-answer", "busy", "failed")[call.number % 3]
        said = {4: "-1", 5: ""}.get(call.number, str(call.talk if call.is_answered else 0))
        caller = "72345" if call.number == 6 else call.person
        rows.append((f"CA{call.number:02}", caller, OURS, "inbound", f"{call.in_utc} UTC", said, status))
    rows += [*rows[1:4], (*rows[9][:5], "999", "completed")]
    return _text(rows, "\t", "\r").encode("utf-16")


def ringcentral() -> bytes:
    """Return a RingCentral log in CSV, with titles above the header and a total below.

    Some rows are faxes rather than calls, and durations are times on a spreadsheet's day 0.
    """
    rows: Rows = [("Call Log Report",), ("Company", "Lee & Co"), ("Period", "03/17/2026 - 03/19/2026"), ()]
    rows.append(("Type", "Phone Number", "Name", "Date", "Time", "Action", "Action Result", "Duration"))
    for call in CALLS:
        result = "Accepted" if call.is_answered else "Missed"
        action = "Fax" if call.number in {2, 9} else "Phone Call"
        day, clock = f"{call.at:%a %m/%d/%Y}", f"{call.at:%I:%M %p}"
        rows.append(("Incoming", _spoken(call.person), "", day, clock, action, result, _on_day_0(call.talk)))
    rows.append(("Total", "", "", "", "", "", "30", _clock(sum(call.talk for call in CALLS))))
    return _text(rows, ",", "\r\n").encode("utf-8-sig")


def talkdesk() -> bytes:
    """Return a Talkdesk log in CSV, with semicolons, decimal commas, and durations in minutes.

    It also has blank lines and trailing delimiters.
    """
    rows: Rows = [
        ("call_id", "type", "start_at", "contact_phone_number", "user_name", "talk_time (min)", "wait_time", "")
    ]
    for call in CALLS:
        talk = f"{call.talk / 60:.2f}".replace(".", ",") if call.is_answered else "0,00"
        way = "inbound" if call.is_answered else "missed"
        at = f"{call.at:%d.%m.%Y %H:%M:%S}"
        rows.append((f"t{call.number}", way, at, call.person, call.agent, talk, f"{call.wait},0", ""))
        rows += [()] if call.number % 10 == 0 else []
    return _text(rows, ";", "\n").encode("utf-8")


def callrail() -> bytes:
    """Return a CallRail log as an old Excel file.

    It has a title, merged header cells in two rows, durations as times of day, and totals.
    """
    rows: Rows = [("CallRail: all calls",), ()]
    rows.append(("Call", None, None, "Customer", "Agent"))
    rows.append(("Status", "Start time", "Duration", "Phone number", "Agent name"))
    for call in CALLS:
        status = "Answered Call" if call.is_answered else "Abandoned Call"
        rows.append((status, call.at, _time(call.talk), _spoken(call.person), call.agent or None))
    rows.append((None, None, timedelta(seconds=sum(call.talk for call in CALLS)), 30.0, None))
    return xls(*rows)


def five9() -> bytes:
    """Return a Five9 log in CSV, with an 8-bit encoding and Excel's delimiter line.

    Dates begin with the weekday, and the label of the totals is Russian.
    """
    rows: Rows = [
        ("CALL ID", "TIMESTAMP", "CALL TYPE", "AGENT NAME", "ANI", "DNIS", "QUEUE WAIT TIME", "TALK TIME", "ABANDONED")
    ]
    for call in CALLS:
        at = f"{call.at:%a, %d %b %Y %H:%M:%S}"
        talk = _clock(call.talk if call.is_answered else 0)
        rows.append((
            str(call.number), at, "Inbound", call.agent, call.person[2:], OURS[2:], _clock(call.wait), talk,
            "0" if call.is_answered else "1",
        ))  # fmt: skip
    rows.append(("Итого", "", "", "", "", "", "", _clock(9_999), "7"))
    return ("sep=;\r\n" + _text(rows, ";", "\r\n")).encode("cp1251")


def genesys() -> bytes:
    """Return a Genesys log as an OpenDocument file with typed dates and durations.

    Some rows are chats and emails rather than calls, and one has no date.
    """
    rows: Rows = [("Users", "Media type", "Date", "Duration", "Direction", "ANI", "Conversation ID", "Abandoned")]
    for call in CALLS:
        media = {1: "chat", 8: "email", 13: "chat"}.get(call.number, "voice")
        at = None if call.number == 10 else call.at
        talk = timedelta(seconds=call.talk)
        said = "NO" if call.is_answered else "YES"
        rows.append((call.agent or None, media, at, talk, "Inbound", f"tel:{call.person}", f"g-{call.number}", said))
    return ods(*rows)


def dialpad() -> bytes:
    """Return a Dialpad log as a ZIP file with a CSV file that begins with a byte order mark.

    It has two date formats, rows without a date, and durations in milliseconds.
    """
    rows: Rows = [
        (
            "call_id",
            "date_started",
            "direction",
            "external_number",
            "name",
            "ringing_duration (ms)",
            "talk_duration (ms)",
        )
    ]
    for call in CALLS:
        at = f"{call.at:%m/%d/%Y %I:%M:%S %p}" if call.number % 5 == 0 else f"{call.at:%Y-%m-%d %H:%M:%S}"
        at = {11: "", 12: "unknown"}.get(call.number, at)
        talk = str(call.talk * 1_000) if call.is_answered else "0"
        rows.append((str(call.number), at, "inbound", call.person, call.agent, str(call.wait * 1_000), talk))
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("export/calls.csv", _text(rows, ",", "\r\n").encode("utf-8-sig"))
    return packed.getvalue()


def hubspot() -> bytes:
    """Return a HubSpot log as an Excel workbook, with durations as fractions of a day.

    Dates are typed, text, or a time on day 0.
    """
    rows: Rows = [
        ("Record ID", "Activity date", "Call direction", "Call duration", "Call outcome", "Activity assigned to")
    ]
    for call in CALLS:
        at: Cell = f"{call.at:%Y-%m-%d %H:%M}" if call.number % 7 == 0 else call.at.replace(second=0)
        at = {14: time(0)}.get(call.number, at)
        outcome = "Connected" if call.is_answered else "No answer"
        talk = _time(call.talk if call.is_answered else 0)
        rows.append((80_000 + call.number, at, "Inbound", talk, outcome, call.agent or None))
    return workbook(*rows)


def zendesk() -> bytes:
    """Return a Zendesk log in UTF-16 without a byte order mark, with Zendesk's status names.

    There are subtotals below each day, and a grand total at the end.
    """
    rows: Rows = [("id", "created_at", "direction", "agent_name", "talk_time", "wait_time", "completion_status")]
    for day in range(3):
        calls = [call for call in CALLS if call.number % 3 == day]
        for call in calls:
            status = "completed" if call.is_answered else "abandoned_in_queue"
            at = f"{call.in_utc.replace(' ', 'T')}Z"
            rows.append((str(call.number), at, "inbound", call.agent, str(call.talk), str(call.wait), status))
        rows.append(("Subtotal", "", "", "", str(sum(call.talk for call in calls)), "", f"{len(calls)} calls"))
    rows.append(("Grand total", "", "", "", str(sum(call.talk for call in CALLS)), "", "30 calls"))
    return _text(rows, ",", "\n").encode("utf-16-le")


def _text(rows: Sequence[Sequence[Cell]], delimiter: str, line_end: str) -> str:
    written = StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return written.getvalue()


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _on_day_0(seconds: int) -> str:
    return f"1/0/1900 {_clock(seconds)}"


def _time(seconds: int) -> time:
    return time(0, seconds // 60, seconds % 60)


def _spoken(number: str) -> str:
    return f"({number[2:5]}) {number[5:8]}-{number[8:]}"


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "twilio": ("calls.csv", twilio),
    "ringcentral": ("calls.csv", ringcentral),
    "talkdesk": ("calls.csv", talkdesk),
    "callrail": ("calls.xls", callrail),
    "five9": ("calls.csv", five9),
    "genesys": ("calls.ods", genesys),
    "dialpad": ("calls.zip", dialpad),
    "hubspot": ("calls.xlsx", hubspot),
    "zendesk": ("calls.csv", zendesk),
}
