"""Rows that lists hand out: counted per caller, resource and hour, and limited per day for callers who can't export.

The count is written before the response, in a transaction of its own: see `docs/decisions/0080-rows-handed-out.md`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from flask import request
from flask_babel import LazyString, format_decimal
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.db.ids import uuid7
from app.db.transaction import own_transaction
from app.errors import LazyText
from app.extensions import db
from app.models import ListRead
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import unscoped
from app.web.api_rates import are_rates_limited, refuse_over
from app.web.settled_counts import Count

#: Counts the rows and returns those of the day; the hours of a day are rows of their own.
_COUNT = "SELECT count_rows_read(%(organization)s, %(id)s, %(person)s, %(key)s, %(resource)s, %(hour)s, %(number)s)"


def hand_out(actor: Actor, resource_type: str, number: int) -> None:
    """Count rows of a resource that the response to `actor` is about to contain. An open transaction is rolled back.

    Raises RateLimited, and counts none of them, if they exceed the day's limit and the caller can't export.
    """
    if number == 0 or request.method == "HEAD":
        return
    now = datetime.now(UTC)
    db.session.rollback()  # one connection at a time: many requests that each wait for a second would deadlock
    with own_transaction() as session:
        read = session.connection().exec_driver_sql(_COUNT, _values(actor, resource_type, number, now)).scalar_one()
        _refuse_over_limit(actor, read, number, now)


def end_of_day(now: datetime) -> datetime:
    """Return the end of the day, in UTC, for which rows are limited."""
    return _beginning_of_day(now) + timedelta(days=1)


def rows_read_today(actor: Actor, now: datetime) -> Mapping[str, int]:
    """Return the rows that `actor` has read since the beginning of the day (UTC), by the name of their resource."""
    read = unscoped(select(ListRead.resource_type, func.sum(ListRead.rows_read)), why="the caller's own counts")
    today = read.where(
        ListRead.organization_id == actor.organization_id,
        ListRead.user_id == actor.reference_id,
        ListRead.api_key_id == actor.api_key_id,
        ListRead.hour >= _beginning_of_day(now),
    )
    rows = db.session.execute(today.group_by(ListRead.resource_type).order_by(ListRead.resource_type))
    return {resource_type: int(number) for resource_type, number in rows}


def _values(actor: Actor, resource_type: str, number: int, now: datetime) -> dict[str, Any]:
    return {
        "organization": actor.organization_id,
        "id": uuid7(),
        "person": actor.reference_id,
        "key": actor.api_key_id,
        "resource": resource_type,
        "hour": now.replace(minute=0, second=0, microsecond=0),
        "number": number,
    }


def _refuse_over_limit(actor: Actor, read: int, number: int, now: datetime) -> None:
    limit = actor.api_limits.rows_per_day
    if read <= limit or actor.may(Permission.EXPORTS_CREATE) or not are_rates_limited():
        return
    refuse_over(Count(limit, read - number, end_of_day(now).timestamp(), is_over=True), partial(_sentence, limit))


def _sentence(limit: int, pause: LazyText) -> LazyText:
    return _l(
        "At most %(limit)s rows of a resource can be read in a day without the permission exports:create. Wait "
        "%(time)s and try again.",
        limit=LazyString(format_decimal, limit),
        time=pause,
    )


def _beginning_of_day(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
