"""Phone numbers in the JSON API."""

import pytest

from app.models import AuditLog, CallStatus, Organization, PhoneNumber, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.api_lists import Queries, ids_in, ids_on_page, statements_of
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories

SENT = {"number": "(212) 555-0188", "provider": "twilio", "purpose": "tracking", "displayName": "Yard signs"}
STORED = {"id", "forwardingNumber", "isActive", "createdAt", "updatedAt", "version"}


@pytest.fixture
def as_program(new_api: NewApi, admin: User) -> ApiClient:
    return new_api(admin)


def test_a_number_is_added_changed_and_moved_to_the_trash(as_program: ApiClient, admin: User, behind: Behind) -> None:
    created = data_of(as_program.post("/phone-numbers", SENT), "phoneNumber", status=201)
    path = f"/phone-numbers/{created['id']}"

    assert set(created) == {*SENT, *STORED}
    assert {**SENT, "number": "+12125550188", "isActive": True}.items() <= created.items()
    changed = data_of(as_program.patch(path, {"forwardingNumber": "212 555 0100", "displayName": None}), "phoneNumber")
    assert (changed["forwardingNumber"], changed["displayName"]) == ("+12125550100", None)
    assert data_of(as_program.patch(path, {"isActive": False}), "phoneNumber")["forwardingNumber"] == "+12125550100"
    assert wrong_fields(as_program.patch(path, {"number": "+12125550189"})) == {"number"}
    assert data_of(as_program.delete(path), "deletion")
    entries = [row for row in behind.rows(AuditLog) if row.resource_type == "phone_number"]
    assert {entry.user_id for entry in entries} == {admin.id}


def test_every_wrong_value_of_a_number_is_named(as_program: ApiClient, behind: Behind) -> None:
    wrong = {"number": 1, "provider": "x", "purpose": None, "displayName": "n" * 51}

    assert wrong_fields(as_program.post("/phone-numbers", wrong)) == set(wrong)
    both = {"number": "office", "provider": "twilio", "forwardingNumber": "home"}
    assert wrong_fields(as_program.post("/phone-numbers", both)) == {"number", "forwardingNumber"}
    assert behind.rows(PhoneNumber) == []


def test_a_number_exists_once(as_program: ApiClient, make: Factories, organization: Organization) -> None:
    make.phone_number(make.organization(), number="+12125550188")
    taken = error_of(as_program.post("/phone-numbers", SENT), status=409)

    assert (taken["code"], taken["conflictField"]) == ("RESOURCE_CONFLICT", "number")


def test_a_number_is_deactivated_once_nobody_talks_on_it(
    as_program: ApiClient, make: Factories, organization: Organization, behind: Behind
) -> None:
    number = make.phone_number(organization)
    call = make.call(organization, phone_number_id=number.id, status=CallStatus.ACTIVE)
    path = f"/phone-numbers/{number.id}"

    for sent in (
        as_program.post(f"{path}/deactivate"),
        as_program.patch(path, {"isActive": False}),
        as_program.delete(path),
    ):
        error = error_of(sent, status=409)
        assert (error["code"], error["count"]) == ("ACTIVE_CALLS", 1)
    behind.change(call, status="completed")
    assert data_of(as_program.post(f"{path}/deactivate"), "phoneNumber")["isActive"] is False
    assert data_of(as_program.post(f"{path}/activate"), "phoneNumber")["isActive"] is True


@pytest.mark.parametrize(
    ("asked", "on_page"),
    [
        ("", ""),
        ("?sort=createdAt&q=555", "?sort=createdAt&q=555"),
        ("?inUse=true&purpose=tracking,reception", "?in_use=yes&purpose=tracking,reception"),
    ],
)
def test_the_list_has_the_numbers_of_the_page_in_its_order(
    as_program: ApiClient, as_admin: Client, make: Factories, organization: Organization, asked: str, on_page: str
) -> None:
    with make.batch():
        for number in range(2):
            make.phone_number(organization, number=f"+1212555010{number}", purpose="tracking")
        make.phone_number(organization, is_active=False)
        make.phone_number(make.organization())
    found = ids_in(as_program, f"/phone-numbers{asked}")

    assert found == ids_on_page(as_admin, f"/phone-numbers{on_page}")
    assert len(found) > 1


def test_the_list_of_numbers_takes_constant_statements(
    as_program: ApiClient, make: Factories, organization: Organization, queries: Queries
) -> None:
    make.phone_number(organization)
    few = statements_of(as_program, "/phone-numbers", queries)
    for _ in range(3):
        make.phone_number(organization)

    assert statements_of(as_program, "/phone-numbers", queries) == few <= 5
