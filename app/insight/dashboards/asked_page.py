"""What a dashboard of people is asked for: which days, compared with which, and whose numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.db.filters import NOBODY, TEAM, Person
from app.errors import NotFound, Sentence
from app.insight.dashboards.filters import OF_THE_COMPARISON, BesideFilters, Compare, DashboardFilters
from app.insight.dashboards.tiles_page import Links
from app.insight.metrics.question_queries import Credit
from app.lists.choices import Choice
from app.people.users.queries import csr_choices, names_of_people, rep_choices
from app.periods import Period, a_year_earlier, compared_with, resolve_period
from app.security.actor import Actor
from app.security.permissions import Permission
from app.work.calls.queries import find_first_call_at


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of people's numbers: where it is, whom its rows are credited to, and who may see everybody's.

    The value of `credit` is the parameter that names the person; `nobody` is what those rows are called that are
    credited to none.
    """

    endpoint: str
    credit: Credit
    permission: Permission
    choices: Callable[[Actor], Sequence[Choice]]
    label: Sentence
    nobody: Sentence
    #: The endpoint of the same as a file.
    csv: str | None = None


#: The call centre, one's own numbers or everybody's.
CALL_CENTRE = Dashboard(
    "dashboards.csr",
    Credit.CSR,
    Permission.DASHBOARDS_CSR,
    csr_choices,
    _l("CSR"),
    _l("No CSR"),
)
#: The company's numbers of the call centre.
EXEC_CSR = replace(
    CALL_CENTRE,
    endpoint="dashboards.exec_csr",
    permission=Permission.DASHBOARDS_EXEC,
    csv="dashboards.exec_csr_csv",
)
#: The company's numbers of sales.
EXEC_SALES = Dashboard(
    "dashboards.exec_sales",
    Credit.REP,
    Permission.DASHBOARDS_EXEC,
    rep_choices,
    _l("Sales rep"),
    _l("No sales rep"),
    csv="dashboards.exec_sales_csv",
)
#: The company's numbers of missed calls.
EXEC_MISSED_CALLS = replace(
    EXEC_CSR,
    endpoint="dashboards.exec_missed_calls",
    csv="dashboards.exec_missed_calls_csv",
)


