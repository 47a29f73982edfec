"""Numbers by person: each equals a separate query, and together they add up to the company's."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import Engine

from app.insight.dashboards.csr_people_page import coaching
from app.insight.metrics import csr_queries, rep_queries
from app.insight.metrics.executive_queries import executive_csr, executive_missed_calls, executive_sales
from app.insight.metrics.metric import Unit
from app.insight.metrics.missed_queries import missed_call_funnel, missed_call_numbers
from app.insight.metrics.rules import NoOpportunity
from app.insight.metrics.series_queries import step_for
from app.models import Organization, Role
from tests.insight.metrics.company import NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.metrics.documented import NOBODY, SQL, Documented
from tests.support.factories import DAY, Factories


def test_each_csr_has_the_numbers_that_they_have_alone(
    random_company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        table = csr_queries.csr_team(actor, random_company.period, csr=None, now=NOW).people

        assert [row.name for row in table if row.name in {"Gone", "Maya", "Newcomer", "Tom", None}] == [
            "Gone",
            "Maya",
            "Newcomer",
            "Tom",
            None,
        ]
        for row in table:
            documented = Documented(admin_engine, actor, [row.id or NOBODY], NOW)
            expected = {name: documented.number(name, random_company.period.span) for name in row.numbers}
            assert {name: number.value for name, number in row.numbers.items()} == expected, row.name


def test_each_rep_has_the_numbers_that_they_have_alone(
    random_company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    with asking(random_company, random_company.staff[Role.EXEC]) as actor:
        table = rep_queries.rep_team(actor, random_company.period, rep=None, now=NOW).people

        assert [row.name for row in table] == ["Ann", "Bob", "Zoe", None]
        for row in table:
            documented = Documented(admin_engine, actor, [row.id or NOBODY], NOW)
            headings = {name: f"{name} of a rep" if f"{name} of a rep" in SQL else name for name in row.numbers}
            expected = {
                name: documented.number(heading, random_company.period.span) for name, heading in headings.items()
            }
            assert {name: number.value for name, number in row.numbers.items()} == expected, row.name


def test_people_add_up_to_the_company(company: RandomCompany, asking: Asking) -> None:
    with asking(company, company.staff[Role.MANAGER]) as actor:
        whole = csr_queries.csr_numbers(actor, company.period, csr=None, now=NOW)
        table = csr_queries.csr_team(actor, company.period, csr=None, now=NOW).people

    for name, number in whole.items():
        if number.metric.unit is Unit.COUNT and name != "qualified_leads":
            assert sum(row.numbers[name].current.value or 0 for row in table) == number.value, name


def test_a_csr_has_a_table_of_themselves_alone(company: RandomCompany, asking: Asking) -> None:
    maya = company.csrs[0]
    with asking(company, maya) as actor:
        assert [row.name for row in csr_queries.csr_team(actor, company.period, csr=None, now=NOW).people] == ["Maya"]


def test_coaching_is_told_as_documented(random_company: RandomCompany, asking: Asking, admin_engine: Engine) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        found = {
            str(one.id): str(one.opportunity) if isinstance(one.opportunity, NoOpportunity) else one.opportunity
            for one in coaching(csr_queries.csr_team(actor, random_company.period, csr=None, now=NOW).people)
            if one.calls
        }
        documented = Documented(admin_engine, actor, None, NOW).rows("coaching_opportunity", random_company.period.span)

    assert found == {str(id_): value if value.startswith("not") else float(value) for id_, value in documented}
    assert any(isinstance(value, float) for value in found.values())


def test_coaching_lists_the_greatest_opportunity_first_and_those_without_one_last(
    make: Factories, asking: Asking
) -> None:
    organization = make.organization()
    manager = make.user(organization, role=Role.MANAGER)
    for name, calls, missed, score in (
        ("Careful", 30, 0, 95),
        ("Careless", 30, 15, 50),
        ("Unheard", 12, 6, None),
        ("Newcomer", 9, 9, 20),
    ):
        _calls(make, organization, name, calls, missed, score)
    company = RandomCompany(organization, {Role.MANAGER: manager}, [], [], [])
    with asking(company, manager) as actor:
        found = coaching(csr_queries.csr_team(actor, company.period, csr=None, now=NOW).people)

    assert [(one.name, one.opportunity) for one in found] == [
        ("Careless", 50.0),
        ("Careful", 2.5),
        ("Newcomer", NoOpportunity.NOT_ENOUGH_CALLS),
        ("Unheard", NoOpportunity.NOT_ANALYSED),
    ]
    assert (found[0].calls, found[0].miss_rate.value, found[0].sop_compliance.value) == (30, 0.5, 50.0)


def _calls(make: Factories, organization: Organization, name: str, calls: int, missed: int, score: int | None) -> None:
    csr_ = make.user(organization, name=name)
    for number in range(calls):
        call = make.call(organization, csr=csr_, status="missed" if number < missed else "completed", started_at=DAY)
        if number == calls - 1 and score is not None:
            make.analysis(call, sop_compliance_score=score)


@pytest.mark.parametrize("more", [0, 20])
def test_the_number_of_statements_is_the_same_for_any_number_of_people(
    company: RandomCompany,
    make: Factories,
    asking: Asking,
    queries: Callable[[], AbstractContextManager[list[str]]],
    more: int,
) -> None:
    for _ in range(more):
        make.call(company.organization, csr=make.user(company.organization), started_at=DAY)
        make.user(company.organization, Role.SALES_REP)
    period = company.period
    sent = {}
    with asking(company, company.staff[Role.EXEC], on_page=True) as actor:
        asked: dict[str, Callable[[], object]] = {
            "csr numbers": lambda: csr_queries.csr_numbers(actor, period, csr=None, now=NOW),
            "csr team": lambda: csr_queries.csr_team(actor, period, csr=None, now=NOW),
            "csr trend": lambda: csr_queries.csr_trend(
                actor, period.span, csr=None, now=NOW, step=step_for(period, NOW)
            ),
            "rep numbers": lambda: rep_queries.rep_numbers(actor, period, rep=None, now=NOW),
            "rep team": lambda: rep_queries.rep_team(actor, period, rep=None, now=NOW),
            "missed calls": lambda: missed_call_numbers(actor, period, now=NOW),
            "funnel": lambda: missed_call_funnel(actor, period, now=NOW),
            "executive csr": lambda: executive_csr(actor, period, now=NOW),
            "executive sales": lambda: executive_sales(actor, period, now=NOW),
            "executive missed calls": lambda: executive_missed_calls(actor, period, now=NOW),
        }
        for name, ask in asked.items():
            for _ in range(2):
                ask()  # caches names, and which days are stored
            with queries() as statements:
                ask()
            sent[name] = sum("set_context" not in statement for statement in statements)

    assert sent == {
        "csr numbers": 3,
        "csr team": 3,
        "csr trend": 3,
        "rep numbers": 3,
        "rep team": 3,
        "missed calls": 2,
        "funnel": 1,
        "executive csr": 8,
        "executive sales": 10,
        "executive missed calls": 3,
    }
