"""`flask import`: the command and its output."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, text

from app.cli import imports
from app.config import Settings
from app.data.imports import load_service
from app.data.imports.abandoned_service import end_abandoned
from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.extensions import db
from app.models import ImportMapping, Organization
from app.tables import table_rules
from tests.support.factories import Factories

CALLS = "Call id,Agent,Date,Time,Answered\nC1,Ann Lee,2026-03-02,09:30:00,Y\nC2,Zoe Zed,2026-03-02,10:30:00,N\n"
ONE_GOOD = "Line 3, Agent “Zoe Zed”: No one in your organization has this name or email address.\n"

Run = Callable[..., Result]


@pytest.fixture
def organization(make: Factories) -> Organization:
    organization = make.organization(slug="comfort")
    make.user(organization, name="Ann Lee")
    return organization


@pytest.fixture
def calls_file(tmp_path: Path) -> Path:
    file = tmp_path / "calls.csv"
    file.write_text(CALLS)
    return file


@pytest.fixture
def run(app: Flask, organization: Organization) -> Run:
    """A function that runs `flask import` for the organization, with `stdout` and `stderr` kept separate."""
    runner = app.test_cli_runner()
    return lambda *arguments: runner.invoke(args=["import", *map(str, arguments), "--organization", organization.slug])


@pytest.fixture
def count(admin_engine: Engine) -> Callable[[str], int]:
    """A function that counts the rows of a table over a separate connection."""

    def look(table: str) -> int:
        with admin_engine.connect() as connection:
            return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)

    return look


def test_good_rows_come_in_and_the_others_are_listed(run: Run, calls_file: Path, count: Callable[[str], int]) -> None:
    result = run("calls", calls_file)

    assert result.exit_code == 0
    assert result.stdout == f"{ONE_GOOD}2 rows: 1 new, 0 updated, 0 unchanged, 1 rejected.\n"
    assert (count("calls"), count("import_errors")) == (1, 1)


class KilledError(BaseException):
    """Simulated death of the process: no later handler runs."""


def test_a_file_is_counted_with_its_import_also_where_the_command_is_killed_and_the_import_ended_later(
    run: Run,
    calls_file: Path,
    app: Flask,
    organization: Organization,
    admin_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def used() -> int:
        with admin_engine.connect() as connection:
            return int(connection.scalar(text("SELECT sum(used_storage_bytes) FROM organization_usage")) or 0)

    def die(*_arguments: object) -> None:
        raise KilledError

    run("calls", calls_file, "--dry-run")
    assert used() == 0
    with monkeypatch.context() as broken:
        broken.setattr(load_service, "take_portion", die)
        broken.setattr(imports, "fail_import", die)
        with pytest.raises(KilledError):
            run("calls", calls_file)
    size = calls_file.stat().st_size
    assert used() == size

    with app.app_context(), use_context(Context(organization_id=organization.id)), jobs_role():
        end_abandoned(datetime.now(UTC) + timedelta(hours=2))
        db.session.commit()
    with admin_engine.connect() as connection:
        assert connection.scalars(text("SELECT status FROM imports")).all() == ["failed"]
    assert used() == size
    run("calls", calls_file)
    assert used() == 2 * size


def test_a_file_that_cannot_be_read_is_not_counted(run: Run, tmp_path: Path, admin_engine: Engine) -> None:
    file = tmp_path / "calls.csv"
    file.write_text('Call id,Date,Time,Answered\nC1,2026-03-02,09:30,Y\nC2,2026-03-02,09:30,"Y\n')

    assert run("calls", file).exit_code == 1
    with admin_engine.connect() as connection:
        assert not connection.scalar(text("SELECT sum(used_storage_bytes) FROM organization_usage"))


def test_dates_that_could_be_either_are_asked_about(
    run: Run, tmp_path: Path, count: Callable[[str], int], admin_engine: Engine
) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("Call id,Date,Time,Answered\nC1,03/04/2026,09:30,Y\nC2,05/04/2026,09:30,Y\n")

    refused = run("calls", file)
    assert refused.exit_code == 1
    assert "Use --date-format MM/DD/YYYY or --date-format DD/MM/YYYY." in refused.stderr
    assert count("calls") == 0

    assert run("calls", file, "--date-format", "DD/MM/YYYY").exit_code == 0
    with admin_engine.connect() as connection:
        days = connection.scalars(text("SELECT started_at::date::text FROM calls ORDER BY started_at")).all()
    assert days == ["2026-04-03", "2026-04-05"]


def test_days_in_plain_numbers_are_read_and_it_is_said(run: Run, tmp_path: Path, count: Callable[[str], int]) -> None:
    file, mapping = tmp_path / "calls.csv", tmp_path / "mapping.json"
    file.write_text("Call id,Start,Answered\nC1,46098.5,Y\n")

    told = run("calls", file).stderr
    assert "Numbers in “Start” will be read as spreadsheet dates" in told
    assert "Dates are read as SERIAL." in told
    columns = {"Call id": "external_id", "Start": "started_at", "Answered": "answered"}
    mapping.write_text(json.dumps({"kind": "calls", "columns": columns, "source": "other"}))
    assert "Dates are read as SERIAL." in run("calls", file, "--mapping", mapping, "--confirm-source").stderr
    assert count("calls") == 2


def test_two_systems_that_number_alike_do_not_meet(run: Run, tmp_path: Path, count: Callable[[str], int]) -> None:
    first, second = tmp_path / "desk.csv", tmp_path / "branch.csv"
    first.write_text("Call id,Date,Time,Answered\n1,2026-03-02,09:30,Y\n")
    second.write_text("Call id,Date,Time,Answered\n1,2026-03-05,11:00,N\n")

    assert "Source: “desk”." in run("calls", first).stderr
    run("calls", second, "--source", "branch")
    assert count("calls") == 2

    again = run("calls", first.rename(tmp_path / "renamed.csv"), "--source", "desk")
    assert "1 rows: 0 new, 0 updated, 1 unchanged, 0 rejected." in again.stdout


def test_a_file_of_the_same_columns_is_taken_for_the_next_one_of_its_system(run: Run, tmp_path: Path) -> None:
    first, next_one = tmp_path / "desk 2026-03.csv", tmp_path / "another name.csv"
    for file in (first, next_one):
        file.write_text("Call id,Date,Time,Answered\n1,2026-03-02,09:30,Y\n")
    run("calls", first)

    assert "1 unchanged" in run("calls", next_one).stdout


@pytest.mark.parametrize(("most", "code"), [(50, 0), (49, 1)])
def test_more_rejected_rows_than_allowed_are_a_failure(run: Run, calls_file: Path, most: int, code: int) -> None:
    result = run("calls", calls_file, "--max-rejected", most)

    assert result.exit_code == code
    assert "Use --create-users" in result.stderr


def test_repeated_reasons_are_counted(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    rows = "".join(f"C{number},Zoe Zed,2026-03-02,10:30:00,N\n" for number in range(25))
    file.write_text(f"Call id,Agent,Date,Time,Answered\n{rows}")

    printed = run("calls", file).stdout.splitlines()
    assert len(printed) == 12
    assert printed[10] == "Agent: No one in your organization has this name or email address. 15 more."


def test_a_value_that_a_row_can_do_without_is_left_empty_unless_strict(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("Call id,Date,Time,Answered,Rating\nC1,2026-03-02,09:30,Y,0\nC2,2026-03-02,09:40,Y,5\n")

    assert "Line 2, Rating “0”: It isn’t a whole number from 1 to 5." in run("calls", file, "--strict").stdout
    loose = run("calls", file)
    assert "Line 2, Rating “0”: It isn’t a whole number from 1 to 5. (left empty)" in loose.stdout
    assert "2 rows: 1 new, 0 updated, 1 unchanged, 0 rejected, 1 with warnings." in loose.stdout


def test_the_same_file_twice_changes_nothing(run: Run, calls_file: Path) -> None:
    run("calls", calls_file)

    assert run("calls", calls_file).stdout.endswith("2 rows: 0 new, 0 updated, 1 unchanged, 1 rejected.\n")


def test_agents_become_users_when_asked(run: Run, calls_file: Path, count: Callable[[str], int]) -> None:
    result = run("calls", calls_file, "--create-users")

    assert result.exit_code == 0
    assert result.stdout.endswith("2 new, 0 updated, 0 unchanged, 0 rejected.\nCreated inactive people: Zoe Zed.\n")
    assert count("users WHERE status = 'inactive' AND email LIKE '%@comfort.invalid'") == 1


def test_a_dry_run_says_the_same_and_keeps_nothing(run: Run, calls_file: Path, count: Callable[[str], int]) -> None:
    result = run("calls", calls_file, "--dry-run", "--create-users")

    assert result.exit_code == 0
    assert "Dry run, nothing was imported: 2 rows: 2 new" in result.stdout
    assert "Would create inactive people: Zoe Zed." in result.stdout
    assert (count("calls"), count("imports"), count("users")) == (0, 0, 1)


def test_programs_get_json(run: Run, calls_file: Path) -> None:
    answer = json.loads(run("calls", calls_file, "--json").stdout)

    [error] = answer.pop("errors")
    assert (error["line"], error["column"], error["value"]) == (3, "Agent", "Zoe Zed")
    assert answer == {
        "total": 2, "created": 1, "updated": 0, "unchanged": 0, "rejected": 1, "users_created": [], "remarked": 0,
        "left_out": 0, "status": "completed", "dry_run": False,
    }  # fmt: skip


def test_an_import_of_a_command_stands_among_the_imports_with_its_file(
    run: Run, calls_file: Path, app: Flask, admin_engine: Engine
) -> None:
    run("calls", calls_file)

    with admin_engine.connect() as connection:
        [kept] = connection.execute(text("SELECT * FROM imports"))
        [action] = connection.execute(
            text("SELECT actor_label FROM audit_logs WHERE action = 'import.completed' AND resource_id = :id"),
            {"id": kept.id},
        )
    settings: Settings = app.config["SETTINGS"]
    assert (kept.status, kept.file_name, kept.rows_created, kept.rows_rejected) == ("completed", "calls.csv", 1, 1)
    assert (settings.storage_dir / kept.storage_key).read_text() == CALLS
    assert action.actor_label == "flask import calls"


def test_contacts_come_in_too(run: Run, tmp_path: Path, count: Callable[[str], int]) -> None:
    file = tmp_path / "contacts.csv"
    file.write_text("First name,Last name,Phone\nAnn,Lee,212-555-0101\n")

    result = run("contacts", file)

    assert result.stdout == "1 rows: 1 new, 0 updated, 0 unchanged, 0 rejected.\n"
    assert count("contact_phones") == 1


def test_a_mapping_may_be_a_file(run: Run, tmp_path: Path, count: Callable[[str], int]) -> None:
    (tmp_path / "odd.csv").write_text("Wann;Wer;Da\n02.03.2026 09:30;Ann Lee;ja\n")
    mapping = {
        "kind": "calls",
        "columns": {"Wann": "started_at", "Wer": "agent", "Da": "answered"},
        "date_formats": ["DD.MM.YYYY"],
        "yes_words": ["ja"],
    }
    (tmp_path / "odd.json").write_text(json.dumps(mapping))

    assert run("calls", tmp_path / "odd.csv", "--mapping", tmp_path / "odd.json").exit_code == 0
    assert count("calls WHERE status = 'completed'") == 1


def test_a_mapping_may_be_one_saved_under_a_name(
    run: Run, calls_file: Path, make: Factories, organization: Organization, count: Callable[[str], int]
) -> None:
    mapping = {"kind": "calls", "columns": {"Date": "date", "Time": "time", "Answered": "answered"}}
    make.add(ImportMapping(organization_id=organization.id, kind="calls", name="Old system", mapping=mapping))

    assert run("calls", calls_file, "--mapping", "Old system").exit_code == 0
    assert count("calls WHERE csr_id IS NULL") == 2


@pytest.mark.parametrize(
    ("content", "arguments", "sentence"),
    [
        (CALLS, ["--mapping", "Nobody's"], "No file or saved mapping is named “Nobody's”"),
        ("Colour,Shape\nred,round\n", [], "the call’s start time"),
        ("", [], "The file is empty"),
    ],
)
def test_what_cannot_be_done_ends_with_a_sentence_and_leaves_no_file(
    run: Run, app: Flask, tmp_path: Path, count: Callable[[str], int], content: str, arguments: list[str], sentence: str
) -> None:
    file = tmp_path / "calls.csv"
    file.write_text(content)
    settings: Settings = app.config["SETTINGS"]
    kept_before = set(settings.storage_dir.rglob("*"))

    result = run("calls", file, *arguments)

    assert result.exit_code == 1
    assert sentence in result.stderr
    assert count("imports") == 0
    assert [path for path in set(settings.storage_dir.rglob("*")) - kept_before if path.is_file()] == []


def test_an_unknown_organization_is_a_sentence(app: Flask, organization: Organization, calls_file: Path) -> None:
    arguments = ["import", "calls", str(calls_file), "--organization", "nobody"]

    result = app.test_cli_runner().invoke(args=arguments)

    assert result.exit_code == 1
    assert "No organization has the URL name “nobody”" in result.stderr


def test_a_file_of_which_nothing_comes_in_is_a_failure(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("Call id,Date,Time,Answered\nC1,someday,09:30,Y\n")

    assert run("calls", file).exit_code == 1


def test_what_no_column_says_is_said_as_an_option(run: Run, tmp_path: Path, admin_engine: Engine) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("Call id,Time,Answered\nC1,09:30,Y\n")

    assert run("calls", file).exit_code == 2
    result = run("calls", file, "--default", "date=2026-03-17", "--default", "direction=outbound")

    assert result.exit_code == 0
    assert "Default for date: 2026-03-17." in result.stderr
    with admin_engine.connect() as connection:
        [call] = connection.execute(text("SELECT started_at::date::text AS day, direction FROM calls"))
    assert (call.day, call.direction) == ("2026-03-17", "outbound")


@pytest.mark.parametrize(
    ("said", "code", "sentence"),
    [
        ("date", 2, "“date” isn’t in the form FIELD=VALUE."),
        ("shoes=44", 1, "These fields don’t exist: shoes."),
        ("direction=sideways", 1, "It isn’t one of: inbound, outbound."),
    ],
)
def test_what_cannot_be_said_for_a_file_is_refused(
    run: Run, calls_file: Path, count: Callable[[str], int], said: str, code: int, sentence: str
) -> None:
    result = run("calls", calls_file, "--default", said)

    assert (result.exit_code, count("calls")) == (code, 0)
    assert sentence in result.stderr


def test_the_date_of_a_file_that_has_only_times_is_asked(run: Run, tmp_path: Path, count: Callable[[str], int]) -> None:
    file = tmp_path / "times.csv"
    file.write_text("Call id,Time,Answered\n1,9:30,Y\n2,10:15,N\n")

    asked, in_json = run("calls", file), run("calls", file, "--json")

    assert (asked.exit_code, in_json.exit_code, count("calls")) == (2, 2, 0)
    assert "This file has times but no dates. Enter the date of all its calls" in asked.stdout
    assert "Nothing was imported. Use --default date=2026-03-17, or --mapping." in asked.stderr
    assert json.loads(in_json.stdout) == {"missing": "date"}
    assert run("calls", file, "--default", "date=2026-03-16").exit_code == 0
    assert count("calls") == 2


def test_a_file_without_a_row_that_can_come_in_says_what_to_do(
    run: Run, tmp_path: Path, count: Callable[[str], int]
) -> None:
    file, mapping = tmp_path / "calls.csv", tmp_path / "m.json"
    file.write_text("Call id,Date,Time,Answered,Line\n1,2026-03-16,9:30,Y,Sales\n")
    columns = {"Call id": "external_id", "Date": "date", "Time": "time", "Answered": "answered"}
    only = [{"column": "Line", "words": ["Service"]}]
    mapping.write_text(json.dumps({"kind": "calls", "columns": columns, "only": only}))
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("Call id,Date,Time,Answered\n1,2026-03-16,25:30,Y\n")

    filtered, refused = run("calls", file, "--mapping", mapping), run("calls", wrong, "--dry-run")

    assert (filtered.exit_code, refused.exit_code, count("calls")) == (1, 1, 0)
    assert "All rows of this file are filtered out. Change the filter" in filtered.stderr
    assert "No row of this file can be imported. Change how its columns are read" in refused.stderr
    assert [run("calls", file).exit_code for _again in range(2)] == [0, 0], "what is here already is no failure"


def test_a_column_that_only_its_values_suggest_has_to_be_said(
    run: Run, tmp_path: Path, count: Callable[[str], int]
) -> None:
    file = tmp_path / "log.csv"
    file.write_text("Nr,Wann,Up,Answered\n1,2026-03-04 09:30,x,Y\n")

    refused = run("calls", file)

    assert (refused.exit_code, count("calls")) == (1, 0)
    assert "Choose the column for the call’s start time" in refused.stderr
    assert "“Wann” has dates with times, so it was matched to the date and time of the record." in refused.stderr


def test_a_mapping_that_says_nothing_of_dates_settles_none(
    run: Run, tmp_path: Path, count: Callable[[str], int]
) -> None:
    mapping = {"kind": "calls", "columns": {"When": "date", "Time": "time", "Up": "answered"}}
    (tmp_path / "m.json").write_text(json.dumps(mapping))
    either, telling = tmp_path / "either.csv", tmp_path / "telling.csv"
    either.write_text("When,Time,Up\n03/04/2026,09:30,Y\n")
    telling.write_text("When,Time,Up\n23/04/2026,09:30,Y\n24/04/2026,09:30,Y\n")

    refused = run("calls", either, "--mapping", tmp_path / "m.json")
    assert (refused.exit_code, count("calls")) == (1, 0)
    assert "The day and the month can’t be told apart." in refused.stderr

    assert run("calls", either, "--mapping", tmp_path / "m.json", "--date-format", "DD/MM/YYYY").exit_code == 0
    assert "Dates are read as DD/MM/YYYY." in run("calls", telling, "--mapping", tmp_path / "m.json").stderr
    assert count("calls WHERE started_at::date = '2026-04-23' OR started_at::date = '2026-04-03'") == 2


def test_several_calls_of_one_id_come_in_where_that_is_said(
    run: Run, tmp_path: Path, count: Callable[[str], int]
) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("Conversation id,Date,Time,Answered\n7,2026-03-02,09:30,Y\n7,2026-03-02,09:40,Y\n")

    noticed = run("calls", file, "--dry-run")
    assert "Different rows have the same ID, such as “7”." in noticed.stderr
    assert "use --several-per-id." in noticed.stderr
    assert "choose" not in noticed.stderr
    assert "1 new, 0 updated, 0 unchanged, 1 rejected" in noticed.stdout

    done = run("calls", file, "--several-per-id")
    assert "2 new" in done.stdout
    assert "the same ID" not in done.stderr
    assert "0 new, 0 updated, 2 unchanged" in run("calls", file, "--several-per-id").stdout
    assert count("calls WHERE external_id = '7@2026-03-02T14:30:00Z'") == 1


def test_whose_numbers_agents_are_stands_in_a_mapping(run: Run, tmp_path: Path, count: Callable[[str], int]) -> None:
    (tmp_path / "calls.csv").write_text("Id,Agent ID,When,Up\n1,17,2026-03-02 09:30,Y\n2,18,2026-03-02 09:40,Y\n")
    mapping = {
        "kind": "calls",
        "columns": {"Id": "external_id", "Agent ID": "agent", "When": "started_at", "Up": "answered"},
        "values": {"agent": {"17": "Ann Lee"}},
    }
    (tmp_path / "m.json").write_text(json.dumps(mapping))

    result = run("calls", tmp_path / "calls.csv", "--mapping", tmp_path / "m.json")

    assert "Line 3, Agent ID “18”: No one in your organization has this name or email address." in result.stdout
    assert count("calls JOIN users ON users.id = csr_id AND users.name = 'Ann Lee'") == 1


def test_columns_that_are_known_to_be_none_of_ours_are_named_with_the_reason(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("Call id,Date,Time,Answered,Hold time,Shoes\nC1,2026-03-02,09:30,Y,5,44\n")

    said = run("calls", file, "--dry-run").stderr
    assert "“Hold time”: Hold time is part of talk time, so this column is skipped." in said
    assert "Skipped columns: Shoes." in said


@pytest.mark.parametrize(
    ("kind", "text_of_file", "table"),
    [
        ("leads", "Lead ID,Status,Phone\nL1,New,+12125550101\n" + "L" * 300 + ",New,\n", "leads"),
        ("appointments", "Job ID,Service,Start\nV1,Duct,2026-03-02 09:30\nV2,Duct,soon\n", "appointments"),
        ("knowledge", "Question,Answer\nWhat does it cost?,It costs 89 dollars.\nWhy?,Because.\n", "knowledge_items"),
    ],
)
def test_files_of_other_kinds_come_in_by_a_command_each(
    run: Run, tmp_path: Path, count: Callable[[str], int], kind: str, text_of_file: str, table: str
) -> None:
    file = tmp_path / f"{kind}.csv"
    file.write_text(text_of_file)

    tried = run(kind, file, "--dry-run")
    assert "Dry run, nothing was imported: 2 rows: 1 new, 0 updated, 0 unchanged, 1 rejected" in tried.stdout
    assert count(table) == 0
    assert "2 rows: 1 new, 0 updated, 0 unchanged, 1 rejected" in run(kind, file).stdout
    assert "2 rows: 0 new, 0 updated, 1 unchanged, 1 rejected" in run(kind, file).stdout
    assert count(table) == 1


@pytest.fixture
def unknown_statuses(tmp_path: Path) -> Path:
    file = tmp_path / "calls.csv"
    rows = (
        "C1,2026-03-02,09:30,Chat",
        "C2,2026-03-02,09:40,Gone",
        "C3,2026-03-02,09:50,gone",
        "C4,2026-03-02,10:00,missed",
    )
    file.write_text("\n".join(["Call id,Date,Time,Status", *rows, ""]))
    return file


def test_nothing_comes_in_before_a_status_that_isnt_known_has_a_meaning(
    run: Run, unknown_statuses: Path, count: Callable[[str], int]
) -> None:
    result = run("calls", unknown_statuses)

    assert result.exit_code == 2
    assert result.stdout.splitlines() == [
        "Status “Chat”: 1 row, not a known status.",
        "Status “Gone”: 1 row, not a known status.",
        "Status “gone”: 1 row, not a known status.",
    ]
    assert "Nothing was imported." in result.stderr
    assert "--unknown-words leave-out" in result.stderr
    assert json.loads(run("calls", unknown_statuses, "--json").stdout)["unknown_words"][0] == {
        "field": "status",
        "column": "Status",
        "word": "Chat",
        "rows": 1,
        "can_be_empty": False,
    }
    assert count("imports") == count("calls") == 0


def test_a_status_that_isnt_known_is_listed_wherever_it_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "calls.csv"
    rows = [f"C{number},2026-03-02,09:20,missed" for number in range(60)]
    file.write_text("\n".join(["Call id,Date,Time,Status", *rows, "C60,2026-03-02,09:20,Gone", ""]))
    monkeypatch.setattr(table_rules, "GLANCE_LINES", 50)

    result = run("calls", file)

    assert (result.exit_code, result.stdout) == (2, "Status “Gone”: 1 row, not a known status.\n")


def test_an_option_leaves_out_rows_with_unknown_statuses(run: Run, unknown_statuses: Path) -> None:
    result = run("calls", unknown_statuses, "--unknown-words", "leave-out")

    assert result.exit_code == 0
    assert "4 rows: 1 new, 0 updated, 0 unchanged, 3 rejected" in result.stdout


def test_an_option_gives_unknown_stages_the_default_and_leaves_no_call_without_a_status(
    run: Run, unknown_statuses: Path, tmp_path: Path, count: Callable[[str], int]
) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("Lead ID,Status\nL1,New\nL2,Somewhere\n")

    assert "2 rows: 2 new" in run("leads", leads, "--unknown-words", "empty").stdout
    assert count("leads WHERE stage = 'new'") == 2
    refused = run("calls", unknown_statuses, "--unknown-words", "empty")
    assert (refused.exit_code, count("calls")) == (2, 0)
    assert "“Gone”" in refused.stdout


@pytest.fixture
def paid_jobs(tmp_path: Path) -> Path:
    file = tmp_path / "jobs.csv"
    file.write_text(
        "Job #,Start,Job type,Job status,Job amount\n"
        '"=""1041""",2026-02-10 09:00,Repair,Complete rated,"$1,234.50"\n'
        '"=""1042""",2026-02-11 09:00,Repair,Scheduled,\n'
    )
    return file


