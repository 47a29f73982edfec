"""Services of the companies: how soon each is wanted, whether a rep quotes it, and its price."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """A kind of work.

    `topic` is the name under which calls and appointments are filed, `need` the caller's words for it, `days` the range
    in which an appointment is wanted, `value` the range of its price in dollars. An `estimate` is quoted by a rep;
    other work is done and paid for right away.
    """

    topic: str
    need: str
    days: tuple[int, int]
    value: tuple[int, int]
    estimate: bool = False


_SERVICES = (
    Service("No heat", "no heat in the house", (0, 1), (180, 1_400)),
    Service("Furnace tune-up", "a furnace that's due for service", (2, 8), (89, 260)),
    Service("System replacement", "an old system we want to replace", (1, 6), (6_500, 16_500), estimate=True),
    Service("AC not cooling", "an AC that isn't cooling", (0, 2), (180, 1_300)),
    Service("AC tune-up", "an AC that's due for service", (2, 9), (79, 260)),
    Service("Financing", "a system we can't put off any longer", (1, 6), (6_500, 14_500), estimate=True),
    Service("Water heater", "no hot water", (0, 2), (900, 3_200)),
    Service("Drain", "a backed-up drain", (0, 2), (150, 650)),
    Service("Leak", "a leak under the sink", (0, 1), (220, 1_900)),
    Service("Toilet", "a toilet that won't stop running", (0, 3), (120, 520)),
    Service("Sewer line", "a main line that keeps backing up", (1, 4), (3_500, 12_000), estimate=True),
    Service("Panel upgrade", "a panel that's too small", (2, 7), (2_200, 4_800), estimate=True),
    Service("Outlet or switch", "a breaker that won't reset", (0, 3), (120, 640)),
    Service("EV charger", "a charger to put in", (2, 8), (900, 2_400), estimate=True),
    Service("Generator", "a generator to put in", (4, 11), (6_800, 14_000), estimate=True),
    Service("Lighting", "some lights to put up", (2, 8), (180, 1_100)),
    Service("Rental property", "a rental with no hot water", (0, 3), (150, 900)),
    Service("Commercial", "a restroom that's backed up", (0, 3), (400, 5_200)),
    Service("Home warranty", "a water heater under a home warranty", (1, 3), (200, 900)),
    Service("Maintenance plan", "a house we'd like looked after", (3, 9), (179, 260)),
)

SERVICES: Mapping[str, Service] = {service.topic: service for service in _SERVICES}
_OTHER_WORK = Service("Repair", "a repair", (1, 4), (120, 900))


def service_of(topic: str) -> Service:
    """Return the service of this topic; topics without one count as a repair."""
    return SERVICES.get(topic, _OTHER_WORK)


LOST_REASONS = (
    "Went with a lower quote",
    "Decided to wait until next season",
    "Could not get financing",
    "Repaired the old one instead",
    "Moving out of the house",
)
CANCELLED_REASONS = (
    "A neighbor fixed it",
    "Went with another company",
    "It started working again",
    "Could not get off work",
)
DEAD_REASONS = (
    "No answer after three tries",
    "Booked with another company",
    "Only wanted a price",
    "Decided to leave it as it is",
)
