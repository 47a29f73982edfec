"""Deletion of rows from the tables that the app's role can't delete from by itself."""

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.db.removal import remove_row
from app.errors import InternalError
from app.extensions import db
from app.models import Organization, User, UserPermission
from app.security.permissions import Permission
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.work import at_work


def test_a_row_is_removed_and_one_that_is_gone_is_an_error(
    app: Flask, make: Factories, organization: Organization, owner: User, behind: Behind, admin_engine: Engine
) -> None:
    removed, gone, kept = (
        make.grant(owner, one) for one in (Permission.REPORTS_READ, Permission.AUDIT_READ, Permission.COACHING_WRITE)
    )

    with at_work(app, organization.id):
        remove_row(db.session.get_one(UserPermission, (organization.id, removed.id)))
    with at_work(app, organization.id):
        row = db.session.get_one(UserPermission, (organization.id, gone.id))
        with admin_engine.begin() as connection:
            connection.execute(text("DELETE FROM user_permissions WHERE id = :id"), {"id": gone.id})
        with pytest.raises(InternalError):
            remove_row(row)

    assert [one.id for one in behind.rows(UserPermission, user_id=owner.id)] == [kept.id]
