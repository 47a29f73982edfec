"""Limits on the content of requests: size, and valid text.

The URL and the declared size are checked before the body is read or anything is looked up. A body without a declared
length is cut off at the limit while it is read, and a form's text is checked when it is parsed.
"""

import re
from collections.abc import Callable
from typing import IO, Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import Flask, Request, current_app, request
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from werkzeug.formparser import FormDataParser

from app.characters import is_showable, readable
from app.db.transaction import SAFE_METHODS
from app.errors import FieldError, LazyText, PayloadTooLarge, UnsupportedMediaType, ValidationFailed
from app.security.api_requests import is_operation
from app.security.guard import access_of
from app.web.representation import is_for_programs

#: For anonymous clients: a form with a few fields.
PUBLIC_BYTES = 64 * 1024
BODY_BYTES = 10 * 1024 * 1024
OPERATION_BYTES = 1024 * 1024
UPLOAD_BYTES = 200 * 1024 * 1024

_UPLOADS, _LARGE_BODIES = "switchboard_accepts_uploads", "switchboard_accepts_large_bodies"
_URLENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_FORMS = frozenset({_URLENCODED, _MULTIPART})
_UNCLEAR_HOST = _l("The request must name exactly one valid host.")
#: A name, which in internal networks can contain underscores, or an IP address, and a port.
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")

View = TypeVar("View", bound=Callable[..., Any])


def accepts_uploads(view: View) -> View:
    """Let a view accept up to UPLOAD_BYTES; other views accept BODY_BYTES, or PUBLIC_BYTES if public."""
    setattr(view, _UPLOADS, True)
    return view


def accepts_large_bodies(view: View) -> View:
    """Let a public view accept up to BODY_BYTES, because it verifies what it reads."""
    setattr(view, _LARGE_BODIES, True)
    return view


def is_upload() -> bool:
    """Return whether the requested view accepts files."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, _UPLOADS, False)


def _has_small_bodies() -> bool:
    """Return whether the requested view is public, and accepts small bodies only."""
    access = access_of(current_app, request.endpoint) if request.endpoint else None
    if access is None or access.signed_in:
        return False
    return not getattr(current_app.view_functions.get(request.endpoint or ""), _LARGE_BODIES, False)


class _TextualFormParser(FormDataParser):
    """Form parser that rejects a form that is not text.

    The library would continue with an empty form, which looks like a stale page. Characters that are not text are
    removed from every field, so no form shows them again and none is stored.
    """

    def parse(
        self, stream: IO[bytes], mimetype: str, content_length: int | None, options: dict[str, str] | None = None
    ) -> Any:
        """Parse the form.

        Raises ValidationFailed for broken UTF-8: in multipart forms, only names can contain it.
        """
        self.silent = False
        try:
            parsed = super().parse(stream, mimetype, content_length, options)
            if mimetype == _URLENCODED:
                # Without a declared length, content beyond the limit is dropped silently; reading on raises the error.
                stream.read(1)
        except UnicodeDecodeError:
            if mimetype == _MULTIPART:
                sentence = _l(
                    "The file name contains characters that can’t be read. Rename the file and upload it again."
                )
                raise _not_text("file", sentence) from None
            raise _not_text(
                "body", _l("The form contains characters that can’t be read. Retype the text and submit it again.")
            ) from None
        except ValueError:
            return stream, self.cls(), self.cls()  # not a form at all: same as in the library
        stream, form, files = parsed
        return stream, MultiDict((name, readable(text)) for name, text in form.items(multi=True)), files


class _TextualRequest(Request):
    form_data_parser_class = _TextualFormParser


def init_request_limits(app: Flask) -> None:
    """Reject requests that are too large, or whose URL is not valid text, before a view reads them."""
    app.request_class = _TextualRequest
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES
    app.before_request(_refuse_unclear_host)
    app.before_request(_limit_body)
    app.before_request(_refuse_unreadable)


def init_forms(app: Flask) -> None:
    """Reject, on pages, a body that is not a form, before the CSRF check finds no token in it."""
    app.before_request(_refuse_other_than_forms)


def _refuse_other_than_forms() -> None:
    if request.endpoint is None or request.method in SAFE_METHODS or is_for_programs(request.path):
        return
    has_body = bool(request.content_length) or "chunked" in request.headers.get("Transfer-Encoding", "").lower()
    if has_body and request.mimetype not in _FORMS:
        raise UnsupportedMediaType


def _refuse_unclear_host() -> None:
    """Reject a request without a valid Host header, unless its protocol has none, or with several (RFC 9112, 3.2).

    A proxy in front could have understood it as a request to another host. A host in the request line isn't seen: the
    server fills in a missing header from it, and otherwise drops it.
    """
    host = request.environ.get("HTTP_HOST", "")
    has_no_hosts = request.environ["SERVER_PROTOCOL"] == "HTTP/1.0"
    if not (_HOST.fullmatch(host) or (has_no_hosts and not host)):
        raise ValidationFailed([FieldError("Host", _UNCLEAR_HOST)], _UNCLEAR_HOST)


def _limit_body() -> None:
    if is_upload():
        request.max_content_length = UPLOAD_BYTES
    elif _has_small_bodies():
        request.max_content_length = PUBLIC_BYTES
    elif is_operation():
        request.max_content_length = OPERATION_BYTES
    if not is_operation():
        refuse_large_body()


def _refuse_unreadable() -> None:
    if not is_operation():
        refuse_other_than_text()


def refuse_large_body() -> None:
    """Reject a body by its declared length; one without is cut off at the same limit when it is read."""
    limit = request.max_content_length
    if limit is not None and (request.content_length or 0) > limit:
        raise PayloadTooLarge


def refuse_other_than_text() -> None:
    """Reject a URL with a NUL, broken UTF-8 or a control character.

    No record has such a name, and the database would reject a NUL later; characters that can't be displayed would
    appear in the form that shows the filters.
    """
    raw_path = request.environ.get("PATH_INFO", "").encode("latin-1")
    raw_query = unquote_to_bytes(request.query_string)
    for where, raw in (("path", raw_path), ("query", raw_query)):
        if b"\0" in raw:
            raise _not_text(where, _l("The URL contains a character that can’t be used."))
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            raise _not_text(where, _l("The URL contains characters that can’t be read.")) from None
        if not is_showable(text):
            raise _not_text(where, _l("The URL contains a control character, which can’t be displayed."))


def _not_text(where: str, sentence: LazyText) -> ValidationFailed:
    return ValidationFailed([FieldError(where, sentence)], sentence)
