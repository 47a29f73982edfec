"""Sentences beside numbers that can mislead."""

from collections.abc import Iterable
from datetime import date

from babel import Locale
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from app import amounts
from app.caches import memoize
from app.insight.metrics.caveat_rules import Caveat, CaveatReason
from app.insight.metrics.metric import Metric
from app.insight.metrics.numbers import Measured
from app.periods import Period
from app.web import formatting

_MAX_SENTENCES = 1_000


def caveat_words(measured: Measured) -> str | None:
    """Return the sentence to show beside a number that can mislead, or None."""
    if measured.caveat is None:
        return None
    return _words(measured.caveat, None if measured.without is None else measured.without.exact, get_locale())


@memoize(_MAX_SENTENCES)
def _words(caveat: Caveat, rate_without: amounts.Number | None, locale: Locale) -> str:
    """Return the sentence about a caveat, with the rate without its rows, if there is one."""
    rate = "" if rate_without is None else formatting.percent(rate_without, locale)
    day = _day_words(caveat.day) if caveat.day else ""
    match caveat.reason:
        case CaveatReason.BOOKED_BEFORE if not rate:
            words = ngettext(
                "%(num)s lead was already booked by a colleague",
                "%(num)s leads were already booked by a colleague",
                caveat.rows,
            )
        case CaveatReason.BOOKED_BEFORE:
            words = ngettext(
                "%(num)s lead was already booked by a colleague; without it %(rate)s",
                "%(num)s leads were already booked by a colleague; without them %(rate)s",
                caveat.rows,
                rate=rate,
            )
        case CaveatReason.UNDECIDED if not rate:
            words = ngettext("%(num)s undecided", "%(num)s undecided", caveat.rows)
        case CaveatReason.UNDECIDED:
            words = ngettext(
                "%(num)s undecided; without it %(rate)s",
                "%(num)s undecided; without them %(rate)s",
                caveat.rows,
                rate=rate,
            )
        case CaveatReason.WITHIN_WINDOW:
            whole = formatting.number(caveat.whole, locale, 0)
            words = ngettext(
                "%(num)s of %(whole)s callers is still waiting within the rescue window, until %(day)s",
                "%(num)s of %(whole)s callers are still waiting within the rescue window, until %(day)s",
                caveat.rows,
                whole=whole,
                day=day,
            )
        case CaveatReason.FEW_SCORED:
            words = ngettext("Based on %(num)s scored call", "Based on %(num)s scored calls", caveat.rows)
        case CaveatReason.NOT_KEPT:
            words = _kept_words(day)
    return str(words)


def sentence_of_kept(metrics: Iterable[Metric], period: Period) -> str:
    """Return the sentence in the place of ratios of these numbers; "" if all records behind them are kept."""
    judged = period.judged_by(frozenset().union(*(metric.kept_by for metric in metrics)))
    if judged.calls_kept_from is None or judged.has_all_calls(period.span):
        return ""
    return _kept_words(_day_words(judged.calls_kept_from))


def _day_words(day: date) -> str:
    return formatting.date_span(day, day, get_locale())


def _kept_words(day: str) -> str:
    return str(_("Records are kept from %(day)s", day=day))
