"""Filters by person for lists and figures: one person, no one, or a team.

A team is the actor and the people whose manager they currently are. The filter narrows what the actor can see, and
never extends it.
"""

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, SQLColumnExpression, Uuid, bindparam, or_, select

from app.db.filters import NOBODY, Filters, Person
from app.db.paging import Selection
from app.db.session import INCLUDE_DELETED
from app.errors import NotFound
from app.models import RevisionKind, User
from app.security.actor import Actor
from app.security.compiled_query import cached_rows
from app.security.scope import unscoped


def matches_person(column: SQLColumnExpression[Any], person: Person, actor: Actor) -> ColumnElement[bool]:
    """Return the condition that `column` is this person: a user's id, "none" or the "team" of `actor`."""
    if isinstance(person, str):  # not a placeholder for an id in a compiled statement
        return column.is_(None) if person == NOBODY else column.in_(_team(actor))
    return column == person


def refuse_unknown_people(filters: Filters, actor: Actor) -> None:
    """Raise NotFound if `filters` refer to a person outside the organization."""
    for person in filters.people:
        refuse_unknown_person(person, actor)


def is_of_organization(person: UUID, actor: Actor) -> bool:
    """Return whether a person is or was in the actor's organization, including deleted users."""
    return bool(_found.rows(actor, wanted=person))


def refuse_unknown_person(person: UUID, actor: Actor) -> None:
    """Raise NotFound for a person outside the organization."""
    if not is_of_organization(person, actor):
        raise NotFound("user", person, _l("The person in this URL isn’t in your organization."))


@cached_rows(RevisionKind.PEOPLE)
def _found(actor: Actor) -> Selection:
    found = unscoped(select(User.id), why="existence check only, within the actor's organization")
    wanted = found.where(User.organization_id == actor.organization_id, User.id == bindparam("wanted", type_=Uuid()))
    return wanted.execution_options(**{INCLUDE_DELETED: True})


def _team(actor: Actor) -> Any:
    return select(User.id).where(
        User.organization_id == actor.organization_id,
        User.deleted_at.is_(None),
        or_(User.manager_id == actor.user_id, User.id == actor.user_id),
    )
