"""The page `/service-types`: permissions, and the validation of values."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from flask import Flask

from app.models import Organization, Role, ServiceType, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

NEW = "/service-types/new"
TYPED = {"name": "Furnace check", "minutes": "60", "is_active": "y"}
TAKEN = "A service type with this name already exists. Choose another name."


@pytest.fixture
def service_type(make: Factories, organization: Organization) -> ServiceType:
    return make.service_type(organization, name="Furnace check")


def page_of(service_type: ServiceType, action: str = "") -> str:
    return f"/service-types/{service_type.id}" + (f"/{action}" if action else "")


def names(page: Page) -> list[str]:
    return [text_of(link) for link in page.all(".//tbody//th/a")]


def test_they_stand_by_name(as_admin: Client, organization: Organization, make: Factories) -> None:
    make.service_type(organization, name="furnace check", minutes=90)
    make.service_type(organization, name="Drain", is_active=False)
    make.service_type(make.organization(), name="Somebody else’s")

    page = as_admin.get("/service-types")

    assert names(page) == ["Drain", "furnace check"]
    assert [text_of(cell) for cell in page.all(".//tbody/tr[2]/td")][:2] == ["90", "Yes"]
    assert names(as_admin.get("/service-types?sort=-name")) == ["furnace check", "Drain"]
    assert names(as_admin.get("/service-types?in_use=no")) == ["Drain"]
    assert names(as_admin.get("/service-types?in_use=yes")) == ["furnace check"]
    assert names(as_admin.get("/service-types?q=CHECK")) == ["furnace check"]


def test_they_are_taken_as_a_file(as_admin: Client, organization: Organization, make: Factories) -> None:
    make.service_type(organization, name="Furnace check", minutes=90)

    lines = as_admin.get("/service-types.csv").html.splitlines()

    assert [line.split(",") for line in lines] == [
        ["\ufeffName", "Length (minutes)", "Active"],
        ["Furnace check", "90", "Yes"],
    ]


def test_one_is_added_once(as_admin: Client, organization: Organization, behind: Behind) -> None:
    opened = as_admin.get(NEW).fields(NEW)
    form = {**opened, **TYPED}

    page = as_admin.follow(as_admin.post(NEW, form))
    as_admin.post(NEW, form)

    assert (opened["minutes"], opened["is_active"]) == (str(organization.appointment_minutes), "y")
    assert names(page) == ["Furnace check"]
    assert behind.one(ServiceType, organization_id=organization.id).minutes == 60
    assert [told.action for told in behind.trail(organization.id, "service_type")] == ["service_type.created"]


def test_what_was_sent_as_something_else_is_refused(as_admin: Client, behind: Behind) -> None:
    form = {**as_admin.get(NEW).fields(NEW), **TYPED}
    as_admin.post(NEW, form)

    page = as_admin.post(NEW, {**form, "minutes": "45"}, status=409)

    assert "This form was already submitted." in page.text
    assert behind.one(ServiceType).minutes == 60


def test_a_name_is_there_once_whatever_its_case(
    as_admin: Client, organization: Organization, service_type: ServiceType, make: Factories, behind: Behind
) -> None:
    other = make.service_type(organization, name="Drain")
    make.service_type(make.organization(), name="Leak")

    new = as_admin.post(NEW, {**as_admin.get(NEW).fields(NEW), **TYPED, "name": "FURNACE CHECK"}, status=409)
    form = as_admin.get(page_of(other)).fields(page_of(other))
    changed = as_admin.post(page_of(other), {**form, "name": "furnace Check"}, status=409)
    as_admin.post(page_of(other), {**form, "name": "leak"})

    assert TAKEN in new.text
    assert TAKEN in changed.text
    assert {row.name for row in behind.rows(ServiceType, organization_id=organization.id)} == {"Furnace check", "leak"}


def test_of_two_who_add_one_name_at_once_one_is_told(app: Flask, admin: User, owner: User, behind: Behind) -> None:
    together = Barrier(2, timeout=20)
    forms = []
    for who in (admin, owner):
        browser = Client(app).sign_in(who)
        forms.append((browser, {**browser.get(NEW).fields(NEW), **TYPED}))

    def send(one: tuple[Client, dict[str, str]]) -> Page:
        browser, form = one
        together.wait()
        return browser.answer_of(NEW, form)

    with ThreadPoolExecutor(2) as pool:
        pages = list(pool.map(send, forms))

    assert sorted(page.status for page in pages) == [303, 409]
    assert sum(TAKEN in page.text for page in pages) == 1
    assert len(behind.rows(ServiceType)) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Enter a name."),
        ({"name": "n"}, "Use 2 to 80 characters."),
        ({"name": "n" * 81}, "Use 2 to 80 characters."),
        ({"name": "a\0b"}, "This contains a character that can’t be used."),
        ({"minutes": ""}, "Enter 15 to 480 minutes."),
        ({"minutes": "14"}, "Enter 15 to 480 minutes."),
        ({"minutes": "481"}, "Enter 15 to 480 minutes."),
    ],
)
def test_what_is_wrong_is_said(as_admin: Client, behind: Behind, wrong: dict[str, str], said: str) -> None:
    page = as_admin.post(NEW, {**as_admin.get(NEW).fields(NEW), **TYPED, **wrong}, status=400)

    assert said in page.text
    assert behind.rows(ServiceType) == []


def test_who_saves_late_is_shown_both(as_admin: Client, service_type: ServiceType, behind: Behind) -> None:
    form = as_admin.get(page_of(service_type)).fields(page_of(service_type))
    as_admin.post(page_of(service_type), {**form, "minutes": "75"})

    page = as_admin.post(page_of(service_type), {**form, "minutes": "105"}, status=409)

    assert "75" in text_of(page.one(".//*[@id='service-type-conflict']"))
    assert behind.one(ServiceType).minutes == 75


def test_it_is_put_out_of_use(as_admin: Client, service_type: ServiceType, behind: Behind) -> None:
    form = as_admin.get(page_of(service_type)).fields(page_of(service_type))
    del form["is_active"]

    as_admin.post(page_of(service_type), form)

    assert behind.one(ServiceType).is_active is False


def test_it_is_deleted_its_name_taken_and_comes_back_under_another(
    as_admin: Client, organization: Organization, service_type: ServiceType, make: Factories, behind: Behind
) -> None:
    page = as_admin.get("/service-types")
    delete = page_of(service_type, "delete")
    gone = as_admin.follow(as_admin.post(delete, page.fields(delete)))
    assert names(gone) == []
    make.service_type(organization, name="furnace CHECK")

    restore = f"/trash/{behind.one(ServiceType, id=service_type.id).deletion_batch_id}/restore"
    look = as_admin.get(restore)
    assert "New name" in look.text
    form = {**look.fields(restore, "post"), f"value-{service_type.id}": "Furnace check 2"}
    looked = as_admin.post(restore, {**form, "step": "look"}, status=200)
    as_admin.post(restore, {**looked.fields(restore, "post"), "step": "restore"})

    assert names(as_admin.get("/service-types")) == ["furnace CHECK", "Furnace check 2"]


@pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP, Role.MANAGER])
def test_who_may_not_write_them_does_not_see_the_page(
    client: Client, make: Factories, organization: Organization, service_type: ServiceType, behind: Behind, role: Role
) -> None:
    client.sign_in(make.user(organization, role=role))

    client.get("/service-types", status=403)
    client.get(page_of(service_type), status=403)
    client.post(page_of(service_type), {**TYPED, "version": "1"}, status=403)
    client.post(page_of(service_type, "delete"), {}, status=403)
    client.post(NEW, {**TYPED, "row_id": str(uuid4())}, status=403)

    assert behind.one(ServiceType).version == 1


def test_what_belongs_to_another_organization_is_not_there(as_admin: Client, make: Factories, behind: Behind) -> None:
    theirs = make.service_type(make.organization())

    as_admin.get(page_of(theirs), status=404)
    as_admin.post(page_of(theirs), {**TYPED, "version": "1"}, status=404)
    as_admin.post(page_of(theirs, "delete"), {"version": "1"}, status=404)

    assert behind.one(ServiceType, id=theirs.id).deleted_at is None
