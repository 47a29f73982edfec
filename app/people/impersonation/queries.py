"""Queries for viewing as another person: that person, and the session."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from app.db.context import current_context, use_context
from app.db.joins import refers_to
from app.db.transaction import own_transaction
from app.extensions import db
from app.models import Call, CallStatus, ContactCard, Direction, RecordSource, User, UserPermission, UserSession
from app.models.users import GRANT_COUNTS
from app.security.actor import Actor, CallOn, Counts
from app.security.matrix import grants_of
from app.security.permissions import Role
from app.security.rows import held
from app.security.scope import restrict, unscoped, visible
from app.security.tokens import Token

_GRANTED = (
    select(UserPermission.permission)
    .where(UserPermission.organization_id == User.organization_id, UserPermission.user_id == User.id)
    .where(GRANT_COUNTS)
    .correlate(User)
    .scalar_subquery()
)
_PERSON = select(User.id, User.name, User.email, User.role, User.avatar_key, func.array(_GRANTED).label("granted"))

_CALL_ON = (
    select(
        Call.id,
        Call.called_number.label("number"),
        Call.started_at,
        Call.missed_entry_id.label("entry_id"),
        ContactCard.display_name.label("name"),
    )
    .outerjoin(ContactCard, refers_to(ContactCard, Call, Call.contact_card_id))
    .where(Call.status == CallStatus.ACTIVE, Call.direction == Direction.OUTBOUND, Call.source == RecordSource.USER)
    .execution_options(include_deleted=True)
)


def find_person(viewer: Actor, user_id: UUID | None, since: datetime | None = None) -> Actor | None:
    """Return the actor that `viewer` becomes when viewing as a person `since` then; None if the person is not active.

    Role, grants and therefore scope are the person's. Language, theme and density stay the viewer's, who has to read
    the pages. The person's platform permissions don't pass to the viewer.
    """
    counts = func.counts_of_person(viewer.organization_id, User.id, viewer.timezone).label("counts")
    found = db.session.execute(
        restrict(_PERSON.add_columns(counts), User, viewer).where(User.id == user_id, User.is_active)
    ).one_or_none()
    if found is None:
        return None
    return replace(
        viewer,
        user_id=found.id,
        name=found.name,
        email=found.email,
        avatar_key=found.avatar_key,
        role=Role(found.role),
        granted=grants_of(found.granted),
        viewer=viewer,
        viewing_since=since,
        call_on=_call_on(viewer, found.id),
        counts=Counts(**found.counts),
    )


def _call_on(viewer: Actor, user_id: UUID) -> CallOn | None:
    """Return the active call of a person; `find_session` returns only that of the signed-in user."""
    calls = unscoped(_CALL_ON, why="the active call of the person being viewed, which is shown on all their pages")
    found = db.session.execute(
        calls.where(Call.organization_id == viewer.organization_id, Call.handled_by_user_id == user_id)
    ).one_or_none()
    return CallOn(**found._mapping) if found else None


def lock_own_session(actor: Actor) -> UserSession:
    """Return the current session, locked until the transaction ends so that two clicks are serialized."""
    mine = visible(UserSession, actor).where(UserSession.id == actor.session_id)
    return db.session.scalars(held(mine)).one()


def is_impersonating(token: Token) -> bool:
    """Return whether a session views as another person.

    Runs in its own transaction and leaves the context of the request unchanged.
    """
    looking = unscoped(
        select(UserSession.id), why="runs before the actor is known; the session cookie identifies the row"
    ).where(
        UserSession.organization_id == token.organization_id,
        UserSession.token_hash == token.digest,
        UserSession.revoked_at.is_(None),
        UserSession.viewing_since.is_not(None),
    )
    with use_context(replace(current_context(), organization_id=token.organization_id)), own_transaction() as session:
        return session.scalar(looking) is not None
