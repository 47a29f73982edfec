"""Fixtures for tests of the JSON API."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, update
from werkzeug.test import TestResponse

from app.models import Organization, Plan, PlanCode, Role, User
from tests.api.samples import ApiCompany, make_api_company
from tests.support.api_client import ApiClient
from tests.support.cached_rows import restored_by_copy
from tests.support.factories import Factories

NewApi = Callable[[User], ApiClient]


@pytest.fixture(autouse=True)
def _rates_are_written_once(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A caller's rate is written by their first request only, so that slow machines send no extra statements."""
    if request.module.__name__ != "tests.api.test_rates":
        monkeypatch.setattr("app.web.settled_counts._SECONDS_BETWEEN_WRITES", 3_600.0)


@pytest.fixture
def change_plan(admin_engine: Engine) -> Iterator[Callable[..., None]]:
    """Function that changes values of a plan until the end of the test; organizations have the starter plan."""

    def change(code: PlanCode = PlanCode.STARTER, **values: int) -> None:
        with admin_engine.begin() as connection:
            connection.execute(update(Plan).where(Plan.code == code).values(**values))

    yield change
    for code in PlanCode:
        change(code, api_requests_per_hour=1_000, api_rows_per_day=10_000)


@pytest.fixture
def new_api(app: Flask) -> NewApi:
    """Function that returns the client of a program that a user has signed in to."""
    return lambda user: ApiClient(app, user)


@pytest.fixture
@restored_by_copy
def company(make: Factories) -> ApiCompany:
    """The organization on which the example of every operation works."""
    return make_api_company(make)


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Mona Manager")


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.CSR, name="Carla Csr")


@pytest.fixture
def as_manager(new_api: NewApi, manager: User) -> ApiClient:
    return new_api(manager)


@pytest.fixture
def as_csr(new_api: NewApi, csr: User) -> ApiClient:
    return new_api(csr)


@pytest.fixture
def code_of() -> Callable[[TestResponse], str]:
    """Function that returns the code of the error in a response."""
    return lambda response: str(response.get_json()["error"]["code"])
