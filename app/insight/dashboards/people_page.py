"""The table of people: a row a person, each number with its rows, sorted by any of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from flask_babel import lazy_gettext as _l

from app.db.filters import NOBODY
from app.errors import FieldError, Sentence, ValidationFailed
from app.insight.dashboards.asked_page import Asked
from app.insight.dashboards.tiles_page import Links, Tile, raw, tile
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
    """A column that the table can be sorted by: what it compares, None standing behind all others; how it is headed and
    where it leaves (p1, p2, p3). `falls` is whether the greatest come first when it is chosen."""

    sort: str
    label: Sentence
    value: Callable[[Numbers], float | Decimal | None]
    css: str
    metric: Metric | None = None
    falls: bool = True


@dataclass(frozen=True, slots=True)
class Columns:
    """What a table tells of each person: its columns, the one that it is sorted by at first, the ratio that is drawn
    as a bar and week by week, and the page of one person."""

    title: Sentence
    caption: Sentence
    all: Sequence[Column]
    first: str
    rate: Metric
    endpoint_of_person: str
    #: Whose rows it may be that are credited to none.
    of_nobody: Sentence | None = None
    #: What stands below the table.
    note: Sentence | None = None
    #: How much coaching would bring, in words and for programs; of what has no coaching, nothing.
    coaching: Callable[[Numbers], tuple[str, str]] = lambda _numbers: (formatting.UNKNOWN, "")

    @property
    def metrics(self) -> Sequence[Metric]:
        """The numbers that it shows, in order."""
        return [one.metric for one in self.all if one.metric]

    @property
    def sorts(self) -> tuple[str, ...]:
        """All that the table can be sorted by."""
        return tuple(way for name in (_NAME, *(one.sort for one in self.all)) for way in (name, f"-{name}"))


def column(sort: str, label: Sentence, metric: Metric, css: str, *, falls: bool = True) -> Column:
    """A column that shows a number."""
    return Column(sort, label, lambda numbers: numbers[metric.name].current.exact, css, metric, falls)


def change(metric: Metric) -> Callable[[Numbers], float | Decimal | None]:
    """Reads by how much a number has changed."""
    return lambda numbers: numbers[metric.name].change


_NAME = "name"


@dataclass(frozen=True, slots=True)
class Head:
    """A head that sorts; `direction` where it is sorted by it now."""

    label: Sentence
    css: str
    href: str
    direction: str | None


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person, or (`name` None) nobody; `tiles` are their numbers by name, `share` is their rate as a bar.

    `coaching` is how much there is to win, or why that is not told; `weeks` are their rates, None where a week has
    none.
    """

    key: str
    name: str | None
    href: str | None
    tiles: Mapping[str, Tile]
    share: float | None
    coaching: str
    coaching_raw: str
    weeks: Sequence[float | None]

    def folded_of(self, columns: Columns, labels: Mapping[str, str]) -> list[tuple[str, str | None, str]]:
        """What a narrow screen says below the name: label, value, and the column that it stands for."""
        return [(labels[one.sort], self._words(one, columns), one.css) for one in columns.all if one.css]

    def _words(self, column: Column, columns: Columns) -> str | None:
        if column.metric is not None:
            return self.tiles[column.metric.name].value
        if column.sort == "coaching":
            return self.coaching
        told = self.tiles[columns.rate.name].change
        return told[0] if told else None


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """`low` and `high` are the scale that all lines of weeks share."""

    columns: Columns
    heads: Sequence[Head]
    rows: Sequence[PersonRow]
    together: PersonRow
    low: float
    high: float
    #: The same as a file; None where the page has none.
    csv: str | None

    @property
    def labels(self) -> Mapping[str, str]:
        """What each column is called in the language of the page, looked up once for all rows."""
        return {one.sort: str(one.label) for one in self.columns.all}

    @property
    def has_targets(self) -> bool:
        """Whether the rate of somebody has a target: then the ticks of the bars are targets."""
        return any(row.tiles[self.columns.rate.name].target for row in self.rows)


