"""The numbers of the saved team views that a user has chosen for their weekly report."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _

from app.errors import LazyText, NotFound, ValidationFailed
from app.insight.dashboards.csr_people_page import CSR_COLUMNS
from app.insight.dashboards.filters import CsrFilters
from app.insight.dashboards.needs_page import sentences_of_team
from app.insight.dashboards.people_page import in_order
from app.insight.dashboards.request_page import CALL_CENTRE, DashboardRequest, read_request
from app.insight.dashboards.team_page import HEADLINES, TEAM_VIEWS
from app.insight.dashboards.tiles_page import raw
from app.insight.metrics.compute_queries import compute_readable_team
from app.insight.metrics.metric import Metric
from app.insight.metrics.people_queries import TeamNumbers
from app.insight.reports.chosen_queries import list_chosen_views
from app.models import Report, SavedView
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class ViewNumbers:
    """The numbers of a saved view in one week, compared with the week before.

    `team` holds the people in the view's order, and everyone together. `parameters` are the query parameters of the
    view's page for that week.
    """

    name: str
    endpoint: str
    parameters: Mapping[str, str]
    team: TeamNumbers
    headlines: Sequence[Metric]
    shown: Sequence[Metric]
    unassigned_label: LazyText

    @property
    def withheld(self) -> list[str]:
        """The sentences about numbers, and about people, that are withheld from the reader."""
        return sentences_of_team(dict.fromkeys((*self.headlines, *self.shown)), self.team)

    def lines(self) -> Iterator[Sequence[str]]:
        """Yield the unformatted numbers as lines of the report's file."""
        title = _("View: %(name)s", name=self.name)
        for metric in self.headlines:
            number = self.team.together[metric.name]
            yield title, _("Everyone"), metric.name, raw(number.value), raw(number.previous)
        for one in self.team.people:
            for metric in self.shown:
                number = one.numbers[metric.name]
                whose = one.name if one.id else str(self.unassigned_label)
                yield title, whose or "", metric.name, raw(number.value), raw(number.previous)


def view_numbers(actor: Actor, report: Report, now: datetime) -> tuple[list[ViewNumbers], list[str]]:
    """Return the views that `actor` has chosen, in the report's week, and the names of those left out.

    A view is left out if the person it is about is gone, or if the page no longer accepts its values. Runs one
    statement, and six or seven for each view.
    """
    found, left_out = [], []
    for view in list_chosen_views(actor, TEAM_VIEWS):
        try:
            asked = _request_of(actor, view, report, now)
        except (NotFound, ValidationFailed):
            left_out.append(view.name)
        else:
            found.append(_numbers(actor, view, asked))
    return found, left_out


def _request_of(actor: Actor, view: SavedView, report: Report, now: datetime) -> DashboardRequest:
    """Return the request for the view's page with the report's week as its period.

    Raises NotFound for a person who no longer exists, and ValidationFailed for values that the page no longer accepts.
    """
    kept, sort = TEAM_VIEWS.read(view.query)
    if sort is not None and sort not in TEAM_VIEWS.sort_names:
        sort = None
    whose = {name: value for name, value in kept.parameters().items() if name == CALL_CENTRE.credit.value}
    week = {"from": report.first_day.isoformat(), "to": report.last_day.isoformat()}
    return read_request(actor, CALL_CENTRE, CsrFilters.of({**whose, **week}), sort, now)


def _numbers(actor: Actor, view: SavedView, asked: DashboardRequest) -> ViewNumbers:
    team = compute_readable_team(actor, CALL_CENTRE.credit, asked.period, asked.person_id, now=asked.now)
    people = in_order(CSR_COLUMNS, team.people, asked.sort or CSR_COLUMNS.first)
    return ViewNumbers(
        view.name,
        asked.dashboard.endpoint,
        asked.parameters,
        replace(team, people=people),
        HEADLINES,
        CSR_COLUMNS.metrics,
        asked.dashboard.unassigned_label,
    )
