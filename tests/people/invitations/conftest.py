"""Users who invite others, and direct access to the resulting rows."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, undefer

from app.models import Base


@pytest.fixture
def rows(admin_engine: Engine) -> Callable[..., list[Any]]:
    """Function that returns rows bypassing the app: `rows(Invitation, email=…)`."""

    def read(model: type[Base], **values: Any) -> list[Any]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(model).filter_by(**values).options(undefer("*"))))

    return read


@pytest.fixture
def change(admin_engine: Engine) -> Callable[..., None]:
    """Function that changes a row bypassing the app: `change(row, status="inactive")`."""

    def write(row: Any, **values: Any) -> None:
        model = type(row)
        with admin_engine.begin() as connection:
            connection.execute(update(model).where(model.id == row.id).values(**values))

    return write
