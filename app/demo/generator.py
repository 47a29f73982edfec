"""The demonstration: every row of a company, the same for the same seed and moment."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from app.demo.companies import Company
from app.demo.history import History
from app.demo.office import Office
from app.demo.people import user_rows
from app.demo.rows import CallRow, OrganizationRow, Row, UsageRow
from app.organizations.rules import QUOTAS

DEFAULT_SEED = 2026


def generate(company: Company, seed: int, now: datetime, calls: int | None = None) -> Iterator[Row]:
    """All rows of `company`: the organization, its people, and `calls` calls (by default the company's own number)
    in the months before `now` with everything that belongs to them.

    `now` is an aware moment. A row may refer to rows that come later, so they are to be stored table by table. What
    is held in memory does not grow with `calls`.
    """
    office = Office(company, seed, now.astimezone(UTC))
    yield _organization(office)
    yield from user_rows(company, office.staff, office.organization_id, seed, office.now)
    month = office.local(office.now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    seconds_this_month = 0
    for row in History(office, company.calls if calls is None else calls).rows():
        if isinstance(row, CallRow) and row.started_at >= month:
            seconds_this_month += row.duration_seconds
        yield row
    yield UsageRow(
        organization_id=office.organization_id,
        id=office.ids.at(office.founded),
        used_minutes=seconds_this_month // 60,
        created_at=office.founded,
    )


def organization_id(company: Company, seed: int, now: datetime) -> UUID:
    """The id that `generate` gives the organization."""
    return Office(company, seed, now.astimezone(UTC)).organization_id


def _organization(office: Office) -> OrganizationRow:
    company = office.company
    quotas = QUOTAS[company.plan]
    return OrganizationRow(
        id=office.organization_id,
        name=company.name,
        slug=company.slug,
        timezone=str(company.timezone),
        business_hours=office.hours.as_json(),
        billing_email=f"billing@{company.domain}",
        call_minutes_quota=quotas.call_minutes,
        team_members_quota=quotas.team_members,
        phone_numbers_quota=quotas.phone_numbers,
        storage_quota_bytes=quotas.storage_bytes,
        created_at=office.founded,
    )
