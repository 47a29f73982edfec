"""Handling of forms submitted after their session has ended.

Also an endpoint by which pages detect that their session has ended.
"""

from flask import Response, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from app.errors import DomainError, TokenExpired, TokenInvalid
from app.people.sign_in.forms import SignInForm
from app.people.sign_in.saved_form_service import FormNotSaved, SavedForm, seal_form
from app.people.sign_in.views import sign_in, sign_in_page
from app.security.actor import current_actor
from app.security.guard import signed_in
from app.security.identity import find_ended_session
from app.web.errors import answer
from app.web.form_token import masked_token
from app.web.redirects import local_path, page_before
from app.web.request_limits import BODY_BYTES
from app.web.resubmission import SHOWN_AGAIN, STOOD_AT, SUBMITTED_ONCE, WITHOUT_FILE

#: Fields of a form that is submitted again, which none has itself.
_ADDED = frozenset({SHOWN_AGAIN, STOOD_AT, SUBMITTED_ONCE})


@sign_in.get("/account/session")
@signed_in
def show_session() -> Response:
    """Return the session's account and a CSRF token for open forms, as JSON for scripts.

    The account is the identifier that pages have in `data-account`.
    """
    return jsonify(account=current_actor().account, csrf_token=masked_token())


@sign_in.app_errorhandler(TokenExpired)
@sign_in.app_errorhandler(TokenInvalid)
def ask_to_sign_in(error: TokenExpired | TokenInvalid) -> Response | HTTPException:
    """Return a sign-in page that carries the submitted form of an ended session.

    A form that is too long isn't carried, and the page says so. Requests without a form to keep get the usual response
    to `error`.
    """
    led_away = answer(error)
    ended = find_ended_session()
    if request.endpoint == "sign_in.sign_out":
        return led_away  # already signed out
    if ended is None or request.method != "POST" or not isinstance(led_away, Response) or led_away.status_code != 303:
        return led_away
    is_too_long, form = False, SignInForm(formdata=None, next=page_before())
    try:
        sent = submitted_form()
        if _only_confirms(sent):
            return led_away
        form.kept.data = seal_form(sent, ended)
    except FormNotSaved:
        is_too_long = True
    if form.kept.data is None and not is_too_long and not (ended.was_visiting and len(request.form) > 1):
        return led_away
    return make_response(sign_in_page(form, ended, is_too_long=is_too_long), error.status)


def _only_confirms(sent: SavedForm) -> bool:
    """Return whether the form is a confirmation for which no other form waits.

    It isn't kept, because signing in again confirms the session, too.
    """
    return request.endpoint == "sign_in.create_confirmation" and not dict(sent.fields).get("kept")


def submitted_form() -> SavedForm:
    """Return the form of this request. Raises FormNotSaved if the body is too long or can't be parsed."""
    request.max_content_length = BODY_BYTES
    try:
        fields = [(name, value) for name, value in request.form.items(multi=True) if name not in _ADDED]
        had_file = any(file.filename for file in request.files.values())
    except (HTTPException, DomainError) as error:
        raise FormNotSaved from error
    back = local_path(request.form.get(STOOD_AT)) or page_before() or "/"
    had_file = had_file or request.form.get(SHOWN_AGAIN) == WITHOUT_FILE
    return SavedForm(request.full_path.rstrip("?"), back, fields, had_file)
