"""Two owners who take each other away at the same moment, in every way there is: an organization keeps one of them."""

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

#: `way(user, by)`: what `by` does to `user`, to be called in a transaction at work.
Way: TypeAlias = Callable[[User, User], Callable[[], object]]


def acting(user: User) -> Actor:
    """This person at work."""
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
    """Past every service, as a repair script would, whose role may delete people."""
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
#: Those that say in words why not; by hand it may also be a deadlock that one of the two loses.
SERVICES = frozenset({"demote", "delete", "deactivate"})


def count_owners(engine: Engine, organization_id: UUID) -> int:
    """Active owners of the organization, seen from behind the app."""
    counted = text(
        "SELECT count(*) FROM users WHERE organization_id = :id AND role = 'owner' AND status = 'active'"
        " AND deleted_at IS NULL"
    )
    with engine.connect() as connection:
        return int(connection.scalar(counted, {"id": organization_id}) or 0)
