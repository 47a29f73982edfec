"""Forms submitted again by an intermediate page, after users have signed in or confirmed who they are.

Some are only shown again with their values, as any view shows a form after an error: the remembered values are
submitted once more with an additional field that no form has itself, and nothing is done or saved. Others are carried
out; another field ensures that this is done only once (`app.people.sign_in.confirmation_views`).
"""

from http import HTTPStatus

from flask import Flask, Response, flash, g, request
from flask_babel import lazy_gettext as _l

from app.db.context import update_context
from app.errors import LazyText
from app.extensions import db
from app.web.htmx import redirect
from app.web.redirects import local_path
from app.web.representation import is_for_programs

#: The field, and its value if a file was chosen, which cannot be remembered.
SHOWN_AGAIN, WITHOUT_FILE = "shown_again", "without a file"
#: Its value after a confirmation: files and passwords are missing, or else the form would be carried out.
CONFIRMED = "confirmed"
#: The page that contained the form.
STOOD_AT = "shown_again_at"
#: The mark of a form that is carried out once.
SUBMITTED_ONCE = "submitted_once"
#: Session key of the marks of forms that were carried out after a confirmation, newest last.
DONE_ONCE = "done_once"

_COMPLETE = _l("You’re signed in again, but nothing has been submitted yet. Check what you entered and submit it.")
_INCOMPLETE = _l(
    "You’re signed in again, but nothing has been submitted yet. Choose the file again, check what "
    "you entered and submit it."
)
_AFTER_CONFIRMING = _l(
    "Nothing has been submitted yet: passwords, codes and files aren’t kept. Enter them again and submit the form."
)
_PRESS_AGAIN = _l("You’re signed in again, but nothing has been done yet. Press the button again.")
_PRESS_AFTER_CONFIRMING = _l("Nothing has been done yet. Press the button again.")


def init_forms_shown_again(app: Flask) -> None:
    """Make the database reject every write of a request that only shows a form again.

    A button without a form therefore does nothing either. Must be called after the CSRF check is set up.
    """
    app.before_request(_find_out)
    app.after_request(_mark_as_not_done)


def is_shown_again() -> bool:
    """Return whether this request submits a form only to show it again."""
    # Determined once: a form that could not be parsed must not be accessed again.
    return bool(g.get("is_shown_again"))


def shown_again_sentence() -> LazyText:
    """Return the message shown with a form that is shown again."""
    sentences = {WITHOUT_FILE: _INCOMPLETE, CONFIRMED: _AFTER_CONFIRMING}
    return sentences.get(request.form[SHOWN_AGAIN], _COMPLETE)


def lead_back() -> Response:
    """Redirect to the page of a button, which has no form to show again, so that it can be pressed again."""
    return redirect(local_path(request.form.get(STOOD_AT)) or "/")


def _mark_as_not_done(response: Response) -> Response:
    if is_shown_again() and response.status_code == HTTPStatus.SEE_OTHER:
        is_confirmed = request.form[SHOWN_AGAIN] == CONFIRMED
        flash(str(_PRESS_AFTER_CONFIRMING if is_confirmed else _PRESS_AGAIN), "warn")
    return response


def _find_out() -> None:
    g.is_shown_again = request.method == "POST" and not is_for_programs(request.path) and SHOWN_AGAIN in request.form
    if g.is_shown_again:
        db.session.rollback()  # the open transaction can write
        update_context(read_only=True)
