"""A walk through all operations of the JSON API: each example works for those who may, and for nobody else."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.api.endpoints import Endpoint, Kind
from app.api.routes import PREFIX, endpoints
from app.declarations.api import Callers
from app.declarations.api_filters import filter_names
from app.extensions import db
from app.models import Role
from app.security.matrix import permissions_of
from tests.api.samples import ApiCompany, place_of, refusal_of
from tests.support.api_client import ApiClient, data_of
from tests.support.client import access_token, bearer
from tests.support.factories import Factories


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request is rolled back, so that each finds the samples as they were."""

    def roll_back(*, keep: bool) -> None:
        db.session.rollback()

    monkeypatch.setattr("app.db.transaction.end_transaction", roll_back)


def path_of(endpoint: Endpoint) -> str:
    """Return the path of an operation below the prefix, with the ids of the samples."""
    parts = endpoint.path.split("/")
    return "/".join(place_of(endpoint.name, part[1:-1]) if part.startswith("{") else part for part in parts)


def send_example(client: ApiClient, endpoint: Endpoint, **options: Any) -> TestResponse:
    """Send the example of an operation."""
    declared = endpoint.write or endpoint.operation
    body = dict(declared.example) if declared is not None and endpoint.input is not None else None
    return client.send(endpoint.method, path_of(endpoint), body, **options)


def may_use(endpoint: Endpoint, role: Role) -> bool:
    return not endpoint.permissions or bool(set(endpoint.permissions) & permissions_of(role))


def walked(app: Flask) -> Iterator[Endpoint]:
    """Yield the operations for signed-in callers."""
    return (one for one in endpoints(app) if one.callers is not Callers.ANYONE)


@pytest.mark.parametrize("role", list(Role))
def test_every_example_works_for_a_role_that_may_use_it(app: Flask, company: ApiCompany, role: Role) -> None:
    client, wrong = ApiClient(app, company.people[role]), []
    for endpoint in walked(app):
        expected = refusal_of(endpoint.name, role) if may_use(endpoint, role) else 403
        response = send_example(client, endpoint)
        if response.status_code != expected and (expected is not None or not 200 <= response.status_code < 300):
            wrong.append(
                f"{endpoint.name}: {response.status_code}, not {expected or '2xx'} {response.get_data()[:300]!r}"
            )

    assert not wrong, "\n".join(wrong)


def test_what_was_created_has_a_location(app: Flask, company: ApiCompany) -> None:
    client, found = ApiClient(app, company.people[Role.OWNER]), 0
    for endpoint in walked(app):
        response = send_example(client, endpoint) if endpoint.method == "POST" else None
        if response is not None and response.status_code == 201:
            [record] = [one for one in response.get_json()["data"].values() if isinstance(one, dict)]
            path = f"{PREFIX}{path_of(endpoint).removesuffix('/start')}/{record['id']}"
            has_path = endpoint.api is None or endpoint.api.has_one
            assert response.headers.get("Location") == (path if has_path else None), endpoint.name
            found += 1

    assert found > 10


def test_no_operation_serves_strangers(
    app: Flask, company: ApiCompany, make: Factories, code_of: Callable[[TestResponse], str]
) -> None:
    stranger = make.user(make.organization(name="Elsewhere"), role=Role.OWNER)
    expired = {"expires_at": datetime.now(UTC) - timedelta(seconds=1)}
    late = bearer(access_token(app, company.people[Role.OWNER], **expired))
    for endpoint in walked(app):
        anonymous = send_example(ApiClient(app), endpoint)
        assert (anonymous.status_code, code_of(anonymous)) == (401, "TOKEN_MISSING"), endpoint.name
        ended = ApiClient(app).send(endpoint.method, path_of(endpoint), headers=late)
        assert (ended.status_code, code_of(ended)) == (401, "TOKEN_EXPIRED"), endpoint.name
        elsewhere = send_example(ApiClient(app, stranger), endpoint)
        if "{" in endpoint.path:
            assert (elsewhere.status_code, code_of(elsewhere)) == (404, "RESOURCE_NOT_FOUND"), endpoint.name
        else:
            assert elsewhere.status_code < 500, endpoint.name


