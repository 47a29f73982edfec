"""A number over time and in the comparison period, as a line chart needs it."""

from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from app.insight.metrics.step_rules import Coverage, StepDays
from app.web import formatting

#: The days of a step, and its value.
StepValue = tuple[StepDays, float | None]


class Series(NamedTuple):
    """Arguments of the `line_chart` macro; hashable.

    `notes` name the points that can't be compared with the others, and are None for all other points; `previous_notes`
    are those of the comparison. `further` are the labels of its steps beyond the last one of the period.
    """

    labels: tuple[str, ...]
    values: tuple[float | None, ...]
    notes: tuple[str | None, ...]
    previous: tuple[float | None, ...]
    previous_notes: tuple[str | None, ...]
    further: tuple[str, ...]
    links: tuple[str, ...]


def series_of(steps: Sequence[StepValue], before: Sequence[StepValue], links: Sequence[str]) -> Series:
    """Return the series of the steps of the period, with the addresses of their rows, and of the comparison.

    A comparison without any value is left out.
    """
    if all(value is None for _days, value in before):
        before = ()
    return Series(
        labels=tuple(_label(days) for days, _value in steps),
        values=tuple(value for _days, value in steps),
        notes=tuple(_note(days) for days, _value in steps),
        previous=tuple(value for _days, value in before),
        previous_notes=tuple(_note(days) for days, _value in before),
        further=tuple(_label(days) for days, _value in before[len(steps) :]),
        links=tuple(links),
    )


def _label(days: StepDays) -> str:
    return formatting.short_date(days.first_day, get_locale(), days.first_day)


def _note(days: StepDays) -> str | None:
    """Return the days of a step, and why it can't be compared with the others; None if it can."""
    coverage = days.coverage
    if coverage is Coverage.WHOLE:
        return None
    written = formatting.short_span(days.first_day, days.last_day, get_locale())
    if coverage is Coverage.OPEN:
        return str(_("%(days)s, so far", days=written))
    if coverage is Coverage.CUT:
        # Without the time, which the page says beside the days: a chart is kept for more than a minute.
        return str(_("%(days)s, up to the same time of day", days=written))
    length = (days.last_day - days.first_day).days + 1
    return str(ngettext("%(days)s, %(num)s day", "%(days)s, %(num)s days", length, days=written))
