"""Errors of exchanges with other services.

`Unreachable` can be temporary, so trying again can help. `ExchangeRefused` is a refusal of our own, which another
attempt would only repeat. `UnexpectedStatus` is the server’s response, whose status says which of the two it is.
"""

from flask_babel import lazy_gettext as _l

from app.errors import ExternalServiceError

_MEGABYTE = 1024 * 1024


class Unreachable(ExternalServiceError):
    """Failure of the network or the server: no connection, or no complete response in time."""


class ExchangeRefused(ExternalServiceError):
    """Refusal to send a request, to follow a redirect or to accept a response."""

    default_advice = ""  # the messages have their own, and trying again isn't among it


class UnsafeUrl(ExchangeRefused):
    """A URL that isn't plain https, has a username, or contains characters that could end a line of the request."""

    default_message = _l("This URL can’t be used. Enter one that starts with https://, without a username or spaces.")


class UnsafeHeader(ExchangeRefused):
    """A header that could end its line and begin another one."""

    default_message = _l("A key contains a line break or another character that can’t be sent. Enter it again.")


class TooManyRedirects(ExchangeRefused):
    """A redirect beyond the number that is followed."""

    default_message = _l("The server redirects too many times. Use the URL that it finally leads to.")


class EncodedReply(ExchangeRefused):
    """A body in an encoding that wasn't requested, such as a compressed one, which could be huge once decoded."""

    default_message = _l(
        "The server sent a compressed response, which isn’t accepted. Turn off compression for this URL."
    )


class ReplyTooLarge(ExchangeRefused):
    """A body larger than `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        limit = max_bytes // _MEGABYTE
        super().__init__(_l("The server sent more than %(limit)s MB, so nothing was kept. Check the URL.", limit=limit))


class UnexpectedStatus(ExternalServiceError):
    """A response whose status, `reply_status`, isn't the expected one."""

    def __init__(self, reply_status: int) -> None:
        super().__init__(_l("The server responded with status %(status)s.", status=reply_status))
        self.reply_status = reply_status
