"""Views of health checks for load balancers, orchestrators and people.

All stay open during maintenance and have no rate limits. The public ones never wait for a slot of ordinary pages. Only
`/api/health` and the paths below it show the version.
"""

import time
from dataclasses import asdict
from typing import Any

from flask import Response, jsonify
from pydantic_core import to_jsonable_python

from app.errors import ShuttingDown
from app.ops.system.check_queries import State, database_check, readiness
from app.ops.system.fact_queries import system_facts
from app.ops.system.version import version
from app.ops.system.views import system
from app.security.guard import public, requires
from app.security.permissions import Permission
from app.web.concurrency_limit import Lane, answers_always, in_lane
from app.web.error_json import in_camel_case, meta
from app.web.maintenance import maintenance_window, open_during_maintenance
from app.web.stopping import is_stopping


@system.get("/health/lb")
@public
@open_during_maintenance
@answers_always
def lb() -> Response:
    """Report whether this process accepts requests, without checking anything else.

    Returns 503 from the time it is told to stop.
    """
    _refuse_while_stopping()
    return _answer("healthy")


@system.get("/health/ready")
@public
@open_during_maintenance
@in_lane(Lane.HEALTH)
def ready() -> Response:
    """Report whether everything a request needs is available: database, schema, queue.

    Lists all checks, with status 503 if one failed. Once the process is told to stop, returns 503 without checking
    anything.
    """
    _refuse_while_stopping()
    checks = readiness()
    is_ready = all(check.state is State.OK for check in checks)
    response = _answer(
        "ready" if is_ready else "not_ready",
        checks={check.name: {"status": check.state, "milliseconds": check.milliseconds} for check in checks},
    )
    response.status_code = 200 if is_ready else 503
    return response


@system.get("/api/health")
@public
@open_during_maintenance
@in_lane(Lane.HEALTH)
def summary() -> Response:
    """Report whether the database responds, in one word: healthy, or degraded with status 503."""
    _refuse_while_stopping()
    is_up = database_check().state is State.OK
    response = jsonify(
        success=is_up, data={"status": "healthy" if is_up else "degraded", "version": version()}, meta=meta()
    )
    response.status_code = 200 if is_up else 503
    return response


@system.get("/api/health/comprehensive")
@requires(Permission.SYSTEM_READ)
@open_during_maintenance
def comprehensive() -> Response:
    """Return the facts of the system page and the maintenance window.

    The page also shows slow statements and refused requests, which are not included.
    """
    facts = system_facts()
    status = "healthy" if facts.is_healthy else "degraded"
    found = {"status": status, **asdict(facts), "maintenance": asdict(maintenance_window())}
    return jsonify(success=True, data=in_camel_case(to_jsonable_python(found)), meta=meta())


def _refuse_while_stopping() -> None:
    if is_stopping():
        raise ShuttingDown


def _answer(status: str, **more: Any) -> Response:
    return jsonify(status=status, timestamp=time.time_ns() // 1_000_000, **more)
