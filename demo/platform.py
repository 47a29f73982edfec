"""The platform's own organization, with the staff who can enter all others."""

from collections.abc import Iterator

from demo.companies import STAFF
from demo.generator import organization_row
from demo.office import Office
from demo.people import user_rows
from demo.rows import Row, StaffRow, UsageRow


def platform_rows(office: Office) -> Iterator[Row]:
    """Yield all rows of the platform's organization."""
    yield organization_row(office)
    yield UsageRow(
        organization_id=office.organization_id,
        id=office.ids.at(office.founded),
        used_minutes=0,
        used_storage_bytes=0,
        created_at=office.founded,
    )
    yield from user_rows(office.company, office.staff, office.organization_id, office.now, office.stream("last seen"))
    role_of = {member.name: role for member, role in STAFF}
    for person in office.staff:
        yield StaffRow(
            organization_id=office.organization_id,
            id=office.ids.at(office.founded),
            user_id=person.id,
            role=role_of[person.member.name],
            created_at=office.founded,
        )
