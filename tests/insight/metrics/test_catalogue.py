"""The catalogue of numbers: complete, each with its words, and each the number that the pages show."""

import dataclasses
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any

import pytest

import app.insight
from app.errors import Forbidden, NotFound
from app.insight.metrics.catalogue import CATALOGUE, metric_of
from app.insight.metrics.compute_queries import compute, compute_all, compute_team
from app.insight.metrics.csr_queries import csr_numbers
from app.insight.metrics.executive_queries import executive_csr, executive_missed_calls, executive_sales
from app.insight.metrics.metric import Better, Credit, Metric, Rows, Unit
from app.insight.metrics.numbers import Number
from app.models import Role
from app.work.calls.resource import CALL_LIST
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.support.client import Client
from tests.support.factories import Factories

PERIOD = f"period=custom&from={FIRST_DAY}&to={LAST_DAY}"
#: Has a number for each category of objections.
OF_CATEGORIES = "csr_objections"
#: Values shown with a number of the catalogue: its parts, and the same number of a person, a team, an hour or a topic.
_SHOWN_WITH = re.compile(
    r"_(numerator|of_person|of_team|of_coaching|by_hour|by_weekday|by_hour_and_weekday|by_topic)\Z"
)
#: The periods and the rows of a number whose name is elsewhere on the page.
_UNNAMED = re.compile(r"moved_(now|before)|forecast_rows_\d")

Queries = Callable[[], AbstractContextManager[list[str]]]
ALL = [(name, credit) for name, definitions in CATALOGUE.items() for credit in definitions if name != OF_CATEGORIES]
OF_CSRS = [name for name, credit in ALL if credit is Credit.CSR]
OF_REPS = [name for name, credit in ALL if credit is Credit.REP]


def metrics_in(value: Any) -> Iterator[Metric]:
    """Yield the metrics that a value consists of: a metric, a collection of them, or a declaration that has some."""
    if isinstance(value, Metric):
        yield value
    elif isinstance(value, Mapping):
        yield from metrics_in([*value, *value.values()])
    elif isinstance(value, (tuple, list, set, frozenset)):
        for one in value:
            yield from metrics_in(one)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from metrics_in(getattr(value, field.name))


def missing_in(modules: Iterable[ModuleType]) -> set[str]:
    """Return the declarations, as module and name, that show a metric which is not in the catalogue."""
    return {
        f"{module.__name__}.{name}: {metric.name}"
        for module in modules
        for name, value in vars(module).items()
        for metric in metrics_in(value)
        if CATALOGUE.get(metric.name, {}).get(metric.credit) is not metric
    }


def modules_of_insight() -> list[ModuleType]:
    names = [one.name for one in pkgutil.walk_packages(app.insight.__path__, "app.insight.")]
    return [importlib.import_module(name) for name in names]


def test_every_number_that_a_declaration_shows_is_in_the_catalogue() -> None:
    modules = modules_of_insight()

    assert len({metric.name for module in modules for metric in metrics_in(vars(module))}) > 50
    assert missing_in(modules) == set()


def test_a_planted_number_is_found() -> None:
    planted = ModuleType("planted")
    own = Metric("calls", "Calls", "All calls.", Unit.COUNT, Better.MORE, Rows(CALL_LIST, {}))
    planted.TILES = {"headlines": ((own, 1),)}  # type: ignore[attr-defined]

    assert missing_in([planted]) == {"planted.TILES: calls"}


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.OWNER])
def test_every_number_on_a_page_is_in_the_catalogue(company: RandomCompany, client: Client, role: Role) -> None:
    people = {**company.staff, Role.CSR: company.csrs[0], Role.SALES_REP: company.reps[0]}
    client.sign_in(people[role])
    pages = {
        Role.CSR: ("/csr", "/missed-calls/funnel"),
        Role.SALES_REP: ("/rep",),
        Role.OWNER: ("/csr", "/exec/csr", "/exec/sales", "/exec/missed-calls", f"/rep/{company.reps[0].id}"),
    }[role]

    shown = {name for page in pages for name in client.get(f"{page}?{'' if 'rep' in page else PERIOD}").metrics}

    names = {_SHOWN_WITH.sub("", name) for name in shown if not _UNNAMED.fullmatch(name)}
    assert len(names) > 3
    # The number of missed calls of an hour or topic has a short name.
    assert names - {"missed_calls"} <= CATALOGUE.keys()


def test_names_are_public_and_every_part_has_its_words() -> None:
    metrics = [metric for definitions in CATALOGUE.values() for metric in definitions.values()]
    ratios = [one for one in metrics if one.unit is Unit.RATIO]

    assert [one.name for one in metrics if not re.fullmatch(r"[a-z]+(_[a-z]+)*", one.name)] == []
    assert [one.name for one in ratios if not (one.numerator_label and one.denominator_label)] == []
    assert [one.name for one in metrics if one.is_average and not one.denominator_label] == []
    assert {name for name, definitions in CATALOGUE.items() if len(definitions) > 1} == {
        "booking_rate",
        "appointments_booked",
        "qualified_leads",
    }


def test_a_name_for_csrs_and_reps_has_a_definition_for_each() -> None:
    assert metric_of("booking_rate").credit is Credit.CSR
    assert metric_of("booking_rate", Credit.REP).credit is Credit.REP
    assert metric_of("win_rate").credit is Credit.REP


