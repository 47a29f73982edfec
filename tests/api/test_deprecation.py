"""Deprecated operations: they say so, and their use is counted per caller and day."""

from datetime import UTC, datetime, timedelta

from flask import Flask

from app.api.routes import endpoints
from app.models import DeprecatedCall, Organization, Role, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories

NAME = "GET /api/v1/sales-rep/{user_id}/appointments"


def test_a_deprecated_operation_says_until_when_it_exists_and_what_replaces_it(
    as_manager: ApiClient, make: Factories, organization: Organization
) -> None:
    rep = make.user(organization, role=Role.SALES_REP)
    make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=datetime.now(UTC))

    old, new = (as_manager.get(f"/{path}/{rep.id}/appointments") for path in ("sales-rep", "reps"))
    assert data_of(old) == data_of(new)
    assert old.headers["Deprecation"] == "@1795651200"
    assert old.headers["Sunset"] == "Tue, 01 Jun 2027 00:00:00 GMT"
    assert (old.headers["X-API-Deprecated"], old.headers["X-API-Sunset"]) == ("true", "2027-06-01")
    assert old.headers["Link"] == f'</api/v1/reps/{rep.id}/appointments>; rel="successor-version"'
    assert not {"Deprecation", "Sunset", "X-API-Deprecated", "X-API-Sunset"} & {*new.headers.keys()}
    missing = as_manager.get("/sales-rep/дом>x/appointments")
    assert missing.headers["Link"].startswith("</api/v1/reps/%D0%B4%D0%BE%D0%BC%3Ex/appointments>")
    assert (error_of(missing, status=404)["code"], missing.headers["X-API-Deprecated"]) == (
        "RESOURCE_NOT_FOUND",
        "true",
    )


def test_a_deprecated_operation_stays_at_least_half_a_year(app: Flask) -> None:
    found = [one.deprecated for one in endpoints(app) if one.deprecated is not None]

    assert found
    assert all(one.sunset - one.since >= timedelta(days=180) for one in found)


def test_its_use_is_counted_per_caller_and_day_and_shown_to_those_who_read_the_system_page(
    new_api: NewApi,
    client: Client,
    make: Factories,
    organization: Organization,
    manager: User,
    admin: User,
    behind: Behind,
) -> None:
    rep = make.user(organization, role=Role.SALES_REP)
    old = f"/sales-rep/{rep.id}/appointments"
    page = client.sign_in(admin).get("/system")
    assert "Deprecated API operations" not in page.text
    for user, times in ((manager, 2), (rep, 1)):
        for _ in range(times):
            assert data_of(new_api(user).get(old))
    new_api(manager).get(f"/reps/{rep.id}/appointments")
    elsewhere = make.user(make.organization(), role=Role.MANAGER)
    new_api(elsewhere).get(f"/sales-rep/{elsewhere.id}/appointments")

    counted = {(row.user_id, row.operation, row.day): row.calls for row in behind.rows(DeprecatedCall)}
    today = datetime.now(UTC).date()
    assert counted == {(manager.id, NAME, today): 2, (rep.id, NAME, today): 1, (elsewhere.id, NAME, today): 1}
    shown = client.get("/system").text
    assert NAME in shown
    assert manager.name in shown
    assert rep.name in shown
    assert elsewhere.name not in shown
