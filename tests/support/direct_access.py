"""Direct database access, for reading and changing rows in ways that the app doesn't allow."""

from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Engine, select, text, update
from sqlalchemy.orm import Session, undefer

from app.models import AuditLog, Base

Row = TypeVar("Row", bound=Base)


class Behind:
    """Access to the database as its superuser."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def rows(self, model: type[Row], **values: Any) -> list[Row]:
        """Return the rows of a model with these values, ordered by primary key."""
        wanted = select(model).filter_by(**values).order_by(*model.__table__.primary_key)
        with Session(self._engine) as session:
            return list(session.scalars(wanted.options(undefer("*"))))

    def one(self, model: type[Row], **values: Any) -> Row:
        """Return the only row with these values."""
        [row] = self.rows(model, **values)
        return row

    def change(self, row: Any, **values: Any) -> None:
        """Set `values` of a row without firing triggers."""
        with self._engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(update(type(row)).where(type(row).id == row.id).values(**values))

    def trail(self, organization_id: UUID, resource_type: str) -> list[AuditLog]:
        """Return the audit entries about a type of record, oldest first, without the factories' own."""
        told = self.rows(AuditLog, organization_id=organization_id, resource_type=resource_type)
        return [row for row in told if row.actor_label != "postgres"]
