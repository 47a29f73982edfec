"""Caching of compiled statements, whose SQL is the same for any period, person and time."""

from datetime import timedelta

from app.insight.metrics.executive_queries import executive_csr, executive_missed_calls, executive_sales
from app.insight.metrics.follow_up_queries import unbooked_without_follow_up
from app.insight.metrics.volume_queries import call_volume
from app.models import Role
from app.periods import resolve_period
from app.security.actor import Actor
from app.security.cached_selections import CACHED_SELECTIONS
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, NOW, RandomCompany
from tests.insight.metrics.conftest import Asking


def test_other_days_people_and_moments_are_asked_about_with_the_same_texts(
    company: RandomCompany, asking: Asking
) -> None:
    for selection in CACHED_SELECTIONS:
        selection.known.clear()

    with asking(company, company.staff[Role.EXEC]) as actor:
        _ask_for_everything(actor, company, 0)
        kept = _kept()
        _ask_for_everything(actor, company, 1)

        assert _kept() == kept
    assert len(kept) > 15
    assert None not in kept  # a text that depends on values would be compiled each time


def _ask_for_everything(actor: Actor, company: RandomCompany, number: int) -> None:
    """Query all numbers with a period, person and time that depend on `number`."""
    first, last, now = FIRST_DAY + timedelta(number), LAST_DAY - timedelta(number), NOW + timedelta(hours=number)
    period = resolve_period("custom", now=now, timezone=actor.timezone, first_day=first, last_day=last)
    csr, rep = company.csrs[number].id, company.reps[number].id
    executive_csr(actor, period, csr=csr, now=now)
    executive_sales(actor, period, rep=rep, now=now)
    executive_missed_calls(actor, period, csr=csr, now=now)
    unbooked_without_follow_up(actor, period, csr=csr, now=now)
    call_volume(actor, period, csr=csr, now=now)


def _kept() -> list[object]:
    """Return all cached compiled statements, with None for each that can't be cached."""
    return [compiled for selection in CACHED_SELECTIONS for compiled in selection.known.values()]
