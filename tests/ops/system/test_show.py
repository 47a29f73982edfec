"""The page about the system."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import text

from app.db import slow_statements
from app.db.slow_statements import SlowStatement
from app.extensions import db
from app.models import BackupCheck, Organization, Role
from app.ops.system import fact_queries, views
from app.ops.system.version import version
from app.sandbox.runner import UNFILTERED
from app.web.maintenance import Window
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization()


@pytest.fixture
def admin(client: Client, make: Factories, organization: Organization) -> Client:
    return client.sign_in(make.user(organization, role=Role.ADMIN))


@pytest.fixture
def remembered() -> Iterator[None]:
    """A recorded slow statement, which the page lists."""
    slow_statements.forget()
    slow_statements.keep(SlowStatement(datetime.now(UTC), 2.5, "/calls", "SELECT calls.id FROM calls"))
    yield
    slow_statements.forget()


def test_versions_and_state_are_shown(admin: Client) -> None:
    slow_statements.forget()  # left by other tests on a busy machine

    page = admin.get("/system")

    assert page.heading == "System"
    assert version() in page.text
    assert "PostgreSQL" in page.text
    assert "Unhealthy" in page.text  # no worker runs
    assert "Jobs running Failed" in page.text
    assert "No slow queries" in page.text


def test_a_proxy_that_nobody_believes_is_told_of(admin: Client) -> None:
    assert "TRUSTED_PROXIES" not in admin.get("/system").text

    page = admin.get("/system", headers={"X-Forwarded-For": "198.51.100.9"})

    assert "This page came through a proxy, but TRUSTED_PROXIES is 0" in page.text


@pytest.mark.parametrize("is_filtered", [True, False])
def test_a_kernel_without_seccomp_is_told_of(
    admin: Client, monkeypatch: pytest.MonkeyPatch, *, is_filtered: bool
) -> None:
    monkeypatch.setattr(fact_queries, "filters_system_calls", lambda: is_filtered)

    assert (str(UNFILTERED) in admin.get("/system").text) is not is_filtered


@pytest.mark.usefixtures("remembered")
def test_slow_statements_are_shown_with_their_route(admin: Client) -> None:
    (row,) = admin.get("/system").all(".//div[@id='slow-table']//tbody/tr")

    assert text_of(row).startswith("SELECT calls.id FROM calls Route /calls")
    assert " 2.50 s /calls" in text_of(row)


def test_a_statement_is_remembered_without_its_values(app: Flask, admin: Client) -> None:
    with app.test_request_context("/calls"):
        db.session.execute(text("SELECT pg_sleep(0.6), :secret"), {"secret": "+15125550100"})
        db.session.rollback()

    page = admin.get("/system")
    slow_statements.forget()
    assert "pg_sleep" in page.text
    assert "15125550100" not in page.html


def test_maintenance_is_shown_with_its_end(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Maintenance Off" in admin.get("/system").text

    window = Window(is_on=True, until=datetime(2026, 11, 20, 17, 30, tzinfo=UTC))
    monkeypatch.setattr(views, "maintenance_window", lambda: window)
    shown = admin.get("/system").text.replace("Nov 20, 2026,", "Nov 20,")  # the year is shown once it is over
    assert "Maintenance On until Nov 20, 12:30 PM" in shown


@pytest.mark.parametrize(("findings", "said"), [([], ": complete"), (["calls: 3 rows are missing"], ": incomplete")])
def test_the_last_check_of_a_backup_is_shown(admin: Client, make: Factories, findings: list[str], said: str) -> None:
    assert "Backup last checked Never" in admin.get("/system").text
    make.add(BackupCheck(file_name="a.dump", file_bytes=1, succeeded=not findings, findings=findings))

    assert said in admin.get("/system").text


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.ADMIN, Role.OWNER])
def test_who_looks_after_the_system_finds_it_in_the_navigation(
    client: Client, make: Factories, organization: Organization, role: Role
) -> None:
    client.sign_in(make.user(organization, role=role))
    assert client.get("/account").links["System"] == "/system"


def test_others_do_not(client: Client, make: Factories, organization: Organization) -> None:
    client.sign_in(make.user(organization, role=Role.MANAGER))
    assert "System" not in client.get("/account").links
    client.get("/system", status=403)
