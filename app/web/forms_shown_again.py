"""A form that is sent only to be shown with what was typed: it came too late, when its session had ended.

Every view can show its form with what was sent, as it does when something is wrong in it. So that is the way back to
any form: what was kept is sent once more, with a field that no form has by itself; nothing is done and nothing saved.
"""

from http import HTTPStatus

from flask import Flask, Response, flash, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.db.context import update_context
from app.errors import Sentence
from app.extensions import db
from app.web.htmx import redirect
from app.web.redirects import local_path

#: The field, and what it holds where a file was chosen, which nobody can keep.
SHOWN_AGAIN, WITHOUT_FILE = "shown_again", "without a file"
#: The page that the form stood on.
STOOD_AT = "shown_again_at"

_COMPLETE = _l("You are signed in again, and nothing is sent yet. What you typed is here: look it over and send it.")
_INCOMPLETE = _l(
    "You are signed in again, and nothing is sent yet. What you typed is here. Choose the file again and send it."
)


def init_forms_shown_again(app: Flask) -> None:
    """Have the database refuse every write of such a request: a button, which has no form, does nothing either.

    After the CSRF check.
    """
    app.before_request(_find_out)
    app.after_request(_say_nothing_is_done)


def is_shown_again() -> bool:
    """Whether this request is such a form."""
    # Found out once: after a form that cannot be read, nobody may look into it again.
    return bool(g.get("is_shown_again"))


def shown_again_sentence() -> Sentence:
    """What to say beside the form."""
    return _INCOMPLETE if request.form[SHOWN_AGAIN] == WITHOUT_FILE else _COMPLETE


def lead_back() -> Response:
    """From a button, which has no form to show: to where it stands, to be pressed again."""
    return redirect(local_path(request.form.get(STOOD_AT)) or "/")


def _say_nothing_is_done(response: Response) -> Response:
    if is_shown_again() and response.status_code == HTTPStatus.SEE_OTHER:
        flash(_("You are signed in again. Nothing is done yet: press the button again."), "warn")
    return response


def _find_out() -> None:
    g.is_shown_again = request.method == "POST" and SHOWN_AGAIN in request.form
    if g.is_shown_again:
        db.session.rollback()  # the transaction that is open may write
        update_context(read_only=True)
