"""Tools that every declared list has: a download of its rows, and the choice of its columns."""

import csv
from collections.abc import Callable
from http import HTTPStatus

import pytest
from flask import Flask, url_for

from app.declarations.resource import Resource
from app.models import Role
from app.trust.audit_log.resource import AUDIT_LIST
from tests.support.cached_rows import restored_by_copy
from tests.support.client import Client
from tests.support.company import Company, make_company
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.support.sample_records import RESOURCES, OneMore

LISTED = [one for one in RESOURCES if one.listed]
#: The trail has a different layout, whose rows open to show all details.
SHARED = [one for one in LISTED if one.listed is not AUDIT_LIST]
of_each_list = pytest.mark.parametrize("resource", SHARED, ids=[one.name for one in SHARED])


@pytest.fixture
@restored_by_copy
def company(make: Factories) -> Company:
    """A company with one row of everything. Restored by COPY."""
    return make_company(make)


@pytest.fixture
def owner(client: Client, company: Company) -> Client:
    return client.sign_in(company.people[Role.OWNER])


@pytest.fixture
def address(app: Flask) -> Callable[[Resource], str]:
    def whole(resource: Resource) -> str:
        """Return the URL of the list with a sort order, which disables its default filters."""
        assert resource.listed is not None
        with app.test_request_context():
            return f"{url_for(resource.listed.endpoint)}?sort={resource.listed.sorts[0].name}"

    return whole


def rows(page: Page) -> list[list[str]]:
    found = page.all(".//main//section//table/tbody/tr") or page.all(".//main//table/tbody/tr")
    return [[text_of(cell) for cell in row] for row in found]


def heads(page: Page) -> list[str]:
    return [text_of(head) for head in page.all(".//main//table/thead//th")]


@of_each_list
def test_a_list_has_all_its_rows_in_a_file(
    owner: Client, make: Factories, company: Company, address: Callable[[Resource], str], resource: Resource
) -> None:
    OneMore(make, company)(resource.model)
    page = owner.get(address(resource))

    [link] = [link.get("href", "") for link in page.all(".//main//a[@href]") if ".csv" in link.get("href", "")]
    header, *lines = csv.reader(owner.get(link).html.removeprefix("\ufeff").splitlines())

    assert len(lines) == len(rows(page)) > 0
    assert {len(line) for line in lines} == {len(header)}
    named = {str(one.label) for one in resource.columns if one.column and one.column.is_filed}
    assert [label for label in named if not any(head.startswith(label) for head in header)] == []


@of_each_list
def test_columns_of_a_list_can_be_chosen(
    owner: Client, make: Factories, company: Company, address: Callable[[Resource], str], resource: Resource
) -> None:
    OneMore(make, company)(resource.model)
    assert resource.listed is not None
    before = heads(owner.get(address(resource)))

    owner.post("/list-columns", {"page": resource.listed.name, "column": []}, status=HTTPStatus.SEE_OTHER)

    page = owner.get(address(resource))
    left = {str(one.label) for one in resource.columns if one.column and one.column.is_fixed}
    gone = {str(one.label) for one in resource.columns} - left
    assert gone & set(before) != set()
    assert set(heads(page)) & {*left, *gone} == left
    assert {len(row) for row in rows(page)} == {len(heads(page))}


def test_no_view_is_kept_of_a_list_that_keeps_none(owner: Client) -> None:
    form = {"row_id": "0193aaaa-0000-7000-8000-000000000001", "page": "jobs", "name": "Failed", "query": ""}

    owner.post("/saved-views", form, status=HTTPStatus.BAD_REQUEST)
