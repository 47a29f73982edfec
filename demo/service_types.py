"""Service types of a company and the duration of each."""

from collections.abc import Iterator
from datetime import timedelta

from demo.office import Office
from demo.rows import ServiceTypeRow

#: Minutes, by topic of the catalogue.
_PLUMBING = {"Drain": 60, "Leak": 90, "Sewer line": 120, "Toilet": 45, "Water heater": 120, "Rental property": 60}
_OTHER_TRADES = {
    "AC not cooling": 90,
    "AC tune-up": 60,
    "EV charger": 120,
    "Furnace tune-up": 60,
    "Generator": 180,
    "No heat": 90,
    "Outlet or switch": 45,
    "System replacement": 120,
}
#: No longer done: not offered when booking.
_GIVEN_UP = "Rental property"


def service_type_rows(office: Office) -> Iterator[ServiceTypeRow]:
    """Yield the service types of the company, one of which is no longer offered."""
    types = _PLUMBING | (_OTHER_TRADES if office.company.all_trades else {})
    for number, (name, minutes) in enumerate(sorted(types.items())):
        at = office.founded + timedelta(days=4, hours=number)
        yield ServiceTypeRow(
            organization_id=office.organization_id,
            id=office.ids.at(at),
            name=name,
            minutes=minutes,
            is_active=name != _GIVEN_UP,
            created_at=at,
        )
