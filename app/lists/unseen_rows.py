"""Rows of a list added since the user's last visit (docs/decisions/0053)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import request

from app.db.lists import ListQuery
from app.db.paging import Page
from app.declarations.listed import Listed
from app.lists.visits_service import LOOK_INTERVAL, VISIT, record_visit
from app.security.actor import Actor
from app.web.fragments import mark_new
from app.web.htmx import asks_by_itself

#: Maximum number of new rows that are counted and marked.
MAX_NEW = 99


@dataclass(frozen=True, slots=True)
class UnseenRows:
    """The number of rows added `since` the last visit; `is_more` means that counting stopped there."""

    page: str
    since: datetime
    number: int
    is_more: bool


def mark_seen(actor: Actor, listed: Listed, query: ListQuery, page: Page[Any]) -> UnseenRows | None:
    """Count the rows of a list added since the last visit, mark them on its `page`, and record the visit.

    Returns None without new rows, on the first visit, for platform staff inside another organization, and for requests
    that are not for the list's own page. Visits while viewing as another user and automatic refreshes are not recorded.
    """
    if actor.home or request.endpoint != listed.endpoint:
        return None
    now = datetime.now(UTC)
    visit = actor.counts.visits.get(listed.name)
    seen, looked = (datetime.fromisoformat(moment) for moment in visit) if visit else (now, None)
    is_look = not actor.viewer and not asks_by_itself()
    if is_look and (looked is None or looked <= now - LOOK_INTERVAL):
        record_visit(actor, listed, now)
    if looked is None:
        return None
    since = looked if looked <= now - VISIT else seen
    ids = query.come_since(since, page, MAX_NEW + 1, but_of=actor.user_id)
    mark_new(ids)
    return UnseenRows(listed.name, since, min(len(ids), MAX_NEW), len(ids) > MAX_NEW) if ids else None
