"""Retention rules and default retention periods."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.declarations.registry import registry_of
from app.errors import ValidationFailed
from app.trust.retention.jobs import apply_retention
from app.trust.retention.rules import DEFAULT_DAYS, RetentionKind, checked_days, days_of, gone_months

ALL = dict.fromkeys(map(str, RetentionKind), 365)


def test_what_is_not_set_is_kept_for_two_years() -> None:
    assert days_of({}, RetentionKind.CALLS) == DEFAULT_DAYS == 730
    assert days_of({"calls": 90}, RetentionKind.CALLS) == 90


@pytest.mark.parametrize("days", [None, 0, -1, 89, 3651])
def test_every_wrong_number_is_told(days: int | None) -> None:
    with pytest.raises(ValidationFailed) as refused:
        checked_days({**ALL, "calls": days, "audit": days})

    assert [wrong.field for wrong in refused.value.fields] == ["calls", "audit"]


def test_only_months_that_are_over_whole_go() -> None:
    oldest, kept_from = datetime(2024, 11, 20, 5, tzinfo=UTC), datetime(2025, 2, 28, 23, 59, tzinfo=UTC)

    assert gone_months(oldest, kept_from) == [date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1)]
    assert gone_months(kept_from, kept_from) == []


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Europe/Kyiv", "Asia/Tashkent"])
def test_it_is_due_once_each_sunday_also_when_the_clocks_change(zone: str) -> None:
    scheduled = apply_retention.schedule
    assert scheduled is not None

    due = {
        scheduled.last_due(datetime(2026, month, day, hour, tzinfo=UTC), zone)
        for month, days in ((3, range(1, 32)), (10, range(1, 32)), (11, range(1, 11)))
        for day in days
        for hour in range(24)
    }

    local = sorted(moment.astimezone(ZoneInfo(zone)) for moment in due)
    sundays = {moment.date() for moment in local if moment.date() >= date(2026, 3, 1)}
    assert {moment.weekday() for moment in local} == {6}
    assert len(local) == len({moment.date() for moment in local})
    assert {date(2026, 3, 8), date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1)} <= sundays


def test_what_has_a_time_of_its_own_is_declared_and_its_rows_go_after_those_that_refer_to_them(app: Flask) -> None:
    declared = registry_of(app).retains
    order = [kind for kind in RetentionKind if kind is not RetentionKind.AUDIT]

    assert set(declared) == set(order)
    tables = [declared[kind].model.__tablename__ for kind in order]
    for at, kind in enumerate(order):
        model = declared[kind].model
        owners = {key.referred_table.name for key in model.__table__.foreign_key_constraints if key.ondelete is None}
        assert not owners & set(tables[:at]), kind
