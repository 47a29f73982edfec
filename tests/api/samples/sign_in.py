"""Refusals of operations about one's own sign-in: the example has no one's password, and no sample of a session."""

from app.models import Role
from tests.api.samples import ApiCompany
from tests.support.factories import Factories

REFUSED = {
    **{("reauthenticate", role): 401 for role in Role},
    **{("endOwnSession", role): 404 for role in Role},
}


def fill(make: Factories, company: ApiCompany) -> None:
    """Add nothing: each caller has the session that sends the examples."""
