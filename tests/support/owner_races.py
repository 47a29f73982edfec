"""Concurrent removals of two owners by each other, after which an organization must still have one."""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Engine, text

from app.db.session import jobs_role
from app.extensions import db
from app.models import Role, User
from app.people.users.service import change_role, deactivate
from app.security.actor import Actor
from app.trust.trash.delete_service import delete

#: `way(user, by)` returns the function with which `by` removes `user`, to be called in a transaction.
Way: TypeAlias = Callable[[User, User], Callable[[], object]]


def acting(user: User) -> Actor:
    """Return the actor of this user."""
    return Actor(
        organization_id=user.organization_id, user_id=user.id, name=user.name, email=user.email, role=Role(user.role)
    )


def _demote(user: User, by: User) -> Callable[[], object]:
    return lambda: change_role(db.session.get_one(User, (user.organization_id, user.id)), Role.ADMIN, actor=acting(by))


def _deactivate(user: User, by: User) -> Callable[[], object]:
    return lambda: deactivate(
        db.session.get_one(User, (user.organization_id, user.id)), "They have left", actor=acting(by)
    )


def _delete(user: User, by: User) -> Callable[[], object]:
    return partial(delete, acting(by), "user", [user.id])


def _by_hand(statement: str) -> Way:
    """Return a way that runs a statement without any service, as a repair script does.

    The statement runs with the database role of jobs, which can delete users.
    """
    whole = text(f"{statement} WHERE id = :id")

    def work(user: User) -> None:
        db.session.rollback()
        with jobs_role():
            db.session.execute(whole, {"id": user.id})

    return lambda user, _by: partial(work, user)


WAYS: dict[str, Way] = {
    "demote": _demote,
    "delete": _delete,
    "deactivate": _deactivate,
    "purge": _by_hand("DELETE FROM users"),
}
#: Ways that explain a refusal; by hand, the loser can also get a deadlock.
SERVICES = frozenset({"demote", "delete", "deactivate"})


def count_owners(engine: Engine, organization_id: UUID) -> int:
    """Return the number of active owners of the organization, bypassing the app."""
    counted = text(
        "SELECT count(*) FROM users WHERE organization_id = :id AND role = 'owner' AND status = 'active'"
        " AND deleted_at IS NULL"
    )
    with engine.connect() as connection:
        return int(connection.scalar(counted, {"id": organization_id}) or 0)
