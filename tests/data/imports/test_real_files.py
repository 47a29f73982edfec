"""Real files, unmodified: totals compared with figures computed elsewhere, and hostile strings."""

import csv
import json
from collections import Counter
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.characters import readable
from app.data.imports.guess_rules import guess_mapping
from app.models.calls import CallOutcome, CallStatus
from app.tables.file_rules import open_table
from app.work.calls.import_record_rules import CallRecord
from app.work.contacts.importing import CONTACTS_IMPORT
from tests.support.import_files import WriteFile, cells_of, mapped, read_calls, read_contacts

pytestmark = pytest.mark.real_data

ZONE = "America/New_York"
CALL_FILES = ("call-center.csv", "call-center-original.xlsx")


def facts_of(folder: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((folder / "FACTS.json").read_text())
    return facts


def mean(values: Iterable[float]) -> float:
    numbers = [*values]
    return round(sum(numbers) / len(numbers), 4)


def speed_of_answer(call: CallRecord) -> float:
    assert call.answered_at is not None
    return (call.answered_at - call.started_at).total_seconds()


def figures(calls: list[CallRecord]) -> dict[str, float]:
    """Return the figures that FACTS.json contains for an agent's month, computed from these calls."""
    answered = [call for call in calls if call.status is CallStatus.COMPLETED]
    return {
        "calls": len(calls),
        "answered": len(answered),
        "abandoned": sum(call.status is CallStatus.MISSED for call in calls),
        "resolved": sum(call.outcome is CallOutcome.RESOLVED for call in calls),
        "avg_speed_of_answer_s": mean(map(speed_of_answer, answered)),
        "avg_talk_s": mean(call.duration_seconds or 0 for call in answered),
        "avg_satisfaction": mean(call.call_quality for call in calls if call.call_quality is not None),
    }


@pytest.mark.parametrize("name", CALL_FILES)
def test_the_call_log_is_read_whole_and_as_counted(shared_data: Path, name: str) -> None:
    facts = facts_of(shared_data / "calls-pwc")
    result = read_calls(shared_data / "calls-pwc" / name, zone=ZONE)
    total = figures(result.calls)

    assert result.errors == []
    assert {call.external_id for call in result.calls} == {f"ID{number:04}" for number in range(1, facts["rows"] + 1)}
    assert (total["calls"], total["answered"], total["abandoned"]) == (
        facts["rows"], facts["answered"], facts["abandoned"],
    )  # fmt: skip
    assert total["resolved"] == facts["resolved_Y"]
    assert total["avg_speed_of_answer_s"] == facts["avg_speed_of_answer_s_answered_only"]
    assert total["avg_talk_s"] == facts["avg_talk_s_answered_only"]
    assert total["avg_satisfaction"] == facts["avg_satisfaction_rated_only"]


@pytest.mark.parametrize("name", CALL_FILES)
def test_each_agent_s_months_are_as_counted(shared_data: Path, name: str) -> None:
    calls = read_calls(shared_data / "calls-pwc" / name, zone=ZONE).calls

    for fact in facts_of(shared_data / "calls-pwc")["per_agent_per_month"]:
        who, month = fact.pop("agent"), fact.pop("month")
        own = [call for call in calls if call.agent == who and _local(call, "%Y-%m") == month]
        assert figures(own) == fact, (who, month)


@pytest.mark.parametrize("name", CALL_FILES)
def test_topics_and_hours_are_as_counted(shared_data: Path, name: str) -> None:
    facts = facts_of(shared_data / "calls-pwc")
    calls = read_calls(shared_data / "calls-pwc" / name, zone=ZONE).calls

    topics = Counter(call.fields["topic"] for call in calls)
    assert topics == {fact["topic"]: fact["calls"] for fact in facts["per_topic"]}
    hours = Counter(int(_local(call, "%H")) for call in calls)
    assert hours == {fact["hour"]: fact["calls"] for fact in facts["per_hour_of_day"]}


def test_workbook_and_csv_say_the_same(shared_data: Path) -> None:
    by_text, by_sheet = (read_calls(shared_data / "calls-pwc" / name).calls for name in CALL_FILES)

    assert by_text == by_sheet


def test_the_contacts_are_read_whole_and_their_zips_mended(shared_data: Path) -> None:
    folder = shared_data / "contacts"
    facts = facts_of(folder)
    contacts, rejected = read_contacts(folder / "us-500.csv")

    assert (len(contacts), rejected) == (facts["rows"], [])
    assert sum(len(contact.repairs) for contact in contacts) == facts["zip_missing_leading_zero"]
    assert {len(contact.zip or "") for contact in contacts} == {5}
    assert len({phone for contact in contacts for phone in contact.phones}) == 1000
    assert sum("," in (contact.company_name or "") for contact in contacts) == facts["rows_with_comma_in_company"]
    states = Counter(contact.state for contact in contacts)
    assert dict(states.most_common(10)) == facts["per_state_top"]
    assert len(states) == facts["distinct_states"]


def test_columns_of_the_contacts_that_we_have_no_field_for_are_left_out(shared_data: Path) -> None:
    with open_table(shared_data / "contacts" / "us-500.csv") as table:
        guess = guess_mapping(CONTACTS_IMPORT, table.header, table.rows)

    assert guess.unmapped == ("county", "web", "address_string", "Latitude", "Longitude")


def test_every_dialect_of_the_csv_spectrum_is_read(shared_data: Path) -> None:
    folder = shared_data / "naughty" / "csv-spectrum"
    paths = sorted((folder / "csvs").glob("*.csv"))

    assert len(paths) == facts_of(shared_data / "naughty")["csv_spectrum_pairs"]
    for path in paths:
        expected = json.loads((folder / "json" / f"{path.stem}.json").read_text())
        with open_table(path) as table:
            found = [dict(zip(table.header, row.cells, strict=True)) for row in table.rows]
        # These files contain LF although their names, and their JSON, say CRLF.
        if path.stem == "newlines_crlf":
            expected = json.loads(json.dumps(expected).replace(r"\r\n", r"\n"))
        assert found == expected, path.stem


def naughty_strings(folder: Path) -> list[str]:
    strings: list[str] = json.loads((folder / "blns.json").read_text())
    for name in ("csv-injection-payloadbox.txt", "csv-injection-payloadsallthethings.txt"):
        strings += (folder / name).read_text().splitlines()
    return strings


def test_hostile_strings_come_out_of_a_cell_as_they_went_in(shared_data: Path, write_file: WriteFile) -> None:
    strings = naughty_strings(shared_data / "naughty")
    text = StringIO(newline="")
    csv.writer(text).writerows([("number", "text"), *enumerate(strings)])

    assert cells_of(write_file(text.getvalue())) == [[str(number), string] for number, string in enumerate(strings)]


def test_hostile_strings_are_topics_like_any_other_or_are_rejected(shared_data: Path, write_file: WriteFile) -> None:
    strings = naughty_strings(shared_data / "naughty")
    text = StringIO(newline="")
    rows = [(number, "2021-01-01 09:00", "Y", string) for number, string in enumerate(strings)]
    columns = ("external_id", "started_at", "answered", "topic")
    csv.writer(text).writerows([columns, *rows])
    result = read_calls(write_file(text.getvalue()), mapped(columns, missing_words=[]))

    topics = {int(call.external_id): call.fields["topic"] for call in result.calls}
    assert {str(remark.reason) for remark in result.remarks} == {"It’s longer than 100 characters."}
    assert len(topics) == len(strings)
    for number, topic in topics.items():
        said = readable(strings[number]).strip()
        assert topic == (said if 0 < len(said) <= 100 else None) or not strings[number].isascii()
    assert sum((topic or "").startswith(("=", "+", "-", "@")) for topic in topics.values()) > 30


def _local(call: CallRecord, form: str) -> str:
    return call.started_at.astimezone(ZoneInfo(ZONE)).strftime(form)
