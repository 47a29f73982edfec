"""Helper for setting the context of a transaction without the app."""

from typing import Any
from uuid import UUID

import psycopg

from app.db.context import Context
from app.db.context_signature import SET_CONTEXT, signed
from tests.support.database import SECRET_KEY


def enter(connection: psycopg.Connection, organization_id: UUID | None, **values: Any) -> None:
    """Set the context of an open transaction, as the app does."""
    connection.execute(SET_CONTEXT, signed(Context(organization_id=organization_id, **values), SECRET_KEY))
