"""Queries for one person's page: details, access, team and work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.audit.queries import HistoryEntry, list_history
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.lists.choices import Choice
from app.models import Invitation, User, UserSession
from app.people.users.open_work_queries import OpenWork, list_open_work
from app.people.users.queries import grants_of_user
from app.security.actor import Actor
from app.security.open_sessions import is_open
from app.security.password_queries import find_salt
from app.security.permissions import Permission
from app.security.rows import get_row
from app.security.scope import restrict, unscoped, visible

#: Maximum number of team members shown; the rest is on the list of people.
MAX_OF_TEAM = 50


@dataclass(frozen=True, slots=True)
class PersonDetail:
    """Everything that a person's page shows.

    `sessions` counts the open sessions that the reader can see.
    """

    user: User
    manager: Choice | None
    team: Sequence[Choice]
    team_size: int
    sessions: int
    permissions: frozenset[Permission]
    has_password: bool
    invited_by: str | None
    work: Sequence[OpenWork]
    history: Sequence[HistoryEntry]


def get_person(actor: Actor, user_id: UUID) -> User:
    """Return a person that `actor` can see. Raises NotFound."""
    return get_row(actor, User, user_id, named="user")


def get_person_detail(actor: Actor, user_id: UUID, now: datetime) -> PersonDetail:
    """Return everything that a person's page shows to `actor`.

    Raises NotFound.
    """
    user = get_person(actor, user_id)
    team = visible(User, actor).where(User.manager_id == user.id)
    invited_by = (
        unscoped(
            select(Invitation.invited_by_label), why="a user's inviter is visible to everyone who can see the user"
        )
        .where(Invitation.organization_id == user.organization_id, Invitation.user_id == user.id)
        .order_by(Invitation.id.desc())
        .limit(1)
    )
    return PersonDetail(
        user=user,
        manager=_find_manager(user),
        team=[Choice(one.id, one.name) for one in db.session.scalars(_by_name(team).limit(MAX_OF_TEAM))],
        team_size=db.session.scalar(select(func.count()).select_from(team.with_only_columns(User.id).subquery())) or 0,
        sessions=_count_sessions(actor, user, now),
        permissions=grants_of_user(user),
        has_password=find_salt(user.id) is not None,
        invited_by=db.session.scalar(invited_by),
        work=list_open_work(actor, user.id, now),
        history=list_history(actor, "user", user.id),
    )


def _by_name(people: Any) -> Any:
    return people.order_by(User.name_key, User.id)


def _find_manager(user: User) -> Choice | None:
    """Return the person's manager, even a deleted one, because a deletion doesn't change the team."""
    named = unscoped(
        select(User.id, User.name), why="a user's manager is visible to everyone who can see the user"
    ).where(User.organization_id == user.organization_id, User.id == user.manager_id)
    found = db.session.execute(named.execution_options(**{INCLUDE_DELETED: True})).one_or_none()
    return Choice(found.id, found.name) if found else None


def _count_sessions(actor: Actor, user: User, now: datetime) -> int:
    """Count the open sessions that `actor` can see."""
    sessions = restrict(select(func.count(UserSession.id)), UserSession, actor).where(
        UserSession.user_id == user.id, is_open(now)
    )
    return db.session.scalar(sessions) or 0
