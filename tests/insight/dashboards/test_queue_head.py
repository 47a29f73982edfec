"""The head of the missed-call queue on the dashboard: the next due entries, with age and deadline."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models import MissedCallEntry, Organization
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of


@pytest.fixture
def company(make: Factories) -> Organization:
    return make.organization()


def waiting(make: Factories, company: Organization, name: str, due_in: timedelta, **values: object) -> MissedCallEntry:
    """Create an entry of a caller with this name, missed an hour before it is due."""
    due = datetime.now(UTC) + due_in
    contact = make.contact(company, first_name=name, last_name=None)
    missed = due - timedelta(hours=1)
    call = make.call(company, status="missed", started_at=missed, contact_card_id=contact.id)
    return make.missed_entry(company, call=call, **{"sla_due_at": due, **values})


def callers(page: Page) -> list[str]:
    return [text_of(head).split(" ")[0] for head in page.all(".//div[@id='queue-table']/table/tbody/tr/th")]


def test_what_is_due_next_comes_first_not_the_oldest(client: Client, make: Factories, company: Organization) -> None:
    for day in range(1, 7):
        waiting(make, company, f"Late{day}", -timedelta(days=day))
    waiting(make, company, "Later", timedelta(minutes=50))
    waiting(make, company, "Next", timedelta(minutes=5))
    waiting(make, company, "Tried", timedelta(minutes=1), attempts=1, next_attempt_at=datetime.now(UTC))
    waiting(make, make.organization(), "Stranger", timedelta(minutes=2))

    page = client.sign_in(make.user(company)).get("/csr")

    assert callers(page) == ["Next", "Later", "Tried", "Late1", "Late2"]


def test_those_whose_next_try_has_come_are_before_what_is_overdue_since_earlier_days(
    client: Client, make: Factories, company: Organization
) -> None:
    waiting(make, company, "Late", -timedelta(days=3))
    waiting(make, company, "Tried", -timedelta(days=4), attempts=1, next_attempt_at=datetime.now(UTC))
    waiting(make, company, "Done", timedelta(minutes=1), status="lost")

    assert callers(client.sign_in(make.user(company)).get("/csr")) == ["Tried", "Late"]


def test_each_has_its_age_and_its_deadline(client: Client, make: Factories, company: Organization) -> None:
    waiting(make, company, "Next", timedelta(minutes=20, seconds=10))
    waiting(make, company, "Late", -timedelta(days=2))
    since = datetime.now(UTC) - timedelta(minutes=20, seconds=10)
    waiting(make, company, "Tried", timedelta(minutes=20), attempts=1, next_attempt_at=since)

    page = client.sign_in(make.user(company)).get("/csr")

    cells = [[text_of(cell) for cell in row] for row in page.all(".//div[@id='queue-table']/table/tbody/tr")]
    assert [row[:2] for row in cells] == [
        ["in 20 min.", "40 min. ago"],
        ["Due 20 min. ago", "40 min. ago"],
        ["2 days ago Overdue", "2 days ago"],
    ]
    heads = [text_of(head) for head in page.all(".//div[@id='queue-table']/table/thead/tr/th")]
    assert heads[:2] == ["Callback due", "Missed"]
    assert page.links["Overdue"] == "/missed-calls?overdue=yes"
