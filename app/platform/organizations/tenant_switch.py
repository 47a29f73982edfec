"""Temporary switch of a platform admin into another organization, under their own name."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from app.db.context import update_context
from app.errors import Conflict
from app.extensions import db
from app.people.sign_in.queries import get_staff_role
from app.people.sign_in.service import switch_context
from app.security.actor import Actor
from app.security.permissions import Permission


@contextmanager
def working_in(staff: Actor, organization_id: UUID) -> Iterator[None]:
    """Switch the context to `organization_id` for the block, and back to that of `staff` afterwards.

    If the block raises, the transaction is rolled back. Deferred constraints are checked within the block: outside it,
    they would not see the rows. Raises Forbidden without the permission, and Conflict for the platform's own
    organization.
    """
    staff.requires(Permission.ORGANIZATIONS_MANAGE)
    if organization_id == staff.organization_id:
        raise Conflict(None, _l("This is the platform’s own organization, so it can’t be managed here."))
    home = {"organization_id": staff.organization_id, "actor_home_id": None, "actor_role": staff.role.value}
    role = f"platform_{get_staff_role(staff)}"
    switch_context(organization_id=organization_id, actor_home_id=staff.organization_id, actor_role=role)
    try:
        yield
        db.session.flush()
        db.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    except BaseException:
        db.session.rollback()
        update_context(**home)
        raise
    switch_context(**home)
