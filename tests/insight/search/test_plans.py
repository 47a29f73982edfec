"""Plans of the search, as if its tables were large."""

import re

from app.extensions import db
from app.insight.search.page import search_page
from app.models import Organization, Role
from tests.insight.search.conftest import Asking
from tests.support.factories import Factories
from tests.support.plans import recorded_plans


def test_words_of_waiting_callers_are_read_by_indexes(
    make: Factories, organization: Organization, asking: Asking
) -> None:
    with asking(make.user(organization, Role.MANAGER)) as actor, recorded_plans(db.engine) as plans:
        search_page(actor, "ceiling")

    of_callers = [plan for plan in plans if "missed_call_entries" in plan]
    assert of_callers
    for plan in of_callers:
        assert re.search(r"Index .*Scan.* using idx_missed_entries_\w+ on missed_call_entries", plan)
        assert "Seq Scan on call" not in plan
