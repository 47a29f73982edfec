"""Changes that are committed while days are counted, or after days that depend on them were counted.

In each case a writer doesn't see what another one commits meanwhile. If it marked only the days that it sees, a day
would stay wrong.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, text

from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.extensions import db
from app.insight.metrics.call_ledger import CALLS
from app.insight.rollups.ledgers import LEDGERS
from app.insight.rollups.refresh_service import discard_days, rebuild_all, refresh
from app.models import Call, CallAnalysis, Role
from app.periods import midnight
from app.security.actor import Actor
from tests.insight.metrics.company import NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.rollups.numbers import all_numbers, as_job, count_all, from_rows
from tests.support.database import WorkerDatabase
from tests.support.locks import wait_for_a_lock

Change = Callable[[Connection, RandomCompany], None]

#: A day of the period and another one, in UTC.
_MOVED_TO = "2026-03-20 15:00+00"


def _call(company: RandomCompany) -> Call:
    """Return an analyzed CSR call that starts on another day."""
    analysed = {one.call_id for one in company.rows if isinstance(one, CallAnalysis)}
    return next(
        row
        for row in company.rows
        if isinstance(row, Call) and row.call_type == "csr_call" and row.csr_id and row.id not in analysed
    )


def _analyse(connection: Connection, company: RandomCompany) -> None:
    connection.execute(
        text("""
            INSERT INTO call_analyses (organization_id, id, call_id, sop_compliance_score, objections)
            VALUES (:organization, gen_random_uuid(), :call, 91.25, '[{"category": "price", "severity": "high"}]')
        """),
        {"organization": company.organization.id, "call": _call(company).id},
    )


def _move(connection: Connection, company: RandomCompany) -> None:
    _update(connection, company, f"started_at = '{_MOVED_TO}'")


def _reassign(connection: Connection, company: RandomCompany) -> None:
    _update(connection, company, "csr_id = NULL")


def _insert(connection: Connection, company: RandomCompany) -> None:
    connection.execute(
        text("""
            INSERT INTO calls (organization_id, id, direction, call_type, status, started_at)
            VALUES (:organization, gen_random_uuid(), 'inbound', 'csr_call', 'completed', :moment)
        """),
        {"organization": company.organization.id, "moment": _MOVED_TO},
    )


def _update(connection: Connection, company: RandomCompany, change: str) -> None:
    connection.execute(
        text(f"UPDATE calls SET {change} WHERE organization_id = :organization AND id = :id"),
        {"organization": company.organization.id, "id": _call(company).id},
    )


@dataclass(frozen=True)
class Elsewhere:
    """Another worker, which works in transactions of its own; `wait` until it waits for a lock."""

    app: Flask
    organization_id: UUID
    database: WorkerDatabase

    def __call__(self, work: Callable[[], None]) -> None:
        with self.app.app_context(), use_context(Context(organization_id=self.organization_id)), jobs_role():
            work()
            db.session.commit()

    def wait(self) -> None:
        wait_for_a_lock(self.database)


@pytest.fixture
def company(counted_company: RandomCompany) -> RandomCompany:
    return counted_company


@pytest.fixture
def elsewhere(app: Flask, company: RandomCompany, database: WorkerDatabase) -> Elsewhere:
    """Another worker of the company's organization."""
    return Elsewhere(app, company.organization.id, database)


@contextmanager
def _uncommitted(engine: Engine, company: RandomCompany, change: Change, isolation: str) -> Iterator[Connection]:
    with engine.connect().execution_options(isolation_level=isolation) as connection:
        connection.execute(text("SELECT count(*) FROM calls"))
        change(connection, company)
        yield connection


@pytest.mark.parametrize("isolation", ["READ COMMITTED", "REPEATABLE READ"])
@pytest.mark.parametrize(
    ("late", "early"),
    [(_analyse, _move), (_move, _analyse), (_analyse, _reassign), (_insert, _move), (_insert, _insert)],
    ids=["analysis late", "move late", "analysis of a reassigned call", "new call late", "two new calls"],
)
def test_a_change_that_is_committed_late_is_counted(
    company: RandomCompany, asking: Asking, admin_engine: Engine, late: Change, early: Change, isolation: str
) -> None:
    manager = company.staff[Role.MANAGER]
    with _uncommitted(admin_engine, company, late, isolation) as writer:
        with admin_engine.begin() as other:
            other.execute(text("SET LOCAL lock_timeout = '100ms'"))
            early(other, company)
        with asking(company, manager) as actor:
            _assert_equal(actor, company)
            count_all()
            _assert_equal(actor, company)
        writer.commit()

    with asking(company, manager) as actor:
        _assert_equal(actor, company)
        count_all()
        _assert_equal(actor, company)


def test_a_change_that_is_committed_while_days_are_counted_is_counted(
    company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    manager = company.staff[Role.MANAGER]
    with asking(company, manager):
        with admin_engine.begin() as connection:
            _move(connection, company)
        with as_job():
            refresh(CALLS, NOW)
            with admin_engine.begin() as connection:
                _analyse(connection, company)

    with asking(company, manager) as actor:
        _assert_equal(actor, company)


def test_a_wrong_day_is_discarded_with_its_numbers_or_not_at_all(
    company: RandomCompany, asking: Asking, admin_engine: Engine, elsewhere: Elsewhere
) -> None:
    manager, day = company.staff[Role.MANAGER], _day_moved_to(company)
    with asking(company, manager):
        with admin_engine.begin() as connection:
            _move(connection, company)
        with as_job(), ThreadPoolExecutor() as threads:
            refresh(CALLS, NOW)
            discarded = threads.submit(elsewhere, lambda: discard_days(CALLS, [day]))
            elsewhere.wait()
            db.session.commit()
            discarded.result()

    with asking(company, manager) as actor:
        _assert_equal(actor, company)


def test_a_rebuild_keeps_no_day_that_was_counted_before_a_change_whose_mark_it_discards(
    company: RandomCompany, asking: Asking, admin_engine: Engine, elsewhere: Elsewhere
) -> None:
    manager = company.staff[Role.MANAGER]
    with asking(company, manager):
        with admin_engine.begin() as connection:
            missing = text("DELETE FROM rollup_days WHERE ledger = 'calls' AND starts_at = :day")
            connection.execute(missing, {"day": _day_moved_to(company)})
        with as_job(), ThreadPoolExecutor() as threads:
            refresh(CALLS, NOW)
            with admin_engine.begin() as connection:
                _move(connection, company)
            rebuilt = threads.submit(elsewhere, lambda: rebuild_all(NOW))
            elsewhere.wait()
            db.session.commit()
            rebuilt.result()

    with asking(company, manager) as actor:
        _assert_equal(actor, company)
    with admin_engine.connect() as connection:
        stored = connection.scalars(text("SELECT DISTINCT ledger FROM rollup_days")).all()
    assert {*stored} == {ledger.name for ledger in LEDGERS}


def _day_moved_to(company: RandomCompany) -> datetime:
    """Return the start of the day that `_move` moves a call to."""
    zone = ZoneInfo(company.organization.timezone)
    return midnight(datetime.fromisoformat(_MOVED_TO).astimezone(zone).date(), zone)


def _assert_equal(actor: Actor, company: RandomCompany) -> None:
    stored = all_numbers(actor, company, "six weeks", of_one=False)
    with from_rows():
        counted = all_numbers(actor, company, "six weeks", of_one=False)
    assert {name: (one, counted[name]) for name, one in stored.items() if one != counted[name]} == {}
