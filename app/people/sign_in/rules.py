"""Rules of signing in: how long a choice of organization waits, what a code looks like, what who may not is told."""

import re
import secrets
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol
from zoneinfo import ZoneInfo

from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import Sentence

MISMATCH = _l("That e-mail address and password don’t match. Check both and try again.")

#: Time to read a list of organizations and choose one; the password was typed before.
CHOICE_LIFETIME = timedelta(minutes=5)

#: Ten fit on a slip of paper, and are used up one lost phone at a time.
RECOVERY_CODES = 10
#: Without characters that are taken for each other.
_CODE_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_GROUPS, _GROUP_LENGTH = 3, 4
_TOTP_CODE = re.compile(r"[0-9]{6}")


def new_recovery_code() -> str:
    """Twelve characters in groups of four, 59 bits."""
    characters = iter(lambda: secrets.choice(_CODE_CHARACTERS), "")
    return "-".join("".join(islice(characters, _GROUP_LENGTH)) for _group in range(_CODE_GROUPS))


def clean_code(typed: str) -> str:
    """A code as it is compared: spaces, hyphens and capitals do not matter."""
    return re.sub(r"[\s-]", "", typed).casefold()


def is_totp_code(code: str) -> bool:
    """Whether a clean code is one of an authenticator app, and not a recovery code."""
    return _TOTP_CODE.fullmatch(code) is not None


class Suspended(Protocol):
    """An account that opens nothing for a while."""

    @property
    def organization_name(self) -> str: ...
    @property
    def organization_is_suspended(self) -> bool: ...
    @property
    def until(self) -> datetime | None: ...
    @property
    def timezone(self) -> str: ...


def suspension_sentence(account: Suspended) -> Sentence:
    """What who knows the password is told: until when, by the clock of the organization, and not why."""
    called = account.organization_name
    if account.organization_is_suspended:
        return _("%(organization)s is suspended. Nobody can sign in until that is lifted.", organization=called)
    if account.until is None:
        return _("Your account at %(organization)s is suspended. Ask an admin there.", organization=called)
    until = format_datetime(account.until.astimezone(ZoneInfo(account.timezone)), "long", rebase=False)
    return _("Your account at %(organization)s is suspended until %(until)s.", organization=called, until=until)
