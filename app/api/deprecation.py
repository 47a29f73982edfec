"""Deprecated operations: their responses say until when they exist, and their use is counted per caller and day."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from urllib.parse import quote

from flask import Response, after_this_request
from sqlalchemy.dialects.postgresql import insert
from werkzeug.http import http_date

from app.api.endpoints import Endpoint
from app.db.ids import uuid7
from app.db.transaction import dispensable_transaction
from app.declarations.api import Deprecated
from app.models import DeprecatedCall
from app.security.actor import Actor
from app.security.api_requests import API_ROOT


def note_deprecated(endpoint: Endpoint, deprecated: Deprecated, actor: Actor | None, ids: Mapping[str, str]) -> None:
    """Count the request of `actor`, and add the headers of a deprecated operation to its response, even to an error."""
    if actor is not None:
        _count(f"{endpoint.method} {API_ROOT}{endpoint.path}", actor)
    quoted = {name: quote(text, safe="") for name, text in ids.items()}
    link = f'<{API_ROOT}/{deprecated.replaced_by.format_map(quoted)}>; rel="successor-version"'

    def add_headers(response: Response) -> Response:
        response.headers["Deprecation"] = f"@{int(_midnight(deprecated.since).timestamp())}"
        response.headers["Sunset"] = http_date(_midnight(deprecated.sunset))
        response.headers["X-API-Deprecated"] = "true"
        response.headers["X-API-Sunset"] = deprecated.sunset.isoformat()
        response.headers.add("Link", link)
        return response

    after_this_request(add_headers)


def _count(operation: str, actor: Actor) -> None:
    row = insert(DeprecatedCall).values(
        organization_id=actor.organization_id,
        id=uuid7(),
        operation=operation,
        user_id=actor.reference_id,
        api_key_id=actor.api_key_id,
        day=datetime.now(UTC).date(),
    )
    one_more = row.on_conflict_do_update(
        constraint="uq_deprecated_calls_caller_operation_day", set_={"calls": DeprecatedCall.calls + 1}
    )
    # A request that only reads, or that fails, counts too.
    with dispensable_transaction() as session:
        session.execute(one_more)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
