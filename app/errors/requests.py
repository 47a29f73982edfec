"""What a request itself has wrong: its words, its proof of who asks, its permission, its address, its size."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from app.errors.base import DomainError, FieldError, Sentence

# 400: the request says something that cannot be


class ValidationFailed(DomainError):
    """Every wrong field at once."""

    code, status = "VALIDATION_ERROR", 400
    title = _l("Some of this can’t be used")
    default_message = _l("Some fields are wrong.")
    default_advice = _l("Correct them and send it again.")

    def __init__(self, fields: Sequence[FieldError], message: Sentence | None = None) -> None:
        super().__init__(message)
        self.fields = tuple(fields)

    @property
    def field_errors(self) -> tuple[FieldError, ...]:
        """What `fields` was given."""
        return self.fields


class _MalformedPart(DomainError):
    """A part of the request that does not parse; `where` names it."""

    status = 400

    def __init__(self, where: str, message: Sentence | None = None) -> None:
        super().__init__(message, where=where)


class InvalidJson(_MalformedPart):
    """`where` is the line and column, or the field."""

    code, title = "INVALID_JSON", _l("That is not JSON")
    default_message = _l("The body is not valid JSON.")
    default_advice = _l("Check it with a JSON validator and send it again.")


class InvalidCursor(_MalformedPart):
    """Malformed, or made for another sort or other filters."""

    code, title = "INVALID_CURSOR", _l("This page of the list is gone")
    default_message = _l("The place in the list does not fit this sort and these filters.")
    default_advice = _l("Start again from the first page.")


class InvalidPeriod(_MalformedPart):
    """Unknown name, unreadable date, or end before start."""

    code, title = "INVALID_PERIOD", _l("That is not a period")
    default_message = _l("The period could not be read.")
    default_advice = _l("Choose one from the list, or a start and an end with the end not before the start.")


# 401: who is asking is not known


class Unauthenticated(DomainError):
    """Nobody is signed in, or what was presented proves nothing."""

    code, status = "TOKEN_MISSING", 401
    title = _l("Sign in first")
    default_message = _l("You are not signed in.")
    default_advice = _l("Sign in and try again.")


class TokenExpired(Unauthenticated):
    """It was good once; its time has run out."""

    code, title = "TOKEN_EXPIRED", _l("Your session has ended")
    default_message = _l("Your session has ended because it was not used for a while.")


class TokenInvalid(Unauthenticated):
    """Malformed, revoked, or of a session or key that has ended."""

    code, title = "TOKEN_INVALID", _l("Your session has ended")
    default_message = _l("This session is no longer valid.")


class InvalidCredentials(Unauthenticated):
    """The same whether the account exists or not."""

    code, title = "INVALID_CREDENTIALS", _l("That did not work")
    default_message = _l("Email address and password do not fit together.")
    default_advice = _l("Check both and try again, or reset your password.")


# 403: known, but not allowed


class Forbidden(DomainError):
    """Names the permission that is missing, the first role that has it (None: no role has) and the current role."""

    code, status = "INSUFFICIENT_PERMISSIONS", 403
    title = _l("You can’t do this")
    default_message = _l("It needs a role you don’t have. Nothing is wrong with your account.")
    default_advice = _l("Ask an admin of your organization if you need it.")

    def __init__(
        self,
        *,
        required_permission: str,
        required_role: str | None,
        current_role: str,
        message: Sentence | None = None,
    ) -> None:
        super().__init__(
            message, required_permission=required_permission, required_role=required_role, current_role=current_role
        )


class CsrfFailed(DomainError):
    """A form or request of a page that this browser session did not get from us."""

    code, status = "CSRF_FAILED", 403
    title = _l("This form is too old")
    default_message = _l("Nothing was saved: the form was opened before you signed in, or in another browser.")
    default_advice = _l("Reload the page and send it again.")


class ForeignOrigin(CsrfFailed):
    """A form that another site had the browser send."""

    title = _l("This form came from another site")
    default_message = _l("Nothing was saved: your browser says that the form was not on a page of Switchboard.")
    default_advice = _l("Open the page here and send it again. If you did not send anything, you need do nothing.")


# 404 to 416: the request does not fit what is here


class NotFound(DomainError):
    """Not there, or outside what the actor may see: the answer does not tell which."""

    code, status = "RESOURCE_NOT_FOUND", 404
    title = _l("We can’t find that")
    default_message = _l("There is nothing here that you may see.")
    default_advice = _l("It may have been deleted, or the address may be wrong. Check it, or go back to the list.")

    def __init__(self, resource_type: str, resource_id: object = None, message: Sentence | None = None) -> None:
        shown = None if resource_id is None else str(resource_id)
        super().__init__(message, resource_type=resource_type, resource_id=shown)


class MethodNotAllowed(DomainError):
    """The path exists; the answer’s Allow header says for which methods."""

    code, status = "METHOD_NOT_ALLOWED", 405
    title = _l("That can’t be done here")
    default_message = _l("This address does not take that kind of request.")
    default_advice = _l("Go back and use the buttons of the page.")


class NotAcceptable(DomainError):
    """The caller’s Accept header leaves out all we have."""

    code, status = "NOT_ACCEPTABLE", 406
    title = _l("Not in that format")
    default_message = _l("This address answers in JSON only.")
    default_advice = _l("Send “Accept: application/json”.")


class PayloadTooLarge(DomainError):
    """Refused before the body is read to its end."""

    code, status = "PAYLOAD_TOO_LARGE", 413
    title = _l("That is too large")
    default_message = _l("What was sent is larger than this address takes.")
    default_advice = _l("Send a smaller file, or split it.")


class OutOfRange(ValidationFailed):
    """A part of a file behind its end; the answer’s Content-Range header says how long the file is."""

    status, title = 416, _l("That part does not exist")
    default_message = _l("The file ends before the part that was asked for.")
    default_advice = _l("Ask for an earlier part, or for the whole file.")

    def __init__(self) -> None:
        super().__init__([])


class UnsupportedMediaType(DomainError):
    """The body’s Content-Type is not one the route reads."""

    code, status = "UNSUPPORTED_MEDIA_TYPE", 415
    title = _l("Not in that format")
    default_message = _l("This address does not take a body of that type.")
    default_advice = _l("Send “Content-Type: application/json”.")
