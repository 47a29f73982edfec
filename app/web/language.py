"""In which language and time zone a page speaks."""

from flask import has_request_context, request

from app.models import Language
from app.security.actor import loaded_actor

LANGUAGE_COOKIE = "language"


def select_language() -> str:
    """The person's choice, else that of this browser, else what the browser asks for."""
    if not has_request_context():
        return Language.ENGLISH
    actor = loaded_actor()
    if actor is not None:
        return actor.language
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if chosen in set(Language):
        return str(chosen)
    return request.accept_languages.best_match(list(Language)) or Language.ENGLISH


def select_timezone() -> str:
    """The organization's zone: a day is a day there."""
    actor = loaded_actor() if has_request_context() else None
    return actor.timezone if actor else "UTC"
