"""Permissions and lifetime of an API key."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.db.ids import uuid7
from app.models import ApiKeyState, Role, UserStatus
from app.organization.api_keys.rules import end_of, is_unused, permissions_to_give, prefix_of, state_of
from app.security.actor import Actor
from app.security.key_rules import NEVER_FOR_KEYS, Creator, effective_permissions
from app.security.matrix import permissions_of
from app.security.permissions import Permission
from app.security.tokens import Token, TokenType

NOW = datetime(2026, 3, 18, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_key_opens_what_was_chosen() -> None:
    key = ["calls:read", "audit:read"]

    assert effective_permissions(key, Creator(Role.ADMIN, UserStatus.ACTIVE)) == {
        Permission.CALLS_READ,
        Permission.AUDIT_READ,
    }


def test_it_loses_what_its_maker_has_lost() -> None:
    key = ["calls:read", "audit:read"]

    assert effective_permissions(key, Creator(Role.MANAGER, UserStatus.ACTIVE)) == {Permission.CALLS_READ}


def test_a_single_grant_counts() -> None:
    granted = Creator(Role.CSR, UserStatus.ACTIVE, frozenset({"audit:read"}))

    assert effective_permissions(["audit:read", "audit:verify"], granted) == {Permission.AUDIT_READ}


def test_a_key_has_no_rows_of_its_own() -> None:
    own_calls, all_calls = (Creator(Role.CSR, UserStatus.ACTIVE, frozenset(one)) for one in ((), ("calls:read",)))

    assert effective_permissions(["calls:read"], own_calls) == frozenset()
    assert effective_permissions(["calls:read"], all_calls) == {Permission.CALLS_READ}


@pytest.mark.parametrize(
    "creator",
    [None, Creator(Role.OWNER, UserStatus.INACTIVE), Creator(Role.OWNER, UserStatus.SUSPENDED)],
    ids=["deleted", "inactive", "suspended"],
)
def test_without_an_active_maker_it_opens_nothing(creator: Creator | None) -> None:
    assert effective_permissions(["calls:read"], creator) == frozenset()


def test_what_is_no_permission_any_more_opens_nothing() -> None:
    owner = Creator(Role.OWNER, UserStatus.ACTIVE, frozenset({"calls:sing"}))

    assert effective_permissions(["calls:sing", "*"], owner) == frozenset()


@given(st.lists(st.sampled_from([permission.value for permission in Permission])), st.sampled_from(list(Role)))
def test_it_never_opens_more_than_was_chosen_or_its_maker_may(chosen: list[str], role: Role) -> None:
    opened = effective_permissions(chosen, Creator(role, UserStatus.ACTIVE))

    assert opened <= permissions_of(role)
    assert {permission.value for permission in opened} <= set(chosen)


@pytest.mark.parametrize(
    ("revoked_at", "expires_at", "state"),
    [
        (None, None, ApiKeyState.ACTIVE),
        (None, NOW + DAY, ApiKeyState.ACTIVE),
        (None, NOW, ApiKeyState.EXPIRED),
        (NOW, NOW + DAY, ApiKeyState.REVOKED),
        (NOW, NOW - DAY, ApiKeyState.REVOKED),
    ],
)
def test_states(revoked_at: datetime | None, expires_at: datetime | None, state: ApiKeyState) -> None:
    assert state_of(revoked_at, expires_at, NOW) is state


def test_days_are_counted_from_now_and_none_is_without_an_end() -> None:
    assert end_of(30, NOW) == NOW + timedelta(days=30)
    assert end_of(0, NOW) is None


def test_the_prefix_shows_little_of_the_secret() -> None:
    token = Token.new(uuid7(), TokenType.API_KEY)

    assert token.text.startswith(prefix_of(token))
    assert len(token.text) - len(prefix_of(token)) == 37


@pytest.mark.parametrize("role", list(Role))
def test_what_no_key_may_do_is_given_by_nobody(role: Role) -> None:
    actor = Actor(organization_id=uuid7(), user_id=uuid7(), name="", email="", role=role)

    given = permissions_to_give(actor)

    assert given.isdisjoint(NEVER_FOR_KEYS)
    assert given == {one for one in permissions_of(role) if actor.sees_all(one)} - NEVER_FOR_KEYS


@pytest.mark.parametrize(
    ("created", "used", "unused"),
    [(90, None, True), (89, None, False), (400, 90, True), (400, 89, False), (90, 1, False)],
)
def test_a_key_is_unused_after_90_days(created: int, used: int | None, unused: bool) -> None:
    assert is_unused(NOW - created * DAY, NOW - used * DAY if used else None, NOW) is unused
