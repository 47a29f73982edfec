"""What this month will bring, as people read it: what it is made of, with its rows, and how sure it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

from app.insight.dashboards.asked_page import Asked
from app.insight.dashboards.tiles_page import raw, shown
from app.insight.metrics import rep_definitions as rep
from app.insight.metrics.forecast_queries import last_day_of_month
from app.insight.metrics.forecast_rules import Forecast
from app.insight.metrics.metric import Rows, Unit
from app.insight.metrics.numbers import rounded
from app.insight.targets.page import TargetSaid, target_said
from app.models import AppointmentStatus
from app.web import formatting
from app.work.appointments.filters import DateOf
from app.work.appointments.resource import APPOINTMENT_LIST

STANDING = Rows(APPOINTMENT_LIST, {"date_of": DateOf.SCHEDULED.value, "status": AppointmentStatus.SCHEDULED.value})


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """A part of what is expected; `rows` is what the rows are called, their address, and how many or how much."""

    label: str
    amount: str
    share: float
    rows: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class ForecastPanel:
    """What is expected of `month`, in words and for programs, made of `lines`; `method` says how and how far off."""

    month: str
    expected: str
    raw: str
    error: str
    lines: Sequence[ForecastLine]
    method: str
    target: TargetSaid | None


def forecast_panel(asked: Asked, found: Forecast | None, targets: Mapping[str, Decimal]) -> ForecastPanel | None:
    """The panel; None where too little is known. `targets` are those of this month."""
    if found is None:
        return None
    today = asked.now.astimezone(ZoneInfo(asked.period.timezone)).date()
    error, each = (_money(formatting.half_up(amount, 0)) for amount in (found.error, found.each))
    months = ngettext("%(num)s month", "%(num)s months", found.months)
    target = targets.get(rep.REVENUE_WON.name)
    # The sum of what stands below it, each rounded.
    expected = sum((formatting.half_up(one, 0) for one in (found.so_far, found.by_visits, found.later)), Decimal())
    return ForecastPanel(
        formatting.month(found.month, get_locale()),
        _money(expected),
        raw(rounded(found.expected)),
        error,
        list(_lines(asked, found, today)),
        _(
            "A visit that stands counts as much as one of last month brought, %(each)s. What is won beyond that is the "
            "mean of the last %(months)s. On this day of those months the same was %(error)s off, on average.",
            each=each,
            months=months,
            error=error,
        ),
        None if target is None else target_said(rep.REVENUE_WON.name, expected, target),
    )


def _lines(asked: Asked, found: Forecast, today: date) -> list[ForecastLine]:
    last = last_day_of_month(today)
    won = asked.links.of_days(found.month, last).to(rep.REVENUE_WON.rows)
    stand = asked.links.of_days(today, last).to(STANDING)
    visits = ngettext("%(num)s visit", "%(num)s visits", found.standing)
    so_far = _money(found.so_far)
    return [
        _line(_("Won so far"), found.so_far, found, (so_far, won, raw(rounded(found.so_far)))),
        _line(_("Visits that stand"), found.by_visits, found, (visits, stand, str(found.standing))),
        _line(_("Usually still to come"), found.later, found, None),
    ]


def _line(label: str, amount: Decimal, found: Forecast, rows: tuple[str, str, str] | None) -> ForecastLine:
    share = max(amount / found.expected, Decimal()) if found.expected else Decimal()
    return ForecastLine(label, _money(formatting.half_up(amount, 0)), float(share), rows)


def _money(amount: Decimal) -> str:
    return shown(amount, Unit.MONEY)
