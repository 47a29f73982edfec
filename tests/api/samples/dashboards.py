"""Places of dashboards: the sales rep whose numbers their examples ask for."""

from app.models import Role
from tests.api.samples import ApiCompany, sample
from tests.support.factories import Factories

_OF_REP = ("getRepStats", "listRepAppointments", "listSalesRepAppointments")
PLACES = {name: {"user_id": sample("user", Role.SALES_REP)} for name in _OF_REP}


def fill(_make: Factories, _company: ApiCompany) -> None:
    """Add nothing: an organization without calls has numbers, too."""
