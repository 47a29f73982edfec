"""A form that is sent only to be shown with what was typed: it came too late, when its session had ended.

Every view can show its form with what was sent, as it does when something is wrong in it. So that is the way back to
any form: what was kept is sent once more, with a field that no form has by itself; nothing is done and nothing saved.
"""

from flask import Flask, request
from flask_babel import lazy_gettext as _l

from app.db.context import update_context
from app.errors import Sentence
from app.extensions import db

#: The field, and what it holds where a file was chosen, which nobody can keep.
SHOWN_AGAIN, WITHOUT_FILE = "shown_again", "without a file"

_COMPLETE = _l("You are signed in again, and nothing is sent yet. What you typed is here: look it over and send it.")
_INCOMPLETE = _l(
    "You are signed in again, and nothing is sent yet. What you typed is here. Choose the file again and send it."
)


def init_forms_shown_again(app: Flask) -> None:
    """Have the database refuse every write of such a request: a button, which has no form, does nothing either.

    After the CSRF check.
    """
    app.before_request(_forbid_writes)


def is_shown_again() -> bool:
    """Whether this request is such a form."""
    return request.method == "POST" and SHOWN_AGAIN in request.form


def shown_again_sentence() -> Sentence:
    """What to say beside the form."""
    return _INCOMPLETE if request.form[SHOWN_AGAIN] == WITHOUT_FILE else _COMPLETE


def _forbid_writes() -> None:
    if is_shown_again():
        db.session.rollback()  # the transaction that is open may write
        update_context(read_only=True)