#: What a period can be compared with is called.
COMPARED: Mapping[Compare, Sentence] = {
    Compare.PREVIOUS: _l("Period before"),
    Compare.YEAR: _l("A year earlier"),
    Compare.CUSTOM: _l("Other days"),
    Compare.NONE: lazy_pgettext("comparison", "Nothing"),
}


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom numbers can be about: a person, one's team, or nobody."""

    id: Person
    name: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What stands in the address; `person` is whose numbers they are, None for everybody's."""

    dashboard: Dashboard
    filters: DashboardFilters
    period: Period
    person: Whose | None
    choices: Sequence[Whose]
    #: When the first call of the organization was; None before it.
    first_call_at: datetime | None
    now: datetime
    #: By what people who stand beside each other are sorted, where that was chosen.
    sort: str | None = None

    @property
    def person_id(self) -> Person | None:
        """Whose numbers they are, for the numbers."""
        return self.person.id if self.person else None

    @property
    def is_of_team(self) -> bool:
        """Whether they are of several people, who stand beside each other."""
        return self.person_id in (None, TEAM)

    @property
    def beside(self) -> Sequence[UUID]:
        """Who is set beside each other."""
        return self.filters.beside if isinstance(self.filters, BesideFilters) else ()

    @property
    def sets_beside(self) -> bool:
        """Whether people can be set beside each other here."""
        return isinstance(self.filters, BesideFilters)

    @property
    def parameters_but_beside(self) -> dict[str, str]:
        """What stays when other people are set beside each other."""
        return {name: value for name, value in self.parameters.items() if name != "beside"}

    @property
    def compared(self) -> str:
        """What it is compared with is called."""
        return str(COMPARED[self.filters.compare])

    @property
    def comparisons(self) -> list[tuple[str, str]]:
        """What can be chosen to compare with: days of one's own where these were typed."""
        is_custom = self.filters.compare is Compare.CUSTOM
        return [(one.value, str(words)) for one, words in COMPARED.items() if is_custom or one is not Compare.CUSTOM]

    @property
    def compares(self) -> bool:
        """Whether any other days stand beside those of the period."""
        return self.filters.compare is not Compare.NONE

    @property
    def links(self) -> Links:
        """To the rows of the numbers of all of these people."""
        return self.links_of(self.person_id)

    def links_of(self, person: Person | None) -> Links:
        """To the rows of the numbers of one of them."""
        whose = {self.dashboard.credit.value: str(person)} if person else {}
        return Links.of({**self.filters.period_parameters(), **whose})

    @property
    def parameters(self) -> dict[str, str]:
        """What stands in the page's address."""
        return {**self.filters.parameters(), **({"sort": self.sort} if self.sort else {})}

    @property
    def parameters_of_other_periods(self) -> dict[str, str]:
        """What stays when another period is chosen: days to compare with come before this one alone."""
        return self.parameters_but_comparison if self.filters.compare is Compare.CUSTOM else self.parameters

    @property
    def parameters_but_comparison(self) -> dict[str, str]:
        """What stays when another comparison is chosen."""
        return {name: value for name, value in self.parameters.items() if name not in OF_THE_COMPARISON}

    @property
    def compared_lengths(self) -> tuple[int, int] | None:
        """How many days it has and what it is compared with, where these are not as many."""
        if self.previous_days is None or self.compared_until is not None:
            return None
        (before, until), (first, last) = self.previous_days, (self.period.first_day, self.period.last_day)
        lengths = (last - first).days + 1, (until - before).days + 1
        return lengths if lengths[0] != lengths[1] else None

    @property
    def previous_days(self) -> tuple[date, date] | None:
        """First and last day of what is compared with."""
        return self.period.previous_days if self.compares else None

    @property
    def compared_until(self) -> datetime | None:
        """The minute at which what is compared with is cut; None where it is whole."""
        until = self.period.compared_until
        return until.replace(second=0, microsecond=0) if until else None


def what_is_asked(
    actor: Actor,
    dashboard: Dashboard,
    filters: DashboardFilters,
    sort: str | None = None,
    now: datetime | None = None,
) -> Asked:
    """As `actor` may ask. Raises NotFound for a person who is not there and InvalidPeriod."""
    now = now or datetime.now(UTC)
    period = _period(actor, filters, now)
    choices = _choices(actor, dashboard) if actor.sees_all(dashboard.permission) else []
    person = _chosen(actor, dashboard, filters.person, choices)
    if person is not None and choices and person not in choices:
        choices = [person, *choices]
    return Asked(dashboard, filters, period, person, choices, find_first_call_at(actor), now, sort or None)


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


def _choices(actor: Actor, dashboard: Dashboard) -> list[Whose]:
    people = [Whose(choice.id, choice.name) for choice in dashboard.choices(actor)]
    return [*people, Whose(TEAM, _("My team")), Whose(NOBODY, str(dashboard.nobody))]


def _chosen(actor: Actor, dashboard: Dashboard, wanted: Person | None, choices: Sequence[Whose]) -> Whose | None:
    """Whoever sees their own numbers only sees these, and another's address leads nowhere."""
    sees_all = actor.sees_all(dashboard.permission)
    if not sees_all:
        choices = [Whose(actor.user_id, actor.name)]
        wanted = wanted or actor.user_id
    if wanted is None:
        return None
    for choice in choices:
        if choice.id == wanted:
            return choice
    if isinstance(wanted, UUID) and sees_all:
        # Nobody whom the picker offers, but somebody: calls of theirs are listed, so they have numbers too.
        for person in names_of_people(actor, [wanted], None):
            return Whose(person.id, person.name)
    raise NotFound("user", wanted)
