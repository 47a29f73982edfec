"""The queries that say who asks: one for everybody, one more for a guest of the platform."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text

from app.extensions import db
from app.models import Organization, Revision
from app.security.tokens import Token

_REVISIONS = (
    select(func.coalesce(func.jsonb_object_agg(Revision.kind, Revision.revision), text("'{}'")))
    .where(Revision.organization_id == Organization.id)
    .correlate(Organization)
    .scalar_subquery()
    .label("revisions")
)
#: Revisions are read with it, so before whatever is kept under them: that can be newer than its revision, never older.
_SESSION = "SELECT * FROM find_session(%(organization_id)s, %(digest)s)"


def find_session(token: Token) -> Row[*tuple[Any, ...]] | None:
    """A session with its person, their organization and extra permissions, in one query.

    Ended sessions too, and those of people who were deleted: their browser is told why. None for a token nobody was
    given. Needs the token's organization in the context.
    """
    given = {"organization_id": token.organization_id, "digest": token.digest}
    return db.session.connection().exec_driver_sql(_SESSION, given).one_or_none()


def find_entered_organization(organization_id: UUID) -> Row[*tuple[Any, ...]] | None:
    """What a visitor's pages need of an organization that the context has been turned to; None for a deleted one."""
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
