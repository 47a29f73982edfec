"""The columns of the table of CSRs, and the CSRs who would benefit most from coaching."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask_babel import get_locale, lazy_pgettext
from flask_babel import lazy_gettext as _l

from app.errors import LazyText
from app.insight.dashboards.caveat_page import caveat_words
from app.insight.dashboards.people_page import Column, Columns, Numbers, change, column
from app.insight.dashboards.tiles_page import raw
from app.insight.metrics import csr_definitions as d
from app.insight.metrics.compute_queries import opportunity_of, with_few_scored
from app.insight.metrics.numbers import Measured, rounded
from app.insight.metrics.people_queries import PersonNumbers
from app.insight.metrics.rules import NoOpportunity
from app.web import formatting

_WHY_NOT: dict[NoOpportunity, LazyText] = {
    NoOpportunity.NOT_ENOUGH_CALLS: _l("not enough calls"),
    NoOpportunity.NOT_ANALYSED: _l("not analyzed"),
    NoOpportunity.NOT_KEPT: _l("calls not kept"),
}


@dataclass(frozen=True, slots=True)
class Coaching:
    """A CSR's coaching opportunity and its components.

    The opportunity is a number from 0 to 100 with four decimals, or the reason there is none. `calls` counts all CSR
    calls and `miss_rate` is the missed share of the inbound ones; the denominator of `sop_compliance` is the number of
    analyzed ones.
    """

    id: UUID
    name: str
    opportunity: float | NoOpportunity
    calls: int
    miss_rate: Measured
    sop_compliance: Measured


def coaching(people: Sequence[PersonNumbers]) -> list[Coaching]:
    """Return the coaching opportunity of every CSR, the greatest first, CSRs without one last."""
    found = [_coaching(one.id, one.name or "", one.numbers) for one in people if one.id]
    return sorted(found, key=_greatest_first)


def _coaching(id_: UUID, name: str, numbers: Numbers) -> Coaching:
    calls, missed, score = (numbers[part.name].current for part in (d.CSR_CALLS_TOTAL, d.MISS_RATE, d.SOP_COMPLIANCE))
    exact = opportunity_of(numbers)
    opportunity = exact if isinstance(exact, NoOpportunity) else rounded(exact)
    return Coaching(id_, name, opportunity, int(calls.exact or 0), missed, score)


def _greatest_first(one: Coaching) -> tuple[bool, float]:
    none = isinstance(one.opportunity, NoOpportunity)
    return none, 0 if isinstance(one.opportunity, NoOpportunity) else -one.opportunity


def _known_opportunity(numbers: Numbers) -> Decimal | None:
    found = opportunity_of(numbers)
    return None if isinstance(found, NoOpportunity) else found


def _opportunity_texts(numbers: Numbers) -> tuple[str, str]:
    """Return the coaching opportunity as text and as a machine-readable number.

    If there is none, the text is the reason, and the number is "".
    """
    if numbers[d.MISS_RATE.name].needs or numbers[d.SOP_COMPLIANCE.name].needs:
        return formatting.UNKNOWN, ""
    opportunity = opportunity_of(numbers)
    if isinstance(opportunity, NoOpportunity):
        return str(_WHY_NOT[opportunity]), ""
    return formatting.number(opportunity, get_locale(), 0), raw(rounded(opportunity))


def _coaching_note(numbers: Numbers) -> str | None:
    """Return that the coaching opportunity is based on few calls, or None."""
    opportunity = _known_opportunity(numbers)
    if opportunity is None:
        return None
    calls, score = (numbers[metric.name].current for metric in (d.CSR_CALLS_TOTAL, d.SOP_COMPLIANCE))
    return caveat_words(with_few_scored(Measured(opportunity, denominator=int(calls.exact or 0)), score))


CSR_COLUMNS = Columns(
    _l("Team"),
    _l("CSRs and their numbers"),
    (
        column("leads", d.TOTAL_LEADS_SPOKEN_TO.label, d.TOTAL_LEADS_SPOKEN_TO, "p2"),
        column("qualified", lazy_pgettext("numbers", "Qualified"), d.QUALIFIED_LEADS, "p3"),
        column("booked", d.APPOINTMENTS_BOOKED.label, d.APPOINTMENTS_BOOKED, "p1"),
        # The lowest booking rate comes first: those are the CSRs to look at.
        column("bookingRate", d.BOOKING_RATE.label, d.BOOKING_RATE, "", falls=False),
        Column("change", lazy_pgettext("numbers", "Change"), change(d.BOOKING_RATE), "p1", falls=False),
        column("unbooked", _l("Unbooked"), d.UNBOOKED_APPOINTMENTS, "p2"),
        column("missRate", d.MISS_RATE.label, d.MISS_RATE, "p3"),
        column("script", d.SOP_COMPLIANCE.label, d.SOP_COMPLIANCE, "p3", falls=False),
        Column("coaching", _l("Coaching"), _known_opportunity, "p2"),
    ),
    first="bookingRate",
    rate=d.BOOKING_RATE,
    endpoint_of_person="dashboards.csr",
    unassigned_note=_l("the assistant, or no one"),
    note=_l("Coaching opportunity, 0–100, from script adherence and miss rate."),
    coaching=_opportunity_texts,
    coaching_note=_coaching_note,
)