def test_a_cursor_of_another_organization_is_refused(
    app: Flask, company: ApiCompany, make: Factories, code_of: Callable[[TestResponse], str]
) -> None:
    owner = ApiClient(app, company.people[Role.OWNER])
    stranger = ApiClient(app, make.user(make.organization(name="Elsewhere"), role=Role.OWNER))
    refused = []
    for endpoint in walked(app):
        if endpoint.kind is not Kind.LIST or "{" in endpoint.path:
            continue
        cursor = owner.get(f"{path_of(endpoint)}?limit=1").get_json()["pagination"]["nextCursor"]
        if cursor is not None:
            response = stranger.get(f"{path_of(endpoint)}?limit=1&cursor={cursor}")
            assert (response.status_code, code_of(response)) == (400, "INVALID_CURSOR"), endpoint.name
            assert owner.get(f"{path_of(endpoint)}?limit=1&cursor={cursor}").status_code == 200, endpoint.name
            refused.append(endpoint.name)

    assert len(refused) >= 10, refused


OF_PEOPLE = (
    *("actor", "assigneeId", "assignedRepId", "assignedTo", "attendeeIds", "by", "csrId", "giverId", "handlerId"),
    *("manager", "managerId", "organizerId", "ownerId", "repId", "salesRepId", "usersToDeactivate"),
    *("attendees", "takeoverVisits", "takeoverBookings", "takeoverClaims", "takeoverLeads", "takeoverCreditedLeads"),
    *("takeoverTasks", "takeoverActions", "takeoverEvents", "takeoverRecordings"),
)


@pytest.fixture
def foreign(make: Factories) -> Mapping[str, str]:
    """The ids of records of another organization, by the name of a field or filter that refers to such a record."""
    other = make.organization(name="Elsewhere")
    rep, contact = make.user(other, role=Role.SALES_REP).id, make.contact(other)
    appointment = make.appointment(other, contact=contact, sales_rep_id=rep)
    calendar = make.calendar(other).id
    records = {
        "appointmentId": appointment.id,
        "callId": make.call(other).id,
        "calendarId": calendar,
        "calendarIds": calendar,
        "contact": contact.id,
        "contactId": contact.id,
        "leadId": make.lead(other, contact=contact).id,
        "missedCallId": make.missed_entry(other).id,
        "parents": contact.id,
        "records": contact.id,
    }
    return {name: str(id_) for name, id_ in {**records, **dict.fromkeys(OF_PEOPLE, rep)}.items()}


def takes_id(annotation: Any) -> bool:
    return annotation is UUID or any(takes_id(one) for one in get_args(annotation))


def test_an_id_of_another_organization_in_a_body_is_refused(
    app: Flask, company: ApiCompany, foreign: Mapping[str, str]
) -> None:
    owner, wrong, sent = ApiClient(app, company.people[Role.OWNER]), [], 0
    for endpoint in walked(app):
        declared = endpoint.write or endpoint.operation
        if declared is None or endpoint.input is None:
            continue
        for name, field in endpoint.input.model_fields.items():
            shown = field.alias or name
            if not takes_id(field.annotation):
                continue
            value = [foreign[shown]] if "tuple" in str(field.annotation) else foreign[shown]
            response = owner.send(endpoint.method, path_of(endpoint), {**declared.example, shown: value})
            if response.status_code not in {400, 404}:
                wrong.append(f"{endpoint.name} {shown}: {response.status_code} {response.get_data(as_text=True)[:200]}")
            sent += 1

    assert not wrong, "\n".join(wrong)
    assert sent >= 12


#: Filters of the audit trail can name what is gone: nothing is found, as for any id that nobody has.
ABOUT_THE_PAST = {"resourceId", "operationId"}


def test_an_id_of_another_organization_in_a_filter_is_refused(
    app: Flask, company: ApiCompany, foreign: Mapping[str, str]
) -> None:
    owner, wrong, sent = ApiClient(app, company.people[Role.OWNER]), [], 0
    for endpoint in walked(app):
        filters = endpoint.operation.query if endpoint.operation is not None else None
        if endpoint.kind is Kind.LIST and endpoint.api is not None:
            filters = endpoint.api.filters
        if filters is None:
            continue
        for shown, name in filter_names(filters).items():
            if not takes_id(filters.model_fields[name].annotation):
                continue
            if shown in ABOUT_THE_PAST:
                response = owner.get(f"{path_of(endpoint)}?{shown}={foreign['contact']}")
                assert data_of(response) == [], (endpoint.name, shown)
                continue
            response = owner.get(f"{path_of(endpoint)}?{shown}={foreign[shown]}")
            if response.status_code not in {400, 404}:
                wrong.append(f"{endpoint.name} {shown}: {response.status_code} {response.get_data(as_text=True)[:200]}")
            sent += 1

    assert not wrong, "\n".join(wrong)
    assert sent >= 20
