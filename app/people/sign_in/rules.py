"""Rules of signing in: how long a choice of organization waits, and what a code looks like."""

import re
import secrets
from datetime import timedelta
from itertools import islice

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
