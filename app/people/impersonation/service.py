"""Beginning and end of viewing as another person.

The state is stored on the session's row, where no browser can forge it.
"""

from datetime import UTC, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from app.audit.actions import Action
from app.audit.reason_rules import clean_reason
from app.audit.record import name_action
from app.db.transaction import own_transaction
from app.errors import Conflict
from app.extensions import db
from app.models import UserSession
from app.people.impersonation import queries
from app.people.impersonation.rules import EndCause, has_no_more_rights_than
from app.people.users.detail_queries import get_person
from app.security.actor import Actor
from app.security.permissions import Permission
from app.security.scope import visible


def check(viewer: Actor, user_id: UUID) -> Actor:
    """Return the person as the actor `viewer` would act as.

    Raises NotFound, Conflict for the viewer themselves and for an inactive person, and Forbidden without permission,
    for a person with a higher role or more permissions than `viewer`, and for platform staff who are inside an
    organization.
    """
    viewer.requires(Permission.USERS_VIEW_AS)
    if viewer.home is not None:
        raise viewer.refusal(Permission.USERS_VIEW_AS, _l("You’re a guest here. Guests can’t view as another person."))
    user = get_person(viewer, user_id)
    if user.id == viewer.user_id:
        raise Conflict(None, _l("You can’t view as yourself."))
    person = queries.find_person(viewer, user.id)
    if person is None:
        raise Conflict(None, _l("%(name)s’s account isn’t active, so you can’t view as them.", name=user.name))
    if not has_no_more_rights_than(person, viewer):
        raise viewer.refusal(
            Permission.USERS_VIEW_AS,
            _l("You can’t view as someone with a higher role or more permissions than you."),
        )
    return person


def start(viewer: Actor, user_id: UUID, reason: str) -> None:
    """View as this person from the next request on, which ends viewing as any other person.

    Raises the errors of `check`, and ValidationFailed without a reason.
    """
    person, why = check(viewer, user_id), clean_reason(reason)
    session = queries.lock_own_session(viewer)
    if session.viewing_user_id == person.user_id:
        return
    if session.viewing_since is not None:
        _end(session, EndCause.ANOTHER_PERSON, db.session())
    session.viewing_user_id, session.viewing_since, session.viewing_reason = person.user_id, datetime.now(UTC), why
    name_action(
        Action.SESSION_VIEWING_STARTED,
        session,
        metadata={"viewing_as": str(person.user_id), "name": person.name, "reason": why},
    )


def end(viewer: Actor) -> bool:
    """Stop viewing as another person; return whether the session was doing so.

    Platform staff inside an organization never view as another person.
    """
    if viewer.home is not None:
        return False
    session = queries.lock_own_session(viewer)
    if session.viewing_since is None:
        return False
    _end(session, EndCause.BY_HAND, db.session())
    return True


def end_by_itself(viewer: Actor, cause: EndCause) -> None:
    """End the view-as in a separate transaction, because the request's own can be read-only.

    Rolls back the request's transaction first. Concurrent requests end the view-as only once.
    """
    db.session.rollback()  # release this connection before opening another
    looking_on = visible(UserSession, viewer).where(
        UserSession.id == viewer.session_id, UserSession.viewing_since.is_not(None)
    )
    with own_transaction() as session:
        row = session.scalar(looking_on.with_for_update())
        if row is not None:
            _end(row, cause, session)


def _end(row: UserSession, cause: EndCause, session: Session) -> None:
    viewed = row.viewing_user_id
    metadata = {"viewing_as": str(viewed) if viewed else None, "reason": row.viewing_reason, "cause": cause.value}
    row.viewing_user_id = row.viewing_since = row.viewing_reason = None
    name_action(Action.SESSION_VIEWING_ENDED, row, session, metadata=metadata)
