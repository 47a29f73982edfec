"""The forecast of the current month for display: its parts with their rows, and its error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.amounts import half_up
from app.insight.dashboards.request_page import DashboardRequest
from app.insight.dashboards.tiles_page import Links, raw, shown
from app.insight.metrics import rep_definitions as rep
from app.insight.metrics.forecast_queries import last_day_of_month
from app.insight.metrics.forecast_rules import Forecast
from app.insight.metrics.metric import Unit
from app.insight.metrics.numbers import rounded
from app.insight.targets.page import TargetComparison, compare_with_target
from app.web import formatting


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """A part of the expected amount of a forecast.

    `length` is the signed length of its bar. `rows` is the label of its rows, their address, and their number or
    amount.
    """

    label: str
    amount: str
    length: float
    rows: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class ForecastPanel:
    """The expected amount of `month`, as text and as a machine-readable number: the sum of `lines`.

    `method` explains the calculation and its error.
    """

    month: str
    expected: str
    raw: str
    error: str
    lines: Sequence[ForecastLine]
    method: str
    target: TargetComparison | None


def forecast_panel(
    asked: DashboardRequest, found: Forecast | None, targets: Mapping[str, Decimal]
) -> ForecastPanel | None:
    """Build the panel of the forecast `found`; return None if that is None.

    `targets` are those of the current month.
    """
    if found is None:
        return None
    error, each = (_money(half_up(amount, 0)) for amount in (found.error, found.each))
    months = ngettext("%(num)s month", "%(num)s months", found.months)
    target = targets.get(rep.REVENUE_WON.name)
    # The sum of the displayed lines, each rounded.
    expected = sum((half_up(one, 0) for one in (found.so_far, found.by_visits, found.later)), Decimal())
    return ForecastPanel(
        formatting.month(found.month, get_locale()),
        _money(expected),
        raw(rounded(found.expected)),
        error,
        list(_lines(asked, found)),
        _method(found, each=each, months=months, error=error),
        None if target is None else compare_with_target(rep.REVENUE_WON.name, expected, target),
    )


def links_of_scheduled(asked: DashboardRequest) -> Links:
    """Return the links to the appointments that the forecast counts: from today to the end of the month."""
    today = _today(asked)
    return asked.links.of_days(today, last_day_of_month(today))


def _today(asked: DashboardRequest) -> date:
    return asked.now.astimezone(ZoneInfo(asked.period.timezone)).date()


def _lines(asked: DashboardRequest, found: Forecast) -> list[ForecastLine]:
    won = asked.links.of_days(found.month, last_day_of_month(_today(asked))).to(rep.REVENUE_WON.rows)
    stand = links_of_scheduled(asked).to(rep.FORECAST_REVENUE_WON.rows)
    visits = ngettext("%(num)s appointment", "%(num)s appointments", found.scheduled)
    so_far = _money(found.so_far)
    return [
        _line(_("Won so far"), found.so_far, (so_far, won, raw(rounded(found.so_far)))),
        _line(_("Scheduled appointments"), found.by_visits, (visits, stand, str(found.scheduled))),
        _line(_("Expected change") if _falls(found) else _("Expected additional revenue"), found.later, None),
    ]


def _line(label: str, amount: Decimal, rows: tuple[str, str, str] | None) -> ForecastLine:
    return ForecastLine(label, _money(half_up(amount, 0)), float(amount), rows)


def _method(forecast: Forecast, **values: str) -> str:
    if _falls(forecast):
        text = _l(
            "Each scheduled appointment counts for %(each)s, the average per appointment last month; the last "
            "%(months)s brought in less than that on average, and the difference is deducted. On this day in those "
            "months, the forecast was off by %(error)s on average.",
            **values,
        )
    else:
        text = _l(
            "Each scheduled appointment counts for %(each)s, the average per appointment last month; "
            "additional wins are estimated from the last %(months)s. On this day in those months, the "
            "forecast was off by %(error)s on average.",
            **values,
        )
    return str(text)


def _falls(forecast: Forecast) -> bool:
    """Return whether less is expected than what is won and scheduled, in the rounding of the display."""
    return half_up(forecast.later, 0) < 0


def _money(amount: Decimal) -> str:
    return shown(amount, Unit.MONEY)
