"""Account recovery by an admin: a link to set a password, and the reset of two-factor authentication."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.models import Organization, RecoveryCode, Role, User, UserSession, UserStatus
from tests.people.users.pages import filled, send
from tests.support.client import Client
from tests.support.factories import Factories

WHY = "They have lost their phone"

People = Callable[..., list[User]]


@pytest.fixture
def guarded(make: Factories, organization: Organization) -> User:
    """A user with two-factor authentication, a recovery code and an open session."""
    user = make.user(organization, mfa_secret=b"sealed", email="gil@comfort.example")
    make.add(RecoveryCode(organization_id=organization.id, user_id=user.id, code_hash=b"hash"))
    now = datetime.now(UTC)
    make.add(
        UserSession(
            organization_id=organization.id,
            user_id=user.id,
            token_hash=b"token",
            last_seen_at=now,
            expires_at=now + timedelta(days=1),
        )
    )
    return user


@pytest.fixture
def told(admin_engine: Engine) -> Callable[[str], list[Any]]:
    """Function that returns the rows selected by a statement, bypassing the app."""

    def read(statement: str) -> list[Any]:
        with admin_engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    return read


def test_a_link_is_sent_with_its_reason(
    as_admin: Client, make: Factories, organization: Organization, told: Callable[[str], list[Any]]
) -> None:
    csr = make.user(organization, email="cem@comfort.example", password_hash=None)

    page = as_admin.follow(send(as_admin, f"/users/{csr.id}/password-link", reason=WHY))

    assert "The link for cem@comfort.example is in the outbox" in page.text
    assert told("SELECT to_address, template FROM messages") == [("cem@comfort.example", "password_link")]
    assert told("SELECT count(*) FROM password_resets WHERE used_at IS NULL") == [(1,)]
    recorded = told("SELECT resource_id, metadata->>'reason' FROM audit_logs WHERE action = 'user.password_link.sent'")
    assert recorded == [(csr.id, WHY)]


def test_nothing_is_sent_to_an_address_that_an_import_made_up(
    as_admin: Client, make: Factories, organization: Organization, told: Callable[[str], list[Any]]
) -> None:
    imported = make.user(organization, email="amy@blue-ridge.invalid", password_hash=None)

    page = send(as_admin, f"/users/{imported.id}/password-link", 409, reason=WHY)

    assert "an import created it as a placeholder" in page.text
    assert "an import created it as a placeholder" in as_admin.get(f"/users/{imported.id}").text
    assert told("SELECT count(*) FROM messages") == told("SELECT count(*) FROM password_resets") == [(0,)]


def test_a_form_sent_twice_sends_one_link(
    as_admin: Client, make: Factories, organization: Organization, told: Callable[[str], list[Any]]
) -> None:
    csr = make.user(organization)
    path = f"/users/{csr.id}/password-link"
    form = filled(as_admin, path, reason=WHY)

    as_admin.post(path, form)
    as_admin.post(path, form, status=409)

    assert told("SELECT count(*) FROM messages") == [(1,)]


def test_a_lost_second_factor_is_removed_and_they_are_told(
    as_admin: Client, guarded: User, people: People, told: Callable[[str], list[Any]], client: Client
) -> None:
    send(as_admin, f"/users/{guarded.id}/second-factor", reason=WHY)

    (kept,) = people(id=guarded.id)
    assert (kept.mfa_secret, kept.version) == (None, guarded.version + 1)
    assert told("SELECT count(*) FROM mfa_recovery_codes") == [(0,)]
    reasons = told(f"SELECT revoked_reason FROM user_sessions WHERE user_id = '{guarded.id}'")
    assert reasons == [("second_factor_reset",)]
    assert told("SELECT to_address, template FROM messages") == [("gil@comfort.example", "second_factor_reset")]
    recorded = told("SELECT metadata->>'reason' FROM audit_logs WHERE action = 'user.second_factor.reset'")
    assert recorded == [(WHY,)]
    client.sign_in_by_form(kept).get("/account")


def test_who_has_none_keeps_all(as_admin: Client, make: Factories, organization: Organization) -> None:
    csr = make.user(organization)

    assert (
        "This person doesn’t have two-factor authentication"
        in send(as_admin, f"/users/{csr.id}/second-factor", 409, reason=WHY).text
    )
    assert "Reset two-factor authentication" not in as_admin.get(f"/users/{csr.id}").links


@pytest.mark.parametrize("page", ["password-link", "second-factor"])
def test_nobody_does_it_to_somebody_above(
    as_admin: Client, owner: User, page: str, told: Callable[[str], list[Any]]
) -> None:
    path, form = f"/users/{owner.id}/{page}", {"reason": WHY, "version": str(owner.version)}

    assert "You can’t change a person with a higher role" in as_admin.get(path, status=403).text
    assert "You can’t change a person with a higher role" in as_admin.post(path, form, status=403).text
    assert told("SELECT count(*) FROM messages") == [(0,)]


@pytest.mark.parametrize("page", ["password-link", "second-factor"])
def test_it_takes_a_reason_and_the_permission(
    as_admin: Client,
    new_client: Callable[[], Client],
    make: Factories,
    organization: Organization,
    guarded: User,
    page: str,
) -> None:
    assert "Briefly explain why." in send(as_admin, f"/users/{guarded.id}/{page}", 400, reason="").text
    manager = new_client().sign_in(make.user(organization, Role.MANAGER))
    manager.post(f"/users/{guarded.id}/{page}", {"reason": WHY, "version": "1"}, status=403)


def test_ones_own_second_factor_takes_ones_password(
    as_admin: Client, admin: User, admin_engine: Engine, people: People
) -> None:
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE users SET mfa_secret = 'x' WHERE id = :id"), {"id": admin.id})
        connection.execute(text("UPDATE user_sessions SET mfa_passed_at = now()"))

    assert (
        "Turn off your own two-factor authentication on your account page"
        in send(as_admin, f"/users/{admin.id}/second-factor", 409, reason=WHY).text
    )
    assert people(id=admin.id)[0].mfa_secret is not None


def test_who_is_not_active_gets_no_link(as_admin: Client, make: Factories, organization: Organization) -> None:
    away = make.user(organization, status=UserStatus.INACTIVE)

    assert (
        "Activate this person or lift the suspension first"
        in send(as_admin, f"/users/{away.id}/password-link", 409, reason=WHY).text
    )


def test_a_neighbours_person_is_not_found(as_admin: Client, make: Factories) -> None:
    elsewhere = make.user(make.organization())

    for page in ("password-link", "second-factor"):
        as_admin.get(f"/users/{elsewhere.id}/{page}", status=404)
        as_admin.post(f"/users/{elsewhere.id}/{page}", {"reason": WHY, "version": "1"}, status=404)
