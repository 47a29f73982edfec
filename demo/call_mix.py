"""Mix of calls that a company gets: the share of each script, by season and by the trades it offers."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# Intensity of winter (and of summer) by month, January first.
_COLD = (1.0, 0.9, 0.6, 0.2, 0.0, 0.0, 0.0, 0.0, 0.0, 0.3, 0.8, 1.0)
_WARM = (0.0, 0.0, 0.2, 0.4, 0.8, 1.0, 1.0, 1.0, 0.7, 0.3, 0.05, 0.0)


@dataclass(frozen=True, slots=True)
class Share:
    """Weight of a script. `cold` and `warm` are added in season; `plumbing` scripts also suit a plumbing company.

    `fresh` scripts suit people who have not called before.
    """

    scenario: str
    always: float
    cold: float = 0.0
    warm: float = 0.0
    plumbing: bool = False
    fresh: bool = False


NEEDS = (
    Share("no_heat", 0.5, cold=14),
    Share("furnace_tune_up", 0.6, cold=6),
    Share("ac_not_cooling", 0.6, warm=15),
    Share("ac_tune_up", 0.8, warm=6),
    Share("replacement_price", 6),
    Share("replacement_spouse", 5),
    Share("financing", 2.5),
    Share("water_heater_leak", 5, plumbing=True),
    Share("water_heater_quote", 3.5, plumbing=True),
    Share("drain_backup", 6, plumbing=True),
    Share("burst_pipe", 3.5, cold=1.5, plumbing=True),
    Share("toilet", 3.5, plumbing=True),
    Share("sewer_line", 2.5, plumbing=True),
    Share("panel_upgrade", 3.5),
    Share("outlet", 3.5),
    Share("ev_charger", 2),
    Share("generator", 1.8, warm=0.8),
    Share("lighting", 2.2),
    Share("landlord", 2.2, plumbing=True, fresh=True),
    Share("commercial", 2.2, fresh=True),
    Share("home_warranty", 1.6, fresh=True),
    Share("not_our_trade", 1.8, plumbing=True, fresh=True),
    Share("out_of_area", 1.4, plumbing=True, fresh=True),
    Share("new_homeowner", 1.6, fresh=True),
    Share("hours_question", 1.6, plumbing=True, fresh=True),
    Share("gas_smell", 0.5, cold=0.7),
    Share("quick_price", 1.4, plumbing=True),
    Share("quick_spouse", 1.2, plumbing=True),
)

# Calls by people who have been customers for a while.
AFTERWARDS = (
    Share("warranty_complaint", 3, plumbing=True),
    Share("billing", 2.5, plumbing=True),
    Share("thermostat", 0.2, cold=3),
    Share("quick_compliment", 1.5, plumbing=True),
    Share("quick_invoice_copy", 1.5, plumbing=True),
    Share("quick_new_card", 1.0, plumbing=True),
    Share("quick_filter_size", 1.2),
    Share("quick_booking", 0.4, warm=2.5),
)

NUISANCES = (
    Share("wrong_number", 4, plumbing=True),
    Share("vendor_pitch", 3, plumbing=True),
    Share("robocall", 2, plumbing=True),
)


def pick(
    shares: Iterable[Share], day: date, chance: random.Random, *, all_trades: bool, fresh: bool | None = None
) -> str:
    """Pick a script of `shares` for a call on `day`; `fresh=False` excludes scripts for first-time callers."""
    month = day.month - 1
    suitable = [share for share in shares if (all_trades or share.plumbing) and (fresh is not False or not share.fresh)]
    weights = [share.always + share.cold * _COLD[month] + share.warm * _WARM[month] for share in suitable]
    return chance.choices(suitable, weights)[0].scenario
