"""Error codes of the API, compared with the domain errors that clients receive."""

import errno
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from app import errors
from app.errors import DomainError, FieldError
from tests.web.callers import HTMX, PAGE, error_of
from tests.web.probes import RAISED

OTHER = {"id": "018f", "name": "Dana Whitfield"}
UNTIL = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)

# error, status, code, the fields in addition to code, message, details and traceId
TABLE: list[tuple[DomainError, int, str, dict[str, Any]]] = [
    (errors.ValidationFailed([]), 400, "VALIDATION_ERROR", {}),
    (errors.InvalidJson("line 1"), 400, "INVALID_JSON", {"where": "line 1"}),
    (errors.InvalidCursor("cursor"), 400, "INVALID_CURSOR", {"where": "cursor"}),
    (errors.InvalidPeriod("from"), 400, "INVALID_PERIOD", {"where": "from"}),
    (errors.Unauthenticated(), 401, "TOKEN_MISSING", {}),
    (errors.TokenExpired(), 401, "TOKEN_EXPIRED", {}),
    (errors.TokenInvalid(), 401, "TOKEN_INVALID", {}),
    (errors.InvalidCredentials(), 401, "INVALID_CREDENTIALS", {}),
    (errors.TotpRequired(), 401, "TOTP_REQUIRED", {}),
    (errors.SignatureInvalid(), 401, "SIGNATURE_INVALID", {}),
    (
        errors.Forbidden(required_permission="audit:read", required_role="support", current_role="csr"),
        403,
        "INSUFFICIENT_PERMISSIONS",
        {"requiredPermission": "audit:read", "requiredRole": "support", "currentRole": "csr"},
    ),
    (errors.OtherOrganization(), 403, "OTHER_ORGANIZATION", {}),
    (errors.ReauthenticationRequired(), 403, "REAUTHENTICATION_REQUIRED", {}),
    (errors.SecondFactorRequired(), 403, "SECOND_FACTOR_REQUIRED", {}),
    (errors.CsrfFailed(), 403, "CSRF_FAILED", {}),
    (errors.ForeignOrigin(), 403, "CSRF_FAILED", {}),
    (errors.NotFound("call", 7), 404, "RESOURCE_NOT_FOUND", {"resourceType": "call", "resourceId": "7"}),
    (errors.MethodNotAllowed(), 405, "METHOD_NOT_ALLOWED", {}),
    (errors.NotAcceptable(), 406, "NOT_ACCEPTABLE", {}),
    (errors.PayloadTooLarge(), 413, "PAYLOAD_TOO_LARGE", {}),
    (errors.UnsupportedMediaType(), 415, "UNSUPPORTED_MEDIA_TYPE", {}),
    (errors.OutOfRange(), 416, "RANGE_NOT_SATISFIABLE", {}),
    (errors.AlreadyExists(), 409, "RESOURCE_ALREADY_EXISTS", {"conflictField": None}),
    (errors.Conflict("email"), 409, "RESOURCE_CONFLICT", {"conflictField": "email"}),
    (
        errors.VersionConflict(4, {"due_at": UNTIL}),
        409,
        "VERSION_CONFLICT",
        {"currentVersion": 4, "current": {"dueAt": "2026-11-20T09:30:00Z"}},
    ),
    (errors.IdempotencyKeyReused(), 409, "IDEMPOTENCY_KEY_REUSED", {}),
    (errors.IdempotencyInProgress(), 409, "IDEMPOTENCY_IN_PROGRESS", {"retryAfter": 1}),
    (errors.TaskAlreadyCompleted(OTHER), 409, "TASK_ALREADY_COMPLETED", {"otherParty": OTHER}),
    (errors.EventTimeConflict(OTHER), 409, "EVENT_TIME_CONFLICT", {"otherParty": OTHER}),
    (errors.UserNotAvailable(OTHER), 409, "USER_NOT_AVAILABLE", {"otherParty": OTHER}),
    (errors.AlreadyClaimed(OTHER), 409, "ALREADY_CLAIMED", {"otherParty": OTHER}),
    (
        errors.OrganizationRequired([{"id": "7", "name": "Blue Ridge Air", "slug": "blue-ridge"}]),
        409,
        "ORGANIZATION_REQUIRED",
        {"organizations": [{"id": "7", "name": "Blue Ridge Air", "slug": "blue-ridge"}]},
    ),
    (errors.LastOwner(count=1), 409, "LAST_OWNER", {"count": 1}),
    (errors.ActiveCalls(3), 409, "ACTIVE_CALLS", {"count": 3}),
    (
        errors.QuotaExceeded(limit=25, used=27),
        422,
        "QUOTA_EXCEEDED",
        {"quota": {"limit": 25, "used": 27, "remaining": 0}},
    ),
    (
        errors.RateLimited(retry_after=40, limit=10, remaining=0, reset=1_790_000_000),
        429,
        "RATE_LIMIT_EXCEEDED",
        {"retryAfter": 40, "limit": 10, "remaining": 0, "reset": 1_790_000_000},
    ),
    (
        errors.TooManyAtOnce(limit=11),
        429,
        "RATE_LIMIT_EXCEEDED",
        {"retryAfter": 2, "limit": 11, "remaining": 0},
    ),
    (errors.UnsupportedAudio(), 422, "UNSUPPORTED_AUDIO", {}),
    (errors.InternalError(), 500, "INTERNAL_ERROR", {}),
    (errors.ExternalServiceError(), 502, "EXTERNAL_SERVICE_ERROR", {"retryAfter": 30}),
    (errors.DatabaseUnavailable(), 503, "DATABASE_ERROR", {"retryAfter": 5}),
    (errors.Overloaded(), 503, "SERVICE_OVERLOADED", {"retryAfter": 5}),
    (errors.StorageFull(), 503, "SERVICE_OVERLOADED", {"retryAfter": 300}),
    (errors.StorageUnavailable(), 503, "SERVICE_OVERLOADED", {"retryAfter": 30}),
    (errors.StorageReadOnly(), 503, "SERVICE_OVERLOADED", {"retryAfter": 300}),
    (errors.StorageBroken(), 503, "SERVICE_OVERLOADED", {"retryAfter": 300}),
    (errors.WebhooksNotConfigured(), 503, "WEBHOOKS_NOT_CONFIGURED", {"retryAfter": 3_600}),
    (errors.ShuttingDown(), 503, "SERVICE_SHUTTING_DOWN", {"retryAfter": 30}),
    (
        errors.Maintenance(until=UNTIL, seconds_left=600, retry_after=600),
        503,
        "SERVICE_MAINTENANCE",
        {"estimatedDowntime": "10 minutes", "retryAfter": 600},
    ),
    (
        errors.Maintenance(until=UNTIL, seconds_left=7_201, retry_after=7_201),
        503,
        "SERVICE_MAINTENANCE",
        {"estimatedDowntime": "3 hours", "retryAfter": 7_201},
    ),
    (
        errors.Maintenance(until=UNTIL, seconds_left=5_401, retry_after=5_401),
        503,
        "SERVICE_MAINTENANCE",
        {"estimatedDowntime": "91 minutes", "retryAfter": 5_401},
    ),
    (
        errors.Maintenance(until=UNTIL, seconds_left=0, retry_after=300),
        503,
        "SERVICE_MAINTENANCE",
        {"estimatedDowntime": None, "retryAfter": 300},
    ),
    (errors.BodyTimeout(), 408, "REQUEST_TIMEOUT", {}),
    (errors.RequestTimeout(), 504, "REQUEST_TIMEOUT", {}),
]


