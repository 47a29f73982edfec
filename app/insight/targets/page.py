"""Targets as text, and the options of their form."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from app.insight.metrics.metric import Unit
from app.insight.targets.definitions import TARGETED, is_reached
from app.insight.targets.resource import metric_label
from app.models import Role
from app.people.users.queries import list_colleagues
from app.security.actor import Actor
from app.web import formatting


@dataclass(frozen=True, slots=True)
class TargetComparison:
    """A target as text, to show next to its number.

    `text` is e.g. "Target 75%", `reached` whether it is met, in words ("" without a number), `share` its place on a
    scale from 0 to 1 (None if it has none), `note` an addition to the number's definition.
    """

    text: str
    reached: str
    share: float | None
    note: str


def people_for(actor: Actor, row: Any | None = None) -> list[tuple[str, str]]:
    """Return the people who can have a target: active CSRs and reps.

    The person of `row` is included, too, even if deleted.
    """
    people = [(str(one.id), one.name) for one in list_colleagues(actor, (), (Role.CSR, Role.SALES_REP))]
    if row is not None and row.user_id is not None and str(row.user_id) not in dict(people):
        people.append((str(row.user_id), row.name or _("Someone no longer here")))
    return people


def month_text(day: date) -> str:
    """Return the month of a day as text, such as "March 2026"."""
    return formatting.month(day, get_locale())


def value_text(metric: str, value: Decimal) -> str:
    """Return a target as text, without insignificant decimals, such as "75%"."""
    locale, unit = get_locale(), TARGETED[metric].metric.unit
    if unit is Unit.RATIO:
        return formatting.percent(value, locale, 0 if value * 100 == int(value * 100) else 1)
    if unit is Unit.MONEY:
        return formatting.money(value, locale)
    return formatting.number(value, locale, 0 if value == int(value) else 1)


def compare_with_target(metric: str, value: int | Decimal | None, target: Decimal) -> TargetComparison:
    """Return `target` as text, compared with `value`, the actual value of `metric`."""
    reached = is_reached(metric, value, target)
    targeted = TARGETED[metric]
    return TargetComparison(
        text=str(_("Target %(value)s", value=value_text(metric, target))),
        reached="" if reached is None else str(_("met") if reached else _("missed")),
        share=float(target) if targeted.metric.unit is Unit.RATIO else None,
        note=str(
            _("Shows the target for the month in which the period ends.")
            if targeted.is_of_any_period
            else _("Targets are monthly, so they’re only shown for whole months.")
        ),
    )


def title_of(row: Any) -> str:
    """Return the title of a target, such as "Booking rate, March 2026"."""
    return f"{metric_label(row.metric)}, {month_text(row.month)}"
