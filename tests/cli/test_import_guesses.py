"""`flask import`: questions that a command asks about a file, and the options that answer them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Organization
from tests.support.factories import Factories
from tests.support.import_files import book_of, lines, saved

Run = Callable[..., Result]
HEADER = "Call id,Date,Time,Answered"


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization(slug="comfort")


@pytest.fixture
def run(app: Flask, organization: Organization, tmp_path: Path) -> Run:
    """A function that imports a file of calls with this content, as `flask import calls` does."""
    runner = app.test_cli_runner()

    def import_(content: str | bytes, *arguments: str, name: str = "calls.csv") -> Result:
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return runner.invoke(args=["import", "calls", str(file), "--organization", organization.slug, *arguments])

    return import_


@pytest.fixture
def value(admin_engine: Engine) -> Callable[[str], object]:
    """A function that reads one value over a separate connection."""

    def look(query: str) -> object:
        with admin_engine.connect() as connection:
            return connection.scalar(text(query))

    return look


@pytest.mark.parametrize("values", [("2.5", "3.75"), ("4", "7")])
def test_a_unit_in_doubt_is_asked(run: Run, value: Callable[[str], object], values: tuple[str, str]) -> None:
    content = lines(f"{HEADER},Talk", *(f"{one},2026-03-02,09:30,Y,{one}" for one in values))

    refused = run(content)
    assert refused.exit_code == 1
    assert f"isn’t clear from values like {', '.join(values)}. Use --unit talk_time=minutes" in refused.stderr
    assert value("SELECT count(*) FROM calls") == 0

    assert run(content, "--unit", "talk_time=minutes").exit_code == 0
    assert value("SELECT sum(duration_seconds) FROM calls") == sum(float(one) for one in values) * 60


@pytest.mark.parametrize("said", ["talk_time", "shoe=minutes", "talk_time=fortnights"])
def test_a_unit_must_exist(run: Run, said: str) -> None:
    assert run(lines(f"{HEADER},Talk", "1,2026-03-02,09:30,Y,90"), "--unit", said).exit_code != 0


def test_rows_that_are_no_calls_are_listed_unless_an_option_decides(run: Run, value: Callable[[str], object]) -> None:
    content = lines(f"{HEADER},Channel", "1,2026-03-02,09:30,Y,Voice", "2,2026-03-02,09:31,Y,Chat")

    refused = run(content)
    assert (refused.exit_code, refused.stdout) == (2, "Channel “Chat”: 1 row, not calls.\n")
    assert "--other-channels leave-out" in refused.stderr
    assert value("SELECT count(*) FROM calls") == 0

    left_out = run(content, "--other-channels", "leave-out")
    assert "1 new, 0 updated, 0 unchanged, 0 rejected, 1 skipped" in left_out.stdout
    assert "Only rows where “Channel” is Voice are imported." in left_out.stderr
    assert "1 new" in run(content, "--other-channels", "import").stdout
    assert value("SELECT count(*) FROM calls") == 2


def test_the_sheet_that_is_read_is_named(run: Run) -> None:
    rows = [tuple(HEADER.split(",")), ("1", "2026-03-02", "09:30", "Y")]
    book = book_of({"Summary": [("Month", "Calls"), ("March", 1)], "Log": rows})

    result = run(saved(book), name="calls.xlsx")

    assert "Sheet: “Log”." in result.stderr
    assert "1 new" in result.stdout


def test_the_country_of_numbers_is_named(run: Run, value: Callable[[str], object]) -> None:
    content = lines(f"{HEADER},From", "1,2026-03-02,09:30,Y,+44 20 7946 0018", "2,2026-03-02,09:31,Y,020 7946 0020")

    result = run(content)

    assert "Phone number country: GB." in result.stderr
    assert value("SELECT max(caller_number) FROM calls") == "+442079460020"
