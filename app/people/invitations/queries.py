"""Queries for the list of invitations, and for the invitation behind a link."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, func, select
from sqlalchemy.orm import Session

from app.db.context import current_context, use_context
from app.db.paging import newest_or_oldest_first
from app.db.transaction import own_transaction
from app.extensions import db
from app.models import (
    Invitation,
    InvitationState,
    Organization,
    OrganizationStatus,
    User,
    UserPermission,
    UserStatus,
)
from app.models.users import GRANT_COUNTS
from app.people.invitations.filters import InvitationFilters
from app.security.actor import Actor
from app.security.list_of import ListOf
from app.security.matrix import permissions_of
from app.security.permissions import Permission, Role
from app.security.rank_rules import may_give
from app.security.rows import get_row
from app.security.scope import restrict, unscoped
from app.security.tokens import Token


@dataclass(frozen=True, slots=True)
class Offer:
    """The invitation behind a link, as the invited person sees it."""

    invitation_id: UUID
    organization_id: UUID
    organization_name: str
    email: str
    name: str | None
    role: Role
    invited_by_label: str


SORTS = newest_or_oldest_first("createdAt", Invitation.created_at, Invitation.id)


def _list_conditions(filters: InvitationFilters, _actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    return [_is(filters.status, now)] if filters.status is not None else []


def get_invitation(actor: Actor, invitation_id: UUID) -> Invitation:
    """Return the invitation, refreshed and locked until the transaction ends.

    Raises NotFound.
    """
    return get_row(actor, Invitation, invitation_id, named="invitation", lock=True)


def list_invited_addresses(actor: Actor, addresses: Collection[str]) -> set[str]:
    """Return the given addresses, in lower case, that have an invitation neither accepted nor revoked."""
    key = func.lower(Invitation.email)
    unanswered = (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), key.in_(addresses))
    return set(db.session.scalars(restrict(select(key), Invitation, actor).where(*unanswered)))


def find_offer(token: Token, now: datetime) -> Offer | None:
    """Return the offer of a link while it can be accepted, else None.

    Runs in its own transaction, because no one is signed in.
    """
    with use_context(replace(current_context(), organization_id=token.organization_id)), own_transaction() as session:
        return read_offer(session, token, now)


def read_offer(session: Session, token: Token, now: datetime) -> Offer | None:
    """Return the offer of a link while it can be accepted, else None.

    The transaction must be one of the token's organization. An invitation becomes invalid as soon as the person who
    sent it could no longer send it.
    """
    granted = unscoped(
        select(UserPermission.id), why="checks that the inviter still has the permission to invite"
    ).where(
        UserPermission.organization_id == Invitation.organization_id,
        UserPermission.user_id == Invitation.invited_by,
        UserPermission.permission == Permission.USERS_INVITE,
        GRANT_COUNTS,
    )
    offered = select(
        Invitation.id,
        Invitation.email,
        Invitation.name,
        Invitation.role,
        Invitation.invited_by,
        Invitation.invited_by_label,
        Organization.name.label("organization_name"),
        User.role.label("inviter_role"),
        User.status.label("inviter_status"),
        granted.exists().label("inviter_is_granted"),
    )
    wanted = (
        unscoped(offered, why="no signed-in user; the link identifies the invitation")
        .join(Organization, Organization.id == Invitation.organization_id)
        .outerjoin(User, (User.organization_id == Invitation.organization_id) & (User.id == Invitation.invited_by))
        .where(Invitation.organization_id == token.organization_id, Invitation.token_hash == token.digest)
        .where(_is(InvitationState.OPEN, now), Organization.status == OrganizationStatus.ACTIVE)
    )
    found = session.execute(wanted).one_or_none()
    if found is None or not _is_still_valid(found):
        return None
    return Offer(
        invitation_id=found.id,
        organization_id=token.organization_id,
        organization_name=found.organization_name,
        email=found.email,
        name=found.name,
        role=Role(found.role),
        invited_by_label=found.invited_by_label,
    )


def _is_still_valid(found: Row[*tuple[Any, ...]]) -> bool:
    """Return whether the inviter could still send the invitation.

    No reference to an inviter means that platform staff or a command sent it.
    """
    if found.invited_by is None:
        return True
    if found.inviter_role is None or found.inviter_status != UserStatus.ACTIVE:
        return False
    inviter = Role(found.inviter_role)
    may_invite = found.inviter_is_granted or Permission.USERS_INVITE in permissions_of(inviter)
    return may_invite and may_give(inviter, Role(found.role))


def _is(state: InvitationState, now: Any) -> ColumnElement[bool]:
    """Return the condition for invitations in a state at a time, which may be an expression."""
    unanswered = and_(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    match state:
        case InvitationState.OPEN:
            return and_(unanswered, Invitation.expires_at > now)
        case InvitationState.EXPIRED:
            return and_(unanswered, Invitation.expires_at <= now)
        case InvitationState.ACCEPTED:
            return Invitation.accepted_at.is_not(None)
        case InvitationState.REVOKED:
            return Invitation.revoked_at.is_not(None)


_ROW = select(
    Invitation.id,
    Invitation.email,
    Invitation.name,
    Invitation.role,
    case(*((_is(state, func.now()), state.value) for state in InvitationState)).label("status"),
    Invitation.invited_by_label,
    Invitation.expires_at,
    Invitation.accepted_at,
    Invitation.revoked_at,
    Invitation.created_at,
)

#: The invitations that match the filters, newest first.
invitation_list = ListOf(Invitation, _ROW, narrow=_list_conditions, sorts=SORTS)

#: The same invitations with all their values.
invitation_records = ListOf(
    Invitation,
    _ROW.add_columns(
        Invitation.invited_by,
        Invitation.invited_by_label.label("invited_by_name"),
        Invitation.user_id,
        Invitation.updated_at,
    ),
    narrow=_list_conditions,
    sorts=SORTS,
)
