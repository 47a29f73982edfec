"""Targets in words, and what the filters of their list offer."""

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
class TargetSaid:
    """A target beside its number: "Target 75%", whether it is reached in words ('' while there is no number), where it
    lies on a scale from 0 to 1 (None: on no such scale), and what stands in the number's definition."""

    text: str
    reached: str
    share: float | None
    note: str


def people_for(actor: Actor, row: Any | None = None) -> list[tuple[str, str]]:
    """Whose a target can be: everybody active who takes calls or sells; and whose `row` is, though they are gone."""
    people = [(str(one.id), one.name) for one in list_colleagues(actor, (), (Role.CSR, Role.SALES_REP))]
    if row is not None and row.user_id is not None and str(row.user_id) not in dict(people):
        people.append((str(row.user_id), row.name or _("Somebody who is not here")))
    return people


def month_text(day: date) -> str:
    """March 2026, of a day of it."""
    return formatting.month(day, get_locale())


def value_text(metric: str, value: Decimal) -> str:
    """A target as it is read, without decimals that say nothing: 75%."""
    locale, unit = get_locale(), TARGETED[metric].metric.unit
    if unit is Unit.RATIO:
        return formatting.percent(value, locale, 0 if value * 100 == int(value * 100) else 1)
    if unit is Unit.MONEY:
        return formatting.money(value, locale)
    return formatting.number(value, locale, 0 if value == int(value) else 1)


def target_said(metric: str, value: int | Decimal | None, target: Decimal) -> TargetSaid:
    """`target` beside the number of this name, which is `value`."""
    reached = is_reached(metric, value, target)
    targeted = TARGETED[metric]
    return TargetSaid(
        text=str(_("Target %(value)s", value=value_text(metric, target))),
        reached="" if reached is None else str(_("reached") if reached else _("not reached")),
        share=float(target) if targeted.metric.unit is Unit.RATIO else None,
        note=str(
            _("The target is that of the month in which the period ends.")
            if targeted.is_of_any_period
            else _("The target is that of the month; it stands beside whole months only.")
        ),
    )


def title_of(row: Any) -> str:
    """What a target is called: Booking rate, March 2026."""
    return f"{metric_label(row.metric)}, {month_text(row.month)}"
