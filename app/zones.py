"""Names of time zones."""

from functools import cache
from zoneinfo import available_timezones


@cache
def timezones() -> frozenset[str]:
    """Return the names of all time zones, except "Factory" and "localtime"."""
    return frozenset(available_timezones()) - {"Factory", "localtime"}