def test_nothing_comes_in_before_somebody_says_whether_paid_jobs_are_won(
    run: Run, paid_jobs: Path, count: Callable[[str], int]
) -> None:
    result = run("appointments", paid_jobs)

    assert result.exit_code == 2
    assert result.stdout == "Job amount “paid”: 1 row, the outcome is unclear. Use --paid won or --paid open.\n"
    assert json.loads(run("appointments", paid_jobs, "--json").stdout)["unknown_words"][0]["options"] == (
        "--paid won or --paid open"
    )
    assert count("imports") == count("appointments") == 0


@pytest.mark.parametrize(
    ("options", "won"), [(("--paid", "won"), 1), (("--paid", "open"), 0), (("--unknown-words", "empty"), 0)]
)
def test_an_option_says_whether_paid_jobs_are_won(
    run: Run, paid_jobs: Path, count: Callable[[str], int], options: tuple[str, str], won: int
) -> None:
    assert "2 rows: 2 new" in run("appointments", paid_jobs, *options).stdout
    assert count("appointments WHERE outcome = 'closed_won' AND outcome_at = completed_at AND deal_value > 0") == won
    assert count("appointments WHERE external_id IN ('1041', '1042')") == 2


@pytest.fixture
def two_systems(tmp_path: Path) -> tuple[Path, Path]:
    """Files of two systems with the same name and the same IDs, of other calls."""
    files = []
    for hour, header in ((9, "Call id,Start,Answered"), (14, "Start,Call id,Answered")):
        rows = [(f"C{number}", f"2026-03-02 {hour:02}:0{number}", "Y") for number in range(3)]
        file = tmp_path / str(hour) / "calls.csv"
        file.parent.mkdir()
        file.write_text(
            "\n".join([header, *(",".join(row if hour == 9 else (row[1], row[0], row[2])) for row in rows)])
        )
        files.append(file)
    return files[0], files[1]


