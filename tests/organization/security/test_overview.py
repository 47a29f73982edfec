"""The blocks of the security page: failed sign-ins, new devices, ending access, people without 2FA."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.models import Organization, Role, User
from app.organization.security.queries import find_overview
from app.organization.security.rules import MAX_ROWS
from app.periods import midnight
from app.security.permissions import Permission
from tests.organization.security.conftest import Attempt
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import PASSWORD, Factories
from tests.support.mails import ADDRESS, CHROME
from tests.support.owner_races import acting
from tests.support.pages import Page, text_of
from tests.support.second_factor import set_up
from tests.support.work import at_work

SECURITY = "/organization/security"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
#: Chrome claims to be Safari, and Edge claims to be Chrome.
EDGE = f"{CHROME} Edg/142.0.0.0"


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """A CSR who signs in."""
    return make.user(organization, name="Cara Csr")


def rows(page: Page, block: str) -> list[str]:
    """Return the rows of a block as text."""
    return [text_of(row) for row in page.all(f".//section[@aria-labelledby='{block}']//tbody/tr")]


def test_failed_sign_ins_are_counted_by_person(
    as_admin: Client, make: Factories, organization: Organization, csr: User, attempt: Attempt
) -> None:
    other = make.user(organization, name="Otto Other")
    for days in (1, 2, 29):
        attempt(csr, days)
    attempt(other, 3)
    attempt(other, 31)
    attempt(other, 1, succeeded=True)
    attempt(make.user(make.organization(), name="Stranger"), 1)

    page = as_admin.get(SECURITY)

    found = rows(page, "failed-by-person")
    assert [row.split()[0] for row in found] == ["Cara", "Otto"]
    links = [link.get("href") for link in page.all(".//section[@aria-labelledby='failed-by-person']//td/a")]
    assert links == [
        f"/audit?action=failed-sign-in&period=last_30&resource_type=user&resource_id={one.id}" for one in (csr, other)
    ]
    as_admin.get(links[0] or "")


def test_failed_sign_ins_are_counted_by_address(
    as_admin: Client, make: Factories, organization: Organization, csr: User, attempt: Attempt
) -> None:
    other = make.user(organization)
    for person in (csr, other, other):
        attempt(person, 1, ip_address="198.51.100.7")
    attempt(csr, 1, ip_address="198.51.100.8")
    attempt(csr, 1, ip_address=None)

    page = as_admin.get(SECURITY)

    counts = [
        [text_of(cell) for cell in row.findall("td")[:2]]
        for row in page.all(".//section[@aria-labelledby='failed-by-address']//tbody/tr")
    ]
    assert counts == [["2", "3"], ["1", "1"]]
    link = page.all(".//section[@aria-labelledby='failed-by-address']//td/a")[0].get("href")
    assert link == "/audit?action=failed-sign-in&period=last_30&address=198.51.100.7"


def test_attempts_on_accounts_in_the_trash_count_by_address_like_in_the_trail(
    as_admin: Client, csr: User, attempt: Attempt, behind: Behind
) -> None:
    attempt(csr, 1, ip_address="198.51.100.7")
    behind.change(csr, deleted_at=datetime.now(UTC))

    page = as_admin.get(SECURITY)

    assert rows(page, "failed-by-person") == []
    [row] = rows(page, "failed-by-address")
    assert row.startswith("198.51.100.7")


def test_a_full_list_shows_the_failed_sign_ins_that_were_counted(
    client: Client, new_client: Callable[[], Client], admin: User, csr: User
) -> None:
    for _ in range(2):
        new_client().post("/login", {"email": csr.email, "password": "not the right one"}, status=401)

    page = client.sign_in(admin).get(SECURITY)

    [link] = page.all(".//section[@aria-labelledby='failed-by-person']//td/a")
    assert text_of(link) == "2"
    assert client.get(link.get("href") or "").text.count("Failed to sign in") >= 2


@pytest.mark.parametrize(
    ("browser", "address", "is_new"),
    [
        (CHROME, ADDRESS, False),
        (CHROME.replace("142", "141"), "203.0.113.200", False),  # another version, elsewhere in the network
        (EDGE, ADDRESS, True),
        (FIREFOX, ADDRESS, True),
        (CHROME, "203.0.114.7", True),
        (CHROME, "2001:db8::1", True),
        (None, None, True),
    ],
)
def test_a_device_is_new_with_another_browser_or_network(
    app: Flask, admin: User, csr: User, attempt: Attempt, browser: str | None, address: str | None, is_new: bool
) -> None:
    attempt(csr, 40, succeeded=True)
    attempt(csr, 1, succeeded=True, user_agent=browser, ip_address=address)

    with at_work(app, csr.organization_id):
        overview = find_overview(acting(admin), datetime.now(UTC))

    assert overview is not None
    assert [row.name for row in overview.new_devices] == (["Cara Csr"] if is_new else [])


def test_addresses_of_one_ipv6_network_are_one_device(app: Flask, admin: User, csr: User, attempt: Attempt) -> None:
    attempt(csr, 40, succeeded=True, ip_address="2001:db8:0:1::1")
    attempt(csr, 2, succeeded=True, ip_address="2001:db8:0:1:ffff::9")
    attempt(csr, 1, succeeded=True, ip_address="2001:db8:0:2::1")

    with at_work(app, csr.organization_id):
        overview = find_overview(acting(admin), datetime.now(UTC))

    assert overview is not None
    assert [str(row.ip_address) for row in overview.new_devices] == ["2001:db8:0:2::1"]


def test_the_counted_days_are_those_of_the_linked_list(
    client: Client, behind: Behind, admin: User, csr: User, attempt: Attempt
) -> None:
    zone = behind.one(Organization, id=csr.organization_id).timezone
    first_day = datetime.now(ZoneInfo(zone)).date() - timedelta(days=29)
    for seconds in (1, -1):
        row = attempt(csr)
        behind.change(row, created_at=midnight(first_day, ZoneInfo(zone)) + timedelta(seconds=seconds))

    page = client.sign_in(admin).get(SECURITY)

    [link] = page.all(".//section[@aria-labelledby='failed-by-person']//td/a")
    assert text_of(link) == "1"
    assert "period=last_30" in (link.get("href") or "")


def test_a_wrong_two_factor_code_is_a_failed_sign_in(
    client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization, admin: User
) -> None:
    person = make.user(organization, name="Pia Phone")
    set_up(new_client().sign_in_by_form(person))
    visitor = new_client()
    visitor.post("/login", {"email": person.email, "password": PASSWORD})
    visitor.post("/login/code", {"code": "000000"}, status=401)

    page = client.sign_in(admin).get(SECURITY)

    [link] = page.all(".//section[@aria-labelledby='failed-by-person']//td/a")
    assert text_of(link) == "1"
    assert "Entered a wrong two-factor code" in client.get(link.get("href") or "").text


def test_a_device_is_new_again_after_ninety_days_and_shown_for_thirty(
    app: Flask, make: Factories, organization: Organization, admin: User, csr: User, attempt: Attempt
) -> None:
    attempt(csr, 93, succeeded=True)
    attempt(csr, 2, succeeded=True)
    attempt(csr, 1, succeeded=True)
    attempt(make.user(organization, name="Long Ago"), 31, succeeded=True)
    attempt(make.user(organization, name="Only Failed"), 1)
    attempt(make.user(make.organization(), name="Stranger"), 1, succeeded=True)
    known = make.user(organization, name="Kept Using It")
    for days in (100, 26):
        attempt(known, days, succeeded=True)

    with at_work(app, csr.organization_id):
        overview = find_overview(acting(admin), datetime.now(UTC))

    assert overview is not None
    [row] = overview.new_devices
    assert row.name == "Cara Csr"
    assert datetime.now(UTC) - row.began_at > timedelta(days=1, hours=12), "the first of the two"


def test_permissions_that_expire_within_two_weeks_are_shown_soonest_first(
    as_admin: Client, make: Factories, organization: Organization, csr: User
) -> None:
    now = datetime.now(UTC)
    make.grant(csr, Permission.JOBS_READ, expires_at=now + timedelta(days=13))
    make.grant(csr, Permission.AUDIT_READ, expires_at=now + timedelta(days=2))
    make.grant(csr, Permission.TRASH_READ, expires_at=now + timedelta(days=15))
    make.grant(csr, Permission.REPORTS_READ)
    stranger = make.user(make.organization())
    make.grant(stranger, Permission.JOBS_READ, expires_at=now + timedelta(days=2))

    page = as_admin.get(SECURITY)

    found = rows(page, "ending-grants")
    assert len(found) == 2
    assert "View the audit trail" in found[0]
    assert "View background jobs" in found[1]
    assert page.one(".//section[@aria-labelledby='ending-grants']//tbody/tr[1]/th/a").get("href") == (
        f"/users/{csr.id}/permissions"
    )


def test_people_without_a_second_factor_are_shown_by_rank(
    as_admin: Client, make: Factories, organization: Organization, csr: User
) -> None:
    make.user(organization, role=Role.EXEC, name="Has One", mfa_secret=b"sealed")
    make.user(organization, role=Role.EXEC, name="Has Left", status="inactive")

    page = as_admin.get(SECURITY)

    assert [row.split()[0] for row in rows(page, "without-second-factor")] == ["Olivia", "Ada", "Cara"]
    assert "/users?status=active&second_factor=no" in [link.get("href") for link in page.all(".//a")]


def test_a_block_has_ten_rows(app: Flask, make: Factories, organization: Organization, admin: User) -> None:
    for _ in range(MAX_ROWS + 2):
        make.user(organization)

    with at_work(app, organization.id):
        overview = find_overview(acting(admin), datetime.now(UTC))

    assert overview is not None
    assert len(overview.without_second_factor) == MAX_ROWS


def test_the_blocks_take_five_statements(
    app: Flask,
    queries: Callable[[], AbstractContextManager[list[str]]],
    make: Factories,
    admin: User,
    csr: User,
    attempt: Attempt,
) -> None:
    for days in range(3):
        attempt(csr, days)
        attempt(csr, days, succeeded=True)
    make.grant(csr, Permission.JOBS_READ, expires_at=datetime.now(UTC) + timedelta(days=2))

    with at_work(app, csr.organization_id), queries() as statements:
        find_overview(acting(admin), datetime.now(UTC))

    assert len([one for one in statements if one.startswith("SELECT") and "FROM" in one]) == 5


def test_indexes_serve_failed_sign_ins_and_ending_grants(admin_engine: Engine) -> None:
    with admin_engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        plans = {
            table: "\n".join(
                connection.scalars(
                    text(f"EXPLAIN SELECT FROM {table} WHERE organization_id = gen_random_uuid() AND {condition}")
                )
            )
            for table, condition in (
                ("login_attempts", "NOT succeeded AND created_at >= now() - interval '30 days'"),
                ("user_permissions", "expires_at > now() AND expires_at <= now() + interval '14 days'"),
            )
        }

    assert "idx_login_attempts_failed" in plans["login_attempts"]
    assert "idx_user_permissions_ending" in plans["user_permissions"]


def test_without_the_permission_to_manage_people_only_the_settings_are_shown(
    client: Client, make: Factories, organization: Organization, attempt: Attempt, csr: User
) -> None:
    attempt(csr, 1)
    manager = make.user(organization, role=Role.MANAGER)
    make.grant(manager, Permission.ORGANIZATION_UPDATE)

    page = client.sign_in(manager).get(SECURITY)

    assert "Require two-factor authentication" in page.text
    assert "Failed sign-ins" not in page.text
    client.post(f"{SECURITY}/reminders/{csr.id}", status=403)


def test_links_to_the_trail_are_for_its_readers(
    client: Client, make: Factories, organization: Organization, attempt: Attempt, csr: User
) -> None:
    attempt(csr, 1)
    manager = make.user(organization, role=Role.MANAGER)
    for permission in (Permission.ORGANIZATION_UPDATE, Permission.USERS_UPDATE):
        make.grant(manager, permission)

    page = client.sign_in(manager).get(SECURITY)

    assert len(rows(page, "failed-by-person")) == 1
    assert not [link for link in page.all(".//main//a") if "/audit" in (link.get("href") or "")]
