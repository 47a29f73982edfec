"""Integrity checks of people, and their repairs."""

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import text

from app.db.removal import remove_row
from app.declarations.checked import Check, Found, Portion, Repair, RepairStep
from app.extensions import db
from app.models import User, UserPermission
from app.people.users.rules import is_address
from app.people.users.service import deactivate
from app.security.actor import Actor
from app.security.permissions import Permission
from app.trust.integrity.findings import by_sql

_ADDRESSES = text("""
    SELECT id, email FROM users WHERE organization_id = :organization AND deleted_at IS NULL AND status = 'active'
    ORDER BY id
""")
_UNKNOWN_PERMISSIONS = """
    SELECT 'user_permission' AS resource, id, permission AS detail FROM user_permissions
    WHERE organization_id = :organization AND permission <> ALL (:known)
"""
_NO_OWNER = """
    SELECT 'organization' AS resource, id, slug AS detail FROM organizations
    WHERE id = :organization AND deleted_at IS NULL AND NOT EXISTS (
      SELECT FROM users WHERE users.organization_id = :organization AND role = 'owner' AND status = 'active'
        AND users.deleted_at IS NULL
    )
"""

_DEACTIVATED_BECAUSE = "The e-mail address is malformed."


def _user_addresses(organization_id: UUID, most: int) -> Portion:
    """Check addresses by the rule for new ones, which can't be expressed as a regular expression."""
    people = db.session.execute(_ADDRESSES, {"organization": organization_id})
    wrong = [Found("user", row.id, row.email) for row in people if not is_address(row.email)]
    return Portion(wrong[:most], len(wrong))


def _deactivate(user: User, actor: Actor | None) -> None:
    deactivate(user, _DEACTIVATED_BECAUSE, actor=actor)


def _delete(row: Any, _actor: Actor | None) -> None:
    remove_row(row)


ADDRESS = Check("user_address", _l("Someone who can sign in has an invalid email address."), _user_addresses)
PERMISSION = Check(
    "user_permission",
    _l("Someone was granted a permission that doesn’t exist."),
    by_sql(_UNKNOWN_PERMISSIONS, known=[permission.value for permission in Permission]),
)
OWNER = Check("owner", _l("An organization has no active owner."), by_sql(_NO_OWNER))

REPAIR = Repair(
    "users",
    _l("People"),
    (
        RepairStep(
            check=ADDRESS,
            model=User,
            by=_deactivate,
            done=_l("The account was deactivated, so no one can sign in with it. Correct the address."),
        ),
        RepairStep(check=PERMISSION, model=UserPermission, by=_delete, done=_l("The permission was removed.")),
    ),
)
