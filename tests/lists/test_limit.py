"""`?limit=` on the pages of lists: as many rows as in the API, and nothing else."""

import pytest

from app.models import Organization, User
from tests.support.client import Client
from tests.support.factories import Factories


def test_a_page_has_as_many_rows_as_asked_for_and_its_links_keep_that(
    as_admin: Client, make: Factories, organization: Organization, admin: User
) -> None:
    for _ in range(3):
        make.task(organization, assignee=admin)

    page = as_admin.get("/tasks?limit=2")

    assert len(page.all(".//main//tbody/tr")) == 2
    older = [link for link in page.all(".//main//a[@href]") if "cursor=" in link.get("href", "")]
    assert older
    assert all("limit=2" in link.get("href", "") for link in older)


@pytest.mark.parametrize("limit", ["0", "101", "x", "1.5", "-1", "²"])
def test_another_limit_is_refused(as_admin: Client, limit: str) -> None:
    assert "1 to 100" in as_admin.get(f"/tasks?limit={limit}", status=400).text
