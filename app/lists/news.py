"""What of a list is new since somebody last looked at it (docs/decisions/0053)."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import request

from app.db.lists import ListQuery
from app.db.paging import Page
from app.declarations.listed import Listed
from app.lists.visits_service import LOOK_INTERVAL, VISIT, note_look
from app.security.actor import Actor
from app.web.fragments import mark_new
from app.web.htmx import asks_by_itself

#: So many new rows are counted and marked.
MOST_NEW = 99


@dataclass(frozen=True, slots=True)
class News:
    """How many rows have come `since` somebody last looked; `is_more` where counting stopped there."""

    page: str
    since: datetime
    number: int
    is_more: bool


def look_at(actor: Actor, listed: Listed, query: ListQuery, page: Page[Any]) -> News | None:
    """Find out what is new of a list whose `page` is shown, have its rows marked, and write the look down.

    None where nothing is: at the first look, for guests of the platform, and for what asks beside the list's own page.
    Who sees the pages of somebody else leaves no look, nor does a page that asks by itself.
    """
    if actor.home or request.endpoint != listed.endpoint:
        return None
    now = datetime.now(UTC)
    visit = actor.counts.visits.get(listed.name)
    seen, looked = (datetime.fromisoformat(moment) for moment in visit) if visit else (now, None)
    is_look = not actor.viewer and not asks_by_itself()
    if is_look and (looked is None or looked <= now - LOOK_INTERVAL):
        note_look(actor, listed, now)
    if looked is None:
        return None
    since = looked if looked <= now - VISIT else seen
    ids = query.come_since(since, page, MOST_NEW + 1, but_of=actor.user_id)
    mark_new(ids)
    return News(listed.name, since, min(len(ids), MOST_NEW), len(ids) > MOST_NEW) if ids else None
