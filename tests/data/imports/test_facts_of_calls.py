"""Exports of phone systems come in with default choices: rows and sums are those of the facts written by hand."""

import tomllib
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.data.imports.mapping_rules import Mapping
from app.models import Call
from app.tables.file_rules import open_table
from tests.support.import_files import WriteFile, guessed, lines
from tests.support.importing import Importer

SHAPES = Path(__file__).parent / "shapes"
FACTS: dict[str, Any] = tomllib.loads((SHAPES / "facts-calls.toml").read_text())


def asked_words(path: Path, mapping: Mapping) -> dict[int, set[str]]:
    """Return the words of the columns about which the page can ask, by line: the status and the channel."""
    asked = {one.column for one in mapping.only} | {name for name, to in mapping.columns.items() if to == "status"}
    with open_table(path, mapping.table_options) as table:
        places = [table.header.index(name) for name in asked]
        return {row.line: {str(row.cells[place]) for place in places} for row in table.rows}


def seconds_of(calls: list[Call]) -> dict[str, int]:
    waits = [(call.answered_at - call.started_at).seconds for call in calls if call.answered_at and knows_wait(call)]
    talk, waited = sum(call.duration_seconds or 0 for call in calls), sum(call.waited_seconds or 0 for call in calls)
    return {"talk": talk, "wait": sum(waits), "waited": waited}


def knows_wait(call: Call) -> bool:
    return not call.is_wait_unknown


@pytest.mark.parametrize("name", FACTS)
def test_an_export_comes_in_as_its_facts_say(importer: Importer, name: str) -> None:
    path, facts = SHAPES / name, FACTS[name]
    mapping, asked = guessed(path), {int(line): word for line, word in facts.get("asked", {}).items()}

    imported = importer.import_(path, mapping, create_users=True)

    calls = importer.stored(Call)
    assert imported.outcome.total + imported.outcome.left_out == facts["rows"]
    assert len(calls) == facts["rows"] - len(asked)
    words = asked_words(path, mapping)
    assert [word for line, word in asked.items() if word not in words[line]] == []
    assert {error.line for error in imported.errors if not error.is_remark} <= asked.keys()
    assert Counter(call.status for call in calls) == facts["statuses"]
    assert seconds_of(calls) == {name: facts.get(name, 0) for name in ("talk", "wait", "waited")}
    assert sum((call.cost or Decimal(0) for call in calls), Decimal(0)) == Decimal(facts.get("cost", "0"))
    assert Counter(tag for call in calls for tag in call.tags) == facts.get("tags", {})
    assert Counter(call.marketing_source for call in calls if call.marketing_source) == facts.get("sources", {})


@pytest.mark.parametrize("name", [name for name, facts in FACTS.items() if "right" in facts])
def test_with_the_right_answers_every_row_comes_in(importer: Importer, name: str) -> None:
    path, right = SHAPES / name, FACTS[name]["right"]
    mapping = guessed(path)
    importer.import_(
        path, mapping.model_copy(update={"values": {**mapping.values, **right["values"]}}), create_users=True
    )

    calls = importer.stored(Call)
    assert len(calls) == FACTS[name]["rows"]
    assert Counter(call.status for call in calls) == right["statuses"]
    assert seconds_of(calls) == {name: right.get(name, 0) for name in ("talk", "wait", "waited")}
    assert Counter(tag for call in calls for tag in call.tags) == right.get("tags", {})


def test_the_time_zone_of_a_row_wins_over_that_of_the_file(importer: Importer, write_file: WriteFile) -> None:
    rows = ("2026-03-02 09:00:00,2026-03-02 09:00:05,America/Chicago", "2026-03-02 09:00:00,,America/Los_Angeles")
    path = write_file(lines("date_started,date_connected,timezone", *rows, "2026-03-02 09:00:00,,Moon"))

    imported = importer.calls(path, guessed(path).model_copy(update={"timezone": "America/Denver"}))

    assert sorted(call.started_at for call in importer.stored(Call)) == [
        datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (15, 16, 17)
    ]
    assert imported.refusals == [(4, "timezone", "Moon", "There’s no time zone called “Moon”.")]


def test_times_in_utc_have_no_zone_of_the_row(write_file: WriteFile) -> None:
    path = write_file(lines("datetime (UTC),answered,timezone", "2026-03-02 09:00:00,Yes,America/Chicago"))

    assert guessed(path).columns == {"datetime (UTC)": "started_at", "answered": "answered"}


@pytest.mark.parametrize(
    ("row", "status", "talk", "waited"),
    [
        ("09:00:00,09:00:05,09:01:05,", "completed", 60, None),
        ("09:00:00,09:00:05,,", "completed", None, None),
        ("09:00:00,,09:00:30,", "missed", 0, 30),
        ("09:00:00,,,", "missed", 0, None),
        ("09:00:00,,09:00:30,Voicemail", "voicemail", 0, None),
        ("09:00:00,09:00:05,09:00:01,", "completed", None, None),
    ],
)
def test_moments_give_status_and_durations(
    importer: Importer, write_file: WriteFile, row: str, status: str, talk: int | None, waited: int | None
) -> None:
    dated = ",".join(f"2026-03-02 {cell}" if ":" in cell else cell for cell in row.split(","))
    importer.calls(write_file(lines("date_started,date_connected,date_ended,disposition", dated)))

    call = importer.only(Call)
    assert (call.status, call.duration_seconds, call.waited_seconds) == (status, talk, waited)
    assert call.is_wait_unknown is False
