"""Contributions of people to the change in a number, which add up exactly to the change."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insight.metrics.csr_queries import csr_team
from app.insight.metrics.movement import (
    Cause,
    cases_of,
    main_cause,
    movement_of_ratio,
    movement_of_sum,
    rounded_to_add_up,
)
from app.insight.metrics.numbers import MIN_CASES, Measured, ratio, summed
from app.insight.metrics.rep_queries import rep_team
from app.models import Organization, Role
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

PERIOD = f"period=custom&from={FIRST_DAY}&to={LAST_DAY}"
CASES = st.integers(0, 1000)
RATIOS = st.builds(ratio, CASES, CASES)
STEP = Fraction(1, 1000)


def of_all(parts: list[Measured]) -> Measured:
    return ratio(sum(one.numerator or 0 for one in parts), sum(one.denominator or 0 for one in parts))


@given(st.lists(st.tuples(RATIOS, RATIOS), min_size=1, max_size=8))
def test_what_the_parts_bring_makes_the_change_of_a_rate(parts: list[tuple[Measured, Measured]]) -> None:
    now, before = of_all([one for one, _ in parts]), of_all([one for _, one in parts])

    found = movement_of_ratio(parts, now, before)

    if not now.denominator or not before.denominator:
        assert found is None
        return
    assert found is not None
    change = Fraction(now.numerator or 0, now.denominator) - Fraction(before.numerator or 0, before.denominator)
    assert sum((one.total for one in found.contributions), Fraction()) == change == found.change
    assert found.rest == 0


@given(st.lists(st.tuples(RATIOS, RATIOS), min_size=1, max_size=5), RATIOS, RATIOS)
def test_what_no_part_or_several_count_is_the_rest(
    parts: list[tuple[Measured, Measured]], now: Measured, before: Measured
) -> None:
    found = movement_of_ratio(parts, now, before)

    if found is not None:
        assert sum((one.total for one in found.contributions), found.rest) == found.change


def test_a_part_whose_own_rate_changed_brings_that_with_the_share_it_has_now() -> None:
    # Each has half of the cases, as before; one of them falls from 80 to 60 percent.
    found = movement_of_ratio([(ratio(30, 50), ratio(40, 50)), (ratio(20, 50), ratio(20, 50))], *rates(50, 60))

    assert found is not None
    assert [one.own for one in found.contributions] == [Fraction(-1, 10), Fraction()]
    assert not any(one.share for one in found.contributions)


def test_a_part_that_has_more_of_the_cases_brings_how_it_differs_from_the_whole() -> None:
    # Rates of 80 and 40 percent stay; the better person has three quarters of the cases instead of a half.
    found = movement_of_ratio([(ratio(60, 75), ratio(40, 50)), (ratio(10, 25), ratio(20, 50))], *rates(70, 60))

    assert found is not None
    assert not any(one.own for one in found.contributions)
    assert [one.share for one in found.contributions] == [Fraction(1, 20), Fraction(1, 20)]


def rates(now: int, before: int) -> tuple[Measured, Measured]:
    return ratio(now, 100), ratio(before, 100)


def test_of_a_sum_each_part_brings_its_own_change() -> None:
    deals = [(summed(Decimal(300), 3), summed(Decimal("0.50"), 1)), (summed(None, 0), summed(Decimal(100), 2))]

    found = movement_of_sum(deals, summed(Decimal(300), 3), summed(Decimal("100.50"), 3))

    assert [one.total for one in found.contributions] == [Fraction("299.5"), Fraction(-100)]
    assert found.rest == Fraction()


@given(st.lists(st.fractions(-10, 10), max_size=12))
def test_rounded_parts_make_the_rounded_sum_and_none_is_far_off(parts: list[Fraction]) -> None:
    rounded = rounded_to_add_up(parts, STEP)

    assert abs(sum(rounded, Fraction()) - sum(parts, Fraction())) <= STEP / 2
    assert all(abs(shown - part) < STEP for shown, part in zip(rounded, parts, strict=True))
    assert all((shown / STEP).denominator == 1 for shown in rounded)


@pytest.mark.parametrize("whose", [None, "team"])
def test_what_people_bring_makes_the_change_of_every_number(
    random_company: RandomCompany, asking: Asking, whose: Any
) -> None:
    now, period = datetime.now(UTC), random_company.period
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        teams = (
            csr_team(actor, period, csr=whose, now=now),
            rep_team(actor, period, rep=whose, now=now),
        )

    for team in teams:
        for name, whole in team.together.items():
            if whole.before is None or not (whole.metric.adds_up or whole.metric.numerator):
                continue
            of_each = [one.numbers[name] for one in team.people]
            parts = [(one.current, one.before or Measured(None)) for one in of_each]
            moved = movement_of_sum if whole.metric.adds_up else movement_of_ratio
            found = moved(parts, whole.current, whole.before)
            if found is None:
                assert whole.change is None
                continue
            assert whole.change is not None
            assert abs(found.change - Fraction(whole.change)) < Fraction(1, 10**12)
            assert sum((one.total for one in found.contributions), found.rest) == found.change
            if name not in ("qualified_leads", "booking_rate"):  # two CSRs can have talked with the same lead
                assert abs(found.rest) < Fraction(1, 10**20), name  # hours are divided seconds


@pytest.mark.parametrize(
    ("page", "show"),
    [("csr", "booking_rate"), ("csr", "appointments_booked"), ("csr", "answer_rate"), ("sales", "revenue_won")],
)
def test_the_page_says_who_moved_it_in_parts_that_add_up(
    random_company: RandomCompany, client: Client, page: str, show: str
) -> None:
    shown = client.sign_in(random_company.staff[Role.EXEC]).get(f"/exec/{page}?{PERIOD}&show={show}")

    brought = [number(text_of(cell)) for cell in shown.all(f"{TABLE}/tbody/tr/td[1]")]
    assert len(brought) > 1
    assert sum(brought) == number(text_of(shown.one(f"{TABLE}/tfoot//td[@data-moved-in-all]")))
    said = text_of(shown.one(SUMMARY))
    change = number(text_of(shown.one(f"{TABLE}/tfoot//td[@data-moved-in-all]")))
    assert brought == sorted(brought, reverse=change > 0)
    if "mostly" in said:
        assert said.endswith(f"({text_of(shown.all(f'{TABLE}/tbody/tr/td[1]')[0])})")
        assert brought[0] / change >= Decimal("0.5")


TABLE = ".//div[@id='moved-table']/table"
SUMMARY = ".//section[@aria-labelledby='moved']/div[@class='panel-head']//span[@class='sub']"


def number(text: str) -> Decimal:
    return Decimal(text.removesuffix("pts").strip().replace("\N{MINUS SIGN}", "-").replace(",", ""))


def people_moved(make: Factories, company: Organization, **changes: tuple[int, int]) -> None:
    """Create a CSR for each of `changes`, with appointments booked in February and in March."""
    with make.batch():
        for name, (before, now) in changes.items():
            csr = make.user(company, name=name)
            for month, count in ((2, before), (3, now)):
                for day in range(count):
                    moment = datetime(2026, month, 1 + day % 28, 18, tzinfo=UTC)
                    make.appointment(company, csr_id=csr.id, booked_at=moment, scheduled_start_at=moment)


MARCH = "period=custom&from=2026-03-01&to=2026-03-28"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Maya": (20, 5), "Tom": (9, 9)}, "Booked: −15 overall, mostly Maya (−15)"),
        # Nobody is blamed for a few cases, nor for less than half, nor for as much as someone else.
        ({"Maya": (12, 2), "Tom": (9, 9)}, "Booked: −10 overall"),
        ({"Maya": (20, 16), "Tom": (20, 17), "Ann": (20, 17)}, "Booked: −10 overall, spread over 3 people"),
        ({"Maya": (20, 15), "Tom": (20, 15), "Ann": (9, 9)}, "Booked: −10 overall, spread over 2 people"),
        # Whoever moved against it is not one of the people it is spread over.
        ({"Maya": (10, 15), "Tom": (20, 12), "Ann": (20, 12)}, "Booked: −11 overall, spread over 2 people"),
        ({"Maya": (9, 9), "Tom": (5, 5)}, "Booked: 0 overall"),
    ],
)
def test_a_person_is_named_for_half_of_the_change_and_enough_cases_only(
    client: Client, make: Factories, changes: dict[str, tuple[int, int]], said: str
) -> None:
    company = make.organization(timezone="America/New_York")
    people_moved(make, company, **changes)

    page = client.sign_in(make.user(company, role=Role.EXEC)).get(f"/exec/csr?{MARCH}&show=appointments_booked")

    assert text_of(page.one(SUMMARY)) == said


def test_bars_lie_about_a_zero_line_in_the_direction_of_the_change(client: Client, make: Factories) -> None:
    company = make.organization(timezone="America/New_York")
    people_moved(make, company, Maya=(8, 9), Tom=(9, 5), Ann=(9, 6), Zoe=(4, 6))

    page = client.sign_in(make.user(company, role=Role.EXEC)).get(f"/exec/csr?{MARCH}&show=appointments_booked")

    rows = page.all(f"{TABLE}/tbody/tr")
    assert [text_of(row.findall("./td")[0]) for row in rows] == ["−4", "−3", "+1", "+2"]
    bars = [row.find(".//rect[@class='series-1']") for row in rows]
    assert {line.get("x1") for line in page.all(f"{TABLE}/tbody//line[@class='zero']")} == {"66.7%"}
    assert [(bar.get("x"), bar.get("width")) for bar in bars if bar is not None] == [
        ("0.0%", "66.7%"),
        ("16.7%", "50.0%"),
        ("66.7%", "16.7%"),
        ("66.7%", "33.3%"),
    ]


def cause(part: int, cases: float | None = MIN_CASES) -> Cause:
    return Cause("Maya", Fraction(part), cases)


@pytest.mark.parametrize(
    ("change", "parts", "greatest"),
    [
        (-10, [-5, -4, -1], -5),
        (-10, [-4, -3, -3], None),
        (-10, [3, -13], -13),
        (10, [-20, 12, 18], 18),
        (-16, [-16, -15, -10, 25], None),
        (-10, [-5, -5], None),
        (0, [5, -5], None),
        (-10, [], None),
    ],
)
def test_the_cause_of_a_change_is_at_least_half_of_it(change: int, parts: list[int], greatest: int | None) -> None:
    greatest_cause = main_cause(Fraction(change), [cause(part) for part in parts])

    assert (greatest_cause.part if greatest_cause else None) == greatest


@pytest.mark.parametrize(
    ("cases", "may_be_named"), [(MIN_CASES, True), (MIN_CASES - 1, False), (0, False), (None, True)]
)
def test_a_person_is_named_from_twenty_cases_on_and_other_rows_always(cases: float | None, may_be_named: bool) -> None:
    assert cause(-5, cases).may_be_named is may_be_named


def test_the_cases_of_a_rate_are_those_of_its_smaller_period_and_of_a_sum_all_rows() -> None:
    assert cases_of(ratio(3, 8), ratio(10, 40), adds_up=False) == 8
    assert cases_of(ratio(3, 8), Measured(None), adds_up=False) == 0
    assert cases_of(Measured(8), Measured(40), adds_up=True) == 48
    assert cases_of(summed(Decimal(900), 3), summed(None, 0), adds_up=True) == 3


def test_what_somebody_had_now_and_before_opens_its_rows(random_company: RandomCompany, client: Client) -> None:
    shown = client.sign_in(random_company.staff[Role.EXEC]).get(f"/exec/csr?{PERIOD}&show=appointments_booked")
    links = [*links_of(shown, "now"), *links_of(shown, "before")]

    assert len(links) > 4
    for value, address in links:
        assert client.get(address).one(".//*[@data-count]").get("data-count") == value


def links_of(page: Page, when: str) -> list[tuple[str | None, str]]:
    cells = page.all(f"{TABLE}/tbody/tr/td/a[@data-metric='moved_{when}']")
    return [(link.get("data-value"), link.get("href", "")) for link in cells]


@pytest.mark.parametrize("more", ["compare=none", "csr=none", "show=sop_compliance"])
def test_nothing_is_told_apart_where_nothing_can_be(random_company: RandomCompany, client: Client, more: str) -> None:
    shown = client.sign_in(random_company.staff[Role.EXEC]).get(f"/exec/csr?{PERIOD}&{more}")

    assert not shown.all(TABLE)
