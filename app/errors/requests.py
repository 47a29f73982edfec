"""Errors in the request itself: its values, authentication, permission, URL or size."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l

from app.errors.base import DomainError, FieldError, LazyText

# 400: the request is malformed or invalid


class ValidationFailed(DomainError):
    """Invalid values in the request; all invalid fields are reported together."""

    code, status = "VALIDATION_ERROR", 400
    title = _l("Some values aren’t valid")
    default_message = _l("Some fields have errors.")
    default_advice = _l("Fix the errors and try again.")

    def __init__(self, fields: Sequence[FieldError], message: LazyText | None = None) -> None:
        super().__init__(message)
        self.fields = tuple(fields)

    @property
    def field_errors(self) -> tuple[FieldError, ...]:
        """The errors that were passed as `fields`."""
        return self.fields


class _MalformedPart(DomainError):
    """A part of the request that cannot be parsed; `where` names it."""

    status = 400

    def __init__(self, where: str, message: LazyText | None = None) -> None:
        super().__init__(message, where=where)


class InvalidJson(_MalformedPart):
    """A body that is not valid JSON; `where` is the line and column, or the field."""

    code, title = "INVALID_JSON", _l("That isn’t JSON")
    default_message = _l("The body isn’t valid JSON.")
    default_advice = _l("Check it with a JSON validator and resend it.")


class InvalidCursor(_MalformedPart):
    """A cursor that is malformed, or was created for another sort order or other filters."""

    code, title = "INVALID_CURSOR", _l("This page of the list no longer exists")
    default_message = _l("The page link doesn’t match the current sort and filters.")
    default_advice = _l("Start again from the first page.")
    program_sentence = _l("This cursor belongs to another list, sort order or filters. Start again without a cursor.")


class InvalidPeriod(_MalformedPart):
    """A period that can't be used, such as one with an unknown name or with an end before its start."""

    code, title = "INVALID_PERIOD", _l("That isn’t a valid period")
    default_message = _l("The period couldn’t be read.")
    default_advice = _l("Choose one from the list, or a start and end date, with the end on or after the start.")


# 401: not authenticated


class Unauthenticated(DomainError):
    """A request without a signed-in user, or with credentials that are not accepted."""

    code, status = "TOKEN_MISSING", 401
    title = _l("Sign in first")
    default_message = _l("You aren’t signed in.")
    default_advice = _l("Sign in and try again.")
    program_sentence = _l("Send an access token or an API key in the Authorization header.")


class TokenExpired(Unauthenticated):
    """A token that was valid once but has expired."""

    code, title = "TOKEN_EXPIRED", _l("Your session has ended")
    default_message = _l("Your session ended because of inactivity.")
    program_sentence = _l("This token has expired. Refresh it, or sign in again.")


class TokenInvalid(Unauthenticated):
    """A token that is malformed, revoked, or belongs to a session or key that has ended."""

    code, title = "TOKEN_INVALID", _l("Your session has ended")
    default_message = _l("This session is no longer valid.")
    program_sentence = _l("This token isn’t valid, or has been revoked.")


class InvalidCredentials(Unauthenticated):
    """Credentials that do not match; the response is the same whether or not the account exists."""

    code, title = "INVALID_CREDENTIALS", _l("Couldn’t sign you in")
    default_message = _l("Email and password don’t match.")
    program_sentence = default_message
    default_advice = _l("Check your email and password and try again, or reset your password.")


class TotpRequired(Unauthenticated):
    """A correct password of an account that also needs a two-factor code."""

    code, title = "TOTP_REQUIRED", _l("Two-factor code needed")
    default_message = _l("This account needs a two-factor code.")
    default_advice = _l("Send the code of the authenticator app, or a recovery code.")


class SignatureInvalid(DomainError):
    """A webhook without a valid signature, or with one that is too old."""

    code, status = "SIGNATURE_INVALID", 401
    title = _l("The signature isn’t valid")
    default_message = _l("The signature is missing, wrong or too old.")
    default_advice = _l("Sign the body as it is sent, with the secret that is set in Switchboard.")


# 403: authenticated, but not allowed


class Forbidden(DomainError):
    """A permission that the actor lacks.

    The response contains that permission (None if none would be enough), the first role that has it (None if no role
    has it) and the current role (None for an API key). If several permissions are missing, `required_permissions` has
    all of them.
    """

    code, status = "INSUFFICIENT_PERMISSIONS", 403
    title = _l("You can’t do this")
    default_message = _l("This requires a role you don’t have. Nothing is wrong with your account.")
    default_advice = _l("If you need access, ask an admin of your organization.")

    def __init__(
        self,
        *,
        required_permission: str | None,
        required_role: str | None,
        current_role: str | None,
        message: LazyText | None = None,
        required_permissions: Sequence[str] = (),
    ) -> None:
        super().__init__(
            message,
            required_permission=required_permission,
            required_role=required_role,
            current_role=current_role,
            **({"required_permissions": list(required_permissions)} if required_permissions else {}),
        )


