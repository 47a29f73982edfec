"""Time zones in the names of columns, in any spelling, and names that have none."""

import pytest

from app.data.imports.date_guess_rules import unclear_zone_column
from app.data.imports.name_rules import plain_name
from app.data.imports.zone_name_rules import zone_in
from app.declarations.importable import Importable
from app.models import Import
from app.work.appointments.importing import APPOINTMENTS_IMPORT
from app.work.calls.import_target_rules import DATES
from app.work.calls.importing import CALLS_IMPORT
from app.work.deals.importing import DEALS_IMPORT
from tests.support.import_files import WriteFile, guessed, lines, read_calls
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import text_of

EASTERN, CENTRAL, PACIFIC = "America/New_York", "America/Chicago", "America/Los_Angeles"
_JOB, _CALL = "7,2026-05-04,100.00,13.00,113.00", "1,2026-05-04 15:30:00,answered"


@pytest.mark.parametrize(
    ("name", "zone", "plain"),
    [
        ("Start (UTC)", "UTC", "start"),
        ("start_utc", "UTC", "start"),
        ("started_at_utc", "UTC", "started at"),
        ("StartTimeUTC", "UTC", "start time"),
        ("startTimeUtc", "UTC", "start time"),
        ("STARTTIMEUTC", "UTC", "starttime"),
        ("utc_start_time", "UTC", "start time"),
        ("utctimestamp", "UTC", "timestamp"),
        ("Date/Time Start (UTC)", "UTC", "date time start"),
        ("Time, GMT", "UTC", "time"),
        ("Time [GMT+2]", "Etc/GMT-2", "time"),
        ("Start UTC+02:00", "Etc/GMT-2", "start"),
        ("start_utc-5", "Etc/GMT+5", "start"),
        ("Start (GMT -0500)", "Etc/GMT+5", "start"),
        ("Start (UTC+0)", "UTC", "start"),
        ("Start (+05:30)", "Asia/Kolkata", "start"),
        ("Start Time EST", EASTERN, "start time"),
        ("START TIME EST", EASTERN, "start time"),
        ("start_time_est", EASTERN, "start time"),
        ("Start (ET)", EASTERN, "start"),
        ("Date (EST/EDT)", EASTERN, "date"),
        ("Start Time PT", PACIFIC, "start time"),
        ("Start (Pacific)", PACIFIC, "start"),
        ("Start (Eastern Standard Time)", EASTERN, "start"),
        ("Call start Central Time", CENTRAL, "call start"),
        ("Start (America/Chicago)", CENTRAL, "start"),
        ("start_america/chicago", CENTRAL, "start"),
        ("start_time_ct", CENTRAL, "start time"),
        ("StartTimeEst", EASTERN, "start time"),
        ("Started At (Est)", EASTERN, "started at"),
        ("Start Time (est)", EASTERN, "start time"),
        ("Start Time (24h, ET)", EASTERN, "start time"),
        ("Start Time (US Eastern)", EASTERN, "start time"),
        ("Start (US Pacific Time)", PACIFIC, "start"),
        ("Created (PST)", PACIFIC, "created"),
        ("Start Time (UTC-05:00 Eastern Time)", EASTERN, "start time"),
        ("Start Time (UTC-05:00) Eastern Time (US & Canada)", EASTERN, "start time"),
        ("Start (MST)", "America/Denver", "start"),
        ("Start (MST - Arizona)", "America/Phoenix", "start"),
        ("Start time (America/New York)", EASTERN, "start time"),
        ("Start (Etc/GMT+5)", "Etc/GMT+5", "start"),
        ("Start UTC + 2", "Etc/GMT-2", "start"),
        ("Start Time (Z)", "UTC", "start time"),
        ("Start Time (EET)", "Europe/Athens", "start time"),
        ("CALLSTARTUTC", "UTC", "callstart"),
        ("Начало (МСК)", "Europe/Moscow", "начало"),  # noqa: RUF001 - Russian
    ],
)
def test_a_zone_is_read_in_any_spelling_and_is_no_part_of_the_name(name: str, zone: str, plain: str) -> None:
    assert (zone_in(name), plain_name(name)) == (zone, plain)


@pytest.mark.parametrize(
    "name",
    [
        "Outcome",
        "Call outcome",
        "OutcomeTime",
        "Mgmt date",
        "Est. start",
        "EST START",
        "est_start",
        "Start time (est.)",
        "Estimated time",
        "Latest start",
        "Best time",
        "Request date",
        "Contact time",
        "Central office date",
        "Mountain View start",
        "Date et heure",
        "CT scan date",
        "UTC offset",
        "Time (UTC offset)",
        "Date (TZ offset incl.)",
        "Date/Time",
        "Start (+1 day)",
        "HST Amount",
        "PST Amount",
        "Total PST",
        "EST Amount",
        "State (Central)",
        "Date (CT scan)",
        "Start time (Est.)",
        "Start (24h)",
        "Start (UTC+5.5)",
        "Start (UTC+15)",
        "STARTTIMEUTC+15",
        "Start (GMT Standard Time)",
    ],
)
def test_a_name_that_only_looks_like_a_zone_has_none(name: str) -> None:
    assert zone_in(name) is None


