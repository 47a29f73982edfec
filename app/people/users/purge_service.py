"""Permanent removal of people.

A person whom rows other than their own still refer to remains as "Former user", so that old figures don't change.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Table, or_, select

from app.audit.actions import Action
from app.audit.record import name_action
from app.extensions import db
from app.models import Base, CallNote, User, UserStatus
from app.people.users.picture_service import forget_picture
from app.security.scope import unscoped
from app.trust.trash.purge_service import may_delete_from, remove_rows

FORMER_USER = "Former user"


def purge_person(user: User) -> None:
    """Remove a person who is in the trash, or anonymize them if rows other than their own refer to them."""
    forget_picture(user)
    if db.session.scalar(select(_is_referred_to(user))):
        _anonymize(user)
    else:
        people = Base.metadata.tables[User.__tablename__]
        this = unscoped(select(people.c.id), why="permanently deletes a user who is in the trash")
        remove_rows(people, this.where(people.c.organization_id == user.organization_id, people.c.id == user.id))


def _is_referred_to(user: User) -> Any:
    """Return the condition that any row other than their own ones refers to this person."""
    return or_(
        *(
            unscoped(
                select(table.c[column]).where(*_names(table, column, user)).exists(),
                why="existence check only; every reference counts, regardless of record scope",
            )
            for table, column, is_their_own in _references_to_people()
            if not is_their_own
        )
    )


def _anonymize(user: User) -> None:
    """Erase a person's data but keep their anonymized row, which old figures still refer to.

    Rows of their own in other tables are deleted.
    """
    for table, column, is_their_own in _references_to_people():
        if is_their_own and may_delete_from(table):
            theirs = unscoped(select(table.c.id), why="anonymizing a user deletes all rows that belong to them")
            remove_rows(table, theirs.where(*_names(table, column, user)))
    user.email = f"{user.id}@former-user.invalid"
    user.name = FORMER_USER
    user.status = UserStatus.INACTIVE
    user.phone = user.avatar_url = user.password_hash = user.mfa_secret = user.deactivation_reason = None
    user.calendar_feed_hash = None
    user.suspended_until = user.suspension_reason = None
    user.last_seen_at = user.email_verified_at = user.password_changed_at = None
    name_action(Action.USER_ANONYMIZED, user)


def _references_to_people() -> Iterator[tuple[Table, str, bool]]:
    """Yield every reference to people: its table, its column, and whether the row is the person's own.

    Own rows are deleted with the person. Call notes would be, too, but they belong to a call and stay with it.
    """
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            if key.referred_table is User.__table__:
                is_their_own = key.ondelete == "CASCADE" and table.name != CallNote.__tablename__
                yield table, list(key.column_keys)[-1], is_their_own


def _names(table: Table, column: str, user: User) -> tuple[Any, ...]:
    """Return the conditions for rows that refer to this person.

    A user's reference to themselves is excluded.
    """
    named = (table.c.organization_id == user.organization_id, table.c[column] == user.id)
    return (*named, table.c.id != user.id) if table is User.__table__ else named
