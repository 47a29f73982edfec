"""The comparison of people with each other and with everyone, number by number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import FieldError, LazyText, NotFound, ValidationFailed
from app.insight.dashboards.needs_page import sentences_of
from app.insight.dashboards.people_page import Columns, people_rows
from app.insight.dashboards.request_page import DashboardRequest
from app.insight.dashboards.tiles_page import Tile, raw, tile
from app.insight.metrics.metric import Metric
from app.insight.metrics.people_queries import PersonNumbers, TeamNumbers
from app.insight.metrics.series_queries import WeeksOfPeople
from app.lists.listing import address

#: The number of people that fit next to each other.
MAX_PEOPLE = 4


@dataclass(frozen=True, slots=True)
class Head:
    """A column heading; `key` is the person's id, or "" for everyone, whose `name` is None."""

    key: str
    name: str | None
    #: Their rates in the last weeks, None for a week without any; empty for everyone.
    weeks: Sequence[float | None] = ()


@dataclass(frozen=True, slots=True)
class ComparisonLine:
    """One number as tiles, for each person and for everyone, in the order of the headings."""

    label: LazyText
    tiles: Sequence[Tile]


@dataclass(frozen=True, slots=True)
class ComparisonPanel:
    """The comparison of people; `end` is the address of the page without it, `csv` that of its file."""

    heads: Sequence[Head]
    lines: Sequence[ComparisonLine]
    rate: LazyText
    end: str
    csv: str | None
    #: Sentences about numbers that are withheld from the reader.
    withheld: Sequence[str]


def comparison_panel(
    asked: DashboardRequest, columns: Columns, metrics: Sequence[Metric], numbers: TeamNumbers, weeks: WeeksOfPeople
) -> ComparisonPanel | None:
    """Return the panel that compares the requested people (by name) with each other and everyone.

    Returns None if no people are requested, or if the people are withheld from the reader. There is no file if some of
    the numbers are withheld. Raises the errors of `chosen_people`.
    """
    people = [] if numbers.needs else chosen_people(asked, numbers)
    if not people:
        return None
    withheld = sentences_of(_shown(columns, metrics), numbers.together)
    return ComparisonPanel(
        [*(_head(one, weeks) for one in people), Head("", None)],
        [
            ComparisonLine(metric.label, list(_tiles(asked, metric, people, numbers)))
            for metric in _shown(columns, metrics)
        ],
        columns.rate.label,
        end=address(asked.dashboard.endpoint, asked.parameters_without_comparison),
        csv=address(asked.dashboard.csv, asked.parameters) if asked.dashboard.csv and not withheld else None,
        withheld=withheld,
    )


def chosen_people(asked: DashboardRequest, numbers: TeamNumbers) -> list[PersonNumbers]:
    """Return the people that the address asks to compare, by name.

    Raises ValidationFailed for too many, and NotFound for anyone without a row in the table.
    """
    wanted = asked.beside
    if len(wanted) > MAX_PEOPLE:
        raise ValidationFailed([FieldError("beside", _l("Compare up to %(most)s people.", most=MAX_PEOPLE))])
    found = [one for one in numbers.people if one.id in wanted]
    for id_ in set(wanted) - {one.id for one in found}:
        raise NotFound("user", id_)
    return found


def people_file(
    asked: DashboardRequest, columns: Columns, metrics: Sequence[Metric], numbers: TeamNumbers
) -> tuple[list[str], Iterator[Sequence[str]]]:
    """Return the header and the lines of a file.

    The file has the table of all people or, if people to compare are requested, their comparison. Raises the errors of
    `chosen_people`.
    """
    people, label = chosen_people(asked, numbers), _("Person")
    if not people:
        shown = columns.metrics
        return [label, *(str(one.label) for one in shown)], people_rows(
            columns, numbers, asked.dashboard.unassigned_label
        )
    shown, everybody = _shown(columns, metrics), PersonNumbers(None, _("Everyone"), numbers.together)
    head = [label]
    for one in shown:
        head += [str(one.label), _("%(number)s: comparison", number=one.label)] if asked.compares else [str(one.label)]
    lines = ([one.name or "", *_values(one, shown, compares=asked.compares)] for one in (*people, everybody))
    return head, lines


def _values(person: PersonNumbers, shown: Sequence[Metric], *, compares: bool) -> Iterator[str]:
    """Yield a person's machine-readable numbers, each followed by its earlier value if `compares`."""
    for metric in shown:
        number = person.numbers[metric.name]
        yield raw(number.value)
        if compares:
            yield raw(number.previous)


def _shown(columns: Columns, metrics: Sequence[Metric]) -> list[Metric]:
    """Return the numbers of the table and the other numbers of the page, without duplicates."""
    return list(dict.fromkeys((*columns.metrics, *metrics)))


def _head(person: PersonNumbers, weeks: WeeksOfPeople) -> Head:
    rates = weeks.get(person.id, ())
    return Head(str(person.id), person.name, [None if rate is None else float(rate) for rate in rates])


def _tiles(
    asked: DashboardRequest, metric: Metric, people: Sequence[PersonNumbers], numbers: TeamNumbers
) -> Iterator[Tile]:
    for one in people:
        whose: UUID | None = one.id
        yield tile(one.numbers[metric.name], asked.links_of(whose), of_person=True)
    yield tile(numbers.together[metric.name], asked.links, of_person=False)
