"""Queries for the session of a request: one for all users, and two more for visiting platform staff."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text

from app.db.context import visit_json
from app.extensions import db
from app.models import Organization, Revision, UserSession
from app.private_apis import fetch_rows
from app.security.actor import Actor
from app.security.scope import visible
from app.security.tokens import Token

_REVISIONS = (
    select(func.coalesce(func.jsonb_object_agg(Revision.kind, Revision.revision), text("'{}'")))
    .where(Revision.organization_id == Organization.id)
    .correlate(Organization)
    .scalar_subquery()
    .label("revisions")
)
#: Revisions are read in the same query, before any data cached under them: the data can be newer than its revision, but
#: never older.
_SESSION = "SELECT * FROM find_session(%(organization_id)s, %(digest)s, %(for_page)s)"


def find_session(token: Token, *, for_page: bool = True) -> Row[*tuple[Any, ...]] | None:
    """Return a session with its user, their organization and granted permissions, in one query.

    Ended sessions and those of deleted people are included, so that the browser gets the reason. Returns None for an
    unknown token. What only pages show (the counts and the current call) is None unless it is read `for_page`. Needs
    the token's organization in the context.
    """
    given = {"organization_id": token.organization_id, "digest": token.digest, "for_page": for_page}
    return next(iter(fetch_rows(db.session.connection(), _SESSION, given)), None)


def find_visit(staff: Actor) -> str | None:
    """Return the visit of platform staff for the context, or None if it began before visits had ids.

    Needs their own organization in the context.
    """
    mine = visible(UserSession, staff).with_only_columns(UserSession.entered_visit_id, UserSession.entered_reason)
    found = db.session.execute(mine.where(UserSession.id == staff.session_id)).one()
    return None if found.entered_visit_id is None else visit_json(found.entered_visit_id, found.entered_reason)


def find_entered_organization(organization_id: UUID) -> Row[*tuple[Any, ...]] | None:
    """Return the name and settings of the organization that staff have entered; None if it is deleted.

    Needs that organization in the context.
    """
    facts = select(
        Organization.name,
        Organization.slug,
        Organization.timezone,
        Organization.week_start,
        Organization.country,
        Organization.require_mfa,
        _REVISIONS,
    )
    return db.session.execute(facts.where(Organization.id == organization_id)).one_or_none()
