"""Leads in the JSON API."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from app.models import AuditLog, Lead, Notification, Organization, Role, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SALES_REP, name="Rita Rep")


def test_a_lead_has_all_its_values(
    as_manager: ApiClient, make: Factories, organization: Organization, csr: User, manager: User, rep: User
) -> None:
    contact = make.contact(organization, first_name="Dana", last_name="Whitfield", primary_phone="+15125550142")
    call = make.call(organization, csr=csr, contact_card_id=contact.id)
    sent = {"contactId": str(contact.id), "source": "callrail", "qualificationStatus": "warm"}

    created = data_of(as_manager.post("/leads", {**sent, "callId": str(call.id)}), "lead", status=201)
    assert sent.items() <= created.items()
    path = f"/leads/{created['id']}"
    lead = data_of(as_manager.post(f"{path}/assign", {"assignedRepId": str(rep.id)}), "lead")
    moments = {name: lead.pop(name) for name in ("lastActivityAt", "createdAt", "updatedAt")}
    assert all(moment.endswith("Z") for moment in moments.values())
    assert lead == {
        "id": created["id"],
        "contactId": str(contact.id),
        "contactName": "Dana Whitfield",
        "contactPhone": "+15125550142",
        "stage": "new",
        "deadReason": None,
        "qualificationStatus": "warm",
        "qualificationSource": "user",
        "source": "callrail",
        "csrId": str(csr.id),
        "csrName": "Carla Csr",
        "assignedRepId": str(rep.id),
        "assignedRepName": "Rita Rep",
        "closedAt": None,
        "wonAt": None,
        "customFields": {},
        "createdBy": str(manager.id),
        "createdByName": "Mona Manager",
        "version": 2,
    }
    assert data_of(as_manager.get(path), "lead") == {**lead, **moments}


def test_a_contact_has_one_open_lead_from_a_source(
    as_manager: ApiClient, make: Factories, organization: Organization
) -> None:
    there = make.lead(organization, source="callrail")
    other = make.lead(organization, contact_card_id=there.contact_card_id, source="manual")
    sent = {"contactId": str(there.contact_card_id), "source": "callrail"}

    for refused in (
        as_manager.post("/leads", sent),
        as_manager.patch(f"/leads/{other.id}", {"source": "callrail"}),
    ):
        error = error_of(refused, status=409)
        assert (error["code"], error["conflictField"]) == ("RESOURCE_CONFLICT", "source")
        assert error["leadId"] == str(there.id)


def test_a_stage_can_be_set_where_appointments_do_not_decide(
    as_manager: ApiClient, make: Factories, organization: Organization
) -> None:
    path = f"/leads/{make.lead(organization).id}"

    assert data_of(as_manager.post(f"{path}/stage", {"stage": "qualified"}), "lead")["stage"] == "qualified"
    assert error_of(as_manager.post(f"{path}/stage", {"stage": "booked"}), status=409)["conflictField"] == "stage"
    assert wrong_fields(as_manager.post(f"{path}/stage", {"stage": "dead"})) == {"deadReason"}
    assert wrong_fields(as_manager.post(f"{path}/stage", {"stage": "gone", "deadReason": "no"})) == {
        "stage",
        "deadReason",
    }
    dead = data_of(as_manager.post(f"{path}/stage", {"stage": "dead", "deadReason": "Moved away"}), "lead")
    assert (dead["stage"], dead["deadReason"], dead["closedAt"] is None) == ("dead", "Moved away", False)
    stale = {"stage": "new", "version": 1}
    assert error_of(as_manager.post(f"{path}/stage", stale), status=409)["code"] == "VERSION_CONFLICT"
    assert error_of(as_manager.post(f"{path}/stage", {"stage": "new"}), status=409)["code"] == "RESOURCE_CONFLICT"


def test_a_lead_is_given_to_a_rep_to_the_next_in_turn_or_to_no_one(
    as_manager: ApiClient, make: Factories, organization: Organization, csr: User, rep: User, behind: Behind
) -> None:
    make.lead(organization, assigned_rep_id=rep.id)
    idle = make.user(organization, role=Role.SALES_REP)
    path = f"/leads/{make.lead(organization).id}/assign"

    for body, expected in (
        ({"assignedRepId": str(rep.id)}, str(rep.id)),
        ({"assignedRepId": None}, None),
        ({"inTurn": True}, str(idle.id)),
    ):
        assert data_of(as_manager.post(path, body), "lead")["assignedRepId"] == expected
    assert {row.user_id for row in behind.rows(Notification, kind="lead_assigned")} == {rep.id, idle.id}
    stranger = make.user(make.organization(), role=Role.SALES_REP)
    for wrong in ({}, {"assignedRepId": str(csr.id)}, {"assignedRepId": str(stranger.id)}):
        assert wrong_fields(as_manager.post(path, wrong)) == {"assignedRepId"}


def test_who_is_credited_is_changed_by_those_who_assign(
    as_csr: ApiClient, as_manager: ApiClient, make: Factories, organization: Organization, csr: User, manager: User
) -> None:
    path = f"/leads/{make.lead(organization, csr_id=csr.id).id}"

    own = data_of(as_csr.patch(path, {"qualificationStatus": "hot", "csrId": str(csr.id)}), "lead")
    assert (own["qualificationStatus"], own["qualificationSource"]) == ("hot", "user")
    refused = error_of(as_csr.patch(path, {"csrId": str(manager.id)}), status=403)
    assert refused["requiredPermission"] == "leads:assign"
    given = data_of(as_manager.patch(path, {"csrId": str(manager.id), "qualificationStatus": None}), "lead")
    assert (given["csrName"], given["qualificationStatus"], given["source"]) == ("Mona Manager", None, "manual")


def test_records_of_another_organization_are_wrong_values(
    as_manager: ApiClient, make: Factories, organization: Organization, behind: Behind
) -> None:
    elsewhere = make.organization()
    theirs, call = make.lead(elsewhere), make.call(elsewhere)
    sent = {"contactId": str(make.contact(organization).id), "source": "manual"}

    assert wrong_fields(as_manager.post("/leads", {**sent, "contactId": str(theirs.contact_card_id)})) == {"contactId"}
    assert wrong_fields(as_manager.post("/leads", {**sent, "callId": str(call.id)})) == {"callId"}
    wrong = {"contactId": "x", "callId": 1, "source": "fax", "stage": "new"}
    assert wrong_fields(as_manager.post("/leads", wrong)) == set(wrong)
    for response in (
        as_manager.get(f"/leads/{theirs.id}"),
        as_manager.patch(f"/leads/{theirs.id}", {"source": "otto"}),
        as_manager.post(f"/leads/{theirs.id}/stage", {"stage": "qualified"}),
        as_manager.post(f"/leads/{theirs.id}/assign", {"assignedRepId": None}),
        as_manager.delete(f"/leads/{theirs.id}"),
        as_manager.get(f"/leads?csrId={uuid4()}"),
    ):
        assert error_of(response, status=404)["code"] == "RESOURCE_NOT_FOUND"
    assert [(row.id, row.version) for row in behind.rows(Lead)] == [(theirs.id, 1)]


def test_people_see_their_own_leads_latest_activity_first(
    new_api: NewApi, as_manager: ApiClient, make: Factories, organization: Organization, csr: User, rep: User
) -> None:
    owners: tuple[dict[str, Any], ...] = ({"csr_id": csr.id}, {"assigned_rep_id": rep.id}, {})
    made = [
        str(make.lead(organization, **owner, last_activity_at=DAY + timedelta(hours=hour)).id)
        for hour, owner in enumerate(owners)
    ]
    make.lead(organization, csr_id=csr.id, deleted_at=DAY)

    for client, expected in ((as_manager, made[::-1]), (new_api(csr), made[:1]), (new_api(rep), made[1:2])):
        assert [lead["id"] for lead in data_of(client.get("/leads"))] == expected
    assert [lead["id"] for lead in data_of(as_manager.get("/leads?repId=none&sort=lastActivityAt"))] == [
        made[0],
        made[2],
    ]


def test_a_list_takes_the_same_statements_for_any_number_of_leads(
    as_manager: ApiClient,
    make: Factories,
    organization: Organization,
    csr: User,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    counts = []
    for _ in range(3):
        make.lead(organization, csr_id=csr.id)
        with queries() as sent:
            assert data_of(as_manager.get("/leads"))
        counts.append(len(sent))

    assert counts[1] == counts[2] <= 4


def test_each_change_is_recorded_with_the_person(
    as_manager: ApiClient, make: Factories, organization: Organization, manager: User, rep: User, behind: Behind
) -> None:
    sent = {"contactId": str(make.contact(organization).id), "source": "manual"}
    path = f"/leads/{data_of(as_manager.post('/leads', sent), 'lead', status=201)['id']}"
    as_manager.post(f"{path}/stage", {"stage": "qualified"})
    as_manager.post(f"{path}/assign", {"assignedRepId": str(rep.id)})
    as_manager.delete(path)

    told = [row for row in behind.rows(AuditLog) if row.resource_type == "lead"]
    assert [row.action for row in told] == ["lead.created", "lead.stage.changed", "lead.assigned", "lead.deleted"]
    assert {row.user_id for row in told} == {manager.id}
