"""Sign-in attempts at chosen times, with a chosen browser and address."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.models import LoginAttempt, User
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.mails import ADDRESS, CHROME

Attempt = Callable[..., LoginAttempt]


@pytest.fixture
def attempt(make: Factories, behind: Behind) -> Attempt:
    """Function that stores a sign-in attempt of `days` ago, by default a failed one.

    For example: `attempt(user, days=3, succeeded=True, ip_address=…)`.
    """

    def store(user: User, days: float = 0, **values: Any) -> LoginAttempt:
        given = {"succeeded": False, "ip_address": ADDRESS, "user_agent": CHROME, **values}
        row = make.add(LoginAttempt(organization_id=user.organization_id, user_id=user.id, **given))
        behind.change(row, created_at=datetime.now(UTC) - timedelta(days=days))
        return row

    return store
