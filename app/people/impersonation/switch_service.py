"""The moment in which a request becomes that of the person whose pages are looked at, or stops being it.

`app.security.identity` is handed `impersonate`, and asks it with each request of a session that looks on. Whatever is
written from then on – a recorded read, a refusal – is written by who really sits there: the context keeps them as the
one who acts.
"""

from datetime import datetime

from flask import flash, request, session

from app.db.context import update_context
from app.db.session import enter_context
from app.extensions import db
from app.people.impersonation.queries import find_person
from app.people.impersonation.rules import EndCause, end_cause_of, end_sentence
from app.people.impersonation.service import end_by_itself
from app.security.actor import Actor
from app.security.identity import Viewing

#: The ways out, and the way in, so that a second click on its button finds what the first has done.
_AS_ONESELF = frozenset({"impersonation.start", "impersonation.end", "sign_in.sign_out"})


def impersonate(viewer: Actor, viewing: Viewing, now: datetime) -> Actor | None:
    """The person whose pages `viewer` sees; `viewer` again when that is over, which is recorded and told.

    None where they act under their own name all the same.
    """
    if request.endpoint in _AS_ONESELF:
        return None
    person = find_person(viewer, viewing.user_id)
    cause = end_cause_of(viewer, person, viewing.since, now)
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
