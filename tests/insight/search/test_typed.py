"""Accuracy of the search: in 300 typed searches, the person meant is among the first five results."""

from collections import Counter
from random import Random

import psycopg
import pytest

from app.db.embedded import SUPERUSER
from app.insight.search.page import SHOWN
from app.insight.search.queries import find_matches
from app.models import Organization, Role
from app.security.cached_selections import CACHED_SELECTIONS
from tests.insight.search.conftest import Asking
from tests.insight.search.typed import SEED, people, put_into, searches
from tests.support.database import WorkerDatabase
from tests.support.factories import Factories

SEARCHES = 300


@pytest.mark.turn(2)
def test_whom_one_looks_for_is_among_the_first_five(
    database: WorkerDatabase, make: Factories, organization: Organization, asking: Asking
) -> None:
    random = Random(SEED)  # noqa: S311 - reproducible, not secret
    found = people(random)
    with psycopg.connect(database.url(SUPERUSER)) as connection:
        put_into(connection, organization.id, found)
        connection.commit()
        # Autovacuum would do so after a while; without it, each search reads all rows.
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE) contact_cards, contact_phones")
    names = {one.id: (one.first, one.last, one.company, one.phone) for one in found}
    for selection in CACHED_SELECTIONS:
        selection.known.clear()
    missed = []
    with asking(make.user(organization, Role.MANAGER)) as actor:
        for search in searches(random, found, SEARCHES):
            matches = sorted(find_matches(actor, search.typed), key=lambda match: match.rank)
            first = [match.row.id for match in matches if match.row.kind == "contact_card"][:SHOWN]
            if search.wanted not in first:
                missed.append((search.way, search.typed, names[search.wanted], [names[one] for one in first]))

    assert missed == [], Counter(way for way, *_rest in missed)
    compiled = [compiled for selection in CACHED_SELECTIONS for compiled in selection.known.values()]
    assert None not in compiled  # building and compiling a statement takes longer than sending it
