"""Stored numbers at the edges: days that are cut, days without rows, other clocks, and changes between statements."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, text

from app.insight.metrics import csr_definitions as d
from app.insight.metrics import ledger_queries
from app.insight.metrics import missed_definitions as m
from app.insight.metrics import rep_definitions as r
from app.insight.metrics.csr_queries import csr_team, csr_trend
from app.insight.metrics.missed_queries import missed_call_numbers
from app.insight.metrics.people_queries import TeamNumbers
from app.insight.metrics.rep_queries import rep_team, rep_trend
from app.insight.metrics.series_queries import Point
from app.insight.metrics.step_rules import Step
from app.insight.rollups.check_queries import wrong_days
from app.insight.rollups.ledgers import LEDGERS
from app.models import Role
from app.periods import resolve_period
from app.security.actor import Actor
from tests.insight.metrics.company import NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.rollups.numbers import all_numbers, count_all, from_rows
from tests.support.factories import Factories

_ONE_CALL = text("""
    INSERT INTO calls (organization_id, id, direction, call_type, status, started_at, csr_id, assigned_rep_id)
    VALUES (:organization, gen_random_uuid(), 'inbound', :type, 'completed', :moment, :csr, :rep)
""")
#: More rows of two hours than are marked by the hour.
_CALLS = text("""
    INSERT INTO calls (organization_id, id, direction, call_type, status, started_at)
    SELECT :organization, gen_random_uuid(), 'inbound', 'csr_call', 'missed',
      timestamptz '2026-03-29 22:00Z' + number * interval '1 minute'
    FROM generate_series(0, 119) number
""")
_APPOINTMENTS = text("""
    INSERT INTO appointments (organization_id, id, contact_card_id, service_type, scheduled_start_at, scheduled_end_at,
      timezone, booked_at, status, outcome)
    SELECT organization_id, gen_random_uuid(), contact_card_id, service_type, timestamptz '2026-03-29 10:00Z',
      timestamptz '2026-03-29 12:00Z', timezone, timestamptz '2026-03-29 23:10Z', 'scheduled', 'open'
    FROM appointments WHERE organization_id = :organization LIMIT 120