def test_calls_of_another_system_are_named_instead_of_overwritten(
    run: Run, two_systems: tuple[Path, Path], count: Callable[[str], int]
) -> None:
    first, second = two_systems
    assert run("calls", first).exit_code == 0

    asked = run("calls", second)
    assert asked.exit_code == 2
    assert asked.stdout.splitlines() == [
        "3 of 3 IDs in this file are already here from “calls”, but with another start time or caller."
    ]
    assert "use --confirm-source. If not, name the other system with --source." in asked.stderr
    question = {"doubt": "other_records", "source": "calls", "same": "calls", "rows": 3, "total": 3}
    assert json.loads(run("calls", second, "--json", "--dry-run").stdout) == {"source_question": question}
    assert (count("imports"), count("calls")) == (1, 3)

    assert "3 rows: 3 new" in run("calls", second, "--source", "desk").stdout
    assert "3 rows: 0 new, 3 updated" in run("calls", second, "--source", "calls", "--confirm-source").stdout


def test_calls_of_another_source_are_named_instead_of_doubled(
    run: Run, two_systems: tuple[Path, Path], count: Callable[[str], int]
) -> None:
    first, _second = two_systems
    assert run("calls", first, "--source", "old phones").exit_code == 0

    asked = run("calls", first, "--source", "desk")
    assert (asked.exit_code, count("calls")) == (2, 3)
    assert "3 of 3 rows in this file are already here from “old phones”." in asked.stdout
    assert "use --source 'old phones'. If not, use --confirm-source." in asked.stderr

    assert "3 rows: 3 new" in run("calls", first, "--source", "desk", "--confirm-source").stdout


