"""Health for balancers, orchestrators and people: without a version, exempt from maintenance, limits and the queue."""

import time
from typing import Any

from flask import Blueprint, Response, jsonify

from app.errors import ShuttingDown
from app.security.guard import public, requires
from app.security.permissions import Permission
from app.system.checks import State, database_check, readiness
from app.system.facts import system_facts
from app.system.version import version
from app.web.admission import answers_always
from app.web.error_json import meta
from app.web.maintenance import open_during_maintenance
from app.web.stopping import is_stopping

health = Blueprint("health", __name__)


@health.get("/health/lb")
@public
@open_during_maintenance
@answers_always
def lb() -> Response:
    """Whether this process takes requests: asks nothing but itself. 503 from the moment it is told to stop."""
    _refuse_while_stopping()
    return _answer("healthy")


@health.get("/health/ready")
@public
@open_during_maintenance
@answers_always
def ready() -> Response:
    """Whether all that a request needs is there: database, schema, queue. 503 with what is missing."""
    _refuse_while_stopping()
    checks = readiness()
    is_ready = all(check.state is State.OK for check in checks)
    response = _answer(
        "ready" if is_ready else "not_ready",
        checks={check.name: {"status": check.state, "milliseconds": check.milliseconds} for check in checks},
    )
    response.status_code = 200 if is_ready else 503
    return response


@health.get("/api/health")
@public
@open_during_maintenance
@answers_always
def summary() -> Response:
    """In one word, for programs: healthy, or degraded with 503."""
    _refuse_while_stopping()
    is_up = database_check().state is State.OK
    response = jsonify(
        success=is_up, data={"status": "healthy" if is_up else "degraded", "version": version()}, meta=meta()
    )
    response.status_code = 200 if is_up else 503
    return response


@health.get("/api/health/comprehensive")
@requires(Permission.SYSTEM_READ)
@open_during_maintenance
def comprehensive() -> Response:
    """Everything the system page shows."""
    return jsonify(success=True, data=system_facts().as_json(), meta=meta())


def _refuse_while_stopping() -> None:
    if is_stopping():
        raise ShuttingDown


def _answer(status: str, **more: Any) -> Response:
    return jsonify(status=status, timestamp=time.time_ns() // 1_000_000, **more)