@pytest.fixture(autouse=True)
def _nothing_raised() -> Iterator[None]:
    yield
    RAISED.clear()


@pytest.mark.parametrize(("error", "status", "code", "extra"), TABLE, ids=[row[2] for row in TABLE])
def test_error_has_its_status_code_and_fields(
    browser: FlaskClient, error: DomainError, status: int, code: str, extra: dict[str, Any]
) -> None:
    RAISED.append(error)

    response = browser.get("/api/probe/raise")

    found = error_of(response)
    assert response.status_code == status
    assert found["code"] == code
    assert {name: found[name] for name in found if name not in {"code", "message", "details", "traceId"}} == extra
    assert found["message"].endswith(".")
    assert found["traceId"] == response.headers["X-Request-ID"]


def test_table_holds_every_error_there_is() -> None:
    public = {error for error in vars(errors).values() if isinstance(error, type) and issubclass(error, DomainError)}

    assert {type(row[0]) for row in TABLE} == public - {DomainError}


def test_envelope_is_the_agreed_one(browser: FlaskClient) -> None:
    RAISED.append(errors.ValidationFailed([FieldError("dueAt", "Enter a date.", "MISSING_REQUIRED_FIELD")]))

    body = browser.get("/api/probe/raise").get_json()

    assert body["success"] is False
    assert body["error"]["details"] == [
        {"field": "dueAt", "message": "Enter a date.", "code": "MISSING_REQUIRED_FIELD"}
    ]
    assert body["meta"]["version"] == "1"
    assert body["meta"]["requestId"] == body["error"]["traceId"]
    assert datetime.fromisoformat(body["meta"]["timestamp"]).tzinfo == UTC


