"""Permission of each role to request other people's numbers."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from app.errors import Forbidden, NotFound
from app.insight.metrics.csr_queries import csr_numbers, csr_team
from app.insight.metrics.executive_queries import executive_csr, executive_missed_calls, executive_sales
from app.insight.metrics.missed_queries import CALLER_METRICS, missed_call_funnel, missed_call_numbers
from app.insight.metrics.objection_queries import top_objections
from app.insight.metrics.rep_queries import rep_numbers, rep_team
from app.insight.metrics.volume_queries import call_volume
from app.models import Role, User
from app.periods import resolve_period
from tests.insight.metrics.company import NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.support.factories import DAY, Factories

PERIOD = resolve_period("last_30", now=DAY, timezone="America/New_York")

OF_CSRS: list[Callable[..., Any]] = [csr_numbers, csr_team, top_objections, call_volume]
OF_REPS: list[Callable[..., Any]] = [rep_numbers, rep_team]
OF_THE_QUEUE: list[Callable[..., Any]] = [partial(missed_call_numbers, only=CALLER_METRICS), missed_call_funnel]
OF_EXECS: list[Callable[..., Any]] = [executive_csr, executive_sales, executive_missed_calls]


@pytest.fixture
def person(make: Factories) -> Callable[[Role], tuple[RandomCompany, User, User]]:
    """Function that creates an empty company with a user and a colleague who have the given role."""

    def make_person(role: Role) -> tuple[RandomCompany, User, User]:
        organization = make.organization()
        user, colleague = make.user(organization, role=role), make.user(organization, role=role)
        return RandomCompany(organization, {}, [], [], []), user, colleague

    return make_person


Person = Callable[[Role], tuple[RandomCompany, User, User]]


@pytest.mark.parametrize("ask", OF_CSRS)
@pytest.mark.parametrize("whom", ["colleague", "team", "none"])
def test_a_csr_asks_for_their_own_only(person: Person, asking: Asking, ask: Callable[..., Any], whom: str) -> None:
    company, user, colleague = person(Role.CSR)
    with asking(company, user) as actor, pytest.raises(NotFound):
        ask(actor, PERIOD, csr=colleague.id if whom == "colleague" else whom, now=NOW)


@pytest.mark.parametrize("ask", OF_THE_QUEUE)
@pytest.mark.parametrize("role", [Role.CSR, Role.SUPPORT])
@pytest.mark.parametrize("whom", ["colleague", "team", "none"])
def test_those_who_see_the_queue_only_do_not_see_whose_its_numbers_are(
    person: Person, asking: Asking, ask: Callable[..., Any], role: Role, whom: str
) -> None:
    company, user, colleague = person(role)
    with asking(company, user) as actor:
        for allowed in (None, user.id):
            assert ask(actor, PERIOD, csr=allowed, now=NOW)
        with pytest.raises(NotFound):
            ask(actor, PERIOD, csr=colleague.id if whom == "colleague" else whom, now=NOW)


@pytest.mark.parametrize("ask", OF_REPS)
@pytest.mark.parametrize("whom", ["colleague", "team", "none"])
def test_a_rep_asks_for_their_own_only(person: Person, asking: Asking, ask: Callable[..., Any], whom: str) -> None:
    company, user, colleague = person(Role.SALES_REP)
    with asking(company, user) as actor, pytest.raises(NotFound):
        ask(actor, PERIOD, rep=colleague.id if whom == "colleague" else whom, now=NOW)


@pytest.mark.parametrize(
    ("role", "ask"),
    [
        *((role, ask) for role in (Role.SALES_REP, Role.SUPPORT) for ask in OF_CSRS),
        *((Role.SALES_REP, ask) for ask in OF_THE_QUEUE),
        *((role, ask) for role in (Role.CSR, Role.SALES_REP, Role.SUPPORT) for ask in OF_EXECS),
    ],
)
def test_who_may_not_ask_is_told_so(person: Person, asking: Asking, role: Role, ask: Callable[..., Any]) -> None:
    company, user, _ = person(role)
    with asking(company, user) as actor, pytest.raises(Forbidden):
        ask(actor, PERIOD, now=NOW, **({"csr": None} if ask in OF_CSRS else {}))


@pytest.mark.parametrize("role", [Role.CSR, Role.SUPPORT])
@pytest.mark.parametrize("ask", OF_REPS)
def test_the_numbers_of_reps_are_for_reps_and_those_above(
    person: Person, asking: Asking, role: Role, ask: Callable[..., Any]
) -> None:
    company, user, _ = person(role)
    with asking(company, user) as actor, pytest.raises(Forbidden):
        ask(actor, PERIOD, rep=None, now=NOW)
