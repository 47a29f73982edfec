"""Rules of signing in: lifetime of a pending choice, format of codes, messages for suspended accounts."""

import re
import secrets
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address, ip_network
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import LazyText

MISMATCH = _l("That email address and password don’t match. Check both and try again.")

#: A sign-in from where a person had a session this recently is not from a new device.
FAMILIAR_FOR = timedelta(days=90)

#: A person gets three emails about new programs in a day, and another one that says it is the last.
CLIENT_MAILS_A_DAY = 4

#: Time to choose from a list of organizations; the password has already been entered.
CHOICE_LIFETIME = timedelta(minutes=5)

#: Fits a recovery code with extra spaces.
MAX_CODE_LENGTH = 40
#: Ten fit on a slip of paper; each lost phone uses up one.
RECOVERY_CODES = 10
#: Excludes characters that are easily confused.
_CODE_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_GROUPS, _GROUP_LENGTH = 3, 4
_TOTP_CODE = re.compile(r"[0-9]{6}")


def new_recovery_code() -> str:
    """Return a new recovery code: twelve random characters in groups of four (59 bits)."""
    characters = iter(lambda: secrets.choice(_CODE_CHARACTERS), "")
    return "-".join("".join(islice(characters, _GROUP_LENGTH)) for _group in range(_CODE_GROUPS))


def clean_code(typed: str) -> str:
    """Return a code as it is compared: without spaces and hyphens, in lower case."""
    return re.sub(r"[\s-]", "", typed).casefold()


def is_totp_code(code: str) -> bool:
    """Return whether a cleaned code is in an authenticator app's format, not that of a recovery code."""
    return _TOTP_CODE.fullmatch(code) is not None


def network_of(address: str) -> IPv4Network | IPv6Network:
    """Return the network around an IP address, within which a person's address changes by itself: a /24 or a /64."""
    ip = ip_address(address)
    if isinstance(ip, IPv4Address):
        return ip_network((ip, 24), strict=False)
    return ip_network((ip, 64 if ip.ipv4_mapped is None else 120), strict=False)


class Suspended(Protocol):
    """Protocol of a suspended account."""

    @property
    def organization_name(self) -> str: ...
    @property
    def organization_is_suspended(self) -> bool: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def timezone(self) -> str: ...


def suspension_sentence(account: Suspended) -> LazyText:
    """Return the message for a person who knows the password of a suspended account.

    It states the end of the person's suspension, if one is set, in the organization's time zone, but not the reason.
    """
    called = account.organization_name
    if account.organization_is_suspended:
        return _(
            "%(organization)s is suspended. No one can sign in until the suspension is lifted.", organization=called
        )
    if account.until is None:
        return _("Your account at %(organization)s is suspended. Ask an admin there.", organization=called)
    until = format_datetime(account.until.astimezone(ZoneInfo(account.timezone)), "long", rebase=False)
    return _("Your account at %(organization)s is suspended until %(until)s.", organization=called, until=until)
