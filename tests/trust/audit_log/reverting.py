"""Helpers for tests that change rows, and inspect and revert the resulting audit trail entries."""

from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from app.models import AuditLog, Base, Organization, Role, User
from app.security.actor import Actor
from app.security.permissions import Permission
from app.trust.audit_log.revert_service import revert
from tests.support.work import at_work


class Story:
    """Helper for one organization that changes its rows, reads the resulting entries, and reverts them.

    `change` writes directly to the database, without a user; `revert` acts as the given user.
    """

    def __init__(self, app: Flask, engine: Engine, organization: Organization) -> None:
        self._app, self._engine, self.organization = app, engine, organization

    def actor(self, user: User, *granted: Permission) -> Actor:
        """Return the user as an actor with these extra permissions."""
        return Actor(
            organization_id=user.organization_id,
            user_id=user.id,
            name=user.name,
            email=user.email,
            role=Role(user.role),
            granted=frozenset(granted),
        )

    def change(self, row: Base, **values: Any) -> UUID:
        """Change a row, and return the ID of the audit trail entry about it."""
        model: Any = type(row)
        with Session(self._engine) as session, session.begin():
            there = session.get_one(model, (row.organization_id, row.id))  # type: ignore[attr-defined]  # tenant rows
            statement = update(model).where(model.id == there.id)
            session.execute(statement.values(**values, version=there.version + 1))
        return self.last_entry(row).id

    def last_entry(self, row: Any) -> AuditLog:
        """Return the newest entry about a row."""
        entries = select(AuditLog).where(AuditLog.resource_id == row.id).order_by(AuditLog.created_at.desc())
        with Session(self._engine, expire_on_commit=False) as session:
            return session.scalars(entries.limit(1)).one()

    def stored(self, row: Any) -> Any:
        """Return the row as it is now."""
        with Session(self._engine, expire_on_commit=False) as session:
            return session.get_one(type(row), (row.organization_id, row.id))

    def revert(self, user: User, entry_id: UUID, *granted: Permission) -> None:
        """Revert an entry with the service, in a separate transaction."""
        with at_work(self._app, self.organization.id):
            revert(self.actor(user, *granted), entry_id)

    def as_owner(self, *statements: str) -> None:
        """Run statements directly in the database."""
        with self._engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
