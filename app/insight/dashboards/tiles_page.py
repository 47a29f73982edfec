"""Numbers for display: formatted values, colored changes, and links to the rows behind them."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode

from babel import Locale
from flask import request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _

from app import amounts
from app.caches import HashableDict, memoize
from app.db.filters import Person
from app.insight.dashboards.caveat_page import caveat_words
from app.insight.dashboards.needs_page import sentence_of
from app.insight.metrics.metric import PERIOD, Better, Credit, Metric, Parameter, Rows, Unit, list_filters
from app.insight.metrics.numbers import MIN_CASES, Number
from app.insight.metrics.rules import grade
from app.insight.targets.page import TargetComparison, compare_with_target
from app.periods import PeriodName
from app.web import formatting
from app.work.appointments.resource import APPOINTMENT_LIST
from app.work.calls.resource import CALL_LIST
from app.work.leads.resource import LEAD_LIST
from app.work.missed_calls.resource import MISSED_CALL_LIST
from app.work.recordings.resource import RECORDING_LIST

#: Decimals of a displayed change; a change that rounds to zero is none.
SHOWN_DECIMALS = {
    Unit.COUNT: 0,
    Unit.RATIO: 3,
    Unit.SECONDS: 0,
    Unit.HOURS: 1,
    Unit.RATING: 1,
    Unit.SCORE: 1,
    Unit.GRADE: 1,
    Unit.MONEY: 0,
}

# Smaller changes can be chance, and stay gray.
_LEAST_POINTS = {"company": Decimal("0.005"), "person": Decimal("0.02")}


#: Amounts below this are shown with cents.
WITH_CENTS = 1000

#: The characters that Flask leaves unescaped in a query.
_SAFE_IN_QUERY = "!$'()*,/:;?@"
_MAX_QUERIES = 10_000
_MAX_TILES = 2_000
#: Paths that the app is mounted at, as a proxy says.
_MAX_ROOTS = 20

#: The lists that the rows behind a number can be in.
_LISTS = (CALL_LIST, LEAD_LIST, APPOINTMENT_LIST, RECORDING_LIST, MISSED_CALL_LIST)

Parameters = tuple[Parameter, ...]


class Tile(NamedTuple):
    """The arguments of the `stat` macro; `raw` is the machine-readable number ("" if there is none).

    Tiles are hashable.
    """

    metric: str
    label: str
    raw: str
    value: str
    href: str
    definition: str
    change: tuple[str, str, str] | None = None
    previous: str | None = None
    #: For a ratio: "81 of 110", the address of the 81, and their number for programs.
    numerator: tuple[str, str, str] | None = None
    parts: tuple[tuple[str, str, str | None], ...] = ()
    sub: str | None = None
    target: TargetComparison | None = None
    #: What to know beside the number.
    caveat: str | None = None
    #: The sentence in the place of a number that is withheld from the reader; "" for all others.
    needs: str = ""


class Links(NamedTuple):
    """A builder of the addresses of the rows behind numbers, for the period and person of one page.

    The addresses ask for an exact count of the rows. A dashboard has 200 of them, and building them with Flask would
    take a quarter of its time, so `paths` holds the path of each list by endpoint. Links are hashable.
    """

    parameters: Parameters
    paths: Parameters

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Self:
        """Return the links for a page requested with these parameters."""
        return cls(tuple(parameters.items()), _paths(request.root_path))

    def to(self, rows: Rows) -> str:
        """Return the address of the list that shows exactly `rows`."""
        query = _query(tuple(rows.filters.items()), self.parameters, of_now=rows.of_now)
        return f"{dict(self.paths)[rows.listed.endpoint]}?{query}"

    def of_person(self, credit: Credit, person: Person) -> Self:
        """Return the links for a person, or for no one, in the place of everyone."""
        return self._replace(parameters=(*self.parameters, (credit.value, str(person))))

    def of_days(self, first: date, last: date) -> Self:
        """Return the links for the days from `first` to `last`, inclusive."""
        parameters = [one for one in self.parameters if one[0] not in PERIOD]
        own = (("period", PeriodName.CUSTOM.value), ("from", first.isoformat()), ("to", last.isoformat()))
        return self._replace(parameters=(*own, *parameters))

    def to_calls(self, **filters: Any) -> str:
        """Return the address of the calls of the period that match `filters`."""
        return self.to(Rows(CALL_LIST, {name: str(value) for name, value in filters.items()}))


@memoize(_MAX_QUERIES)
def _query(filters: Parameters, parameters: Parameters, *, of_now: bool) -> str:
    return urlencode({**list_filters(filters, parameters, of_now=of_now), "count": "exact"}, safe=_SAFE_IN_QUERY)


@memoize(_MAX_ROOTS)
def _paths(_root: str) -> Parameters:
    return tuple((listed.endpoint, url_for(listed.endpoint)) for listed in _LISTS)


def tile(
    number: Number, links: Links, *, of_person: bool, sub: str | None = None, target: Decimal | None = None
) -> Tile:
    """Return the tile of one number, with its `target` if it has one (`app.insight.targets.queries.targets_of`)."""
    return _tile(number, links, of_person, sub, target, get_locale())


def tiles_by_name(
    metrics: Iterable[Metric],
    numbers: Mapping[str, Number],
    links: Links,
    *,
    of_person: bool,
    targets: Mapping[str, Decimal],
) -> HashableDict[str, Tile]:
    """Return the tiles of several numbers, with those of `targets` that are for them."""
    names, locale = [one.name for one in metrics], get_locale()
    return HashableDict(
        {name: _tile(numbers[name], links, of_person, None, targets.get(name), locale) for name in names}
    )


@memoize(_MAX_TILES)
def _tile(
    number: Number, links: Links, of_person: bool, sub: str | None, target: Decimal | None, _locale: Locale
) -> Tile:
    metric = number.metric
    if number.needs:
        label, definition = str(metric.label), str(metric.definition)
        needs = sentence_of(number.needs, of_all=number.needs_all)
        return Tile(metric.name, label, "", formatting.UNKNOWN, "", definition, needs=needs)
    return Tile(
        metric.name,
        str(metric.label),
        raw(number.value),
        shown(number.current.exact, metric.unit),
        links.to(metric.rows),
        str(metric.definition),
        change=_change(number, of_person=of_person),
        previous=_previous(number),
        numerator=_numerator(number, links),
        parts=_parts(number, links),
        sub=sub,
        target=None if target is None else compare_with_target(metric.name, number.current.exact, target),
        caveat=caveat_words(number.current),
    )


def raw(value: float | None) -> str:
    """Return the machine-readable value: whole numbers unchanged, others with four decimals, "" for None."""
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.4f}"


def shown(value: amounts.Number | None, unit: Unit) -> str:
    """Return the value as text for display.

    It is rounded here, so pass it unrounded.
    """
    locale = get_locale()
    if unit is Unit.RATIO:
        return formatting.percent(value, locale)
    if unit is Unit.SECONDS:
        return formatting.spoken_duration(value)
    if unit is Unit.MONEY:
        return formatting.money(_without_cents(value), locale)
    if unit is Unit.GRADE:
        return formatting.UNKNOWN if value is None else grade(value)
    return formatting.number(value, locale, 0 if unit is Unit.COUNT else 1)


def _without_cents(amount: amounts.Number | None) -> amounts.Number | None:
    """Round amounts of a thousand and more, where cents are noise and waste space on a phone."""
    return amount if amount is None or -WITH_CENTS < amount < WITH_CENTS else amounts.half_up(amount, 0)


def _previous(number: Number) -> str | None:
    if number.before is None:
        return None
    if number.before.exact is None:
        reason = caveat_words(number.before) or str(_("no comparison data"))
        return None if number.before.caveat and number.before.caveat == number.current.caveat else reason
    return str(_("from %(value)s", value=shown(number.before.exact, number.metric.unit)))


def _change(number: Number, *, of_person: bool) -> tuple[str, str, str] | None:
    """Return the change as text, its direction (up, down, flat) and its tone (good, bad, neutral).

    Returns None if the change is unknown.
    """
    if number.change is None:
        return None
    change = amounts.half_up(number.change, SHOWN_DECIMALS[number.metric.unit]) or Decimal()  # never −0
    direction = "flat" if change == 0 else "up" if change > 0 else "down"
    return signed(change, number.metric.unit), direction, _tone(number, change, of_person=of_person)


def signed(change: Decimal, unit: Unit) -> str:
    """Return a rounded change as text for display: +5.0 pts, −12."""
    locale = get_locale()
    if unit is Unit.RATIO:
        return formatting.points(change, locale)
    if unit is Unit.SECONDS:
        return str(_("%(change)s s", change=formatting.signed(change, locale)))
    return formatting.signed(change, locale)


def _tone(number: Number, change: Decimal, *, of_person: bool) -> str:
    """Return "good" or "bad" for a change, or "neutral".

    The metric decides whether an increase is good or bad; if it is neither, every change is neutral. A change that
    could be chance is neutral, too.
    """
    better = number.metric.better
    least = _LEAST_POINTS["person" if of_person else "company"] if number.metric.unit is Unit.RATIO else 0
    if better is Better.NEITHER or change == 0 or abs(change) < least or _cases(number) < MIN_CASES:
        return "neutral"
    return "good" if (change > 0) is (better is Better.MORE) else "bad"


def _cases(number: Number) -> float:
    """Return the number of cases behind the change: the smaller of the two periods' numbers."""
    measured = [one for one in (number.current, number.before) if one is not None]
    return min(period.cases for period in measured)


