"""What people recognise a session by."""

import re

from flask_babel import lazy_gettext as _l

from app.errors import Sentence

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


def device_of(user_agent: str | None) -> Sentence:
    """What a person calls the thing they signed in with, such as "Chrome on Windows"."""
    browser = _first(_BROWSERS, user_agent or "")
    system = _first(_SYSTEMS, user_agent or "")
    if browser and system:
        return _l("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _l("Unknown device")


def _first(kinds: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for name, pattern in kinds if re.search(pattern, user_agent)), None)
