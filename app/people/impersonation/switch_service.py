"""Switching a request to the person whom its session views as, or back to the viewer.

`app.security.identity` calls `impersonate` with each request of a session that views as another person. Whatever is
written from then on – a recorded read, a refusal – is attributed to the viewer, who remains the actor of the context.
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

#: Endpoints that run under the viewer's own name: the exits, and the entry, so that a second click on its button finds
#: what the first one did.
_AS_ONESELF = frozenset({"impersonation.start", "impersonation.end", "sign_in.sign_out"})


def impersonate(viewer: Actor, viewing: Viewing, now: datetime) -> Actor | None:
    """Make the request read-only and return the person whom `viewer` views as.

    If the view-as has to end, ends it with a flash message and an entry in the audit trail, and returns `viewer`.
    Returns None for endpoints that always run under the viewer's own name.
    """
    if request.endpoint in _AS_ONESELF:
        return None
    person = find_person(viewer, viewing.user_id, viewing.since)
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
    """Discard the CSRF token, so that forms opened while viewing as another person can't be sent.

    Submitted later, they would change data under the viewer's own name.
    """
    session.pop("csrf_token", None)
