"""Queries for a person's open work, for their page and for the people who deactivate or delete them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Text, cast, func, null, select

from app.declarations.open_work import Conditions, Work, WorkKind
from app.declarations.registry import registry
from app.extensions import db
from app.people.users.handover_rules import Counted
from app.security.actor import Actor
from app.security.scope import restrict, unscoped

#: Maximum number listed per kind; the rest is only counted.
MAX_SHOWN = 50


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A record of open work, with its label."""

    id: UUID
    label: str


@dataclass(frozen=True, slots=True)
class OpenWork:
    """A person's open work of one kind: how much there is, and the first MAX_SHOWN records."""

    kind: WorkKind
    count: int
    records: Sequence[OpenRecord]


def list_open_work(actor: Actor | None, user_id: UUID, now: datetime) -> list[OpenWork]:
    """Return a person's open work that `actor` can see, each kind in the order in which it is due.

    `actor` None is the system, which sees the whole organization. Empty kinds are omitted.
    """
    found = []
    for kind, work in registry().works.items():
        conditions = work.held_by(user_id, now)
        if conditions is not None:
            found.append(_find_work(kind, work, conditions, actor))
    return [one for one in found if one.count]


def count_work(work: Work, conditions: Conditions, organization_id: UUID) -> Counted:
    """Count the rows of this kind in an organization, with a mark that differs for different rows."""
    mark = func.coalesce(func.bit_xor(func.hashtextextended(cast(work.model.id, Text), 0)), 0)
    rows = unscoped(
        select(func.count(), mark).select_from(work.model),
        why="count only; all open work must be settled, regardless of record scope",
    )
    return Counted(*db.session.execute(rows.where(work.model.organization_id == organization_id, *conditions)).one())


def _find_work(kind: WorkKind, work: Work, conditions: Conditions, actor: Actor | None) -> OpenWork:
    label = work.label() if work.label else null()
    held = select(work.model.id, label.label("label")).where(*conditions)
    statement: Any = (
        restrict(held, work.model, actor)
        if actor is not None
        else unscoped(held, why="jobs and commands have no actor and need all open work")
    )
    count = db.session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    rows = db.session.execute(statement.order_by(*work.order).limit(MAX_SHOWN)).all() if count else []
    return OpenWork(kind, count, [OpenRecord(row[0], row[1] or _("Unknown")) for row in rows])
