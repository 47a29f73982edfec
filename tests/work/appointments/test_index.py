"""The list of appointments: visibility, and the meaning of its dates."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from app.models import Role
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of


def services(page: Page) -> list[str]:
    """Return the service type of each row."""
    return [text_of(cell) for row in page.all(".//tbody/tr") for name, cell in pairwise(row) if name.tag == "th"]


@pytest.mark.parametrize(("role", "column"), [(Role.CSR, "csr_id"), (Role.SALES_REP, "sales_rep_id")])
def test_a_csr_sees_what_they_booked_and_a_rep_where_they_go(
    client: Client, make: Factories, role: Role, column: str
) -> None:
    company = make.organization()
    me, colleague = make.user(company, role=role), make.user(company, role=role)
    mine: dict[str, Any] = {column: me.id}
    theirs: dict[str, Any] = {column: colleague.id}
    make.appointment(company, service_type="Mine", **mine)
    make.appointment(company, service_type="Theirs", **theirs)
    make.appointment(make.organization(), service_type="Next door")

    assert services(client.sign_in(me).get("/appointments?sort=-startTime")) == ["Mine"]


def test_the_period_is_that_of_the_visit_or_of_the_booking(client: Client, make: Factories) -> None:
    company = make.organization()
    make.appointment(company, service_type="Visit in March", booked_at=DAY - timedelta(days=60))
    later = DAY + timedelta(days=60)
    make.appointment(company, service_type="Booked in March", scheduled_start_at=later, booked_at=DAY)
    client.sign_in(make.user(company, role=Role.MANAGER))
    march = "/appointments?period=custom&from=2026-03-01&to=2026-03-31"

    assert services(client.get(march)) == ["Visit in March"]
    assert services(client.get(f"{march}&date_of=booked")) == ["Booked in March"]


def test_deleted_ones_are_not_shown_and_not_counted(client: Client, make: Factories) -> None:
    company = make.organization()
    make.appointment(company, service_type="There")
    make.appointment(company, service_type="Gone", deleted_at=DAY)
    client.sign_in(make.user(company, role=Role.OWNER))

    page = client.get("/appointments?sort=-startTime")

    assert services(page) == ["There"]
    assert page.one(".//*[@data-count]").get("data-count") == "1"


def test_the_list_can_be_turned_around(client: Client, make: Factories) -> None:
    company = make.organization()
    for day in range(3):
        make.appointment(company, service_type=f"Day {day}", scheduled_start_at=DAY + timedelta(days=day))
    client.sign_in(make.user(company, role=Role.MANAGER))

    assert services(client.get("/appointments?sort=-startTime")) == ["Day 2", "Day 1", "Day 0"]
    assert services(client.get("/appointments?sort=startTime")) == ["Day 0", "Day 1", "Day 2"]
    client.get("/appointments?sort=price", status=400)


def test_a_row_leads_to_its_page(client: Client, make: Factories) -> None:
    company = make.organization()
    visit = make.appointment(company, contact=make.contact(company, first_name="Ruth", last_name="Delgado"))

    page = client.sign_in(make.user(company, role=Role.MANAGER)).get("/appointments?sort=-startTime")

    assert page.links["Ruth Delgado"] == f"/appointments/{visit.id}"
    assert page.links["Book"] == "/appointments/new"
    assert "Book" not in client.sign_in_by_form(make.user(company, role=Role.EXEC)).get("/appointments").links
