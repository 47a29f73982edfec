"""Steps of a series: they count from its first day, and those that can't be compared with the others are marked."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.insight.metrics.step_rules import Coverage, Step, StepDays, steps_of
from app.periods import Span, midnight

NEW_YORK = ZoneInfo("America/New_York")
#: Contains the day in March that has 23 hours.
FIRST, LAST = date(2026, 3, 5), date(2026, 3, 20)
SPAN = Span(midnight(FIRST, NEW_YORK), midnight(LAST + timedelta(days=1), NEW_YORK))


def test_days_are_all_alike() -> None:
    steps = steps_of(SPAN, Step.DAY, NEW_YORK.key)

    assert [days.first_day for days in steps] == [FIRST + timedelta(days=ahead) for ahead in range(16)]
    assert {(days.last_day - days.first_day, days.coverage) for days in steps} == {(timedelta(), Coverage.WHOLE)}


def test_only_the_last_week_is_shorter_than_the_others() -> None:
    assert steps_of(SPAN, Step.WEEK, NEW_YORK.key) == (
        StepDays(date(2026, 3, 5), date(2026, 3, 11)),
        StepDays(date(2026, 3, 12), date(2026, 3, 18)),
        StepDays(date(2026, 3, 19), date(2026, 3, 20), Coverage.SHORT),
    )


@pytest.mark.parametrize("step", Step)
def test_the_step_with_the_present_is_open(step: Step) -> None:
    steps = steps_of(SPAN, step, NEW_YORK.key, datetime(2026, 3, 13, 5, tzinfo=NEW_YORK))

    [today] = [days for days in steps if days.coverage is Coverage.OPEN]
    assert today.first_day <= date(2026, 3, 13) <= today.last_day


@pytest.mark.parametrize("step", Step)
def test_a_span_that_ends_at_a_time_of_day_cuts_its_last_step(step: Step) -> None:
    cut = Span(SPAN.start, datetime(2026, 3, 18, 5, tzinfo=NEW_YORK).astimezone(UTC))

    *others, last = steps_of(cut, step, NEW_YORK.key)

    assert (last.last_day, last.coverage) == (date(2026, 3, 18), Coverage.CUT)
    assert {days.coverage for days in others} == {Coverage.WHOLE}
