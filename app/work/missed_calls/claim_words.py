"""Sentences of the notifications about claims."""

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_time
from flask_babel import LazyString, get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.phones import formatted


def ends_words(number: str | None, at: datetime, timezone: str) -> LazyText:
    """Return the sentence for a claim on this caller that ends at this time."""
    return _l("Your claim on %(caller)s ends at %(time)s", **_values(number, at, timezone))


def ended_words(number: str | None, at: datetime, timezone: str) -> LazyText:
    """Return the sentence for a claim on this caller that ended at this time."""
    return _l("Your claim on %(caller)s ended at %(time)s", **_values(number, at, timezone))


def _values(number: str | None, at: datetime, timezone: str) -> dict[str, LazyText]:
    return {"caller": LazyString(_caller, number), "time": LazyString(_clock, at.astimezone(ZoneInfo(timezone)))}


def _caller(number: str | None) -> str:
    return formatted(number) if number else str(_("a private number"))


def _clock(moment: datetime) -> str:
    # Not in the time zone of a request: the job has none.
    text = format_time(moment.time(), "short", locale=get_locale())
    return text.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")
