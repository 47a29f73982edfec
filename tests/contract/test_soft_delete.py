"""Queries omit deleted rows unless these are requested explicitly."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text

from app.db.context import Context, use_context
from app.db.session import INCLUDE_DELETED
from app.extensions import db
from app.models import SoftDeleted, TenantRow
from tests.support.company import Company
from tests.support.models import MODELS

SOFT_DELETED: list[Any] = [model for model in MODELS if issubclass(model, SoftDeleted) and issubclass(model, TenantRow)]


@pytest.mark.parametrize("model", SOFT_DELETED, ids=lambda model: model.__name__)
def test_a_deleted_row_is_left_out_unless_it_is_asked_for(
    app: Flask, company: Company, admin_engine: Engine, model: Any
) -> None:
    organization_id = company.organization.id
    with admin_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))  # a card in use can't be deleted
        connection.execute(
            text(f"UPDATE {model.__tablename__} SET deleted_at = :at WHERE organization_id = :organization"),
            {"at": datetime.now(UTC), "organization": organization_id},
        )

    with app.app_context(), use_context(Context(organization_id=organization_id)):
        shown = db.session.scalars(select(model)).all()
        asked_for = db.session.scalars(select(model), execution_options={INCLUDE_DELETED: True}).all()
        db.session.rollback()

    assert shown == []
    assert len(asked_for) >= 1
