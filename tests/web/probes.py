"""Routes that only tests request, some of which fail on purpose.

Some exist both as pages (`/probe/…`) and for API clients (`/api/probe/…`).
"""

from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus

from flask import Blueprint, Response, request, stream_with_context
from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, text

from app.errors import Conflict
from app.extensions import db
from app.security.confirmation import confirmed
from app.security.guard import public, requires, signed_in
from app.security.permissions import Permission
from app.web.form_token import masked_token, without_form_token
from app.web.maintenance import open_during_maintenance
from app.web.rate_limits import Limits, limited
from app.web.request_limits import accepts_uploads

probes = Blueprint("probes", __name__)

#: The exception that the route `/probe/raise` raises, set by the test.
RAISED: list[Exception] = []
#: Number of runs of each route.
RUNS: Counter[str] = Counter()

THREE_A_MINUTE = Limits("probe", per_address="3 per minute", is_guessing=True)


@probes.get("/probe/fine")
@probes.get("/api/probe/fine", endpoint="fine_api")
@public
def fine() -> str:
    return "<!doctype html><title>Fine</title><h1>Fine</h1>"


@probes.route("/probe/raise", methods=["GET", "POST"])
@probes.get("/api/probe/raise", endpoint="raise_api")
@public
def raise_() -> str:
    RUNS["raise"] += 1
    raise RAISED[-1]


@probes.get("/probe/bug")
@probes.get("/api/probe/bug", endpoint="bug_api")
@public
def bug() -> str:
    secret = "postgresql://app_rw:hunter2@db/switchboard"
    raise ZeroDivisionError(f"cannot reach {secret}")


@probes.get("/probe/health")
@public
@open_during_maintenance
def health() -> str:
    return "healthy"


@probes.get("/probe/token")
@public
def token() -> str:
    value: str = generate_csrf()
    return value


@probes.get("/probe/masked")
@public
def masked() -> str:
    return masked_token()


@probes.get("/probe/private")
@probes.get("/api/probe/private", endpoint="private_api")
@signed_in
def private() -> str:
    return "in"


@probes.post("/probe/private")
@signed_in
def save_private() -> str:
    return "saved"


@probes.get("/probe/confirmed")
@signed_in
@confirmed
def sensitive() -> str:
    return "in"


@probes.get("/probe/audit")
@probes.get("/api/probe/audit", endpoint="audit_api")
@requires(Permission.AUDIT_READ)
def audit() -> str:
    return "in"


@probes.post("/probe/form")
@public
def form() -> str:
    return request.form["name"]


@probes.post("/probe/private-form")
@signed_in
def private_form() -> str:
    return request.form["name"]


@probes.post("/probe/count")
@public
def count() -> str:
    """Write a row, and then fail if the form contains `refuse`."""
    db.session.scalar(func.count_hit(request.form["key"], 60, 1))
    if "refuse" in request.form:
        raise Conflict
    return "saved"


@probes.post("/api/probe/json")
@public
def json_body() -> str:
    return str(request.get_json())


@probes.route("/probe/sql", methods=["GET", "POST"])
@probes.route("/api/probe/sql", methods=["GET", "PUT"], endpoint="sql_api")
@public
def sql() -> str:
    """Run the statements in the query string; respond with the result of the last."""
    RUNS["sql"] += 1
    *first, last = request.args.getlist("statement")
    for statement in first:
        db.session.execute(text(statement))
    return str(db.session.scalar(text(last)))


@probes.post("/probe/limited")
@public
@without_form_token
@limited(THREE_A_MINUTE)
def limited_view() -> tuple[str, int]:
    """Respond with the status in the query string, by default that of a wrong attempt."""
    return "counted", int(request.args.get("status", HTTPStatus.FORBIDDEN))


@probes.post("/probe/limited-form")
@public
@limited(THREE_A_MINUTE)
def limited_form() -> str:
    return "counted"


@probes.post("/probe/upload")
@public
@accepts_uploads
def upload() -> str:
    return str(len(request.get_data()))


@probes.get("/probe/stream")
@public
def stream() -> Response:
    def lines() -> Iterator[str]:
        for number in range(3):
            yield f"{db.session.scalar(text('SELECT 1 + :n'), {'n': number})}\n"

    return Response(stream_with_context(lines()), mimetype="text/csv")


@probes.get("/probe/broken-stream")
@public
def broken_stream() -> Response:
    """Respond with a line, and then fail."""

    def lines() -> Iterator[str]:
        yield "1\n"
        raise ZeroDivisionError

    return Response(lines(), mimetype="text/csv")
