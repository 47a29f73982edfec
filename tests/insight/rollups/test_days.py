"""The days that are stored: which ones, by which clocks and definitions, and which columns make them stale."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy import Column, Connection, Engine, Table, text
from sqlalchemy.sql import visitors

from app.extensions import db
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.call_ledger import CALLS
from app.insight.metrics.csr_queries import csr_numbers
from app.insight.metrics.ledger import Part
from app.insight.metrics.question_queries import Question
from app.insight.metrics.volume_queries import call_volume
from app.insight.rollups.ledgers import LEDGERS
from app.insight.rollups.refresh_service import refresh
from app.models import Role
from app.models.rollups import ROLLUP_DAYS, ROLLUP_MARKS
from app.periods import Span, midnight, resolve_period
from app.tenancy.actor_queries import actor_of_the_whole
from tests.insight.metrics.company import LAST_DAY, NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.rollups import numbers
from tests.insight.rollups.numbers import all_numbers, as_job, count_all, from_rows
from tests.support.database import WorkerDatabase

_PARTS = [part for ledger in LEDGERS for part in ledger.parts]
#: The tables whose rows are counted, or looked up for those that are.
_COUNTED = (
    "calls",
    "call_analyses",
    "recording_sessions",
    "appointments",
    "leads",
    "missed_call_entries",
    "missed_call_attempts",
    "tasks",
    "pending_actions",
    "messages",
)
_STORED = text(
    "SELECT starts_at, ends_at FROM rollup_days WHERE ledger = 'calls' AND starts_at <> '-infinity' ORDER BY starts_at"
)
_HAVANA = ZoneInfo("America/Havana")


@pytest.mark.parametrize(
    ("now", "end"),
    [
        (NOW, NOW - timedelta(hours=1)),
        (NOW + timedelta(minutes=29), NOW - timedelta(hours=1)),
        (NOW + timedelta(minutes=30), NOW),
        (NOW + timedelta(days=1, minutes=40), NOW + timedelta(days=1)),
    ],
)
def test_every_day_is_stored_once_and_today_up_to_an_hour_that_is_over(
    counted_company: RandomCompany, asking: Asking, admin_engine: Engine, now: datetime, end: datetime
) -> None:
    with asking(counted_company, counted_company.staff[Role.MANAGER]):
        count_all(now)

    zone = ZoneInfo(counted_company.organization.timezone)
    with admin_engine.connect() as connection:
        first = connection.scalar(
            text("SELECT min(started_at) FROM calls WHERE organization_id = :id"),
            {"id": counted_company.organization.id},
        )
        days = connection.execute(_STORED).all()
    starts = [midnight(first.astimezone(zone).date() + timedelta(number), zone) for number in range(len(days))]
    assert [tuple(day) for day in days] == list(pairwise([*starts, end]))
    assert days[-1].starts_at == midnight(now.astimezone(zone).date(), zone)


def test_today_is_not_stored_before_its_first_hour_is_over(
    company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    zone = ZoneInfo(company.organization.timezone)
    today = midnight(NOW.astimezone(zone).date(), zone)
    with asking(company, company.staff[Role.MANAGER]):
        count_all(today + timedelta(minutes=80))

    with admin_engine.connect() as connection:
        assert connection.execute(_STORED).all()[-1].ends_at == today


def test_numbers_of_a_day_that_grows_are_those_of_the_rows(company: RandomCompany, asking: Asking) -> None:
    zone = ZoneInfo(company.organization.timezone)
    noon = midnight(LAST_DAY, zone) + timedelta(hours=12)
    for hours in (0, 5, 24):
        with asking(company, company.staff[Role.MANAGER]) as actor:
            count_all(noon + timedelta(hours=hours))
            stored = all_numbers(actor, company, "six weeks", of_one=False)
            with from_rows():
                assert all_numbers(actor, company, "six weeks", of_one=False) == stored


@pytest.mark.parametrize("hour", [9, 12, 20])
def test_numbers_of_a_comparison_that_is_cut_are_those_of_the_rows(
    company: RandomCompany, asking: Asking, monkeypatch: pytest.MonkeyPatch, hour: int
) -> None:
    now = midnight(NOW.date(), ZoneInfo(company.organization.timezone)) + timedelta(hours=hour)
    monkeypatch.setattr(numbers, "NOW", now)
    with asking(company, company.staff[Role.MANAGER]) as actor:
        count_all(now)
        stored = all_numbers(actor, company, "month", "last_30", of_one=False)
        with from_rows():
            assert all_numbers(actor, company, "month", "last_30", of_one=False) == stored


def test_stored_days_are_read_and_not_their_rows(
    counted_company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    with admin_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DELETE FROM call_analyses"))
        connection.execute(text("DELETE FROM calls"))

    with asking(counted_company, counted_company.staff[Role.MANAGER]) as actor:
        stored = csr_numbers(actor, counted_company.period, csr=None, now=NOW, only=(d.CALLS,))
        with from_rows():
            counted = csr_numbers(actor, counted_company.period, csr=None, now=NOW, only=(d.CALLS,))

    assert counted[d.CALLS.name].value == 0
    assert (stored[d.CALLS.name].value or 0) > 100


@pytest.mark.parametrize("change", ["timezone = 'Australia/Lord_Howe'", "timezone = 'America/Havana'"])
def test_another_time_zone_is_right_at_once_and_stored_anew(
    counted_company: RandomCompany, asking: Asking, admin_engine: Engine, change: str
) -> None:
    manager = counted_company.staff[Role.MANAGER]
    before = counted_company.organization.timezone
    with admin_engine.begin() as connection:
        connection.execute(text(f"UPDATE organizations SET {change}"))
    counted_company.organization.timezone = change.split("'")[1]

    try:
        for is_stored in (False, True):
            with asking(counted_company, manager) as actor:
                if is_stored:
                    count_all()
                stored = all_numbers(actor, counted_company, "six weeks", of_one=False)
                with from_rows():
                    assert all_numbers(actor, counted_company, "six weeks", of_one=False) == stored
        with admin_engine.connect() as connection:
            zones = connection.scalars(text("SELECT DISTINCT zone FROM rollup_days")).all()
            left = connection.scalar(
                text(
                    "SELECT count(*) FROM call_days c WHERE NOT EXISTS "
                    "(SELECT FROM rollup_days d WHERE d.starts_at = c.starts_at)"
                )
            )
        assert (zones, left) == ([counted_company.organization.timezone], 0)
    finally:
        counted_company.organization.timezone = before


def test_numbers_of_other_definitions_are_not_read(
    counted_company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    manager = counted_company.staff[Role.MANAGER]
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE rollup_days SET definitions = 'of an earlier release'"))
        connection.execute(text("UPDATE call_days SET calls = calls + 1"))

    for is_stored in (False, True):
        with asking(counted_company, manager) as actor:
            if is_stored:
                count_all(NOW)
            stored = all_numbers(actor, counted_company, "six weeks", of_one=False)
            with from_rows():
                assert all_numbers(actor, counted_company, "six weeks", of_one=False) == stored


def test_no_number_is_left_of_deleted_rows_before_the_first_day(
    company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    manager, early = company.staff[Role.MANAGER], datetime(2025, 12, 20, 12, tzinfo=UTC)
    with admin_engine.begin() as connection:
        _insert_calls(connection, company, early, early + timedelta(minutes=100), timedelta(minutes=1))
    with asking(company, manager):
        count_all()
    assert _counted_before(admin_engine, "2026-01-01") == {"call_days", "call_hours", "call_topic_days"}

    with admin_engine.begin() as connection:
        connection.execute(text("DELETE FROM calls WHERE started_at < '2026-01-01'"))
    with asking(company, manager):
        count_all()
    assert _counted_before(admin_engine, "2026-01-01") == set()


def test_a_midnight_that_comes_twice_begins_one_day(
    company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    """In Havana, 1 November 2026 begins at midnight, and an hour later at midnight again."""
    manager, before = company.staff[Role.MANAGER], company.organization.timezone
    now, first_midnight = midnight(date(2026, 11, 9), _HAVANA), midnight(date(2026, 11, 1), _HAVANA)
    company.organization.timezone = _HAVANA.key
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE organizations SET timezone = 'America/Havana'"))
        first_call = first_midnight - timedelta(hours=2)
        _insert_calls(connection, company, first_call, first_call + timedelta(hours=6), timedelta(minutes=10))
    try:
        with asking(company, manager) as actor:
            first, last = date(2026, 10, 31), date(2026, 11, 2)
            period = resolve_period("custom", now=now, timezone=_HAVANA.key, first_day=first, last_day=last)
            with from_rows():
                counted = call_volume(actor, period, csr=None, now=now)
            with as_job():
                while refresh(CALLS, now):
                    db.session.commit()
            assert call_volume(actor, period, csr=None, now=now) == counted
            assert [day.calls for day in counted.by_day] == [12, 25, 0]
    finally:
        company.organization.timezone = before


@pytest.mark.parametrize("table", [ROLLUP_DAYS, ROLLUP_MARKS, *(part.days for part in _PARTS)], ids=str)
def test_only_jobs_write_stored_numbers(database: WorkerDatabase, table: Table) -> None:
    for statement in (f"INSERT INTO {table} DEFAULT VALUES", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        with psycopg.connect(database.url("app_rw")) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)
    for role in ("app_rw", "app_jobs"):
        changed = f"UPDATE {table} SET organization_id = organization_id"
        with psycopg.connect(database.url(role)) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(changed)


@pytest.mark.parametrize("part", _PARTS, ids=[part.days.name for part in _PARTS])
def test_a_table_has_the_measures_that_are_counted(company: RandomCompany, asking: Asking, part: Part) -> None:
    with asking(company, company.staff[Role.MANAGER]):
        statement = part.rows(Question(actor_of_the_whole(), NOW, part.credit), Span(NOW, NOW))

    assert {column.name for column in statement.selected_columns} == {*part.keys, *part.measures}


@pytest.mark.parametrize("table", _COUNTED)
def test_every_column_that_numbers_are_made_of_makes_days_stale(
    company: RandomCompany, asking: Asking, admin_engine: Engine, table: str
) -> None:
    read: set[str] = set()
    with asking(company, company.staff[Role.MANAGER]):
        for part in _PARTS:
            statement = part.rows(Question(actor_of_the_whole(), NOW, part.credit), Span(NOW, NOW))
            read |= {
                element.name
                for element in visitors.iterate(statement)
                if isinstance(element, Column) and getattr(element.table, "element", element.table).name == table
            }
    assert read
    triggers = text(
        "SELECT p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
        "WHERE t.tgrelid = CAST(:table AS regclass) AND t.tgname = 'mark_update'"
    )
    with admin_engine.connect() as connection:
        source = connection.scalar(triggers, {"table": table})

    assert {name for name in read - {"id"} if name not in source} == set()


def _insert_calls(
    connection: Connection, company: RandomCompany, first: datetime, last: datetime, step: timedelta
) -> None:
    connection.execute(
        text("""
            INSERT INTO calls (organization_id, id, direction, call_type, status, started_at)
            SELECT :organization, gen_random_uuid(), 'inbound', 'csr_call', 'missed', at
            FROM generate_series(:first, :last, CAST(:step AS interval)) at
        """),
        {"organization": company.organization.id, "first": first, "last": last, "step": step},
    )


def _counted_before(engine: Engine, day: str) -> set[str]:
    """Return the tables of calls that have numbers of days before this one."""
    with engine.connect() as connection:
        return {
            table
            for table in (part.days.name for part in CALLS.parts)
            if connection.scalar(text(f"SELECT EXISTS (SELECT FROM {table} WHERE starts_at < '{day}')"))
        }
