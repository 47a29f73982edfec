"""Calendars and suggested tasks in the JSON API."""

from app.models import Calendar, Organization, Role, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.direct_access import Behind
from tests.support.factories import Factories


def test_a_calendar_belongs_to_its_owner_or_to_everyone(as_manager: ApiClient, manager: User) -> None:
    own = data_of(as_manager.post("/calendars", {"name": "Visits", "ownerId": str(manager.id)}), "calendar", status=201)
    shared = data_of(as_manager.post("/calendars", {"name": "Holidays", "ownerId": None}), "calendar", status=201)

    assert own.keys() == {
        "id", "name", "color", "ownerId", "ownerName", "isShared", "createdAt", "updatedAt", "version",
    }  # fmt: skip
    assert (own["ownerName"], own["isShared"], own["color"]) == ("Mona Manager", False, "blue")
    assert (shared["ownerId"], shared["isShared"]) == (None, True)
    assert [one["name"] for one in data_of(as_manager.get("/calendars"))] == ["Holidays", "Visits"]
    assert [one["name"] for one in data_of(as_manager.get("/calendars?shared=true"))] == ["Holidays"]


def test_only_those_who_manage_calendars_share_them(
    as_csr: ApiClient, csr: User, manager: User, behind: Behind, new_api: NewApi, make: Factories
) -> None:
    for owner in (None, str(manager.id)):
        assert wrong_fields(as_csr.post("/calendars", {"name": "Visits", "ownerId": owner})) == {"ownerId"}
    assert wrong_fields(as_csr.post("/calendars", {"name": "V"})) == {"name"}
    assert behind.rows(Calendar) == []
    own = data_of(as_csr.post("/calendars", {"name": "Visits", "ownerId": str(csr.id)}), "calendar", status=201)
    assert data_of(as_csr.patch(f"/calendars/{own['id']}", {"color": "green"}), "calendar")["color"] == "green"
    stranger = new_api(make.user(make.organization(name="Elsewhere"), role=Role.OWNER))
    assert (
        error_of(stranger.patch(f"/calendars/{own['id']}", {"name": "Mine"}), status=404)["resourceType"] == "calendar"
    )


def test_people_see_the_suggested_tasks_that_are_theirs(
    as_csr: ApiClient, as_manager: ApiClient, make: Factories, organization: Organization, csr: User
) -> None:
    contact = make.contact(organization, first_name="Denise", last_name="Aguilar")
    own = make.pending_action(organization, contact=contact, assigned_to_user_id=csr.id, raw_text="Send the quote")
    others = make.pending_action(organization, contact=contact, category="billing_review")

    [seen] = data_of(as_csr.get("/pending-actions"))
    assert (seen["id"], seen["rawText"], seen["contactName"]) == (str(own.id), "Send the quote", "Denise Aguilar")
    assert (seen["status"], seen["taskId"], seen["version"]) == ("open", None, 1)
    assert {one["id"] for one in data_of(as_manager.get("/pending-actions"))} == {str(own.id), str(others.id)}
    assert error_of(as_csr.get(f"/pending-actions/{others.id}"), status=404)["resourceType"] == "pending_action"
