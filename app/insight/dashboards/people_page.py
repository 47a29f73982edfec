"""The table of people: one row per person, sortable by any number, with links to the rows behind each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import lazy_gettext as _l

from app.caches import HashableDict
from app.db.filters import NOBODY
from app.errors import FieldError, LazyText, ValidationFailed
from app.insight.dashboards.caveat_page import caveat_words
from app.insight.dashboards.needs_page import sentence_of, sentences_of
from app.insight.dashboards.request_page import DashboardRequest
from app.insight.dashboards.tiles_page import Links, Tile, raw, tiles_by_name
from app.insight.metrics.caveat_rules import CaveatReason
from app.insight.metrics.metric import Metric
from app.insight.metrics.numbers import Number
from app.insight.metrics.people_queries import PersonNumbers, TeamNumbers
from app.insight.metrics.series_queries import WeeksOfPeople
from app.insight.targets.queries import Targets, targets_of_person
from app.lists.listing import address
from app.web import formatting

Numbers = Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class Column:
    """A sortable column: the value to compare, its label and the width class below which it is hidden.

    A value of None sorts after all others. `css` is p1, p2 or p3. With `falls`, the first click sorts in descending
    order.
    """

    sort: str
    label: LazyText
    value: Callable[[Numbers], float | Decimal | None]
    css: str
    metric: Metric | None = None
    falls: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """The columns of a table of people, and the rate that is drawn as a bar and week by week.

    It is a constant that is only equal to itself, so that it can be part of the key of a cached row.
    `first` is the default sort order, `endpoint_of_person` the endpoint of the page of one person.
    """

    title: LazyText
    caption: LazyText
    all: Sequence[Column]
    first: str
    rate: Metric
    endpoint_of_person: str
    #: Explains which rows are credited to no one.
    unassigned_note: LazyText | None = None
    #: The note below the table.
    note: LazyText | None = None
    #: The coaching opportunity in words and for programs; empty if the table has none.
    coaching: Callable[[Numbers], tuple[str, str]] = lambda _numbers: (formatting.UNKNOWN, "")
    #: What to know beside the coaching opportunity.
    coaching_note: Callable[[Numbers], str | None] = lambda _numbers: None

    @property
    def metrics(self) -> Sequence[Metric]:
        """The displayed numbers, in order."""
        return [one.metric for one in self.all if one.metric]

    @property
    def sorts(self) -> tuple[str, ...]:
        """The sort orders that the table supports."""
        return tuple(way for name in (_NAME, *(one.sort for one in self.all)) for way in (name, f"-{name}"))


def column(sort: str, label: LazyText, metric: Metric, css: str, *, falls: bool = True) -> Column:
    """Return a column that shows the current value of `metric`."""
    return Column(sort, label, lambda numbers: numbers[metric.name].current.exact, css, metric, falls)


def change(metric: Metric) -> Callable[[Numbers], float | Decimal | None]:
    """Return a function that reads the change of `metric` from a person's numbers."""
    return lambda numbers: numbers[metric.name].change


_NAME = "name"


@dataclass(frozen=True, slots=True)
class Head:
    """A sortable column heading; `direction` is set if the table is sorted by it now."""

    label: LazyText
    css: str
    href: str
    direction: str | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """The row of a person, of rows credited to no one, or of everyone together.

    `name` is None for the last two, whose `key` is "none" or "". `tiles` are the numbers by name, `share` is the rate
    as a bar. `coaching` is a person's coaching opportunity, or the reason there is none; `weeks` are the weekly rates,
    None for a week without one.
    """

    key: str
    name: str | None
    href: str | None
    tiles: HashableDict[str, Tile]
    share: float | None
    coaching: str
    coaching_raw: str
    weeks: tuple[float | None, ...]
    #: True for one of the people to compare with each other.
    is_picked: bool = False
    #: What to know beside the rate and the coaching opportunity.
    notes: tuple[str, ...] = ()

    def folded_of(self, columns: Columns) -> list[tuple[str, str | None, str]]:
        """Return the lines shown below the name on a narrow screen: label, value, and width class.

        Each line replaces a column that is hidden there, and has the column's width class.
        """
        return [(str(one.label), self._words(one, columns), one.css) for one in columns.all if one.css]

    def _words(self, column: Column, columns: Columns) -> str | None:
        if column.metric is not None:
            return self.tiles[column.metric.name].value
        if column.sort == "coaching":
            return self.coaching
        told = self.tiles[columns.rate.name].change
        return told[0] if told else None


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """The table of people; `low` and `high` are the scale shared by all sparklines."""

    columns: Columns
    heads: Sequence[Head]
    rows: Sequence[PersonRow]
    together: PersonRow
    low: float
    high: float
    #: Address of the CSV file; None if the page has none.
    csv: str | None
    #: The sentence in the place of the table if the reader can't see the people; "" otherwise.
    needs: str = ""
    #: Sentences about columns that are withheld from the reader.
    withheld: Sequence[str] = ()

    @property
    def has_targets(self) -> bool:
        """True if anyone's rate has a target; the ticks on the bars are then targets."""
        return any(row.tiles[self.columns.rate.name].target for row in self.rows)


