"""The check of stored days: numbers that differ, days that overlap or are missing, and rows before the first day."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, text

from app.cli import rollup
from app.insight.rollups import check_service, refresh_service
from app.insight.rollups.check_queries import Problem, wrong_days
from app.insight.rollups.check_service import WrongNumbers, check_days, nightly_sample
from app.insight.rollups.ledgers import LEDGERS
from app.models import Role
from tests.insight.metrics.company import NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.rollups.numbers import as_job, count_all

_DAYS = "rollup_days WHERE ledger = 'calls' AND starts_at"
_BEGINNING = f"{_DAYS} = '-infinity'"
_MARCH_10 = f"{_DAYS} = '2026-03-10 04:00Z'"
_OF_CALLS = tuple(ledger for ledger in LEDGERS if ledger.name == "calls")
_TABLES = ("rollup_days", *(part.days.name for part in _OF_CALLS[0].parts))


def moved(interval: str, where: str) -> str:
    """Return the statement that moves the end of a day."""
    table, condition = where.split(" WHERE ")
    return f"UPDATE {table} SET ends_at = ends_at + interval '{interval}' WHERE {condition}"


#: What someone with the rights of the owner can do to the days of one ledger, and what is found.
TAMPERED = {
    "the end of the time before the first day moved, and the days deleted": (
        [
            moved("30 days", _BEGINNING),
            f"DELETE FROM {_DAYS} > '-infinity' AND starts_at < (SELECT ends_at FROM {_BEGINNING})",
        ],
        {Problem.BEFORE_FIRST},
    ),
    "that end moved, and the days still there": (
        [moved("30 days", _BEGINNING)],
        {Problem.BEFORE_FIRST, Problem.OVERLAPS},
    ),
    "that end moved back": ([moved("-3 days", _BEGINNING)], {Problem.MISSING}),
    "a day deleted": ([f"DELETE FROM {_MARCH_10}"], {Problem.MISSING}),
    "the last day deleted": ([f"DELETE FROM {_DAYS} > '2026-04-18 12:00Z'"], {Problem.MISSING}),
    "a day shortened by an hour": ([moved("-1 hour", _MARCH_10)], {Problem.MISSING}),
    "a day lengthened by an hour": ([moved("1 hour", _MARCH_10)], {Problem.OVERLAPS}),
    "a day added within another": (
        [
            (
                "INSERT INTO rollup_days (organization_id, ledger, starts_at, ends_at, zone, definitions)"
                " SELECT organization_id, ledger, starts_at + interval '3 hours', starts_at + interval '4 hours', zone,"
                f" definitions FROM {_MARCH_10}"
            )
        ],
        {Problem.OVERLAPS},
    ),
}


@pytest.fixture
def connection(admin_engine: Engine) -> Iterator[Connection]:
    """A connection as the owner of the tables."""
    with admin_engine.connect() as connection:
        yield connection


def tamper(connection: Connection, name: str) -> set[Problem]:
    """Change the stored days, and return the problems that this makes."""
    statements, problems = TAMPERED[name]
    for statement in statements:
        assert connection.execute(text(statement)).rowcount, name
    connection.commit()
    return problems


def keep_days(connection: Connection) -> None:
    """Keep the stored days of calls for `restore_days`."""
    for table in _TABLES:
        connection.execute(text(f"CREATE TEMP TABLE kept_{table} AS TABLE {table}"))


def restore_days(connection: Connection) -> None:
    """Put the stored days back as they were kept."""
    connection.execute(text("DELETE FROM rollup_days"))
    for table in _TABLES:
        connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text(f"INSERT INTO {table} TABLE kept_{table}"))
    connection.commit()


def test_what_is_wrong_with_the_days_is_found(
    counted_company: RandomCompany, asking: Asking, connection: Connection
) -> None:
    [ledger] = _OF_CALLS
    keep_days(connection)
    with asking(counted_company, counted_company.staff[Role.MANAGER]):
        for name in TAMPERED:
            problems = tamper(connection, name)

            # Of the rows, those of a changed day can differ, too.
            assert {day.problem for day in wrong_days(ledger, NOW)} - {Problem.DIFFERS} == problems, name
            restore_days(connection)
        assert wrong_days(ledger, NOW) == []


def test_wrong_days_are_counted_again(
    counted_company: RandomCompany, asking: Asking, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (check_service, refresh_service):
        monkeypatch.setattr(module, "LEDGERS", _OF_CALLS)
    tamper(connection, "that end moved, and the days still there")
    with asking(counted_company, counted_company.staff[Role.MANAGER]):
        with as_job(), pytest.raises(WrongNumbers):
            check_days(NOW)
        count_all()
        assert wrong_days(_OF_CALLS[0], NOW) == []


def test_rows_before_the_first_day_are_found_in_every_ledger(
    counted_company: RandomCompany, asking: Asking, connection: Connection
) -> None:
    moved = "UPDATE rollup_days SET ends_at = '2026-04-19 04:00Z' WHERE starts_at = '-infinity'"
    with asking(counted_company, counted_company.staff[Role.MANAGER]):
        connection.execute(text(moved))
        connection.execute(
            text("DELETE FROM rollup_days WHERE starts_at > '-infinity' AND starts_at < '2026-04-19 04:00Z'")
        )
        connection.commit()
        wrong = [day for ledger in LEDGERS for day in wrong_days(ledger, NOW, nightly_sample(NOW))]

    assert {day.problem for day in wrong} == {Problem.BEFORE_FIRST}
    assert [day.table for day in wrong] == [part.days.name for ledger in LEDGERS for part in ledger.parts]


def test_the_command_names_what_is_wrong_and_what_to_do(
    app: Flask, counted_company: RandomCompany, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollup, "LEDGERS", _OF_CALLS)
    slug = counted_company.organization.slug

    def check() -> tuple[int, list[str]]:
        checked = app.test_cli_runner().invoke(args=["rollup", "check", "--organization", slug])
        return checked.exit_code, checked.output.splitlines()

    tamper(connection, "a day deleted")
    exit_code, [missing, *_later_days, advice] = check()
    assert (exit_code, missing) == (
        1,
        f"{slug}: calls days: 2026-03-10T04:00Z isn’t stored, up to 2026-03-11T04:00Z",
    )
    assert advice == "Dashboards count days that aren’t stored from records. The job stores them within the hour."

    tamper(connection, "the end of the time before the first day moved, and the days deleted")
    exit_code, [before, *_others, advice] = check()
    assert (exit_code, before) == (
        1,
        f"{slug}: call_days omits records before the first stored day, 2026-02-08T05:00Z",
    )
    assert advice == "Dashboards can show wrong numbers. Run “flask rollup rebuild” to count them again."