""")


def test_people_who_only_have_calls_in_the_rest_of_a_cut_day_are_left_out(
    company: RandomCompany, asking: Asking, admin_engine: Engine, make: Factories
) -> None:
    csr = make.user(company.organization, deleted_at=NOW)
    rep = make.user(company.organization, Role.SALES_REP, deleted_at=NOW)
    now = NOW + timedelta(hours=8)
    with admin_engine.begin() as connection:
        for kind, credit in (("csr_call", {"csr": csr.id, "rep": None}), ("sales_call", {"csr": None, "rep": rep.id})):
            values = {"organization": company.organization.id, "type": kind, "moment": "2026-03-21 22:00Z", **credit}
            connection.execute(_ONE_CALL, values)

    def people(actor: Actor) -> list[list[str | None]]:
        period = resolve_period("last_30", now=now, timezone=actor.timezone)
        teams: list[TeamNumbers] = [
            csr_team(actor, period, csr=None, now=now),
            rep_team(actor, period, rep=None, now=now),
        ]
        return [[one.name for one in team.people] for team in teams]

    with asking(company, company.staff[Role.MANAGER]) as actor:
        count_all(now)
        stored = people(actor)
        with from_rows():
            assert people(actor) == stored


def test_a_later_day_whose_calls_are_not_analysed_is_no_point_of_scores(
    company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    values = {"organization": company.organization.id, "moment": NOW + timedelta(days=4), "csr": None, "rep": None}
    with admin_engine.begin() as connection:
        for kind in ("csr_call", "sales_call"):
            connection.execute(_ONE_CALL, {**values, "type": kind})

    def points(actor: Actor) -> list[list[Point]]:
        period = resolve_period("month", now=NOW, timezone=actor.timezone)
        return [
            csr_trend(actor, period.span, csr=None, now=NOW, step=Step.DAY, only=d.SOP_COMPLIANCE),
            rep_trend(actor, period.span, rep=None, now=NOW, step=Step.DAY, only=r.PROCESS_GRADE),
        ]

    with asking(company, company.staff[Role.MANAGER]) as actor:
        count_all()
        stored = points(actor)
        with from_rows():
            assert points(actor) == stored
    assert {of_score[-1].first_day for of_score in stored} == {NOW.date()}


def test_a_median_has_the_callers_of_its_own_statement(
    counted_company: RandomCompany, asking: Asking, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = ledger_queries.day_numbers

    def read_after_a_change(*arguments: Any) -> Any:
        with admin_engine.begin() as connection:
            connection.execute(text("DELETE FROM missed_call_attempts"))
            connection.execute(text("UPDATE missed_call_entries SET attempts = 0, first_attempt_seconds = NULL"))
        return read(*arguments)

    with asking(counted_company, counted_company.staff[Role.MANAGER]) as actor:
        monkeypatch.setattr("app.insight.metrics.missed_queries.day_numbers", read_after_a_change)
        found = missed_call_numbers(actor, counted_company.period, csr=None, now=NOW)
    median, attempted = (found[one.name].current for one in (m.MEDIAN_TIME_TO_FIRST_ATTEMPT, m.MISSED_CALLS_ATTEMPTED))
    assert attempted.value == 0
    assert (median.exact or 0) > 0
    assert (median.denominator or 0) > 0


@pytest.mark.parametrize("rows", [_CALLS, _APPOINTMENTS], ids=["calls", "appointments"])
def test_marks_cover_their_days_in_a_session_whose_clocks_change(
    company: RandomCompany, asking: Asking, admin_engine: Engine, rows: Any
) -> None:
    with _in_zone(company, admin_engine, "Europe/London"), asking(company, company.staff[Role.MANAGER]):
        count_all()
        with admin_engine.begin() as connection:
            connection.execute(text("SET LOCAL timezone = 'Europe/London'"))
            assert connection.execute(rows, {"organization": company.organization.id}).rowcount == 120
        assert [day for ledger in LEDGERS for day in wrong_days(ledger, NOW)] == []


def test_days_by_earlier_rules_of_a_time_zone_are_counted_again(
    company: RandomCompany, asking: Asking, tmp_path: Path
) -> None:
    zone = company.organization.timezone
    with _with_rules_of(zone, "America/Bogota", tmp_path), asking(company, company.staff[Role.MANAGER]):
        count_all()
    with asking(company, company.staff[Role.MANAGER]) as actor:
        count_all()
        stored = all_numbers(actor, company, "six weeks", of_one=False)
        assert [day for ledger in LEDGERS for day in wrong_days(ledger, NOW)] == []
        with from_rows():
            assert all_numbers(actor, company, "six weeks", of_one=False) == stored


@contextmanager
def _in_zone(company: RandomCompany, engine: Engine, zone: str) -> Iterator[None]:
    before = company.organization.timezone
    with engine.begin() as connection:
        connection.execute(text("UPDATE organizations SET timezone = :zone"), {"zone": zone})
    company.organization.timezone = zone
    try:
        yield
    finally:
        company.organization.timezone = before


@contextmanager
def _with_rules_of(zone: str, other: str, folder: Path) -> Iterator[None]:
    """Give a time zone the rules of another one, for Python."""
    rules = files("tzdata").joinpath("zoneinfo", *other.split("/"))
    Path(folder, zone).parent.mkdir(parents=True)
    Path(folder, zone).write_bytes(rules.read_bytes())
    try:
        zoneinfo.reset_tzpath([str(folder)])
        ZoneInfo.clear_cache()
        yield
    finally:
        zoneinfo.reset_tzpath()
        ZoneInfo.clear_cache()
