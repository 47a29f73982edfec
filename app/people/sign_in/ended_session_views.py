"""What becomes of a form when its session has ended, and how a page finds out that it has."""

from flask import Response, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from app.errors import DomainError, TokenExpired, TokenInvalid
from app.people.sign_in.forms import SignInForm
from app.people.sign_in.kept_form_service import KeptForm, NotKept, keep_form
from app.people.sign_in.views import sign_in, sign_in_page
from app.security.actor import current_actor
from app.security.guard import signed_in
from app.security.identity import find_ended_session
from app.web.errors import answer
from app.web.form_token import masked_token
from app.web.forms_shown_again import SHOWN_AGAIN, STOOD_AT, WITHOUT_FILE
from app.web.redirects import local_path, page_before
from app.web.request_limits import BODY_BYTES


@sign_in.get("/account/session")
@signed_in
def show_session() -> Response:
    """For scripts: whose session it is, as pages say it (`data-account`), and a token for the forms that are open."""
    return jsonify(account=current_actor().account, csrf_token=masked_token())


@sign_in.app_errorhandler(TokenExpired)
@sign_in.app_errorhandler(TokenInvalid)
def ask_to_sign_in(error: TokenExpired | TokenInvalid) -> Response | HTTPException:
    """Where others are sent away to sign in, the sender of a form gets the sign-in page itself, which carries it."""
    led_away = answer(error)
    ended = find_ended_session()
    if request.endpoint == "sign_in.sign_out":
        return led_away  # they are out already
    if ended is None or request.method != "POST" or not isinstance(led_away, Response) or led_away.status_code != 303:
        return led_away
    is_too_long, form = False, SignInForm(formdata=None, next=page_before())
    try:
        form.kept.data = keep_form(_form_of_request(), ended)
    except NotKept:
        is_too_long = True
    if form.kept.data is None and not is_too_long and not (ended.was_visiting and len(request.form) > 1):
        return led_away
    return make_response(sign_in_page(form, ended, is_too_long=is_too_long), error.status)


def _form_of_request() -> KeptForm:
    """Raises NotKept when it is too long to be read, or no form."""
    request.max_content_length = BODY_BYTES
    try:
        fields = [
            (name, value) for name, value in request.form.items(multi=True) if name not in (SHOWN_AGAIN, STOOD_AT)
        ]
        had_file = any(file.filename for file in request.files.values())
    except (HTTPException, DomainError) as error:
        raise NotKept from error
    back = local_path(request.form.get(STOOD_AT)) or page_before() or "/"
    had_file = had_file or request.form.get(SHOWN_AGAIN) == WITHOUT_FILE
    return KeptForm(request.full_path.rstrip("?"), back, fields, had_file)
