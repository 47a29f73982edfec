"""Who sees somebody else's pages changes nothing: held here for every route, and once more by the database, whose
transaction is read-only then.
"""

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _l

from app.db.transaction import SAFE_METHODS
from app.errors import Forbidden, Sentence
from app.people.impersonation.queries import is_impersonating
from app.people.impersonation.switch_service import impersonate
from app.security.actor import Actor, loaded_actor
from app.security.cookies import read_cookie
from app.security.guard import access_of, is_static
from app.security.identity import SESSION_COOKIE, find_actor_or_none, use_impersonation
from app.security.tokens import Token

#: How addresses end that answer with a file to keep. A contract test finds one that is missing.
_FILES = (".csv", "/file")


def init_impersonation(app: Flask) -> None:
    """Let sessions show the pages of somebody else, and refuse what may not be done there.

    Plug in after the guard and before the body is read.
    """
    use_impersonation(app, impersonate)
    app.before_request(_refuse)


def is_closed(endpoint: str, rule: str) -> bool:
    """Whether a page of the person stays closed to who looks on."""
    return endpoint.startswith("sign_in.") or rule.endswith(_FILES)


def _refuse() -> None:
    if request.endpoint is None or request.url_rule is None or is_static(request.endpoint):
        return
    is_unsafe = request.method not in SAFE_METHODS
    person = loaded_actor()
    if person is None and is_unsafe and _session_impersonates():
        person = find_actor_or_none()  # public routes ask for nobody by themselves, and some of them change things
    if person is None or person.viewer is None:
        return
    if is_unsafe:
        raise _refusal(
            person,
            _l(
                "You only look at the pages of %(name)s, so nothing was changed. End that first, then do it under your "
                "own name.",
                name=person.name,
            ),
        )
    if is_closed(request.endpoint, request.url_rule.rule):
        raise _refusal(
            person,
            _l(
                "This is for %(name)s alone: their account, and files to keep. End the look at their pages to get to "
                "your own.",
                name=person.name,
            ),
        )


def _session_impersonates() -> bool:
    """Without making the request that of whoever is signed in: a link to set a password is of another organization."""
    token = Token.parse(read_cookie(SESSION_COOKIE))
    return token is not None and is_impersonating(token)


def _refusal(person: Actor, message: Sentence) -> Forbidden:
    access = access_of(current_app, request.endpoint or "")
    needed = next(iter((*access.all_of, *access.any_of)), None) if access else None
    return Forbidden(
        required_permission=needed.value if needed else "",
        required_role=None,
        current_role=person.role.value,
        message=message,
    )
