"""Lists that are empty because of a filter, which say so and advise to remove it."""

import pytest

from tests.support.client import Client


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/appointments?q=zzz", "No appointments match"),
        ("/recordings?status=failed", "No recordings match"),
        ("/leads?q=zzz", "No leads match"),
    ],
)
def test_an_empty_list_says_that_its_filter_matches_nothing(as_admin: Client, address: str, title: str) -> None:
    page = as_admin.get(address)

    assert title in page.text
    assert title not in as_admin.get(page.links["Clear all filters"]).text
