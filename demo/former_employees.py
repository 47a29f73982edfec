"""Person who left the company and was deactivated; `trash` generates a person who was deleted."""

from collections.abc import Iterator
from datetime import timedelta

from app.models.users import UserStatus
from app.security.permissions import Role
from demo.office import Office
from demo.rows import UserRow

NAME = "Lloyd Farrow"
_LEFT = timedelta(days=75)


def former_rows(office: Office) -> Iterator[UserRow]:
    """Yield a support colleague who left some months ago and can no longer sign in."""
    left_at = office.now - _LEFT
    yield UserRow(
        organization_id=office.organization_id,
        id=office.ids.at(office.founded),
        email=f"{NAME.lower().replace(' ', '.')}@{office.company.domain}",
        name=NAME,
        role=Role.SUPPORT,
        manager_id=None,
        status=UserStatus.INACTIVE,
        deactivated_at=left_at,
        deactivation_reason="Left the company.",
        email_verified_at=office.founded + timedelta(days=1),
        last_seen_at=left_at - timedelta(hours=3),
        created_at=office.founded,
    )
