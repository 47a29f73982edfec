"""The description of the JSON API: valid, complete, and true of what the app declares."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import validate

from app.api.document.openapi import described_endpoints, public_path
from app.api.endpoints import Endpoint, Kind
from app.api.routes import PREFIX
from app.declarations.api import Callers
from app.declarations.registry import registry_of
from app.security.guard import access_of
from tests.support.api_client import ApiClient, error_of

#: Besides authentication.
MAX_OUTSIDE = 12


@pytest.fixture
def document(client_of_strangers: FlaskClient) -> dict[str, Any]:
    response = client_of_strangers.get("/api/openapi.json")
    assert response.status_code == 200, response.get_data(as_text=True)
    found: dict[str, Any] = response.get_json()
    return found


@pytest.fixture
def client_of_strangers(app: Flask) -> FlaskClient:
    return app.test_client()


def operations_in(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the operations as path, method and description."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def operation_of(document: dict[str, Any], endpoint: Endpoint) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][public_path(endpoint)][endpoint.method.lower()]
    return found


def test_it_is_valid(document: dict[str, Any]) -> None:
    validate(document)


def test_it_has_every_route(app: Flask, document: dict[str, Any]) -> None:
    argument = re.compile(r"<(?:\w+:)?\w+>|\{\w+\}")
    routes = {
        (argument.sub("{}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith((PREFIX, "/api/client/"))
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(argument.sub("{}", path), method) for path, method, _operation in operations_in(document)}

    assert sorted(described ^ routes) == []


def test_few_operations_are_outside_the_generic_views_each_with_a_reason(app: Flask) -> None:
    outside = registry_of(app).outside

    assert len([one for one in outside if not one.path.startswith("auth/")]) <= MAX_OUTSIDE
    assert [one.name for one in outside if not one.reason] == []


def test_operations_have_names_and_summaries_of_their_own(document: dict[str, Any]) -> None:
    names = [operation["operationId"] for _path, _method, operation in operations_in(document)]
    summaries = [operation["summary"] for _path, _method, operation in operations_in(document)]

    assert sorted(set(names)) == sorted(names)
    assert sorted(set(summaries)) == sorted(summaries)
    assert [one for one in summaries if not re.fullmatch(r"[A-Z][^.]*[^. ]", one)] == []


def test_examples_are_valid_bodies(app: Flask, document: dict[str, Any]) -> None:
    wrong = []
    for path, method, operation in operations_in(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = {**content["schema"], "components": document["components"]}
            if "example" in content:
                errors = Draft202012Validator(schema).iter_errors(content["example"])
                wrong += [f"{method} {path}: {error.message}" for error in errors]

    assert wrong == []


def test_access_is_that_of_the_routes(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (rule.rule, method): rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or ())
        if rule.rule.startswith("/api/")
    }
    for endpoint in described_endpoints(app):
        path = re.sub(r"\{(\w+)\}", r"<\1>", endpoint.path)
        places = ((f"{prefix}{path}", endpoint.method) for prefix in ("/api/v1", "/api"))
        found = next(routes[place] for place in places if place in routes)
        access, operation = access_of(app, found), operation_of(document, endpoint)
        assert access is not None
        is_open = access.open_to_keys if access.open_to_keys is not None else bool(access.all_of or access.any_of)
        assert (endpoint.callers is Callers.PEOPLE) == (access.signed_in and not is_open), endpoint.name
        limits = getattr(app.view_functions[found], "switchboard_limits", None)
        assert limits == endpoint.limits, endpoint.name
        assert {one.value for one in (*access.all_of, *access.any_of)} == set(operation["x-permission"])
        assert (operation.get("security") == []) == (not access.signed_in)


def test_a_list_has_its_filters_and_sorts(document: dict[str, Any]) -> None:
    parameters = {
        one["name"]: one for one in document["paths"]["/api/v1/tasks"]["get"]["parameters"] if "$ref" not in one
    }

    assert set(parameters) == {"sort", "q", "status", "priority", "assigneeId", "giverId", "done", "snoozed"}
    assert parameters["sort"]["schema"]["enum"] == ["dueDate"]
    assert parameters["snoozed"]["schema"] == {"type": "boolean"}
    assert parameters["status"]["schema"]["items"] == {"$ref": "#/components/schemas/TaskStatus"}
    assert parameters["status"]["explode"] is False


def test_a_change_requires_no_field_and_takes_a_version(document: dict[str, Any]) -> None:
    change, create = (document["components"]["schemas"][f"{verb}TaskBody"] for verb in ("Update", "Create"))

    assert (change.get("required"), create["required"]) == (None, ["title"])
    assert "version" in change["properties"]
    assert "version" not in create["properties"]
    assert "default" not in change["properties"]["priority"]
    assert change["additionalProperties"] is False


def test_errors_that_an_operation_declares_are_listed_with_the_usual_ones(app: Flask, document: dict[str, Any]) -> None:
    shared = document["components"]["responses"]
    for endpoint in described_endpoints(app):
        responses = operation_of(document, endpoint)["responses"]
        for error in endpoint.declared.errors if endpoint.declared is not None else ():
            assert error.code in shared[responses[str(error.status)]["$ref"].rpartition("/")[2]]["x-codes"]
    completing = document["paths"]["/api/v1/tasks/{taskId}/complete"]["post"]["responses"]
    codes = [
        code
        for one in completing.values()
        for code in shared.get(one.get("$ref", "").rpartition("/")[2], {}).get("x-codes", ())
    ]
    assert {"TASK_ALREADY_COMPLETED", "VERSION_CONFLICT", "IDEMPOTENCY_IN_PROGRESS", "RESOURCE_NOT_FOUND"} <= set(codes)
    assert "INVALID_CURSOR" not in codes


def test_schemas_have_the_names_of_json_and_none_of_python(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    text = json.dumps(schemas)

    assert [name for name in schemas if "__" in name or name.endswith(("-Input", "-Output"))] == []
    assert [name for one in schemas.values() for name in one.get("properties", {}) if "_" in name] == []
    assert re.findall(r"\bNone\b|app\.\w+", text) == []


def test_it_is_sent_once_and_then_confirmed(client_of_strangers: FlaskClient) -> None:
    first = client_of_strangers.get("/api/openapi.json", headers={"Accept-Language": "ru"})
    again = client_of_strangers.get("/api/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
    assert first.headers["Cache-Control"].startswith("public")
    assert first.get_json()["paths"]["/api/v1/tasks"]["get"]["summary"] == "List tasks"


def test_a_command_prints_it(app: Flask, document: dict[str, Any]) -> None:
    printed = app.test_cli_runner().invoke(args=["openapi"])

    assert printed.exit_code == 0
    assert json.loads(printed.output) == document


def test_an_error_leads_to_the_explanation_of_its_code(as_manager: ApiClient, app: Flask) -> None:
    sent = as_manager.get("/tasks/unknown")

    assert error_of(sent, status=404)["code"] == "RESOURCE_NOT_FOUND"
    assert sent.get_json()["meta"]["links"] == {"docs": "/api/docs#RESOURCE_NOT_FOUND"}
    assert "links" not in app.test_client().get("/health/nothing").get_json()["meta"]


def test_lists_are_the_only_operations_with_pages(app: Flask, document: dict[str, Any]) -> None:
    for endpoint in described_endpoints(app):
        refs = {one.get("$ref", "").rpartition("/")[2] for one in operation_of(document, endpoint)["parameters"]}
        assert ("Cursor" in refs) == (endpoint.kind is Kind.LIST)
