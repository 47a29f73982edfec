"""People who are set beside each other, and beside everybody: each number of each, with what it is compared with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import FieldError, NotFound, Sentence, ValidationFailed
from app.insight.dashboards.asked_page import Asked
from app.insight.dashboards.people_page import Columns, people_rows
from app.insight.dashboards.tiles_page import Tile, raw, tile
from app.insight.metrics.metric import Metric
from app.insight.metrics.people_queries import PersonNumbers, TeamNumbers
from app.insight.metrics.series_queries import WeeksOfPeople
from app.lists.listing import address

#: So many fit beside each other.
MOST = 4


@dataclass(frozen=True, slots=True)
class Head:
    """Whose a column is; `key` is their id, and "" with `name` None is everybody."""

    key: str
    name: str | None
    #: Their rates in the last weeks, None where a week has none; nothing of everybody.
    weeks: Sequence[float | None] = ()


@dataclass(frozen=True, slots=True)
class BesideLine:
    """A number of each, in the order of the heads."""

    label: Sentence
    tiles: Sequence[Tile]


@dataclass(frozen=True, slots=True)
class BesidePanel:
    """People beside each other; `end` is the address of the page without them, `csv` that of the same as a file."""

    heads: Sequence[Head]
    lines: Sequence[BesideLine]
    rate: Sentence
    end: str
    csv: str | None


def beside_panel(
    asked: Asked, columns: Columns, metrics: Sequence[Metric], numbers: TeamNumbers, weeks: WeeksOfPeople
) -> BesidePanel | None:
    """Those who are asked for, by name, and everybody; None where nobody is. Raises what `chosen_people` does."""
    people = chosen_people(asked, numbers)
    if not people:
        return None
    return BesidePanel(
        [*(_head(one, weeks) for one in people), Head("", None)],
        [BesideLine(metric.label, list(_tiles(asked, metric, people, numbers))) for metric in _shown(columns, metrics)],
        columns.rate.label,
        end=address(asked.dashboard.endpoint, asked.parameters_but_beside),
        csv=address(asked.dashboard.csv, asked.parameters) if asked.dashboard.csv else None,
    )


def chosen_people(asked: Asked, numbers: TeamNumbers) -> list[PersonNumbers]:
    """Whom the address asks to set beside each other, by name.

    Raises ValidationFailed for more than fit, and NotFound for whoever has no line in the table.
    """
    wanted = asked.beside
    if len(wanted) > MOST:
        raise ValidationFailed([FieldError("beside", _l("Compare %(most)s people at most.", most=MOST))])
    found = [one for one in numbers.people if one.id in wanted]
    for id_ in set(wanted) - {one.id for one in found}:
        raise NotFound("user", id_)
    return found


def people_file(
    asked: Asked, columns: Columns, metrics: Sequence[Metric], numbers: TeamNumbers
) -> tuple[list[str], Iterator[Sequence[str]]]:
    """The head and the lines of a file: the table of all people, or all that stands beside each other.

    Raises what `chosen_people` does.
    """
    people, label = chosen_people(asked, numbers), _("Person")
    if not people:
        shown = columns.metrics
        return [label, *(str(one.label) for one in shown)], people_rows(columns, numbers, asked.dashboard.nobody)
    shown, everybody = _shown(columns, metrics), PersonNumbers(None, _("Everybody"), numbers.together)
    head = [label]
    for one in shown:
        head += [str(one.label), _("%(number)s, compared", number=one.label)] if asked.compares else [str(one.label)]
    lines = ([one.name or "", *_values(one, shown, compares=asked.compares)] for one in (*people, everybody))
    return head, lines


def _values(person: PersonNumbers, shown: Sequence[Metric], *, compares: bool) -> Iterator[str]:
    """For programs: each number, and what it is compared with."""
    for metric in shown:
        number = person.numbers[metric.name]
        yield raw(number.value)
        if compares:
            yield raw(number.previous)


def _shown(columns: Columns, metrics: Sequence[Metric]) -> list[Metric]:
    """The numbers of the table, and others of the page, each once."""
    return list(dict.fromkeys((*columns.metrics, *metrics)))


def _head(person: PersonNumbers, weeks: WeeksOfPeople) -> Head:
    rates = weeks.get(person.id, ())
    return Head(str(person.id), person.name, [None if rate is None else float(rate) for rate in rates])


def _tiles(asked: Asked, metric: Metric, people: Sequence[PersonNumbers], numbers: TeamNumbers) -> Iterator[Tile]:
    for one in people:
        whose: UUID | None = one.id
        yield tile(one.numbers[metric.name], asked.links_of(whose), of_person=True)
    yield tile(numbers.together[metric.name], asked.links, of_person=False)
