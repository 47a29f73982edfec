"""A report for display: the numbers of everyone and of each person, with links to their rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import pgettext

from app.db.filters import NOBODY, Person
from app.errors import LazyText
from app.insight.dashboards.csr_people_page import CSR_COLUMNS
from app.insight.dashboards.exec_page import CSR_HEADLINES, MISSED_HEADLINES, SALES_HEADLINES
from app.insight.dashboards.filters import DashboardFilters, ExecCsrFilters, ExecMissedFilters, ExecSalesFilters
from app.insight.dashboards.needs_page import sentences_of_team
from app.insight.dashboards.people_page import Columns
from app.insight.dashboards.rep_people_page import REP_COLUMNS
from app.insight.dashboards.request_page import EXEC_CSR, EXEC_MISSED_CALLS, EXEC_SALES, Dashboard, DashboardRequest
from app.insight.dashboards.tiles_page import Tile, raw, tile
from app.insight.metrics.csr_queries import METRICS as CSR_METRICS
from app.insight.metrics.metric import Metric
from app.insight.metrics.missed_queries import METRICS as MISSED_METRICS
from app.insight.metrics.numbers import Number, withheld
from app.insight.metrics.people_queries import PersonNumbers, TeamNumbers, withheld_from
from app.insight.metrics.question_queries import missing_reads_of_all
from app.insight.metrics.rep_queries import METRICS as REP_METRICS
from app.insight.reports.stored import of_store, people_in, team_of_store
from app.lists.listing import address
from app.models import Report
from app.people.users.queries import names_of_people
from app.periods import PeriodName, resolve_period
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One person's numbers, each with the priority of its column (p1, p2, p3, or "" if always shown).

    `name` is None for rows that are credited to no one.
    """

    key: str
    name: str | None
    cells: Sequence[tuple[Tile, str]]

    @property
    def folded(self) -> list[tuple[str, str, str]]:
        """The label, value and column priority of each number shown below the name on a narrow screen."""
        return [(tile.label, tile.value, room) for tile, room in self.cells if room]

    @property
    def notes(self) -> list[str]:
        """The sentences beside the numbers, each once."""
        return list(dict.fromkeys(tile.caveat for tile, _room in self.cells if tile.caveat))


@dataclass(frozen=True, slots=True)
class ReportPart:
    """The numbers of one of the performance pages in a week; `lines` is empty if it has no people."""

    key: str
    title: str
    href: str
    unassigned_label: LazyText
    tiles: Sequence[Tile]
    heads: Sequence[tuple[LazyText, str]]
    lines: Sequence[ReportLine]
    #: Sentences about columns, or about all people, that are withheld from the reader.
    withheld: Sequence[str]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A week, its first and last day inclusive, and its parts."""

    report: Report
    first_day: date
    last_day: date
    parts: Sequence[ReportPart]
    #: True if the reader can download all numbers.
    has_file: bool


@dataclass(frozen=True, slots=True)
class PartNumbers:
    """The numbers of one part: `headlines` for everyone together, `shown` for each person."""

    key: str
    title: str
    unassigned_label: LazyText
    team: TeamNumbers
    headlines: Sequence[Metric]
    shown: Sequence[Metric]

    @property
    def withheld(self) -> list[str]:
        """The sentences about all numbers, and about people, that are withheld from the reader."""
        return sentences_of_team(dict.fromkeys((*self.headlines, *self.shown)), self.team)


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report as a file: its name without the extension, its header and its lines."""

    name: str
    header: Sequence[str]
    lines: Iterator[Sequence[str]]


@dataclass(frozen=True, slots=True)
class _Part:
    """The definition of a part: the page it links to, and the numbers stored under `key` that it shows."""

    key: str
    dashboard: Dashboard
    filters: type[DashboardFilters]
    headlines: Sequence[Metric]
    metrics: Mapping[str, Metric]
    columns: Columns | None = None


_ROOMS = ("", "p1", "p2", "p3")
_PARTS = (
    _Part("csr", EXEC_CSR, ExecCsrFilters, CSR_HEADLINES, CSR_METRICS, CSR_COLUMNS),
    _Part("sales", EXEC_SALES, ExecSalesFilters, SALES_HEADLINES, REP_METRICS, REP_COLUMNS),
    _Part("missed_calls", EXEC_MISSED_CALLS, ExecMissedFilters, MISSED_HEADLINES, MISSED_METRICS),
)


def report_page(actor: Actor, report: Report) -> ReportPage:
    """Return the report for display, with people's current names.

    Runs one statement.
    """
    names = _names(actor, report)
    parts = [_part(actor, report, part, names) for part in _PARTS]
    return ReportPage(report, report.first_day, report.last_day, parts, not missing_reads_of_report(actor))


def report_numbers(actor: Actor, report: Report) -> list[PartNumbers]:
    """Return the numbers of each part, with people's current names.

    The page, the file and the email are built from these. Runs one statement.
    """
    names = _names(actor, report)
    return [_numbers(actor, report, part, names) for part in _PARTS]