@pytest.mark.parametrize("whose", [None, "person", "team", "none"])
def test_each_number_is_the_one_on_the_pages(company: RandomCompany, asking: Asking, whose: str | None) -> None:
    period = company.period
    csr: Any = company.csrs[0].id if whose == "person" else whose
    rep: Any = company.reps[0].id if whose == "person" else whose
    with asking(company, company.staff[Role.OWNER]) as actor:
        pages = {
            **executive_missed_calls(actor, period, csr=csr, now=NOW).numbers,
            **executive_csr(actor, period, csr=csr, now=NOW).team.together,
        }
        sales = executive_sales(actor, period, rep=rep, now=NOW).team.together

        for name, number in pages.items():
            assert told(compute(actor, name, period, csr, now=NOW)) == told(number), name
        for name, number in sales.items():
            assert told(compute(actor, name, period, rep, now=NOW, credit=Credit.REP)) == told(number), name


def test_all_names_can_be_computed_at_once(company: RandomCompany, asking: Asking, queries: Queries) -> None:
    csr, rep = company.csrs[0].id, company.reps[0].id
    with asking(company, company.staff[Role.OWNER], on_page=True) as actor:
        compute_all(actor, OF_CSRS, company.period, csr, now=NOW)
        compute_all(actor, OF_REPS, company.period, rep, now=NOW, credit=Credit.REP)
        with queries() as sent:
            of_csrs = compute_all(actor, OF_CSRS, company.period, csr, now=NOW)
            of_reps = compute_all(actor, OF_REPS, company.period, rep, now=NOW, credit=Credit.REP)

    assert list(of_csrs) == OF_CSRS
    assert list(of_reps) == OF_REPS
    assert len(sent) <= 20


@pytest.mark.parametrize(("name", "credit"), [one for one in ALL if not one[0].startswith("hours_booked_share")])
def test_one_number_takes_few_statements(
    company: RandomCompany, asking: Asking, queries: Queries, name: str, credit: Credit
) -> None:
    most = {"auto_usage": 3, "coaching_opportunity": 2, "forecast_revenue_won": 2}.get(name, 1)
    with asking(company, company.staff[Role.OWNER], on_page=True) as actor:
        compute(actor, name, company.period, None, now=NOW, credit=credit)
        with queries() as sent:
            compute(actor, name, company.period, None, now=NOW, credit=credit)

    assert len(sent) == most


def test_a_comparison_is_left_out_if_none_is_wanted(company: RandomCompany, asking: Asking) -> None:
    with asking(company, company.staff[Role.OWNER]) as actor:
        alone = compute_all(actor, OF_CSRS, company.period, None, now=NOW, compare=False)
        compared = compute_all(actor, OF_CSRS, company.period, None, now=NOW)

    assert {one.before for one in alone.values()} == {None}
    assert {name: one.value for name, one in alone.items()} == {name: one.value for name, one in compared.items()}


def test_a_coaching_opportunity_is_that_of_one_csr(company: RandomCompany, asking: Asking) -> None:
    name, period = "coaching_opportunity", company.period
    with asking(company, company.staff[Role.MANAGER]) as actor:
        of_one = compute(actor, name, period, company.csrs[0].id, now=NOW)
        of_several = [compute(actor, name, period, whose, now=NOW).value for whose in (None, "team", "none")]
    with asking(company, company.csrs[0]) as actor:
        own = compute(actor, name, period, None, now=NOW)

    assert of_one.value is not None
    assert own == of_one
    assert of_several == [None, None, None]


def test_without_rows_counts_are_zero_and_ratios_unknown(make: Factories, asking: Asking) -> None:
    organization = make.organization()
    empty = RandomCompany(organization, {Role.OWNER: make.user(organization, Role.OWNER)}, [], [], [])
    with asking(empty, empty.staff[Role.OWNER]) as actor:
        found = {
            **compute_all(actor, OF_CSRS, empty.period, None, now=NOW),
            **compute_all(actor, OF_REPS, empty.period, None, now=NOW, credit=Credit.REP),
        }

    unknown = {name for name, number in found.items() if number.value is None}
    assert {name for name, number in found.items() if number.metric.unit is Unit.RATIO} <= unknown
    assert {number.value for name, number in found.items() if name not in unknown} == {0}


def test_a_csr_computes_their_own_numbers_only(company: RandomCompany, asking: Asking) -> None:
    maya, tom = company.csrs[:2]
    with asking(company, maya) as actor:
        own = compute(actor, "calls", company.period, None, now=NOW)
        expected = csr_numbers(actor, company.period, csr=maya.id, now=NOW)["calls"]

        with pytest.raises(NotFound):
            compute(actor, "calls", company.period, tom.id, now=NOW)
        with pytest.raises(Forbidden):
            compute(actor, "win_rate", company.period, None, now=NOW)
        with pytest.raises(Forbidden):
            compute_team(actor, Credit.REP, company.period, None, now=NOW)

    assert own.value
    assert told(own) == told(expected)


def test_an_unknown_name_is_refused(company: RandomCompany, asking: Asking) -> None:
    with asking(company, company.staff[Role.OWNER]) as actor, pytest.raises(KeyError):
        compute(actor, "calls_of_the_moon", company.period, None, now=NOW)


def told(number: Number) -> tuple[Any, ...]:
    return number.metric, number.current, number.before
