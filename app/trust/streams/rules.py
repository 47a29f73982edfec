"""Rules of streams: how much goes into a delivery, how patient it is, and where it may go."""

import random
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l

from app.errors import FieldError, Sentence, ValidationFailed
from app.security.permissions import Permission

#: To set a stream up, and for it to go on being sent.
NEEDED = (Permission.ORGANIZATION_UPDATE, Permission.AUDIT_READ)

#: More than any organization has systems to tell.
MAX_STREAMS = 20

MAX_ENTRIES, MAX_BYTES = 500, 1_000_000

#: Nobody else sends meanwhile: longer than a delivery can take.
LEASE = timedelta(minutes=2)

FIRST_WAIT, MAX_WAIT = timedelta(minutes=1), timedelta(hours=1)
#: Whoever has not answered for so long is not there any more.
PATIENCE = timedelta(days=1)

MAY_BE_MANY = _l("There can be %(most)s streams. Delete one that is not needed any more.", most=MAX_STREAMS)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many failures in a row: each time twice as long, a random part of up to a half less,
    so that streams that failed together are not tried together again."""
    ceiling: timedelta = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), MAX_WAIT)
    return ceiling * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, keeps no secret


def is_given_up(failing_since: datetime, now: datetime) -> bool:
    """Whether a stream that has failed since then is stopped."""
    return now - failing_since >= PATIENCE


def check_url(url: str) -> None:
    """Raise ValidationFailed unless entries can be sent there, as far as the address itself tells."""
    wrong = _what_is_wrong(url)
    if wrong is not None:
        raise ValidationFailed([FieldError("url", wrong)], wrong)


def _what_is_wrong(url: str) -> Sentence | None:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return _l("This is no address. Write one such as https://siem.example.com/switchboard.")
    if parts.scheme != "https" or not host or not url.isascii() or " " in url or not url.isprintable():
        return _l("Enter an address that begins with https://.")
    if parts.username is not None or parts.password is not None:
        return _l("Leave name and password out: each delivery is signed instead.")
    if parts.fragment:
        return _l("Leave out what stands behind the “#”: it is not sent.")
    return None
