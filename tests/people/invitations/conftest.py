"""Who invites, and what comes of it."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session, undefer

from app.models import Base


@pytest.fixture
def rows(admin_engine: Engine) -> Callable[..., list[Any]]:
    """`rows(Invitation, email=…)`, from behind the app."""

    def read(model: type[Base], **values: Any) -> list[Any]:
        with Session(admin_engine) as session:
            return list(session.scalars(select(model).filter_by(**values).options(undefer("*"))))

    return read


@pytest.fixture
def change(admin_engine: Engine) -> Callable[..., None]:
    """`change(row, status="inactive")`, from behind the app."""

    def write(row: Any, **values: Any) -> None:
        model = type(row)
        with admin_engine.begin() as connection:
            connection.execute(update(model).where(model.id == row.id).values(**values))

    return write
