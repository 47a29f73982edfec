"""Whose rows a list or a number is about: one person, nobody, or a team.

A team is the people whose manager one is today, and oneself. It narrows what one sees anyway, and never widens it.
"""

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Uuid, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.db.filters import NOBODY, Filters, Person
from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.models import RevisionKind, User
from app.security.actor import Actor
from app.security.compiled_query import kept_rows
from app.security.scope import unscoped


def matches_person(column: InstrumentedAttribute[Any], person: Person, actor: Actor) -> ColumnElement[bool]:
    """The condition that `column`, which names a person, names this one: a user's id, "none" or "team" of `actor`."""
    if isinstance(person, str):  # and not the place of somebody's id in a statement that is kept
        return column.is_(None) if person == NOBODY else column.in_(_team(actor))
    return column == person


def refuse_unknown_people(filters: Filters, actor: Actor) -> None:
    """Raise NotFound for somebody whom `filters` name and who is not of the organization, whatever is listed."""
    for person in filters.people:
        refuse_unknown_person(person, actor)


def is_of_organization(person: UUID, actor: Actor) -> bool:
    """Whether somebody is or was of the actor's organization; who was deleted is still named by what they did."""
    return bool(_found.rows(actor, wanted=person))


def refuse_unknown_person(person: UUID, actor: Actor) -> None:
    """Raise NotFound for somebody who is not of the organization."""
    if not is_of_organization(person, actor):
        raise NotFound("user", person, _l("The person whom this address names is not in your organization."))


@kept_rows(RevisionKind.PEOPLE)
def _found(actor: Actor) -> Selection:
    found = unscoped(select(User.id), why="says whether an id is anybody's, and no list shows more rows for it")
    wanted = found.where(User.organization_id == actor.organization_id, User.id == bindparam("wanted", type_=Uuid()))
    return wanted.execution_options(**{INCLUDE_DELETED: True})


def _team(actor: Actor) -> Any:
    return select(User.id).where(
        User.organization_id == actor.organization_id,
        User.deleted_at.is_(None),
        or_(User.manager_id == actor.user_id, User.id == actor.user_id),
    )
