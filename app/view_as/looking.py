"""The moment in which a request becomes that of the person whose pages are looked at, or stops being it.

`app.accounts.identity` asks here, with each request of a session that looks on. Whatever is written from then on – a
recorded read, a refusal – is written by who really sits there: the context keeps them as the one who acts.
"""

from datetime import datetime
from uuid import UUID

from flask import flash, session

from app.db.context import update_context
from app.db.session import enter_context
from app.extensions import db
from app.security.actor import Actor
from app.view_as.queries import find_person
from app.view_as.rules import EndCause, end_sentence, why_over
from app.view_as.service import end_by_itself

#: The ways out, and the way in, so that a second click on its button finds what the first has done.
_AS_ONESELF = frozenset({"view_as.start", "view_as.end", "accounts.logout"})


def acts_as_oneself(endpoint: str | None) -> bool:
    """Whether who looks on uses this endpoint under their own name."""
    return endpoint in _AS_ONESELF


def look_on(viewer: Actor, user_id: UUID | None, since: datetime, now: datetime) -> Actor:
    """The person whose pages `viewer` sees; `viewer` again when that is over, which is recorded and told."""
    person = find_person(viewer, user_id)
    cause = why_over(viewer, person, since, now)
    if person is None or cause is not None:
        cause = cause or EndCause.PERSON_GONE
        end_by_itself(viewer, cause)
        flash(str(end_sentence(cause)), "warn")
        void_open_forms()
        return viewer
    context = update_context(viewing_as=person.user_id, read_only=True)
    enter_context(db.session.connection(), context)
    return person


def void_open_forms() -> None:
    """Forms opened while looking on are worth nothing after: sent then, they would change things in one's own name."""
    session.pop("csrf_token", None)
