"""Operations on the secret address of a person's calendar feed: create, renew and revoke.

The database only stores its hash.
"""

from app.audit.actions import Action
from app.audit.record import name_action
from app.db.context import update_context
from app.extensions import db
from app.security.actor import Actor
from app.security.confirmation import Effect, require_confirmation
from app.security.permissions import Permission
from app.security.tokens import Token
from app.work.calendar.feed_queries import find_feed_owner, get_feed_row


def renew(actor: Actor) -> Token:
    """Create a new address, which is shown once; the previous one stops working.

    Raises Forbidden and ReauthenticationRequired.
    """
    actor.requires(Permission.EVENTS_READ)
    require_confirmation(actor, Effect.CALENDAR_FEED)
    token = Token.new(actor.organization_id)
    row = get_feed_row(actor, lock=True)
    row.calendar_feed_hash = token.digest
    name_action(Action.CALENDAR_FEED_RENEWED, row)
    return token


def revoke(actor: Actor) -> None:
    """Revoke the address, if there is one. Raises Forbidden."""
    actor.requires(Permission.EVENTS_READ)
    row = get_feed_row(actor, lock=True)
    if row.calendar_feed_hash is None:
        return
    row.calendar_feed_hash = None
    name_action(Action.CALENDAR_FEED_REVOKED, row)


def open_feed(token: Token | None) -> Actor | None:
    """Return the owner of the feed, and continue the request in their organization.

    Returns None if the token opens no feed.
    """
    if token is None:
        return None
    db.session.rollback()  # it began before the organization was known
    update_context(organization_id=token.organization_id)
    owner = find_feed_owner(token)
    if owner is None:
        db.session.rollback()
        update_context(organization_id=None)
    return owner
