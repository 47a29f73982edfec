"""A report for display: the numbers of everyone and of each person, with links to their rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import pgettext

from app.db.filters import NOBODY, Person
from app.errors import LazyText
from app.insight.dashboards.csr_people_page import CSR_COLUMNS
from app.insight.dashboards.exec_page import CSR_HEADLINES, MISSED_HEADLINES, SALES_HEADLINES
from app.insight.dashboards.filters import DashboardFilters, ExecCsrFilters, ExecMissedFilters, ExecSalesFilters
from app.insight.dashboards.people_page import Columns
from app.insight.dashboards.rep_people_page import REP_COLUMNS
from app.insight.dashboards.request_page import EXEC_CSR, EXEC_MISSED_CALLS, EXEC_SALES, Dashboard, DashboardRequest
from app.insight.dashboards.tiles_page import Tile, raw, tile
from app.insight.metrics.csr_queries import METRICS as CSR_METRICS
from app.insight.metrics.metric import Metric
from app.insight.metrics.missed_queries import METRICS as MISSED_METRICS
from app.insight.metrics.numbers import Number
from app.insight.metrics.people_queries import PersonNumbers, TeamNumbers
from app.insight.metrics.rep_queries import METRICS as REP_METRICS
from app.insight.reports.stored import of_store, people_in, team_of_store
from app.lists.listing import address
from app.models import Report
from app.people.users.queries import names_of_people
from app.periods import PeriodName, resolve_period
from app.security.actor import Actor


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


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A week, its first and last day inclusive, and its parts."""

    report: Report
    first_day: date
    last_day: date
    parts: Sequence[ReportPart]


@dataclass(frozen=True, slots=True)
class PartNumbers:
    """The numbers of one part: `headlines` for everyone together, `shown` for each person."""

    key: str
    title: str
    unassigned_label: LazyText
    team: TeamNumbers
    headlines: Sequence[Metric]
    shown: Sequence[Metric]


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
    return ReportPage(
        report, report.first_day, report.last_day, [_part(actor, report, one, names) for one in _PARTS]
    )  # fmt: skip


def report_numbers(actor: Actor, report: Report) -> list[PartNumbers]:
    """Return the numbers of each part, with people's current names.

    The page, the file and the email are built from these. Runs one statement.
    """
    names = _names(actor, report)
    return [_numbers(report, one, names) for one in _PARTS]


def report_file(actor: Actor, report: Report) -> ReportFile:
    """Return the report as a file of unformatted values: part, person, number, value and value before.

    Runs one statement.
    """
    header = [_("Page"), _("Person"), pgettext("numbers", "Metric"), _("Value"), _("Week before")]
    return ReportFile(f"week-{report.first_day}", header, _lines(report_numbers(actor, report)))


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


def _numbers(report: Report, part: _Part, names: Mapping[UUID, str]) -> PartNumbers:
    stored, columns = report.numbers[part.key], part.columns
    team = (
        TeamNumbers([], of_store(part.metrics, stored))
        if columns is None
        else team_of_store(part.metrics, stored, names)
    )
    shown = [] if columns is None else [metric for metric in columns.metrics if metric.name in team.together]
    return PartNumbers(part.key, _titles()[part.key], part.dashboard.unassigned_label, team, part.headlines, shown)


def _part(actor: Actor, report: Report, part: _Part, names: Mapping[UUID, str]) -> ReportPart:
    asked, told = _request_of(actor, report, part), _numbers(report, part, names)
    return ReportPart(
        part.key,
        told.title,
        address(part.dashboard.endpoint, asked.parameters),
        told.unassigned_label,
        _tiles(asked, None, told.team.together, part.headlines),
        list(zip([metric.label for metric in told.shown], _rooms(told.shown), strict=True)),
        [_line(asked, one, told.shown) for one in told.team.people],
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
    return DashboardRequest(part.dashboard, filters, period, None, (), None, now)


def _tiles(
    asked: DashboardRequest, person: Person | None, numbers: Mapping[str, Number], metrics: Sequence[Metric]
) -> list[Tile]:
    links = asked.links_of(person)
    return [
        tile(numbers[one.name], links, of_person=person is not None) for one in metrics if one.name in numbers
    ]  # fmt: skip
