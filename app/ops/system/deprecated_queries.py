"""Query for the use of deprecated API operations, for the system page."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from app.db.joins import refers_to
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import ApiKey, DeprecatedCall, User
from app.security.actor import Actor
from app.security.scope import unscoped

_LATELY = timedelta(days=30)
_MAX_SHOWN = 50


def list_deprecated_calls(actor: Actor) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the requests to deprecated operations in the last 30 days, by operation and caller, the latest first.

    Each row has the `operation`, the name of the `caller`, the number of `requests` and their `last_day`.
    """
    last_day = func.max(DeprecatedCall.day)
    counted = unscoped(
        select(
            DeprecatedCall.operation,
            func.coalesce(User.name, ApiKey.name).label("caller"),
            func.sum(DeprecatedCall.calls).label("requests"),
            last_day.label("last_day"),
        ),
        why="counts of the organization, for those who can read the system page",
    )
    of_callers = (
        counted.outerjoin(User, refers_to(User, DeprecatedCall, DeprecatedCall.user_id))
        .outerjoin(ApiKey, refers_to(ApiKey, DeprecatedCall, DeprecatedCall.api_key_id))
        .where(
            DeprecatedCall.organization_id == actor.organization_id,
            DeprecatedCall.day > (datetime.now(UTC) - _LATELY).date(),
        )
        .group_by(DeprecatedCall.operation, User.id, User.name, ApiKey.id, ApiKey.name)
        .order_by(last_day.desc(), DeprecatedCall.operation, "caller")
    )
    return db.session.execute(of_callers.limit(_MAX_SHOWN), execution_options={INCLUDE_DELETED: True}).all()