def people_table(
    asked: DashboardRequest, columns: Columns, numbers: TeamNumbers, weeks: WeeksOfPeople, targets: Targets
) -> PeopleTable:
    """Build the table in the requested or default sort order, the row of no one always at the end.

    Raises ValidationFailed for an unknown sort.
    """
    sort = asked.sort or columns.first
    people = in_order(columns, numbers.people, sort)
    theirs = {one.id: targets_of_person(targets, one.id) if one.id else {} for one in people}
    links = asked.links_of(None)
    rows = [_row(asked, columns, one, links, weeks.get(one.id, ()), theirs[one.id]) for one in people]
    of_all = targets_of_person(targets, asked.person_id)
    known = [rate for row in rows for rate in row.weeks if rate is not None]
    return PeopleTable(
        columns,
        heads=_heads(asked, columns, sort),
        rows=rows,
        together=PersonRow(
            "",
            None,
            None,
            tiles_by_name(columns.metrics, numbers.together, asked.links, of_person=False, targets=of_all),
            _rate_of(columns, numbers.together),
            formatting.UNKNOWN,
            "",
            (),
        ),
        low=min(known, default=0.0),
        high=max(known, default=1.0),
        csv=address(asked.dashboard.csv, asked.parameters) if asked.dashboard.csv else None,
        needs=sentence_of(numbers.needs),
        withheld=sentences_of(columns.metrics, numbers.together),
    )


def in_order(columns: Columns, people: Sequence[PersonNumbers], sort: str) -> list[PersonNumbers]:
    """Sort people, who must be ordered by name; ties stay in that order.

    People without a value come last in either direction, followed only by the row of no one. Raises ValidationFailed
    for an unknown sort.
    """
    if sort not in columns.sorts:
        message = _l("This list can’t be sorted by “%(name)s”.", name=sort)
        raise ValidationFailed([FieldError("sort", message)])
    falls, name = sort.startswith("-"), sort.removeprefix("-")
    somebody, nobody = [one for one in people if one.id], [one for one in people if one.id is None]
    if name == _NAME:
        return [*somebody[:: -1 if falls else 1], *nobody]
    value = next(one.value for one in columns.all if one.sort == name)
    known = [(value(one.numbers), one) for one in somebody]
    told = sorted(((found, one) for found, one in known if found is not None), key=lambda pair: pair[0], reverse=falls)
    return [*(one for _found, one in told), *(one for found, one in known if found is None), *nobody]


def people_rows(columns: Columns, numbers: TeamNumbers, unassigned_label: LazyText) -> Iterator[tuple[str, ...]]:
    """Yield the table as lines of a file: people by name, the row of no one, if any, and everyone.

    Numbers are machine-readable.
    """
    everybody = PersonNumbers(None, str(_l("Everyone")), numbers.together)
    for one in (*numbers.people, everybody):
        yield one.name or str(unassigned_label), *(raw(one.numbers[metric.name].value) for metric in columns.metrics)


def _heads(asked: DashboardRequest, columns: Columns, sort: str) -> list[Head]:
    offered = ((_NAME, _l("Person"), "", False), *((one.sort, one.label, one.css, one.falls) for one in columns.all))
    return [_head(asked, sort, *one) for one in offered]


def _head(asked: DashboardRequest, sort: str, name: str, label: LazyText, css: str, falls: bool) -> Head:
    first, second = (f"-{name}", name) if falls else (name, f"-{name}")
    direction = {name: "ascending", f"-{name}": "descending"}.get(sort)
    other = second if sort == first else first
    return Head(label, css, address(asked.dashboard.endpoint, {**asked.parameters, "sort": other}), direction)


def _row(
    asked: DashboardRequest,
    columns: Columns,
    one: PersonNumbers,
    links: Links,
    weeks: Sequence[Decimal | int | None],
    targets: Mapping[str, Decimal],
) -> PersonRow:
    whose, numbers = str(one.id or NOBODY), one.numbers
    kept = {**asked.filters.period_parameters(), **asked.filters.comparison_parameters()}
    return PersonRow(
        whose,
        one.name or "" if one.id else None,
        address(columns.endpoint_of_person, {**kept, asked.dashboard.credit.value: whose}),
        tiles_by_name(
            columns.metrics,
            numbers,
            links.of_person(asked.dashboard.credit, one.id or NOBODY),
            of_person=True,
            targets=targets,
        ),
        _rate_of(columns, numbers),
        *(columns.coaching(numbers) if one.id else (formatting.UNKNOWN, "")),
        tuple([None if rate is None else float(rate) for rate in weeks]),
        is_picked=one.id in asked.beside,
        notes=_notes(columns, numbers) if one.id else (),
    )


def _notes(columns: Columns, numbers: Numbers) -> tuple[str, ...]:
    """Return what to know beside a person's numbers, except that calls aren't kept, which the page says once."""
    rate = numbers[columns.rate.name].current
    is_kept = rate.caveat is None or rate.caveat.reason is not CaveatReason.NOT_KEPT
    return tuple(note for note in (caveat_words(rate) if is_kept else None, columns.coaching_note(numbers)) if note)


def _rate_of(columns: Columns, numbers: Numbers) -> float | None:
    rate = numbers[columns.rate.name].current.exact
    return None if rate is None else float(rate)