def people_table(
    asked: Asked, columns: Columns, numbers: TeamNumbers, weeks: WeeksOfPeople, targets: Targets
) -> PeopleTable:
    """The table as it is sorted; nobody stands last. Raises ValidationFailed for a sort that is not known."""
    sort = asked.sort or columns.first
    people = in_order(columns, numbers.people, sort)
    theirs = {one.id: targets_of_person(targets, one.id) if one.id else {} for one in people}
    rows = [_row(asked, columns, one, weeks.get(one.id, ()), theirs[one.id]) for one in people]
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
            _tiles(columns, numbers.together, asked.links, of_all, of_person=False),
            _rate_of(columns, numbers.together),
            formatting.UNKNOWN,
            "",
            (),
        ),
        low=min(known, default=0.0),
        high=max(known, default=1.0),
        csv=address(asked.dashboard.csv, asked.parameters) if asked.dashboard.csv else None,
    )


def in_order(columns: Columns, people: Sequence[PersonNumbers], sort: str) -> list[PersonNumbers]:
    """As a table is sorted, of `people` by name: by name where two are equal, those without a value behind the others
    whichever way, and nobody last. Raises ValidationFailed for a sort that is not known."""
    if sort not in columns.sorts:
        message = _l("This list cannot be sorted by “%(name)s”.", name=sort)
        raise ValidationFailed([FieldError("sort", message)])
    falls, name = sort.startswith("-"), sort.removeprefix("-")
    somebody, nobody = [one for one in people if one.id], [one for one in people if one.id is None]
    if name == _NAME:
        return [*somebody[:: -1 if falls else 1], *nobody]
    value = next(one.value for one in columns.all if one.sort == name)
    known = [(value(one.numbers), one) for one in somebody]
    told = sorted(((found, one) for found, one in known if found is not None), key=lambda pair: pair[0], reverse=falls)
    return [*(one for _found, one in told), *(one for found, one in known if found is None), *nobody]


def people_rows(columns: Columns, numbers: TeamNumbers, nobody: Sentence) -> Iterator[tuple[str, ...]]:
    """The same as lines of a file, whose numbers are for programs: each person by name, nobody, everybody."""
    everybody = PersonNumbers(None, str(_l("Everybody")), numbers.together)
    for one in (*numbers.people, everybody):
        yield one.name or str(nobody), *(raw(one.numbers[metric.name].value) for metric in columns.metrics)


def _heads(asked: Asked, columns: Columns, sort: str) -> list[Head]:
    offered = ((_NAME, _l("Person"), "", False), *((one.sort, one.label, one.css, one.falls) for one in columns.all))
    return [_head(asked, sort, *one) for one in offered]


def _head(asked: Asked, sort: str, name: str, label: Sentence, css: str, falls: bool) -> Head:
    first, second = (f"-{name}", name) if falls else (name, f"-{name}")
    direction = {name: "ascending", f"-{name}": "descending"}.get(sort)
    other = second if sort == first else first
    return Head(label, css, address(asked.dashboard.endpoint, {**asked.parameters, "sort": other}), direction)


def _row(
    asked: Asked,
    columns: Columns,
    one: PersonNumbers,
    weeks: Sequence[Decimal | int | None],
    targets: Mapping[str, Decimal],
) -> PersonRow:
    whose, numbers = str(one.id or NOBODY), one.numbers
    kept = {**asked.filters.period_parameters(), **asked.filters.comparison_parameters()}
    return PersonRow(
        whose,
        one.name or "" if one.id else None,
        address(columns.endpoint_of_person, {**kept, asked.dashboard.credit.value: whose}),
        _tiles(columns, numbers, asked.links_of(one.id or NOBODY), targets, of_person=True),
        _rate_of(columns, numbers),
        *(columns.coaching(numbers) if one.id else (formatting.UNKNOWN, "")),
        [None if rate is None else float(rate) for rate in weeks],
    )


def _tiles(
    columns: Columns, numbers: Numbers, links: Links, targets: Mapping[str, Decimal], *, of_person: bool
) -> dict[str, Tile]:
    names = [one.name for one in columns.metrics]
    return {name: tile(numbers[name], links, of_person=of_person, target=targets.get(name)) for name in names}


def _rate_of(columns: Columns, numbers: Numbers) -> float | None:
    rate = numbers[columns.rate.name].current.exact
    return None if rate is None else float(rate)
