"""Visits to lists: rows that existed at a user's last visit are no longer new (docs/decisions/0053)."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert

from app.db.ids import uuid7
from app.db.transaction import dispensable_transaction
from app.declarations.listed import Listed
from app.extensions import db
from app.models import ListVisit
from app.security.actor import Actor
from app.security.permissions import Permission
from app.tenancy.actor_rules import require_own_person

#: Another look within this time belongs to the same visit: new rows stay marked.
VISIT = timedelta(minutes=30)
#: Minimum interval between recorded looks.
LOOK_INTERVAL = timedelta(minutes=5)


def record_visit(actor: Actor, listed: Listed, now: datetime) -> None:
    """Record that `actor` looks at a list, in a separate transaction because the request can be read-only.

    The first look after VISIT begins a new visit: rows that existed at the end of the last one count as seen.
    """
    looked = insert(ListVisit).values(_values(actor, listed, now))
    ended = ListVisit.looked_at <= now - VISIT
    looked = looked.on_conflict_do_update(
        constraint="uq_list_visits_user_page",
        set_={"last_at": case((ended, ListVisit.looked_at), else_=ListVisit.last_at), "looked_at": now},
        where=ListVisit.looked_at <= now - LOOK_INTERVAL,
    )
    with dispensable_transaction() as session:
        session.execute(looked)


def mark_seen(actor: Actor, listed: Listed) -> None:
    """Mark all rows of the list as seen by `actor`. Raises Forbidden."""
    require_own_person(actor, Permission.SAVED_VIEWS_WRITE)
    actor.requires(listed.permission)
    now = datetime.now(UTC)
    seen = insert(ListVisit).values(_values(actor, listed, now))
    db.session.execute(
        seen.on_conflict_do_update(constraint="uq_list_visits_user_page", set_={"last_at": now, "looked_at": now})
    )


def _values(actor: Actor, listed: Listed, now: datetime) -> dict[str, object]:
    return {
        "organization_id": actor.organization_id,
        "id": uuid7(),
        "user_id": actor.user_id,
        "page": listed.name,
        "last_at": now,
        "looked_at": now,
    }