def report_file(actor: Actor, report: Report) -> ReportFile:
    """Return the report as a file of unformatted values: part, person, number, value and value before.

    Runs one statement. Raises Forbidden if `actor` could see only part of the numbers.
    """
    if missing := missing_reads_of_report(actor):
        raise actor.refusal_of_reads(missing)
    header = [_("Page"), _("Person"), pgettext("numbers", "Metric"), _("Value"), _("Week before")]
    return ReportFile(f"week-{report.first_day}", header, _lines(report_numbers(actor, report)))


def missing_reads_of_report(actor: Actor) -> tuple[Permission, ...]:
    """Return the permissions that `actor` lacks to see all numbers of a report."""
    metrics = [metric for part in _PARTS for metric in part.metrics.values()]
    return missing_reads_of_all(actor, metrics, names_people=True)


def _lines(parts: Sequence[PartNumbers]) -> Iterator[Sequence[str]]:
    for part in parts:
        for name, number in part.team.together.items():
            yield part.title, _("Everyone"), name, raw(number.value), raw(number.previous)
        for one in part.team.people:
            whose = one.name if one.id else str(part.unassigned_label)
            for name, number in one.numbers.items():
                yield part.title, whose or "", name, raw(number.value), raw(number.previous)


def _titles() -> dict[str, str]:
    return {"csr": _("CSR performance"), "sales": _("Sales performance"), "missed_calls": _("Missed-call performance")}


def _names(actor: Actor, report: Report) -> dict[UUID, str]:
    people = {id_ for stored in report.numbers.values() if "people" in stored for id_ in people_in(stored)}
    return {one.id: one.name for one in names_of_people(actor, sorted(people), None)}


def _numbers(actor: Actor, report: Report, part: _Part, names: Mapping[UUID, str]) -> PartNumbers:
    stored, columns = report.numbers[part.key], part.columns
    team = (
        TeamNumbers([], of_store(part.metrics, stored))
        if columns is None
        else team_of_store(part.metrics, stored, names)
    )
    shown = [] if columns is None else [metric for metric in columns.metrics if metric.name in team.together]
    if missing_reads_of_report(actor):
        team = _as_read(actor, team, part)
    return PartNumbers(part.key, _titles()[part.key], part.dashboard.unassigned_label, team, part.headlines, shown)


def _as_read(actor: Actor, team: TeamNumbers, part: _Part) -> TeamNumbers:
    """Return the team without what `actor` lacks the permissions for."""
    needs = ((name, metric, missing_reads_of_all(actor, (metric,))) for name, metric in part.metrics.items())
    readable = withheld_from(team, {name: withheld(metric, missing) for name, metric, missing in needs if missing})
    if part.columns is not None and (missing := missing_reads_of_all(actor, (), names_people=True)):
        return replace(readable, people=[], needs=missing)
    return readable


def _part(actor: Actor, report: Report, part: _Part, names: Mapping[UUID, str]) -> ReportPart:
    request, numbers = _request_of(actor, report, part), _numbers(actor, report, part, names)
    return ReportPart(
        part.key,
        numbers.title,
        address(part.dashboard.endpoint, request.parameters),
        numbers.unassigned_label,
        _tiles(request, None, numbers.team.together, part.headlines),
        list(zip([metric.label for metric in numbers.shown], _rooms(numbers.shown), strict=True)),
        [_line(request, person, numbers.shown) for person in numbers.team.people],
        sentences_of_team(numbers.shown, numbers.team),
    )


def _line(asked: DashboardRequest, one: PersonNumbers, told: Sequence[Metric]) -> ReportLine:
    tiles = _tiles(asked, one.id or NOBODY, one.numbers, told)
    return ReportLine(str(one.id or NOBODY), one.name, list(zip(tiles, _rooms(tiles), strict=True)))


def _rooms(columns: Sequence[object]) -> list[str]:
    """Return the priority of each column: the first two are always shown, the last ones are hidden first."""
    return [_ROOMS[min(at // 2, len(_ROOMS) - 1)] for at, _column in enumerate(columns)]


def _request_of(actor: Actor, report: Report, part: _Part) -> DashboardRequest:
    """Return the request for the part's performance page, with the report's days as its period."""
    days = {"from": report.first_day.isoformat(), "to": report.last_day.isoformat()}
    filters, now = part.filters.of({"period": PeriodName.CUSTOM.value, **days}), datetime.now(UTC)
    period = resolve_period(
        PeriodName.CUSTOM, now=now, timezone=actor.timezone, first_day=report.first_day, last_day=report.last_day
    )
    return DashboardRequest(actor, part.dashboard, filters, period, None, (), None, now)


def _tiles(
    asked: DashboardRequest, person: Person | None, numbers: Mapping[str, Number], metrics: Sequence[Metric]
) -> list[Tile]:
    links = asked.links_of(person)
    return [
        tile(numbers[one.name], links, of_person=person is not None) for one in metrics if one.name in numbers
    ]  # fmt: skip
