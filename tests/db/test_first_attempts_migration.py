"""Existing entries with attempts get the seconds of business hours until the first attempt."""

from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
from sqlalchemy import Engine, select, text, update

from app.business_hours import BusinessHours
from app.models import MissedCallEntry
from app.work.missed_calls.rules import business_seconds
from tests.support.factories import Factories

BACKFILL = import_module("migrations.versions.0080_first_attempts").BACKFILL
#: Around the clock changes of the last Sunday of October and the second Sunday of March.
MISSED = [datetime(2026, 10, 23, 20, 59, 30, tzinfo=UTC), datetime(2026, 3, 7, 2, 0, tzinfo=UTC)]
WEEKDAYS = {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in ("monday", "tuesday", "wednesday")}


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Asia/Tashkent"])
@pytest.mark.parametrize("hours", [WEEKDAYS, {}, {"monday": []}, {"sunday": [["00:00", "24:00"]]}])
def test_what_was_tried_before(make: Factories, admin_engine: Engine, zone: str, hours: BusinessHours) -> None:
    company = make.organization(timezone=zone, business_hours=hours)
    expected = {}
    for missed in MISSED:
        for waited in (
            timedelta(),
            timedelta(seconds=50),
            timedelta(hours=3),
            timedelta(days=2, hours=9),
            timedelta(days=9),
        ):
            call = make.call(company, status="missed", started_at=missed)
            entry = make.missed_entry(company, call=call, attempts=1)
            make.attempt(entry, at=missed + waited + timedelta(days=1))
            make.attempt(entry, at=missed + waited)
            expected[entry.id] = business_seconds(missed, missed + waited, hours, zone)
    untried = make.missed_entry(company)
    mine = MissedCallEntry.organization_id == company.id
    with admin_engine.begin() as connection:
        connection.execute(update(MissedCallEntry).where(mine).values(first_attempt_seconds=None))
        connection.execute(text(BACKFILL))
        found = connection.execute(select(MissedCallEntry.id, MissedCallEntry.first_attempt_seconds).where(mine))

    assert {row.id: row.first_attempt_seconds for row in found} == {**expected, untried.id: None}
