"""Links of every number: they open for every role that sees the number, and list what it counts."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.db.filters import Person
from app.insight.dashboards.tiles_page import Links
from app.insight.metrics.csr_queries import csr_numbers
from app.insight.metrics.missed_queries import CALLER_METRICS, missed_call_numbers
from app.insight.metrics.numbers import Number
from app.insight.metrics.rep_queries import rep_numbers
from app.models import Role, User
from app.security.actor import Actor
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.metrics.rows import rows_behind
from tests.support.client import Client

PERIOD = {"period": "custom", "from": FIRST_DAY.isoformat(), "to": LAST_DAY.isoformat()}

#: The viewer's role, and the people they choose, if they can.
VIEWERS: dict[str, tuple[Role, Person | None]] = {
    "a CSR": (Role.CSR, None),
    "a rep": (Role.SALES_REP, None),
    "support": (Role.SUPPORT, None),
    "a manager": (Role.MANAGER, None),
    "a manager of their team": (Role.MANAGER, "team"),
    "an exec of nobody": (Role.EXEC, "none"),
}


@pytest.mark.parametrize(("role", "whose"), VIEWERS.values(), ids=VIEWERS)
def test_every_link_of_every_number_lists_as_many_rows(
    company: RandomCompany, asking: Asking, client: Client, role: Role, whose: Person | None
) -> None:
    user = _viewer(company, role)
    with asking(company, user) as actor:
        links = list(_links(actor, company, whose))
    client.sign_in(user)

    addresses = dict.fromkeys(address for _name, address, _expected in links)  # some numbers count the same rows
    listed = {address: client.get(address).one(".//*[@data-count]").get("data-count") for address in addresses}
    for name, address, expected in links:
        assert listed[address] == str(expected), f"{name} is {expected}, {address} lists {listed[address]}"
    assert any(expected for _, _, expected in links)


def _viewer(company: RandomCompany, role: Role) -> User:
    return {Role.CSR: company.csrs[0], Role.SALES_REP: company.reps[0], **company.staff}[role]


def _links(actor: Actor, company: RandomCompany, whose: Person | None) -> Iterator[tuple[str, str, int]]:
    """Yield the name, address and row count of every number that the user can request."""
    period, now = company.period, datetime.now(UTC)
    own = None if whose or actor.role not in (Role.CSR, Role.SALES_REP) else actor.user_id
    if actor.role not in (Role.SALES_REP, Role.SUPPORT):
        yield from _of(csr_numbers(actor, period, csr=whose, now=now), csr=whose or own)
    if actor.role not in (Role.CSR, Role.SUPPORT):
        yield from _of(rep_numbers(actor, period, rep=whose, now=now), rep=whose or own)
    if actor.role is not Role.SALES_REP:
        only = CALLER_METRICS if actor.role is Role.CSR else None  # a CSR sees part of the calls only
        yield from _of(missed_call_numbers(actor, period, csr=whose, now=now, only=only), csr=whose)


def _of(numbers: dict[str, Number], **person: Person | None) -> Iterator[tuple[str, str, int]]:
    links = Links.of({**PERIOD, **{name: str(value) for name, value in person.items() if value}})
    for name, number in numbers.items():
        for rows, expected in rows_behind(number):
            yield name, links.to(rows), expected
