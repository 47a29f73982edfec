"""Rows of a list added since the user's last visit (docs/decisions/0053)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from flask import request

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


def record_look(actor: Actor, listed: Listed) -> datetime | None:
    """Return the moment after which rows of a list are new to `actor`, and record the visit.

    Returns None on the first visit, for platform staff inside another organization, and for requests that are not for
    the list's own page. Visits while viewing as another user and automatic refreshes are not recorded.
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
    return looked if looked <= now - VISIT else seen


def mark_unseen(listed: Listed, since: datetime, ids: Sequence[UUID]) -> UnseenRows | None:
    """Mark the rows of a list that were added `since` the last visit as new on its page; return None if there are none.

    Up to MAX_NEW + 1 ids are given, to tell whether there are more than MAX_NEW.
    """
    mark_new(ids)
    return UnseenRows(listed.name, since, min(len(ids), MAX_NEW), len(ids) > MAX_NEW) if ids else None
