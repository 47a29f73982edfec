"""Rules of outbound streams: the size of a delivery, retries, and valid URLs."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l

from app.backoff import wait_before_retry
from app.errors import FieldError, LazyText, ValidationFailed
from app.security.permissions import Permission

#: Permissions required to set up a stream, and for it to continue sending.
NEEDED = (Permission.WEBHOOKS_MANAGE, Permission.AUDIT_READ)

#: More than any organization has receiving systems.
MAX_STREAMS = 20

MAX_ENTRIES, MAX_BYTES = 500, 1_000_000

#: Time during which no other worker sends: longer than a delivery can take.
LEASE = timedelta(minutes=2)

FIRST_WAIT, MAX_WAIT = timedelta(minutes=1), timedelta(hours=1)
#: A receiver that has not responded for this long is considered gone.
PATIENCE = timedelta(days=1)

MAY_BE_MANY = _l("You can have up to %(most)s streams. Delete one you no longer need.", most=MAX_STREAMS)


def wait_after(attempts: int) -> timedelta:
    """Return the time to wait after this many consecutive failures.

    The time doubles with each failure, up to MAX_WAIT, and is reduced by up to half at random, so that streams that
    failed together are not retried together.
    """
    return wait_before_retry(attempts, FIRST_WAIT, MAX_WAIT)


def is_given_up(failing_since: datetime, now: datetime) -> bool:
    """Return whether a stream that has been failing since `failing_since` is stopped."""
    return now - failing_since >= PATIENCE


def check_url(url: str) -> None:
    """Raise ValidationFailed unless entries can be sent to the URL, judging by the URL alone."""
    wrong = _what_is_wrong(url)
    if wrong is not None:
        raise ValidationFailed([FieldError("url", wrong)], wrong)


def _what_is_wrong(url: str) -> LazyText | None:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return _l("This isn’t a URL. Enter one such as https://siem.example.com/switchboard.")
    if parts.scheme != "https" or not host or not url.isascii() or " " in url or not url.isprintable():
        return _l("Enter a URL that starts with https://.")
    if parts.username is not None or parts.password is not None:
        return _l("Remove the username and password. Deliveries are signed instead.")
    if parts.fragment:
        return _l("Remove the “#” and everything after it: that part isn’t sent.")
    return None