class OtherOrganization(DomainError):
    """A verified webhook about another organization than the one of its address."""

    code, status = "OTHER_ORGANIZATION", 403
    title = _l("This belongs to another organization")
    default_message = _l("The event is about another organization than the address.")
    default_advice = _l("Send it to the address of its organization.")


class ReauthenticationRequired(DomainError):
    """A sensitive action whose session was confirmed too long ago."""

    code, status = "REAUTHENTICATION_REQUIRED", 403
    title = _l("Confirm it’s you")
    default_message = _l("This needs your password or a two-factor code entered in the last 10 minutes.")
    default_advice = _l("Confirm it’s you in Switchboard, then try again.")
    program_sentence = _l(
        "This needs a session that was confirmed in the last 10 minutes. Send your password, and a two-factor code if "
        "your account needs one, to POST /api/v1/auth/reauthenticate, then try again."
    )


class SecondFactorRequired(DomainError):
    """A person without the second factor that their organization requires, or an API key that such a person created."""

    code, status = "SECOND_FACTOR_REQUIRED", 403
    title = _l("Set up two-factor authentication")
    default_message = _l("The organization requires two-factor authentication.")
    default_advice = _l("Set it up in Switchboard, then try again.")


class CsrfFailed(DomainError):
    """A form or request from a page that was not served to this browser session."""

    code, status = "CSRF_FAILED", 403
    title = _l("This form has expired")
    default_message = _l("Nothing was saved: the form was opened before you signed in, or in another browser.")
    default_advice = _l("Open the form again and submit it.")


class ForeignOrigin(CsrfFailed):
    """A form that another site made the browser submit."""

    title = _l("This form came from another site")
    default_message = _l("Nothing was saved: your browser reports that the form wasn’t on a Switchboard page.")
    default_advice = _l(
        "Open the page in Switchboard and submit the form again. If you didn’t submit anything, you can ignore this."
    )


# 404 to 416: the request does not match the available resources


class NotFound(DomainError):
    """A record that doesn't exist or that the actor can't see; the response doesn't reveal which."""

    code, status = "RESOURCE_NOT_FOUND", 404
    title = _l("We can’t find that")
    default_message = _l("This page doesn’t exist, or you don’t have access.")
    default_advice = _l(
        "It may have been deleted, or the address may be wrong. Check the address, or go back to the list."
    )

    program_sentence = _l("There’s nothing with this path or ID, or you don’t have access.")

    def __init__(self, resource_type: str, resource_id: object = None, message: LazyText | None = None) -> None:
        shown = None if resource_id is None else str(resource_id)
        super().__init__(message, resource_type=resource_type, resource_id=shown)


class MethodNotAllowed(DomainError):
    """A method that the path does not accept; the Allow header lists those that it accepts."""

    code, status = "METHOD_NOT_ALLOWED", 405
    title = _l("That can’t be done here")
    default_message = _l("This URL doesn’t accept that method.")
    default_advice = _l("Go back and use the buttons on the page.")
    program_sentence = _l("This path doesn’t accept that method. The Allow header lists those that it accepts.")


class NotAcceptable(DomainError):
    """An Accept header that excludes every available format."""

    code, status = "NOT_ACCEPTABLE", 406
    title = _l("Unsupported format")
    default_message = _l("This URL only returns JSON.")
    default_advice = _l("Send “Accept: application/json”.")


class PayloadTooLarge(DomainError):
    """A request whose body is too large; it is refused before the whole body is read."""

    code, status = "PAYLOAD_TOO_LARGE", 413
    title = _l("That’s too large")
    default_message = _l("The request is larger than this URL accepts.")
    default_advice = _l("Upload a smaller file, or split this one.")


class OutOfRange(DomainError):
    """A requested range that starts beyond the end of the file.

    The Content-Range header states the file's length.
    """

    code, status = "RANGE_NOT_SATISFIABLE", 416
    title = _l("That range doesn’t exist")
    default_message = _l("The file ends before the requested range.")
    default_advice = _l("Request an earlier range, or the whole file.")


class UnsupportedMediaType(DomainError):
    """A Content-Type that the route does not accept."""

    code, status = "UNSUPPORTED_MEDIA_TYPE", 415
    title = _l("Unsupported format")
    default_message = _l("This URL doesn’t accept that content type.")
    default_advice = _l("Send “Content-Type: application/json”.")
