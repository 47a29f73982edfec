"""The names that the customer's documents fix: every path, header, field and error code is there."""

import pytest
from flask import Flask

from app import errors
from app.api.routes import PREFIX
from app.declarations.api import sample_id
from app.errors import DomainError
from app.models import Role
from tests.api.samples import ApiCompany
from tests.support.api_client import ApiClient, data_of, error_of

#: Codes of single fields, which are in the details of an error.
OF_FIELDS = {errors.INVALID_INPUT, errors.MISSING_REQUIRED_FIELD}
CODES = [
    "INVALID_CREDENTIALS",
    "TOKEN_MISSING",
    "TOKEN_EXPIRED",
    "TOKEN_INVALID",
    "INSUFFICIENT_PERMISSIONS",
    "VALIDATION_ERROR",
    "INVALID_INPUT",
    "MISSING_REQUIRED_FIELD",
    "RESOURCE_NOT_FOUND",
    "RESOURCE_ALREADY_EXISTS",
    "RESOURCE_CONFLICT",
    "QUOTA_EXCEEDED",
    "RATE_LIMIT_EXCEEDED",
    "SERVICE_MAINTENANCE",
    "INTERNAL_ERROR",
    "DATABASE_ERROR",
    "EXTERNAL_SERVICE_ERROR",
    "TASK_ALREADY_COMPLETED",
    "EVENT_TIME_CONFLICT",
    "USER_NOT_AVAILABLE",
]
PATHS = [
    "\n    POST /auth/signup",
    " POST /auth/login",
    " POST /auth/refresh",
    " POST /auth/logout",
    " POST /auth/password-reset",
    "\n    GET /users",
    " POST /users",
    " GET /contacts",
    " GET /leads",
    " GET /calls",
    " GET /calls/{}/notes",
    " GET /calls/{}/transcript",
    "\n    GET /calls/{}/analysis",
    " GET /appointments",
    " GET /appointments/{}",
    " GET /recording-sessions",
    " POST /recording-sessions",
    "\n    POST /recording-sessions/start",
    " POST /recording-sessions/{}/stop",
    " GET /tasks",
    " POST /tasks",
    " PATCH /tasks/{}",
    "\n    GET /pending-actions",
    " GET /calendars",
    " GET /events",
    " POST /events",
    " GET /missed-calls",
    " GET /knowledge-items",
    "\n    GET /phone-numbers",
    " GET /organization",
    " PATCH /organization",
    " GET /ai-config",
    " GET /subscription",
    " GET /invoices",
    "\n    GET /audit-logs",
    " GET /trash",
    " POST /trash/{}/restore",
    " GET /dashboard/csr-metrics",
    " GET /dashboard/booking-rate",
    "\n    GET /dashboard/top-objections",
    " GET /dashboard/metrics",
    " GET /dashboard/exec-csr-metrics",
    "\n    GET /dashboard/exec-sales-metrics",
    " GET /dashboard/unbooked-appointments",
    " GET /missed-calls/queue/metrics",
    "\n    GET /missed-calls/queue/entries",
    " GET /reps/{}/appointments",
    " GET /reps/{}/stats",
    " GET /sales-rep/{}/appointments",
    "\n    GET /metric-definitions\n",
]
TASK = [
    "id",
    "title",
    "description",
    "status",
    "priority",
    "assignedTo",
    "createdBy",
    "dueDate",
    "completedAt",
    "rawText",
    "createdAt",
    "updatedAt",
    "version",
]
EVENT = [
    "id",
    "type",
    "title",
    "description",
    "startTime",
    "endTime",
    "timezone",
    "location",
    "attendees",
    "organizerId",
    "calendarId",
    "status",
    "createdAt",
    "updatedAt",
    "version",
]
USER = ["id", "email", "name", "avatar", "roles", "permissions", "status", "createdAt", "updatedAt", "version"]
AUDIT_LOG = [
    "id",
    "organizationId",
    "userId",
    "action",
    "resourceType",
    "resourceId",
    "before",
    "after",
    "ipAddress",
    "userAgent",
    "createdAt",
]
HEADERS = [
    "X-Request-ID",
    "X-Correlation-ID",
    "X-Response-Time",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
]


@pytest.fixture
def owner(app: Flask, company: ApiCompany) -> ApiClient:
    return ApiClient(app, company.people[Role.OWNER])


def codes_of(kind: type[DomainError]) -> set[str]:
    """Return the code of an error and those of its subclasses."""
    own = {kind.code} if hasattr(kind, "code") else set()
    return own.union(*(codes_of(one) for one in kind.__subclasses__()))


def test_every_code_is_there() -> None:
    assert set(CODES) - codes_of(DomainError) == OF_FIELDS


@pytest.mark.parametrize("operation", [path.strip() for path in PATHS])
def test_every_path_is_there(app: Flask, operation: str) -> None:
    method, path = operation.split()
    url = PREFIX + path.format(sample_id("task"))

    endpoint, _ids = app.url_map.bind("localhost").match(url, method=method)
    assert endpoint.startswith("api.")


def test_the_export_of_a_client_is_there(owner: ApiClient) -> None:
    answer = owner.send("GET", "/api/client/export", prefix="")

    assert error_of(answer, status=404)["code"] == "RESOURCE_NOT_FOUND"
    assert "/api/v1/exports" in answer.get_json()["error"]["message"]


@pytest.mark.parametrize("path", ["/ask-otto", "/rag/query"])
def test_what_comes_with_ask_is_not_there(owner: ApiClient, path: str) -> None:
    assert error_of(owner.post(path, {"question": "Why?"}), status=404)["resourceType"] == "route"


def test_every_response_has_the_headers(owner: ApiClient) -> None:
    for answer in (owner.get("/tasks"), owner.get(f"/tasks/{sample_id('lead')}"), owner.post("/tasks", {})):
        assert set(HEADERS) <= set(answer.headers.keys())
    old = owner.get(f"/sales-rep/{sample_id('user', 'sales_rep')}/appointments").headers
    assert old["X-API-Deprecated"] == "true"
    assert {"X-API-Sunset", "Deprecation", "Sunset"} <= set(old.keys())


def test_lists_have_pagination_and_links(owner: ApiClient) -> None:
    page = owner.get("/tasks?limit=1&includeTotalCount=true").get_json()

    assert {"page", "limit", "total", "pages", "hasNext", "hasPrev"} <= page["pagination"].keys()
    assert page["links"].keys() == {"first", "last", "next", "prev"}
    assert {"timestamp", "version", "requestId"} <= page["meta"].keys()


@pytest.mark.parametrize(
    ("path", "key", "names"),
    [
        (f"/tasks/{sample_id('task')}", "task", TASK),
        (f"/events/{sample_id('event')}", "event", EVENT),
        (f"/users/{sample_id('user', 'csr')}", "user", USER),
    ],
)
def test_a_record_has_the_fields(owner: ApiClient, path: str, key: str, names: list[str]) -> None:
    assert set(names) <= data_of(owner.get(path), key).keys()


def test_an_audit_log_has_the_fields(owner: ApiClient) -> None:
    owner.post("/tasks", {"title": "Call back", "assignedToType": "csr"})

    assert set(AUDIT_LOG) <= data_of(owner.get("/audit-logs?limit=1"))[0].keys()
    events = data_of(owner.get("/events"))
    assert events["pagination"].keys() == {"total", "limit", "offset", "hasMore"}
