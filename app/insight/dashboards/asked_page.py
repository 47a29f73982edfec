"""What a dashboard of people is asked for: which days, compared with which, and whose numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.db.filters import NOBODY, TEAM, Person
from app.errors import NotFound, Sentence
from app.insight.dashboards.filters import Compare, DashboardFilters
from app.insight.dashboards.tiles_page import Links
from app.insight.metrics.question_queries import Credit
from app.lists.choices import Choice
from app.people.users.queries import csr_choices, names_of_people, rep_choices
from app.periods import Period, resolve_period
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
    def compares(self) -> bool:
        """Whether with the period before."""
        return self.filters.compare is Compare.PREVIOUS

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
    def parameters_but_comparison(self) -> dict[str, str]:
        """What stays when another comparison is chosen."""
        return {name: value for name, value in self.parameters.items() if name != "compare"}

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
    return resolve_period(
        filters.period,
        now=now,
        timezone=actor.timezone,
        week_start=actor.week_start,
        first_day=filters.first_day,
        last_day=filters.last_day,
    )


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
