"""Names by which people recognize their sessions."""

import re

from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.models import UserSession

#: Families of browsers, with regular expressions for Python and PostgreSQL. The first match wins: Edge and Opera also
#: claim to be Chrome, and Chrome claims to be Safari.
BROWSERS = (
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


def device_of(user_agent: str | None) -> LazyText:
    """Return a readable name of the browser and the system, such as "Chrome on Windows"."""
    browser = browser_of(user_agent)
    system = _first(_SYSTEMS, user_agent or "")
    if browser and system:
        return _l("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _l("Unknown device")


def session_name(session: UserSession) -> LazyText:
    """Return the name by which people recognize a session: that of its API client, or its browser and system."""
    return session.client_id or device_of(session.user_agent)


def browser_of(user_agent: str | None) -> str | None:
    """Return the name of the browser, whatever its version and system; None for an unknown one."""
    return _first(BROWSERS, user_agent or "")


def _first(kinds: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for name, pattern in kinds if re.search(pattern, user_agent)), None)
