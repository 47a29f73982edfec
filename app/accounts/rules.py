"""Rules of sessions: how long one lives, and what its owner recognises it by."""

import re
import secrets
from datetime import datetime, timedelta
from itertools import islice

from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.security.permissions import Role

#: A shift and a lunch break: who signs in in the morning is not asked again before going home.
IDLE_LIFETIME = timedelta(hours=12)
#: Even a session in daily use ends some day, so that a copied cookie does too.
LONGEST_LIFETIME = timedelta(days=30)
#: Last seen is exact to this; finer would be a write with every click.
SEEN_EVERY = timedelta(minutes=1)
#: Time to read a list of organizations and choose one; the password was typed before.
CHOICE_LIFETIME = timedelta(minutes=5)

#: The first that is found in a user agent's words wins: Edge and Opera call themselves Chrome, and Chrome calls
#: itself Safari.
_BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"(Firefox|FxiOS)/"),
    ("Chrome", r"(Chrome|CriOS)/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("ChromeOS", r"CrOS"),
    ("Windows", r"Windows"),
    ("macOS", r"Macintosh"),
    ("Linux", r"Linux"),
)


#: Ten fit on a slip of paper, and are used up one lost phone at a time.
RECOVERY_CODES = 10
#: Without characters that are taken for each other.
_CODE_CHARACTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_CODE_GROUPS, _GROUP_LENGTH = 3, 4
_TOTP_CODE = re.compile(r"[0-9]{6}")


def asks_for_second_factor(role: str) -> bool:
    """Whether an organization that requires a second factor requires it of this role."""
    return role in (Role.ADMIN, Role.OWNER)


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


def is_idle(last_seen_at: datetime, now: datetime) -> bool:
    """Whether a session was left alone for so long that it has ended."""
    return now - last_seen_at > IDLE_LIFETIME


def needs_seen_mark(last_seen_at: datetime, now: datetime) -> bool:
    """Whether it is time to write down again that somebody is there."""
    return now - last_seen_at >= SEEN_EVERY


def device_of(user_agent: str | None) -> Sentence:
    """What a person calls the thing they signed in with, such as "Chrome on Windows"."""
    browser = _first(_BROWSERS, user_agent or "")
    system = _first(_SYSTEMS, user_agent or "")
    if browser and system:
        return _l("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _l("Unknown device")


def _first(kinds: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for name, pattern in kinds if re.search(pattern, user_agent)), None)
