"""Entry of platform staff into other organizations.

The organization, the reason and the id of the visit are stored on their session. Their rights there are those of the
role with the same name (see `app.security.identity`). The organization's audit trail records who entered, who left and
everything done in between; each of these entries names the visit.
"""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.reason_rules import clean_reason
from app.audit.record import name_action, record_event
from app.db.context import visit_json
from app.db.ids import uuid7
from app.errors import NotFound
from app.extensions import db
from app.models import UserSession
from app.people.sign_in.queries import get_staff_role
from app.people.sign_in.service import switch_context
from app.security.actor import Actor
from app.security.identity_queries import find_entered_organization
from app.security.permissions import Permission
from app.security.rows import held
from app.security.scope import visible


def enter(staff: Actor, organization_id: UUID, reason: str) -> None:
    """Enter `organization_id` from the next request on, leaving any other organization entered before.

    `staff` is in their home organization. Raises Forbidden, ValidationFailed without a reason, and NotFound for an
    organization that is deleted, doesn't exist or is the platform's own.
    """
    staff.requires(Permission.ORGANIZATIONS_ENTER)
    why = clean_reason(reason, _l("Enter a reason, 3 to 500 characters. The organization can see it."))
    if organization_id == staff.organization_id:
        raise NotFound("organization", organization_id)
    session = _own_session(staff)
    if session.entered_organization_id == organization_id:
        return
    if session.entered_organization_id is not None:
        leave(staff)
    visit_id = uuid7()
    _record_there(staff, organization_id, Action.ORGANIZATION_ENTERED, why, visit_id)
    session.entered_organization_id, session.entered_reason = organization_id, why
    session.entered_at, session.entered_visit_id = datetime.now(UTC), visit_id
    name_action(Action.SESSION_ENTERED, session)


def leave(staff: Actor) -> None:
    """Return to the home organization. Does nothing if no other organization was entered."""
    session = _own_session(staff)
    visited = session.entered_organization_id
    if visited is None:
        return
    reason, visit_id = session.entered_reason, session.entered_visit_id
    _record_there(staff, visited, Action.ORGANIZATION_LEFT, reason, visit_id, must_exist=False)
    session.entered_organization_id = session.entered_at = session.entered_reason = session.entered_visit_id = None
    name_action(Action.SESSION_LEFT, session)


def _record_there(
    staff: Actor,
    organization_id: UUID,
    action: Action,
    reason: str | None,
    visit_id: UUID | None,
    *,
    must_exist: bool = True,
) -> None:
    """Record an entry in the audit trail of the organization that is entered or left, as part of the visit.

    The context returns to the home organization afterwards. Raises NotFound if the organization no longer exists,
    unless `must_exist` is false.
    """
    there = {
        "organization_id": organization_id,
        "actor_home_id": staff.organization_id,
        "actor_role": f"platform_{get_staff_role(staff)}",
        "visit": visit_json(visit_id, reason) if visit_id else None,
    }
    switch_context(**there)
    try:
        if find_entered_organization(organization_id) is not None:
            record_event(action, "organization", organization_id, {"reason": reason})
        elif must_exist:
            raise NotFound("organization", organization_id)
    finally:
        home = {"organization_id": staff.organization_id, "actor_home_id": None, "actor_role": staff.role}
        switch_context(**home, visit=None)


def _own_session(staff: Actor) -> UserSession:
    """Return the current session, locked until the transaction ends so that two clicks are serialized."""
    mine = visible(UserSession, staff).where(UserSession.id == staff.session_id)
    return db.session.scalars(held(mine)).one()