def _numerator(number: Number, links: Links) -> tuple[str, str, str] | None:
    """Return text such as "81 of 110", the address of the 81 rows, and their machine-readable number.

    The tile itself links to the 110. Returns None for a number that is no ratio, an unknown one, or one of two lists.
    """
    rows = number.metric.numerator
    if rows is None or number.metric.second_rows is not None or number.current.numerator is None:
        return None  # no single list shows the rows of both
    locale = get_locale()
    part, whole = (formatting.number(one, locale, 0) for one in (number.current.numerator, number.current.denominator))
    return str(_("%(part)s of %(whole)s", part=part, whole=whole)), links.to(rows), raw(number.current.numerator)


def _parts(number: Number, links: Links) -> tuple[tuple[str, str, str | None], ...]:
    """Return the calculation of a ratio, line by line: label, value, and the address of the rows.

    Empty for a number that is no ratio, and for a ratio of two lists.
    """
    metric: Metric = number.metric
    if metric.numerator is None or metric.second_rows is not None:
        return ()
    locale = get_locale()
    part, whole = (formatting.number(one, locale, 0) for one in (number.current.numerator, number.current.denominator))
    return (
        (str(metric.numerator_label), part, links.to(metric.numerator)),
        (f"÷ {metric.denominator_label}", whole, links.to(metric.rows)),
        (str(metric.label), shown(number.current.exact, metric.unit), None),
    )
