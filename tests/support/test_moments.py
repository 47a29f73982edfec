"""The times at which `make test-moments` runs the tests."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.moments import moments

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 20, 19, 0, tzinfo=UTC),
        datetime(2027, 12, 31, 23, 59, tzinfo=UTC),
        datetime(2028, 2, 29, 23, 55, tzinfo=UTC),
        datetime(2028, 11, 5, 6, 30, tzinfo=UTC),  # right after the clocks have gone back
    ],
)
def test_they_are_later_and_what_they_are_called(now: datetime) -> None:
    found = moments(now)
    here = {name: moment.astimezone(NEW_YORK) for name, moment in found.items()}

    assert min(found.values()) > now
    assert here["weekend"].strftime("%A") == "Saturday"
    assert (here["end-of-month"] + timedelta(days=1)).day == 1
    assert (found["leap-day"].month, found["leap-day"].day) == (2, 29)
    assert found["friday-evening"].strftime("%A %H:%M") == "Friday 18:15"
    for name, hours in (("clocks-forward", 1), ("clocks-back", -1)):
        change = (here[name].utcoffset() or timedelta()) - (
            (found[name] - timedelta(hours=1)).astimezone(NEW_YORK).utcoffset() or timedelta()
        )
        assert change == timedelta(hours=hours)


def test_the_days_begin_and_end_where_the_organizations_are() -> None:
    found = moments(datetime(2026, 11, 20, 19, 0, tzinfo=UTC))

    for zone, ending in (("America/New_York", ""), ("America/Phoenix", "-west")):
        local = ZoneInfo(zone)
        assert found[f"just-after-midnight{ending}"].astimezone(local).strftime("%H:%M") == "00:05"
        assert found[f"just-before-midnight{ending}"].astimezone(local).strftime("%H:%M") == "23:55"
