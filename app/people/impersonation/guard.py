"""Guard that keeps viewing as another person read-only.

It covers every route. The database enforces the rule a second time, because the transaction is read-only.
"""

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _l

from app.db.transaction import SAFE_METHODS
from app.errors import Forbidden, LazyText
from app.people.impersonation.queries import is_impersonating
from app.people.impersonation.switch_service import impersonate
from app.security.actor import Actor, loaded_actor
from app.security.cookies import read_cookie
from app.security.guard import access_of, is_static
from app.security.identity import SESSION_COOKIE, find_actor_or_none, use_impersonation
from app.security.tokens import Token

#: Suffixes of the routes that answer with a download. A contract test reports a route that is missing here.
_FILES = (".csv", "/file")


def init_impersonation(app: Flask) -> None:
    """Let sessions view as another person, and refuse what isn't allowed while they do.

    Call it after the guard is registered and before anything reads the request body.
    """
    use_impersonation(app, impersonate)
    app.before_request(_refuse)


def is_closed(endpoint: str, rule: str) -> bool:
    """Return whether a page can't be opened while viewing as another person: account pages and downloads."""
    return endpoint.startswith("sign_in.") or rule.endswith(_FILES)


def _refuse() -> None:
    if request.endpoint is None or request.url_rule is None or is_static(request.endpoint):
        return
    is_unsafe = request.method not in SAFE_METHODS
    person = loaded_actor()
    if person is None and is_unsafe and _session_impersonates():
        person = find_actor_or_none()  # public routes don't load the actor, and some of them change data
    if person is None or person.viewer is None:
        return
    if is_unsafe:
        raise _refusal(
            person,
            _l(
                "You’re viewing as %(name)s, so nothing was changed. Stop viewing, then do it under your own name.",
                name=person.name,
            ),
        )
    if is_closed(request.endpoint, request.url_rule.rule):
        raise _refusal(
            person,
            _l(
                "Only %(name)s can use this: account settings and downloads are private. Stop viewing to use your own.",
                name=person.name,
            ),
        )


def _session_impersonates() -> bool:
    """Return whether the session cookie belongs to a session that views as another person.

    Doesn't load the actor into the request: a link to set a password can belong to another organization.
    """
    token = Token.parse(read_cookie(SESSION_COOKIE))
    return token is not None and is_impersonating(token)


def _refusal(person: Actor, message: LazyText) -> Forbidden:
    access = access_of(current_app, request.endpoint or "")
    needed = next(iter((*access.all_of, *access.any_of)), None) if access else None
    return Forbidden(
        required_permission=needed.value if needed else "",
        required_role=None,
        current_role=person.role.value,
        message=message,
    )
