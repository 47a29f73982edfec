"""The parsed request for a dashboard of people: its period, its comparison, and the person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.db.filters import NOBODY, TEAM, Person
from app.errors import LazyText, NotFound
from app.insight.dashboards.caveat_page import sentence_of_kept
from app.insight.dashboards.filters import OF_THE_COMPARISON, Compare, ComparisonFilters, DashboardFilters
from app.insight.dashboards.needs_page import sentence_of
from app.insight.dashboards.tiles_page import Links
from app.insight.metrics.metric import Credit, Metric
from app.insight.metrics.question_queries import are_needed_for_all, missing_reads
from app.lists.choices import Choice
from app.people.users.queries import csr_choices, names_of_people, rep_choices
from app.periods import Period, a_year_earlier, compared_with, resolve_period
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.calls.queries import find_call_history


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of people's numbers: its address, the role its rows are credited to, and its permission.

    `permission` decides who can see everyone's numbers. The value of `credit` is the parameter that names the person;
    `unassigned_label` is the label of rows credited to no one.
    """

    endpoint: str
    credit: Credit
    permission: Permission
    choices: Callable[[Actor], Sequence[Choice]]
    label: LazyText
    unassigned_label: LazyText
    #: The endpoint of the CSV file.
    csv: str | None = None


#: The call center: the user's own numbers or everyone's.
CALL_CENTRE = Dashboard(
    "dashboards.csr",
    Credit.CSR,
    Permission.DASHBOARDS_CSR,
    csr_choices,
    _l("CSR"),
    _l("No CSR"),
)
#: The CSR performance page.
EXEC_CSR = replace(
    CALL_CENTRE,
    endpoint="dashboards.exec_csr",
    permission=Permission.DASHBOARDS_EXEC,
    csv="dashboards.exec_csr_csv",
)
#: The sales performance page.
EXEC_SALES = Dashboard(
    "dashboards.exec_sales",
    Credit.REP,
    Permission.DASHBOARDS_EXEC,
    rep_choices,
    _l("Sales rep"),
    _l("No sales rep"),
    csv="dashboards.exec_sales_csv",
)
#: The missed-call performance page.
EXEC_MISSED_CALLS = replace(
    EXEC_CSR,
    endpoint="dashboards.exec_missed_calls",
    csv="dashboards.exec_missed_calls_csv",
)


#: Labels of the comparisons of a period.
COMPARED: Mapping[Compare, LazyText] = {
    Compare.PREVIOUS: _l("Previous period"),
    Compare.YEAR: _l("A year earlier"),
    Compare.CUSTOM: _l("Custom dates"),
    Compare.NONE: lazy_pgettext("comparison", "Nothing"),
}


@dataclass(frozen=True, slots=True)
class NumberSubject:
    """A possible subject of numbers: a person, the user's team, or no one."""

    id: Person
    name: str


