"""Queries for the people in charge of an organization."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from app.extensions import db
from app.models import User, UserStatus
from app.security.permissions import Role
from app.security.scope import unscoped


def list_people_in_charge(organization_id: UUID, *roles: Role) -> Sequence[User]:
    """Return the active users of an organization with one of `roles`, by name, for jobs that notify them."""
    people = unscoped(select(User), why="recipients of a job's notifications, selected by role").where(
        User.organization_id == organization_id, User.role.in_(roles), User.status == UserStatus.ACTIVE
    )
    return db.session.scalars(people.order_by(User.name_key, User.id)).all()