@pytest.mark.parametrize(
    ("header", "start"),
    [
        ("started_at_utc,outcome", "15:30"),
        ("StartTimeUTC,outcome", "15:30"),
        ("Start [GMT+2],outcome", "13:30"),
        ("Start,outcome", "19:30"),
        ("Start,Outcome UTC", "19:30"),
    ],
)
def test_times_are_read_in_the_zone_of_their_column(write_file: WriteFile, header: str, start: str) -> None:
    path = write_file(lines(f"call_id,{header},status", "1,2026-05-04 15:30:00,resolved,answered"))

    mapping = guessed(path)
    calls = read_calls(path, mapping, zone=mapping.timezone or EASTERN).calls
    assert [f"{call.started_at:%H:%M}" for call in calls] == [start]


@pytest.mark.parametrize(
    ("importable", "header", "row", "target", "column"),
    [
        (APPOINTMENTS_IMPORT, "Job ID,Date,Subtotal,HST Amount,Amount", _JOB, "deal_value", "Amount"),
        (APPOINTMENTS_IMPORT, "Job ID,Date,Subtotal,Total PST,Total", _JOB, "deal_value", "Total"),
        (DEALS_IMPORT, "Deal ID,Close date,Subtotal,PST Amount,Amount", _JOB, "deal_value", "Amount"),
        (CALLS_IMPORT, "Call ID,StartTimeEst,Status", _CALL, "started_at", "StartTimeEst"),
        (CALLS_IMPORT, "Call ID,CALLSTARTUTC,Status", _CALL, "started_at", "CALLSTARTUTC"),
        (CALLS_IMPORT, "Call ID,start_time_ct,Status", _CALL, "started_at", "start_time_ct"),
    ],
)
def test_a_tax_is_no_amount_in_a_zone_and_a_time_in_a_zone_is_a_time(
    write_file: WriteFile, importable: Importable, header: str, row: str, target: str, column: str
) -> None:
    mapping = guessed(write_file(lines(header, row)), importable)

    assert mapping.column_of(target) == column


@pytest.mark.parametrize(
    "name",
    [
        "Start Time (BST)",
        "Start Time (IST)",
        "Start [ist]",
        "Start (24h, BST)",
        "Start (UTC+5.5)",
        "Start (UTC+15)",
        "Start (+5)",
        "Start (Central European Time)",
        "Start (GMT Standard Time)",
        "Start (America/Gotham)",
    ],
)
def test_a_zone_in_brackets_that_is_not_clear_is_asked_for(name: str) -> None:
    assert unclear_zone_column(DATES, {"From": "caller_number", name: DATES.moment}) == name


@pytest.mark.parametrize(
    "name",
    [
        "Start",
        "Start (UTC)",
        "Start (local)",
        "Start (24h)",
        "Start (MM/DD/YYYY)",
        "Start (AM/PM)",
        "Start (US)",
        "Start (hh:mm)",
        "Start (Date/Time)",
        "Start (+1 day)",
        "Start time (est.)",
        "Start (UTC offset)",
        "Date (TZ offset incl.)",
        "Start (call)",
    ],
)
def test_a_clear_name_raises_no_question_about_the_zone(name: str) -> None:
    assert unclear_zone_column(DATES, {name: DATES.moment}) is None


def test_a_zone_of_each_row_or_of_another_time_answers_the_question() -> None:
    assert unclear_zone_column(DATES, {"Start (BST)": DATES.moment, "Zone": DATES.zone}) is None
    assert unclear_zone_column(DATES, {"Time (BST)": DATES.time, "Date (UTC)": DATES.date}) is None


def test_the_time_zone_is_chosen_before_the_import(pages: ImportPages, importer: Importer) -> None:
    content = lines("Call ID,Start (BST),Status", "1,2026-07-04 15:30:00,answered").encode()
    page = pages.upload(content)

    assert "“Start (BST)”" in text_of(page.one(".//*[@id='asked']"))
    assert "1 question to answer" in page.text
    refused = pages.map(page, status=400)
    assert "Choose the time zone" in text_of(refused.one(".//*[@id='timezone-error']"))

    pages.map(refused, {"timezone": "Europe/London"})
    assert importer.only(Import).mapping["timezone"] == "Europe/London"
    again = pages.client.get(f"{pages.at}/mapping")
    assert "No open questions." in again.text
