"""Contacts in the JSON API."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import uuid4

import pytest

from app.models import AuditLog, ContactCard, ContactPhone, Organization, Role, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.client import Client
from tests.support.csv_rows import csv_rows
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories

DANA = {
    "firstName": "Dana",
    "lastName": "Whitfield",
    "companyName": "Whitfield Bakery",
    "email": "dana@example.com",
    "primaryPhone": "(512) 555-0142",
    "secondaryPhones": ["+15125550143", "512 555 0144"],
    "addressLine1": "1817 Alder Creek Ln",
    "addressLine2": "Unit 4",
    "city": "Austin",
    "state": "TX",
    "zip": "78745",
    "country": "US",
    "tags": ["VIP", "referral", "VIP"],
    "smsOptOut": True,
}


def made(api: ApiClient, **changes: object) -> dict[str, object]:
    """Create a contact and return it."""
    contact: dict[str, object] = data_of(api.post("/contacts", {**DANA, **changes}), "contact", status=201)
    return contact


def test_a_contact_has_all_its_values(as_manager: ApiClient, manager: User) -> None:
    contact = made(as_manager)

    numbers = {"primaryPhone": "+15125550142", "secondaryPhones": ["+15125550143", "+15125550144"]}
    sent = {name: value for name, value in DANA.items() if name != "smsOptOut"}
    assert {**sent, **numbers, "tags": ["VIP", "referral"]}.items() <= contact.items()
    assert (contact["name"], contact["source"], contact["version"]) == ("Dana Whitfield", "manual", 1)
    assert (contact["createdBy"], contact["createdByName"]) == (str(manager.id), "Mona Manager")
    assert contact["smsOptOutAt"] is not None
    assert (contact["customFields"], contact["risks"], contact["propertySnapshot"]) == ({}, [], {})
    assert {name for name, value in contact.items() if value is None} == {
        "timezone", "lastCallSummary", "primaryIntent", "lastCallAt",
    }  # fmt: skip
    assert contact.keys() == {
        *sent, "id", "name", "timezone", "source", "propertySnapshot", "lastCallSummary", "primaryIntent", "risks",
        "smsOptOutAt", "lastCallAt", "customFields", "createdBy", "createdByName", "createdAt", "updatedAt", "version",
    }  # fmt: skip
    assert data_of(as_manager.get(f"/contacts/{contact['id']}"), "contact") == contact


def test_a_change_leaves_what_was_not_sent(as_manager: ApiClient, behind: Behind) -> None:
    contact = made(as_manager)
    path = f"/contacts/{contact['id']}"

    changed = data_of(as_manager.patch(path, {"city": "Round Rock", "addressLine2": None}), "contact")
    kept = ("primaryPhone", "secondaryPhones", "tags", "email")
    assert {name: changed[name] for name in kept} == {name: contact[name] for name in kept}
    assert (changed["city"], changed["addressLine2"], changed["version"]) == ("Round Rock", None, 2)
    assert changed["smsOptOutAt"] == contact["smsOptOutAt"]

    changed = data_of(as_manager.patch(path, {"primaryPhone": "+15125550199", "smsOptOut": False}), "contact")
    assert (changed["primaryPhone"], changed["secondaryPhones"]) == ("+15125550199", contact["secondaryPhones"])
    assert changed["smsOptOutAt"] is None
    gone = data_of(as_manager.patch(path, {"secondaryPhones": []}), "contact")
    assert gone["secondaryPhones"] == []
    in_use = [row.phone for row in behind.rows(ContactPhone) if row.deleted_at is None]
    assert in_use == ["+15125550199"]


def test_every_wrong_value_is_named_and_nothing_is_stored(as_manager: ApiClient, behind: Behind) -> None:
    wrong = {
        "firstName": "a" * 101,
        "email": "dana",
        "country": "XX",
        "tags": ["ok", "t" * 41],
        "secondaryPhones": "+15125550143",
        "source": "import",
        "smsOptOut": "yes",
    }

    assert wrong_fields(as_manager.post("/contacts", wrong)) == set(wrong)
    assert wrong_fields(as_manager.post("/contacts", {"city": "Austin"})) == {"firstName"}
    no_numbers = {**DANA, "primaryPhone": "soon", "secondaryPhones": ["+15125550143", "later"]}
    assert wrong_fields(as_manager.post("/contacts", no_numbers)) == {"primaryPhone", "secondaryPhones"}
    assert wrong_fields(as_manager.post("/contacts", {**DANA, "tags": ["a\0b"]})) == {"tags"}
    assert behind.rows(ContactCard) == []


@pytest.mark.parametrize("field", ["primaryPhone", "secondaryPhones"])
def test_a_number_belongs_to_one_contact(as_manager: ApiClient, field: str) -> None:
    made(as_manager, firstName="Ada")
    numbers = {"primaryPhone": "+15125550188", "secondaryPhones": []}
    taken = {**DANA, **numbers, field: "+15125550142" if field == "primaryPhone" else ["+15125550143"]}

    error = error_of(as_manager.post("/contacts", taken), status=409)
    assert (error["code"], error["conflictField"]) == ("RESOURCE_CONFLICT", field)
    assert error["message"].startswith("Ada Whitfield already has this number.")
    other = made(as_manager, **numbers)
    error = error_of(as_manager.patch(f"/contacts/{other['id']}", {field: taken[field]}), status=409)
    assert (error["code"], error["conflictField"]) == ("RESOURCE_CONFLICT", field)


def test_a_contact_with_calls_is_not_deleted(
    as_manager: ApiClient, make: Factories, organization: Organization, behind: Behind
) -> None:
    called, free = (make.contact(organization) for _ in range(2))
    make.call(organization, contact_card_id=called.id)

    assert error_of(as_manager.delete(f"/contacts/{called.id}"), status=409)["code"] == "RESOURCE_CONFLICT"
    assert data_of(as_manager.delete(f"/contacts/{free.id}"), "deletion")["restorableUntil"]
    assert [row.id for row in behind.rows(ContactCard) if row.deleted_at is None] == [called.id]


@pytest.mark.parametrize("query", ["", "source=callrail", "tag=VIP&sort=-name", "q=byron&sort=name"])
def test_the_list_has_the_rows_of_the_page_and_its_file_in_their_order(
    as_manager: ApiClient, client: Client, make: Factories, organization: Organization, manager: User, query: str
) -> None:
    vip = ["VIP"]
    people = [("Ada", "callrail", vip), ("Bert", "manual", vip), ("Cora", "callrail", []), ("Dan", "import", vip)]
    for number, (first, source, tags) in enumerate(people):
        at = DAY + timedelta(days=number % 2, hours=number)
        make.contact(
            organization, first_name=first, last_name="Byron" if number else "Lovelace", source=source, tags=tags,
            created_at=at,
        )  # fmt: skip
    make.contact(organization, first_name="Gone", last_name="Byron", tags=["VIP"], source="callrail", deleted_at=DAY)
    make.contact(make.organization(), first_name="Stranger", last_name="Byron", tags=["VIP"], source="callrail")
    file = [row["Name"] for row in csv_rows(client.sign_in(manager), f"/contacts.csv?{query}")]

    seen, path = [], f"/contacts?limit=2&{query}"
    while path:
        page = as_manager.get(path.removeprefix("/api/v1")).get_json()
        seen += [contact["name"] for contact in page["data"]]
        path = page["links"]["next"]
    assert len(file) >= 2
    assert seen == file


def test_a_list_takes_the_same_statements_for_any_number_of_contacts(
    as_manager: ApiClient,
    make: Factories,
    organization: Organization,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    counts = []
    for _ in range(3):
        make.call(organization, contact_card_id=make.contact(organization).id)
        with queries() as sent:
            assert data_of(as_manager.get("/contacts"))
        counts.append(len(sent))

    assert counts[1] == counts[2] <= 4


def test_a_csr_reads_and_changes_the_contacts_of_their_work(
    as_csr: ApiClient, make: Factories, organization: Organization, csr: User
) -> None:
    mine, others = (make.contact(organization) for _ in range(2))
    make.call(organization, csr=csr, contact_card_id=mine.id)

    assert [contact["id"] for contact in data_of(as_csr.get("/contacts"))] == [str(mine.id)]
    assert data_of(as_csr.patch(f"/contacts/{mine.id}", {"city": "Waco"}), "contact")["city"] == "Waco"
    for refused in (as_csr.get(f"/contacts/{others.id}"), as_csr.patch(f"/contacts/{others.id}", {"city": "Waco"})):
        error = error_of(refused, status=404)
        assert (error["resourceType"], error["resourceId"]) == ("contact_card", str(others.id))
    assert error_of(as_csr.delete(f"/contacts/{mine.id}"), status=403)["requiredPermission"] == "contacts:delete"


def test_another_organization_s_contact_is_not_found(
    as_manager: ApiClient, make: Factories, new_api: NewApi, behind: Behind
) -> None:
    elsewhere = make.organization()
    theirs = make.contact(elsewhere, city="Reno")
    stranger = new_api(make.user(elsewhere, role=Role.MANAGER))

    for response in (
        as_manager.get(f"/contacts/{theirs.id}"),
        as_manager.patch(f"/contacts/{theirs.id}", {"city": "Waco"}),
        as_manager.delete(f"/contacts/{theirs.id}"),
        as_manager.get(f"/contacts/{uuid4()}"),
    ):
        assert error_of(response, status=404)["code"] == "RESOURCE_NOT_FOUND"
    assert data_of(as_manager.get(f"/contacts?ids={theirs.id}")) == []
    assert data_of(stranger.get(f"/contacts?ids={theirs.id}"))[0]["city"] == "Reno"
    assert behind.one(ContactCard, id=theirs.id).deleted_at is None


def test_each_change_is_recorded_with_the_person(as_manager: ApiClient, manager: User, behind: Behind) -> None:
    path = f"/contacts/{made(as_manager)['id']}"
    as_manager.patch(path, {"city": "Waco"})
    as_manager.delete(path)

    told = [row for row in behind.rows(AuditLog) if row.resource_type == "contact_card"]
    assert [row.action for row in told] == ["contact_card.created", "contact_card.updated", "contact_card.deleted"]
    assert {row.user_id for row in told} == {manager.id}