@dataclass(frozen=True, slots=True)
class DashboardRequest:
    """A parsed request of `actor` for a dashboard; `person` is the subject of the numbers, None for everyone."""

    actor: Actor
    dashboard: Dashboard
    filters: DashboardFilters
    period: Period
    person: NumberSubject | None
    choices: Sequence[NumberSubject]
    #: Time of the first call of the organization that is kept; None before it.
    first_call_at: datetime | None
    now: datetime
    #: The sort order of the table of people, if one was chosen.
    sort: str | None = None

    @property
    def person_id(self) -> Person | None:
        """The person or group whose numbers are requested, in the form that queries take."""
        return self.person.id if self.person else None

    def needs(self, *metrics: Metric, names_people: bool = False) -> str:
        """Return the sentence in the place of these numbers, which names what the reader lacks; "" if nothing."""
        credit, person = self.dashboard.credit, self.person_id
        missing = missing_reads(self.actor, credit, person, metrics, names_people=names_people)
        return sentence_of(missing, of_all=are_needed_for_all(self.actor, credit, person, missing))

    def gap(self, metric: Metric) -> str:
        """Return the sentence in the place of a number that isn't a tile; "" if nothing is missing.

        It names what the reader lacks or, for a ratio, the day from which the records it needs are kept.
        """
        return self.needs(metric) or ("" if metric.adds_up else sentence_of_kept([metric], self.period))

    @property
    def is_of_team(self) -> bool:
        """True if the numbers of several people are shown."""
        return self.person_id in (None, TEAM)

    @property
    def beside(self) -> Sequence[UUID]:
        """The ids of the people to compare with each other."""
        return self.filters.beside if isinstance(self.filters, ComparisonFilters) else ()

    @property
    def can_compare(self) -> bool:
        """True if people can be compared with each other on this page."""
        return isinstance(self.filters, ComparisonFilters)

    @property
    def parameters_without_comparison(self) -> dict[str, str]:
        """The parameters to keep when other people are chosen for the comparison with each other."""
        return {name: value for name, value in self.parameters.items() if name != "beside"}

    @property
    def compared(self) -> str:
        """The label of the comparison."""
        return str(COMPARED[self.filters.compare])

    @property
    def comparisons(self) -> list[tuple[str, str]]:
        """The comparisons to choose from, as names and labels; custom days are included only if in use."""
        is_custom = self.filters.compare is Compare.CUSTOM
        return [(one.value, str(words)) for one, words in COMPARED.items() if is_custom or one is not Compare.CUSTOM]

    @property
    def compares(self) -> bool:
        """True if the period is compared with another one."""
        return self.filters.compare is not Compare.NONE

    @property
    def compares_calls(self) -> bool:
        """True if the period is compared with one of which all calls are kept."""
        return self.compares and self.period.has_all_calls(self.period.comparison)

    @property
    def links(self) -> Links:
        """The links to the rows behind the numbers of the requested person or group, or of everyone."""
        return self.links_of(self.person_id)

    def links_of(self, person: Person | None) -> Links:
        """Return the links to the rows behind the numbers of a person or group; None is everyone."""
        links = Links.of(self.filters.period_parameters())
        return links.of_person(self.dashboard.credit, person) if person else links

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the page's address."""
        return {**self.filters.parameters(), **({"sort": self.sort} if self.sort else {})}

    @property
    def parameters_of_other_periods(self) -> dict[str, str]:
        """The parameters to keep when another period is chosen.

        Custom comparison days are dropped, because they only suit the current period.
        """
        return self.parameters_but_comparison if self.filters.compare is Compare.CUSTOM else self.parameters

    @property
    def parameters_but_comparison(self) -> dict[str, str]:
        """The parameters to keep when another comparison is chosen."""
        return {name: value for name, value in self.parameters.items() if name not in OF_THE_COMPARISON}

    @property
    def compared_lengths(self) -> tuple[int, int] | None:
        """The lengths in days of the period and of its comparison; None unless they differ.

        Also None without a comparison, or if the comparison period is cut off.
        """
        if self.previous_days is None or self.compared_until is not None:
            return None
        (before, until), (first, last) = self.previous_days, (self.period.first_day, self.period.last_day)
        lengths = (last - first).days + 1, (until - before).days + 1
        return lengths if lengths[0] != lengths[1] else None

    @property
    def calls_kept_from(self) -> date | None:
        """The day from which calls are kept; None unless the period or its comparison begins before it."""
        earliest = self.period.comparison if self.compares else self.period.span
        return None if self.period.has_all_calls(earliest) else self.period.calls_kept_from

    @property
    def previous_days(self) -> tuple[date, date] | None:
        """The first and last day of the comparison period; None without a comparison."""
        return self.period.previous_days if self.compares else None

    @property
    def compared_until(self) -> datetime | None:
        """The minute at which the comparison period is cut off; None if it is complete."""
        until = self.period.compared_until
        return until.replace(second=0, microsecond=0) if until else None


def read_request(
    actor: Actor,
    dashboard: Dashboard,
    filters: DashboardFilters,
    sort: str | None = None,
    now: datetime | None = None,
) -> DashboardRequest:
    """Return the request for a dashboard, limited to the numbers that `actor` can see.

    Raises NotFound for a person who doesn't exist or can't be seen, and InvalidPeriod.
    """
    now = now or datetime.now(UTC)
    calls = find_call_history(actor)
    period = _period(actor, filters, now).with_kept_from(calls.kept_from)
    choices = _choices(actor, dashboard) if actor.sees_all(dashboard.permission) else []
    person = _chosen(actor, dashboard, filters.person, choices)
    if person is not None and choices and person not in choices:
        choices = [person, *choices]
    return DashboardRequest(actor, dashboard, filters, period, person, choices, calls.first_at, now, sort or None)


def _period(actor: Actor, filters: DashboardFilters, now: datetime) -> Period:
    period = resolve_period(
        filters.period,
        now=now,
        timezone=actor.timezone,
        week_start=actor.week_start,
        first_day=filters.first_day,
        last_day=filters.last_day,
    )
    if filters.compare is Compare.CUSTOM:
        return compared_with(period, filters.compare_from, filters.compare_to, now)
    return a_year_earlier(period, now) if filters.compare is Compare.YEAR else period


def _choices(actor: Actor, dashboard: Dashboard) -> list[NumberSubject]:
    people = [NumberSubject(choice.id, choice.name) for choice in dashboard.choices(actor)]
    return [*people, NumberSubject(TEAM, _("My team")), NumberSubject(NOBODY, str(dashboard.unassigned_label))]


def _chosen(
    actor: Actor, dashboard: Dashboard, wanted: Person | None, choices: Sequence[NumberSubject]
) -> NumberSubject | None:
    """Return the person to show, or None for everyone.

    Users who can only see their own numbers get those by default. Raises NotFound for a person who doesn't exist or
    whom `actor` can't see.
    """
    sees_all = actor.sees_all(dashboard.permission)
    if not sees_all:
        choices = [NumberSubject(actor.user_id, actor.name)]
        wanted = wanted or actor.user_id
    if wanted is None:
        return None
    for choice in choices:
        if choice.id == wanted:
            return choice
    if isinstance(wanted, UUID) and sees_all:
        # Not offered in the picker but existing: the lists show their calls, so they have numbers too.
        for person in names_of_people(actor, [wanted], None):
            return NumberSubject(person.id, person.name)
    raise NotFound("user", wanted)
