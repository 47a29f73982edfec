"""Commands, jobs and checks of stored numbers."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, Table, delete, text

from app.db.context import Context, use_context
from app.db.session import jobs_role
from app.declarations.registry import registry_of
from app.insight.rollups.check_service import WrongNumbers, check_days, nightly_sample
from app.insight.rollups.ledgers import LEDGERS
from app.insight.rollups.refresh_service import refresh_all
from app.models import Organization
from app.models.rollups import ROLLUP_MARKS
from tests.insight.metrics.company import NOW, RandomCompany
from tests.insight.rollups.numbers import as_job, count_all

_PARTS = [part for ledger in LEDGERS for part in ledger.parts]
_DUE = text("SELECT organizations_with_stale_rollups()")


@pytest.fixture
def counted(app: Flask, counted_company: RandomCompany) -> Organization:
    """The organization of a company whose days are all stored up to now."""
    with app.app_context(), use_context(Context(organization_id=counted_company.organization.id)):
        count_all(datetime.now(UTC))
    return counted_company.organization


def test_a_number_that_is_off_by_one_is_found_and_counted_again(
    app: Flask, counted: Organization, admin_engine: Engine
) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["rollup", "check"]).output == "All stored numbers match the records.\n"
    for part in _PARTS:
        table, measure = part.days.name, part.measures[0]
        with admin_engine.begin() as connection:
            connection.execute(
                text(
                    f"UPDATE {table} SET {measure} = {measure} + 1 WHERE ctid = "
                    f"(SELECT ctid FROM {table} ORDER BY starts_at LIMIT 1)"
                )
            )

    found = runner.invoke(args=["rollup", "check", "--organization", counted.slug])
    assert found.exit_code == 1
    [*wrong] = re.findall(rf"^{counted.slug}: (\w+) 2026-01-\S+ differs in 2 rows$", found.output, re.MULTILINE)
    assert wrong == [part.days.name for part in _PARTS]
    checked = runner.invoke(args=["integrity", "check", "--organization", counted.slug])
    assert (
        f"The stored numbers of a day differ from its records, or are missing. (rollup_day, {len(_PARTS)})"
        in checked.output
    )

    rebuilt = runner.invoke(args=["rollup", "rebuild", "--organization", counted.slug])
    assert (rebuilt.exit_code, rebuilt.output) == (0, f"{counted.slug}: rebuilt\n")
    assert runner.invoke(args=["rollup", "check"]).exit_code == 0


def test_every_derived_table_that_was_emptied_is_restored_from_the_others(
    app: Flask, counted: Organization, admin_engine: Engine
) -> None:
    def rows_of(tables: Iterable[Table]) -> dict[str, list[Any]]:
        with admin_engine.connect() as connection:
            return {
                table.name: sorted(map(str, connection.scalars(text(f"SELECT row({table.name}.*) FROM {table.name}"))))
                for table in tables
            }

    for derived in registry_of(app).derived:
        before = rows_of(derived.tables)
        assert [name for name, rows in before.items() if not rows] in ([], [ROLLUP_MARKS.name])
        with admin_engine.begin() as connection:
            for table in derived.tables:
                connection.execute(delete(table))
        with app.app_context(), jobs_role(), use_context(Context(organization_id=counted.id)):
            derived.restore(datetime.now(UTC))

        assert rows_of(derived.tables) == {**before, **({ROLLUP_MARKS.name: []} if ROLLUP_MARKS.name in before else {})}


def test_the_nightly_sample_reports_wrong_days_and_has_them_counted_again(
    app: Flask, counted: Organization, admin_engine: Engine
) -> None:
    for when, sample in (("starts_at > :day", nightly_sample(NOW)), ("starts_at < :day", None)):
        with admin_engine.begin() as connection:
            planted = text(f"UPDATE call_days SET calls = calls + 1 WHERE {when}")
            connection.execute(planted, {"day": NOW - timedelta(days=6)})
        with app.app_context(), use_context(Context(organization_id=counted.id)), as_job():
            with pytest.raises(WrongNumbers, match="Stored days that differed from the records or were missing: "):
                check_days(NOW, sample)
            refresh_all(datetime.now(UTC))
            check_days(NOW, sample)


def test_the_job_is_due_for_changes_and_for_a_new_day(counted: Organization, admin_engine: Engine) -> None:
    def due() -> bool:
        with admin_engine.connect() as connection:
            return counted.id in connection.scalars(_DUE).all()

    assert not due()
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE calls SET cost = 7"))
    assert not due()
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE calls SET call_quality = 1 WHERE call_quality IS NULL"))
    assert due()
    with admin_engine.begin() as connection:
        connection.execute(text("DELETE FROM rollup_marks"))
    assert not due()
    with admin_engine.begin() as connection:
        connection.execute(text("DELETE FROM rollup_days WHERE starts_at > now() - interval '50 hours'"))
    assert due()
