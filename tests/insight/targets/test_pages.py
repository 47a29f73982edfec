"""Target pages under `/targets`: permissions, and the validation of values."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from uuid import uuid4

import pytest
from flask import Flask

from app.insight.targets.definitions import TARGETED
from app.models import Organization, Role, Target, TargetMetric, User, UserStatus
from app.web.value_words import LABELS
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

NEW = "/targets/new"
TYPED = {"metric": "booking_rate", "person": "", "month": "2026-03", "value": "75"}
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
TAKEN = "There’s already a target for this metric in that month. Edit that one."


@pytest.fixture
def as_manager(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, role=Role.MANAGER))


@pytest.fixture
def maya(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.CSR, name="Maya Chen")


@pytest.fixture
def rick(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SALES_REP, name="Rick Stone")


@pytest.fixture
def target(make: Factories, organization: Organization) -> Target:
    return make.target(organization)


def page_of(target: Target, action: str = "") -> str:
    return f"/targets/{target.id}" + (f"/{action}" if action else "")


def lines(page: Page) -> list[list[str]]:
    """Return the number, person, month and target of each row."""
    return [
        [text_of(cell) for cell in (*row.findall("th/a"), *row.findall("td")[:3])] for row in page.all(".//tbody/tr")
    ]


def new_form(client: Client, **typed: str) -> dict[str, str]:
    return {**client.get(NEW).fields(NEW), **TYPED, **typed}


def test_every_number_that_is_listed_is_declared_under_its_name(app: Flask) -> None:
    with app.app_context():
        labels = {name: str(targeted.metric.label) for name, targeted in TARGETED.items()}
        words = {name: str(said) for name, said in LABELS[TargetMetric].items()}

    assert words == labels
    assert set(TARGETED) == set(TargetMetric)
    assert all(name == targeted.metric.name for name, targeted in TARGETED.items())


def test_they_stand_by_month_and_are_narrowed(
    as_manager: Client, organization: Organization, maya: User, make: Factories
) -> None:
    make.target(organization)
    make.target(organization, metric="miss_rate", user_id=maya.id, value=Decimal("0.055"))
    make.target(organization, metric="revenue_won", month=APRIL, value=Decimal(48_000))
    make.target(make.organization(), month=date(2026, 5, 1))

    page = as_manager.get("/targets")

    assert lines(page) == [
        ["Revenue won", "The whole organization", "April 2026", "$48,000"],
        ["Miss rate", "Maya Chen", "March 2026", "5.5%"],
        ["Booking rate", "The whole organization", "March 2026", "75%"],
    ]
    assert lines(as_manager.get("/targets?sort=month"))[-1][0] == "Revenue won"
    assert [line[0] for line in lines(as_manager.get("/targets?month=2026-04"))] == ["Revenue won"]
    assert [line[0] for line in lines(as_manager.get("/targets?metric=miss_rate"))] == ["Miss rate"]
    assert [line[0] for line in lines(as_manager.get(f"/targets?person={maya.id}"))] == ["Miss rate"]
    assert [line[0] for line in lines(as_manager.get("/targets?person=none"))] == ["Revenue won", "Booking rate"]
    chips = as_manager.get("/targets?month=2026-04&metric=revenue_won&person=none")
    assert [text_of(chip) for chip in chips.all(".//*[@class='chip']/b")] == [
        "April 2026",
        "Revenue won",
        "The whole organization",
    ]
    as_manager.get("/targets?month=2026-13", status=400)


def test_they_are_taken_as_a_file(as_manager: Client, organization: Organization, maya: User, make: Factories) -> None:
    make.target(organization)
    make.target(organization, metric="revenue_won", user_id=maya.id, month=APRIL, value=Decimal("480.50"))

    rows = as_manager.get("/targets.csv").html.splitlines()

    assert [line.split(",") for line in rows] == [
        ["\ufeffMetric", "Applies to", "Month", "Target (rates as fractions)"],
        ["Revenue won", "Maya Chen", "2026-04", "480.5"],
        ["Booking rate", "The whole organization", "2026-03", "0.75"],
    ]


@pytest.mark.parametrize(
    ("metric", "typed", "stored"),
    [
        ("booking_rate", "75", "0.75"),
        ("miss_rate", "5.5", "0.055"),
        ("revenue_won", "48000.25", "48000.25"),
        ("appointments_booked", "40", "40"),
        ("sop_compliance", "82.5", "82.5"),
    ],
)
def test_a_target_is_typed_in_the_unit_of_its_number(
    as_manager: Client, organization: Organization, behind: Behind, metric: str, typed: str, stored: str
) -> None:
    as_manager.post(NEW, new_form(as_manager, metric=metric, value=typed))

    row = behind.one(Target, organization_id=organization.id)
    assert (row.metric, row.user_id, row.month, row.value) == (metric, None, MARCH, Decimal(stored))
    assert as_manager.get(page_of(row)).fields(page_of(row))["value"] == typed


def test_one_is_added_once(as_manager: Client, organization: Organization, maya: User, behind: Behind) -> None:
    form = new_form(as_manager, person=str(maya.id))

    page = as_manager.follow(as_manager.post(NEW, form))
    as_manager.post(NEW, form)
    again = as_manager.post(NEW, {**form, "value": "80"}, status=409)

    assert lines(page) == [["Booking rate", "Maya Chen", "March 2026", "75%"]]
    assert "This form was already submitted." in again.text
    assert behind.one(Target).user_id == maya.id
    assert [told.action for told in behind.trail(organization.id, "target")] == ["target.created"]


def test_a_number_has_one_target_for_each_and_each_month(
    as_manager: Client, organization: Organization, maya: User, target: Target, make: Factories, behind: Behind
) -> None:
    make.target(make.organization(), month=APRIL)

    new = as_manager.post(NEW, new_form(as_manager), status=409)
    as_manager.post(NEW, new_form(as_manager, person=str(maya.id)))
    as_manager.post(NEW, new_form(as_manager, month="2026-04"))
    theirs = behind.one(Target, user_id=maya.id)
    form = as_manager.get(page_of(theirs)).fields(page_of(theirs))
    changed = as_manager.post(page_of(theirs), {**form, "person": ""}, status=409)

    assert TAKEN in new.text
    assert TAKEN in changed.text
    assert len(behind.rows(Target, organization_id=organization.id)) == 3
    assert target.user_id is None


def test_of_two_who_add_one_at_once_one_is_told(app: Flask, admin: User, owner: User, behind: Behind) -> None:
    together = Barrier(2, timeout=20)
    forms = []
    for who in (admin, owner):
        browser = Client(app).sign_in(who)
        forms.append((browser, new_form(browser)))

    def send(one: tuple[Client, dict[str, str]]) -> Page:
        browser, form = one
        together.wait()
        return browser.answer_of(NEW, form)

    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(send, forms))

    assert sorted(page.status for page in pages) == [303, 409]
    assert sum(TAKEN in page.text for page in pages) == 1
    assert len(behind.rows(Target)) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"value": ""}, "Enter the target."),
        ({"value": "much"}, "Not a valid decimal value."),
        ({"value": "-1"}, "Enter a percentage from 0 to 1,000, with one decimal at most."),
        ({"value": "NaN"}, "Enter a percentage from 0 to 1,000, with one decimal at most."),
        ({"value": "1e999999"}, "Enter a percentage from 0 to 1,000, with one decimal at most."),
        ({"value": "75.25"}, "Enter a percentage from 0 to 1,000, with one decimal at most."),
        ({"metric": "visits_won", "value": "4.5"}, "Enter a whole number from 0 to 9,999,999."),
        ({"metric": "sop_compliance", "value": "101"}, "Enter a score from 0 to 100, with one decimal at most."),
        ({"metric": "revenue_won", "value": "1e11"}, "Enter an amount from 0 to 9,999,999,999.99."),
        ({"metric": "calls"}, "Not a valid choice."),
        ({"person": "somebody"}, "Not a valid choice."),
        ({"month": ""}, "Choose a month."),
        ({"month": "March"}, "Not a valid date value."),
        ({"month": "0001-01"}, "Choose a day between 1990 and 2199."),
    ],
)
def test_what_is_wrong_is_said(as_manager: Client, behind: Behind, wrong: dict[str, str], said: str) -> None:
    page = as_manager.post(NEW, new_form(as_manager, **wrong), status=400)

    assert said in page.text
    assert behind.rows(Target) == []


def test_a_number_is_of_those_who_have_it(as_manager: Client, maya: User, rick: User, behind: Behind) -> None:
    for metric, person in (("win_rate", maya), ("miss_rate", rick)):
        page = as_manager.post(NEW, new_form(as_manager, metric=metric, person=str(person.id)), status=400)
        assert "This metric doesn’t apply to this person." in page.text

    as_manager.post(NEW, new_form(as_manager, metric="win_rate", person=str(rick.id)))
    assert behind.one(Target).user_id == rick.id


def test_only_active_people_are_offered_and_who_has_one_keeps_it(
    as_manager: Client, organization: Organization, maya: User, make: Factories, behind: Behind
) -> None:
    gone = make.user(organization, role=Role.CSR, name="Zoe Gone", status=UserStatus.INACTIVE)
    theirs = make.target(organization, user_id=gone.id)

    offered = as_manager.get(NEW).all(".//select[@name='person']/option")
    form = as_manager.get(page_of(theirs)).fields(page_of(theirs))
    as_manager.post(page_of(theirs), {**form, "value": "80"})

    assert [text_of(option) for option in offered] == ["The whole organization", maya.name]
    assert form["person"] == str(gone.id)
    assert behind.one(Target).value == Decimal("0.8")


def test_who_saves_late_is_shown_both(as_manager: Client, target: Target, behind: Behind) -> None:
    form = as_manager.get(page_of(target)).fields(page_of(target))
    as_manager.post(page_of(target), {**form, "value": "80"})

    page = as_manager.post(page_of(target), {**form, "value": "70"}, status=409)

    told = text_of(page.one(".//*[@id='target-conflict']"))
    assert "80" in told
    assert "Applies to" not in told
    assert behind.one(Target).value == Decimal("0.8")


def test_it_is_deleted_another_takes_its_place_and_it_does_not_come_back_beside_that(
    as_admin: Client, organization: Organization, target: Target, make: Factories, behind: Behind
) -> None:
    delete = page_of(target, "delete")
    gone = as_admin.follow(as_admin.post(delete, as_admin.get("/targets").fields(delete)))
    assert lines(gone) == []
    batch = behind.one(Target, id=target.id).deletion_batch_id
    restore = f"/trash/{batch}/restore"
    other = make.target(organization)

    look = as_admin.get(restore)

    assert "Booking rate, March 2026" in look.text
    assert TAKEN in look.text
    as_admin.post(page_of(other, "delete"), as_admin.get("/targets").fields(page_of(other, "delete")))
    looked = as_admin.get(restore)
    as_admin.post(restore, {**looked.fields(restore, "post"), "step": "restore"})
    assert [row.id for row in behind.rows(Target) if row.deleted_at is None] == [target.id]


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.SUPPORT])
def test_who_may_not_write_them_does_not_see_the_page(
    client: Client, make: Factories, organization: Organization, target: Target, behind: Behind, role: Role
) -> None:
    client.sign_in(make.user(organization, role=role))

    client.get("/targets", status=403)
    client.get(page_of(target), status=403)
    client.post(page_of(target), {**TYPED, "version": "1"}, status=403)
    client.post(page_of(target, "delete"), {}, status=403)
    client.post(NEW, {**TYPED, "row_id": str(uuid4())}, status=403)

    assert behind.one(Target).version == 1


def test_what_belongs_to_another_organization_is_not_there(as_manager: Client, make: Factories, behind: Behind) -> None:
    theirs = make.target(make.organization())

    as_manager.get(page_of(theirs), status=404)
    as_manager.post(page_of(theirs), {**TYPED, "version": "1"}, status=404)
    as_manager.post(page_of(theirs, "delete"), {"version": "1"}, status=404)

    assert behind.one(Target, id=theirs.id).deleted_at is None
