"""Sessions of a user, which an admin sees and ends; the user's next click explains why."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.models import AuditLog, Organization, RefreshToken, Role, StaffRole, User, UserSession
from tests.platform.organizations.visiting import enter
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import text_of

SAYS_WHY = "Your session was ended by an admin of your organization."


@pytest.fixture
def organization(make: Factories) -> Organization:
    """The company whose users are signed in."""
    return make.organization()


@pytest.fixture
def owner(make: Factories, organization: Organization) -> User:
    """The only owner of the company."""
    return make.user(organization, role=Role.OWNER)


@pytest.fixture
def admin(make: Factories, owner: User, organization: Organization) -> User:
    """The admin who ends sessions."""
    return make.user(organization, role=Role.ADMIN)


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """The CSR whose sessions are shown."""
    return make.user(organization, name="Cora Counter")


def test_device_address_and_times_are_shown_of_what_is_still_open(
    client: Client, make: Factories, organization: Organization, admin: User, csr: User
) -> None:
    now = datetime.now(UTC)
    make.session_of(csr)
    make.session_of(csr, revoked_at=now)
    make.session_of(csr, expires_at=now)
    make.session_of(csr, last_seen_at=now - timedelta(hours=13))
    make.session_of(make.user(organization), ip_address="203.0.113.99")

    page = client.sign_in_by_form(admin).get(f"/users/{csr.id}/sessions")

    (row,) = page.all(".//tbody/tr")
    assert text_of(row).startswith("Chrome on Windows")
    assert "203.0.113.7" in text_of(row)


def test_one_is_ended_and_its_browser_is_told(
    client: Client, new_client: Callable[[], Client], admin: User, csr: User, admin_engine: Engine
) -> None:
    theirs, elsewhere = new_client().sign_in_by_form(csr), new_client().sign_in(csr)
    client.sign_in_by_form(admin)
    newest = client.get(f"/users/{csr.id}/sessions").all(".//tbody/tr//form")[0].get("action", "")

    for _ in range(2):
        page = client.follow(client.post(newest))

    assert len(page.all(".//tbody/tr")) == 1
    assert SAYS_WHY in elsewhere.follow(elsewhere.get("/calls", status=303)).text
    theirs.get("/calls")
    with Session(admin_engine) as session:
        (ended,) = session.scalars(select(AuditLog).where(AuditLog.action == "session.ended"))
    assert (ended.user_id, (ended.after or {})["revoked_reason"]) == (admin.id, "ended_by_admin")


def test_all_are_ended_with_what_programs_were_given(
    client: Client, new_client: Callable[[], Client], make: Factories, admin: User, csr: User, admin_engine: Engine
) -> None:
    browsers = [new_client().sign_in_by_form(csr) for _ in range(2)]
    make.refresh_token(make.session_of(csr, client_id="scheduler"))
    client.sign_in_by_form(admin)
    client.get(f"/users/{csr.id}/sessions")

    page = client.follow(client.post(f"/users/{csr.id}/sessions/end-all"))

    assert "3 sessions ended." in page.text
    assert "Not signed in anywhere" in page.text
    for browser in browsers:
        assert SAYS_WHY in browser.follow(browser.get("/calls", status=303)).text
    with Session(admin_engine) as session:
        assert session.scalars(select(RefreshToken.revoked_at)).one() is not None


def test_of_oneself_all_but_this_one_end(client: Client, new_client: Callable[[], Client], admin: User) -> None:
    other = new_client().sign_in_by_form(admin)
    client.sign_in_by_form(admin)
    client.get(f"/users/{admin.id}/sessions")

    client.post(f"/users/{admin.id}/sessions/end-all")

    client.get("/calls")
    other.get("/calls", status=303)


def test_nobody_ends_the_session_of_somebody_above_them(
    client: Client, make: Factories, owner: User, admin: User, admin_engine: Engine
) -> None:
    session_row = make.session_of(owner)
    client.sign_in_by_form(admin)

    page = client.get(f"/users/{owner.id}/sessions")
    assert page.all(".//main//form") == []
    client.post(f"/users/{owner.id}/sessions/{session_row.id}/end", status=403)
    client.post(f"/users/{owner.id}/sessions/end-all", status=403)

    with Session(admin_engine) as session:
        kept = select(UserSession.revoked_at).where(UserSession.user_id == owner.id)
        assert session.scalars(kept).all() == [None]


def test_sessions_of_another_person_or_organization_are_not_found(
    client: Client, make: Factories, admin: User, csr: User, admin_engine: Engine
) -> None:
    stranger = make.user(make.organization())
    of_stranger, of_admin = make.session_of(stranger), make.session_of(admin)
    client.sign_in_by_form(admin)
    client.get("/calls")

    client.get(f"/users/{stranger.id}/sessions", status=404)
    client.post(f"/users/{stranger.id}/sessions/{of_stranger.id}/end", status=404)
    client.post(f"/users/{csr.id}/sessions/{of_stranger.id}/end", status=404)
    client.post(f"/users/{csr.id}/sessions/{of_admin.id}/end", status=404)

    with Session(admin_engine) as session:
        assert {one.revoked_at for one in session.scalars(select(UserSession))} == {None}


def test_it_needs_the_permission(client: Client, make: Factories, organization: Organization, csr: User) -> None:
    client.sign_in_by_form(make.user(organization, role=Role.EXEC))

    client.get(f"/users/{csr.id}/sessions", status=403)
    client.post(f"/users/{csr.id}/sessions/end-all", status=403)


def test_a_guest_of_the_platform_may_as_an_admin_may(
    client: Client,
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    owner: User,
    csr: User,
) -> None:
    theirs = new_client().sign_in_by_form(csr)
    client.sign_in_by_form(make.staff(StaffRole.ADMIN))
    enter(client, organization)
    client.get(f"/users/{csr.id}/sessions")

    client.post(f"/users/{csr.id}/sessions/end-all")

    theirs.get("/calls", status=303)
