"""Whose rows a list or a number is about: one person, nobody, or a team.

A team is the people whose manager one is today, and oneself. It narrows what one sees anyway, and never widens it.
"""

from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.db.filters import NOBODY, TEAM, Person
from app.models import User
from app.security.actor import Actor


def matches_person(column: InstrumentedAttribute[Any], person: Person, actor: Actor) -> ColumnElement[bool]:
    """The condition that `column`, which names a person, names this one: a user's id, "none" or "team" of `actor`."""
    if person == NOBODY:
        return column.is_(None)
    if person == TEAM:
        return column.in_(_team(actor))
    return column == person


def _team(actor: Actor) -> Any:
    return select(User.id).where(
        User.organization_id == actor.organization_id,
        User.deleted_at.is_(None),
        or_(User.manager_id == actor.user_id, User.id == actor.user_id),
    )
