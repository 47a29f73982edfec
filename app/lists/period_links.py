"""Links to the periods of a list or dashboard that preserve its other filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from babel import Locale
from flask import request
from flask_babel import get_locale
from flask_babel import gettext as _

from app.caches import HashableDict, memoize
from app.errors import InvalidPeriod
from app.lists.listing import address
from app.periods import LABELS, PeriodName, resolve_period
from app.security.actor import current_actor

_SEGMENTS = (PeriodName.TODAY, PeriodName.LAST_7, PeriodName.LAST_30)
_MORE = (PeriodName.YESTERDAY, PeriodName.WEEK, PeriodName.MONTH, PeriodName.QUARTER)
_MAX_CACHED = 2_000
OF_THE_PERIOD = frozenset({"period", "from", "to"})

#: Label, address, and whether it is the current one.
Link = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class PeriodLinks:
    """The context of a period picker's template; `kept` are the filters other than the period.

    `days` are the first and the last day shown, None for all time.
    """

    segments: tuple[Link, ...]
    more: tuple[Link, ...]
    first_day: str
    last_day: str
    is_custom: bool
    kept: HashableDict[str, str]
    days: tuple[date, date] | None = None


def period_links(endpoint: str, parameters: Mapping[str, str], *, has_all_time: bool = True) -> PeriodLinks:
    """Return the period links of the page at `endpoint`, given its current URL parameters.

    With `has_all_time`, they include all time: lists offer it, dashboards don't.
    """
    links = _period_links(request.root_path, endpoint, HashableDict(parameters), get_locale(), has_all_time)
    return replace(links, days=_days_of(parameters))


def _days_of(parameters: Mapping[str, str]) -> tuple[date, date] | None:
    """Return the days shown; None for all time and for invalid days, which the list itself reports."""
    first, last = (_day(parameters.get(name)) for name in ("from", "to"))
    name = parameters.get("period") or (PeriodName.CUSTOM if first or last else None)
    if name is None:
        return None
    actor = current_actor()
    try:
        period = resolve_period(
            name,
            now=datetime.now(UTC),
            timezone=actor.timezone,
            week_start=actor.week_start,
            first_day=first,
            last_day=last,
        )
    except InvalidPeriod:
        return None
    return period.first_day, period.last_day


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@memoize(_MAX_CACHED)
def _period_links(
    _root: str, endpoint: str, parameters: HashableDict[str, str], _locale: Locale, has_all_time: bool
) -> PeriodLinks:
    first_day, last_day = parameters.get("from", ""), parameters.get("to", "")
    shown = parameters.get("period") or (PeriodName.CUSTOM if first_day or last_day else "")
    rest = HashableDict({name: value for name, value in parameters.items() if name not in OF_THE_PERIOD})

    def links(names: Sequence[PeriodName]) -> tuple[Link, ...]:
        return tuple(
            (str(LABELS[name]), address(endpoint, {**rest, "period": name.value}), name == shown) for name in names
        )

    longest = links([PeriodName.LAST_90])
    all_time = [(str(_("All time")), address(endpoint, rest), not shown)]
    return PeriodLinks(
        # A phone has space for four segments.
        segments=(*all_time, *links(_SEGMENTS)) if has_all_time else (*links(_SEGMENTS), *longest),
        more=(*links(_MORE), *longest) if has_all_time else links(_MORE),
        first_day=first_day,
        last_day=last_day,
        is_custom=shown == PeriodName.CUSTOM,
        kept=rest,
    )