FULL = "Storage is full, so this wasn’t saved. Keep your copy."
READ_ONLY = "Storage is read-only right now, so this wasn’t saved. Keep your copy."
NOT_OPENED = "Storage is full, so this can’t be opened right now."
BROKEN = "A file couldn’t be read or written because storage isn’t working. Nothing was saved."


@pytest.mark.parametrize(
    ("error", "saving", "reading"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), FULL, NOT_OPENED),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), FULL, NOT_OPENED),
        (OperationalError("", {}, psycopg.errors.DiskFull()), FULL, NOT_OPENED),
        (OSError(errno.EROFS, "Read-only file system"), READ_ONLY, READ_ONLY),
        (OSError(errno.EIO, "Input/output error"), BROKEN, BROKEN),
        (OperationalError("", {}, psycopg.errors.IoError()), BROKEN, BROKEN),
    ],
    ids=str,
)
def test_an_error_of_a_disk_says_what_to_do_wherever_it_happens(
    browser: FlaskClient, error: Exception, saving: str, reading: str
) -> None:
    RAISED.append(error)

    token = {"X-CSRFToken": browser.get("/probe/token").text}

    page = browser.get("/probe/raise", headers=PAGE)
    form = browser.post("/probe/raise", headers=PAGE | token)
    fragment = browser.post("/probe/raise", headers=HTMX | token)
    answer = browser.get("/api/probe/raise")

    assert [one.status_code for one in (page, form, fragment, answer)] == [503] * 4
    assert [one.headers["Retry-After"] for one in (page, form, fragment, answer)] == ["300"] * 4
    assert (reading in page.text, saving in form.text, saving in fragment.text) == (True, True, True)
    assert reading in error_of(answer)["message"]
    for text in (page.text, form.text, fragment.text, error_of(answer)["message"]):
        assert "Tell your Switchboard administrator, and try again later." in text


@pytest.mark.parametrize("error", [row[0] for row in TABLE if row[1] == 401])
def test_missing_proof_says_how_to_prove_it(browser: FlaskClient, error: DomainError) -> None:
    RAISED.append(error)

    assert browser.get("/api/probe/raise").headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("error", [row[0] for row in TABLE])
def test_429_503_and_a_request_in_progress_say_when_to_retry(browser: FlaskClient, error: DomainError) -> None:
    RAISED.append(error)

    response = browser.get("/api/probe/raise")

    waits = error.status in {429, 503} or error.code == "IDEMPOTENCY_IN_PROGRESS"
    assert ("Retry-After" in response.headers) is waits


def test_conflict_without_a_field_names_none() -> None:
    assert errors.Conflict().field_errors == ()