def test_a_mapping_decides_about_rows_with_unknown_statuses(
    run: Run, unknown_statuses: Path, tmp_path: Path, count: Callable[[str], int]
) -> None:
    mapping = {
        "kind": "calls",
        "columns": {"Call id": "external_id", "Date": "date", "Time": "time", "Status": "status"},
        "values": {"status": {"Gone": "missed"}},
    }
    (tmp_path / "m.json").write_text(json.dumps(mapping))

    assert "“Chat”" in (still := run("calls", unknown_statuses, "--mapping", tmp_path / "m.json")).stdout
    assert "“Gone”" not in still.stdout
    mapping["values"] = {"status": {"Gone": "missed", "Chat": "turn_away"}}
    (tmp_path / "m.json").write_text(json.dumps(mapping))
    assert run("calls", unknown_statuses, "--mapping", tmp_path / "m.json").exit_code == 0
    assert count("calls WHERE status = 'missed'") == 3


def test_reps_and_csrs_of_leads_are_made_when_asked(run: Run, tmp_path: Path, count: Callable[[str], int]) -> None:
    file = tmp_path / "leads.csv"
    file.write_text("Lead ID,Lead owner,CSR\nL1,Zoe Zed,Cy Case\n")

    assert "Use --create-users" in run("leads", file).stderr
    assert "Created inactive people: Cy Case, Zoe Zed." in run("leads", file, "--create-users").stdout
    assert count("users WHERE name = 'Zoe Zed' AND role = 'sales_rep' AND status = 'inactive'") == 1
