"""The periods that a list or dashboard offers, as links that keep its other filters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from app.lists.listing import address
from app.periods import LABELS, PeriodName

_SEGMENTS = (PeriodName.TODAY, PeriodName.LAST_7, PeriodName.LAST_30)
_MORE = (PeriodName.YESTERDAY, PeriodName.WEEK, PeriodName.MONTH, PeriodName.QUARTER)
OF_THE_PERIOD = frozenset({"period", "from", "to"})

#: Label, address, and whether it is shown now.
Link = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class PeriodLinks:
    """What the template of a period picker gets; `kept` are the filters beside the period."""

    segments: Sequence[Link]
    more: Sequence[Link]
    first_day: str
    last_day: str
    is_custom: bool
    kept: Mapping[str, str]


def period_links(endpoint: str, parameters: Mapping[str, str], *, has_all_time: bool = True) -> PeriodLinks:
    """The periods for the page at `endpoint` that shows `parameters`; a list also has all time, a dashboard has not."""
    first_day, last_day = parameters.get("from", ""), parameters.get("to", "")
    shown = parameters.get("period") or (PeriodName.CUSTOM if first_day or last_day else "")
    kept = {name: value for name, value in parameters.items() if name not in OF_THE_PERIOD}

    def links(names: Sequence[PeriodName]) -> list[Link]:
        return [(str(LABELS[name]), address(endpoint, {**kept, "period": name.value}), name == shown) for name in names]

    longest = links([PeriodName.LAST_90])
    all_time = [(str(_("All time")), address(endpoint, kept), not shown)]
    return PeriodLinks(
        # Four segments are what a phone has room for.
        segments=[*all_time, *links(_SEGMENTS)] if has_all_time else [*links(_SEGMENTS), *longest],
        more=[*links(_MORE), *longest] if has_all_time else links(_MORE),
        first_day=first_day,
        last_day=last_day,
        is_custom=shown == PeriodName.CUSTOM,
        kept=kept,
    )
