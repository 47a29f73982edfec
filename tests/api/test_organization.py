"""The settings of the organization and of its assistant in the JSON API."""

import pytest
from flask import Flask

from app.models import AiConfig, Organization, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories

HOURS = {"monday": [["08:00", "12:00"], ["13:00", "24:00"]]}
ASSISTANT = {"assistantName": "Rosie", "greeting": "Hello, this is Blue Ridge Air.", "language": "en"}


@pytest.fixture
def as_program(new_api: NewApi, admin: User) -> ApiClient:
    return new_api(admin)


def test_settings_are_read_and_changed(
    as_program: ApiClient, organization: Organization, admin: User, behind: Behind
) -> None:
    before = data_of(as_program.get("/organization"), "organization")
    sent = {"name": "Blue  Ridge Air & Heat", "timezone": "America/Chicago", "businessHours": HOURS, "trashDays": 60}
    changed = data_of(as_program.patch("/organization", {**sent, "billingEmail": ""}), "organization")

    assert set(before) == {
        *("id", "name", "slug", "status", "timezone", "country", "currency", "language", "weekStart", "businessHours"),
        *("billingEmail", "requireMfa", "appointmentMinutes", "travelMinutes", "missedCallSlaMinutes"),
        *("rescueWindowDays", "trashDays", "callMinutesQuota", "teamMembersQuota", "phoneNumbersQuota"),
        *("storageQuotaBytes", "createdAt", "updatedAt", "version"),
    }
    assert before["id"] == str(organization.id)
    assert changed == {
        **before,
        **sent,
        "name": "Blue Ridge Air & Heat",
        "version": 2,
        "updatedAt": changed["updatedAt"],
    }
    [entry] = behind.trail(organization.id, "organization")[-1:]
    assert (entry.action, entry.user_id) == ("organization.updated", admin.id)


@pytest.mark.parametrize(
    "hours",
    [
        [],
        {"someday": []},
        {"monday": "08:00"},
        {"monday": [["8:00", "17:00"]]},
        {"monday": [["08:00"]]},
        {"monday": [["08:00", "07:00"]]},
        {"monday": [["08:00", "12:00"], ["11:00", "13:00"]]},
    ],
)
def test_invalid_hours_are_refused(as_program: ApiClient, hours: object, behind: Behind) -> None:
    assert wrong_fields(as_program.patch("/organization", {"businessHours": hours})) == {"businessHours"}
    assert {one.version for one in behind.rows(Organization)} == {1}


def test_every_wrong_setting_is_named(as_program: ApiClient) -> None:
    wrong = {"name": "B", "language": "fr", "trashDays": 0, "appointmentMinutes": "90", "slug": "other", "status": "x"}
    unknown = {"timezone": "Mars/Base", "country": "XX", "currency": "XXX", "billingEmail": "nobody"}

    assert wrong_fields(as_program.patch("/organization", wrong)) == set(wrong)
    assert wrong_fields(as_program.patch("/organization", unknown)) == set(unknown)


def test_items_stay_in_the_trash_for_another_time_after_a_confirmation(app: Flask, admin: User) -> None:
    long_ago = ApiClient(app, admin, confirmed_at=DAY)

    refused = error_of(long_ago.patch("/organization", {"trashDays": 7}), status=403)
    assert refused["code"] == "REAUTHENTICATION_REQUIRED"
    same = data_of(long_ago.patch("/organization", {"trashDays": 30, "travelMinutes": 45}), "organization")
    assert (same["trashDays"], same["travelMinutes"]) == (30, 45)


def test_settings_are_read_by_managers_and_not_by_csrs(as_manager: ApiClient, as_csr: ApiClient) -> None:
    assert data_of(as_manager.get("/organization"), "organization")["slug"] == "blue-ridge"
    assert error_of(as_manager.patch("/organization", {}), status=403)["requiredPermission"] == "organization:update"
    assert error_of(as_csr.get("/organization"), status=403)["requiredPermission"] == "organization:read"


def test_an_assistant_is_set_up_once_and_changed(
    as_program: ApiClient, make: Factories, organization: Organization, behind: Behind
) -> None:
    make.assistant(make.organization())
    assert error_of(as_program.get("/ai-config"), status=404)["resourceType"] == "ai_config"
    created = as_program.post("/ai-config", ASSISTANT)
    made = data_of(created, "aiConfig", status=201)

    assert created.headers["Location"] == "/api/v1/ai-config"
    assert set(made) == {
        *ASSISTANT,
        *("id", "voice", "model", "temperature", "maxCallMinutes", "businessHours", "escalationNumber", "enabled"),
        *("createdAt", "updatedAt", "version"),
    }
    assert (made["temperature"], made["maxCallMinutes"], made["enabled"]) == (0.3, 15, False)
    again = error_of(as_program.post("/ai-config", ASSISTANT), status=409)
    assert again["code"] == "RESOURCE_ALREADY_EXISTS"
    sent = {"temperature": 1, "escalationNumber": "212 555 0142", "businessHours": HOURS}
    changed = data_of(as_program.patch("/ai-config", {**sent, "version": 1}), "aiConfig")
    assert changed["temperature"] == 1.0
    assert (changed["escalationNumber"], changed["businessHours"], changed["version"]) == ("+12125550142", HOURS, 2)
    assert len(behind.rows(AiConfig, organization_id=organization.id)) == 1


def test_every_wrong_setting_of_an_assistant_is_named(as_program: ApiClient, behind: Behind) -> None:
    wrong = {**ASSISTANT, "temperature": 1.5, "voice": "x", "maxCallMinutes": 0, "greeting": "Hi", "businessHours": 1}

    named = wrong_fields(as_program.post("/ai-config", wrong))
    assert named == {"temperature", "voice", "maxCallMinutes", "greeting", "businessHours"}
    assert wrong_fields(as_program.post("/ai-config", {**ASSISTANT, "temperature": True})) == {"temperature"}
    assert wrong_fields(as_program.post("/ai-config", {**ASSISTANT, "escalationNumber": "home"})) == {
        "escalationNumber"
    }
    assert behind.rows(AiConfig) == []
