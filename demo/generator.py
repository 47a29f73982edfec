"""Generation of every row of a demonstration company; the same seed and time yield the same rows."""

from collections.abc import Iterator

from app.organization.settings.rules import QUOTAS
from demo.audio import bytes_of
from demo.audit_events import trail_rows
from demo.billing import Costs, plan_rows
from demo.calendars import Calendars
from demo.call_simulation import CallSimulation
from demo.contact_notes import ContactNotes
from demo.former_employees import former_rows
from demo.knowledge import knowledge_rows, note_template_rows
from demo.notifications import Notifications
from demo.office import Office
from demo.people import user_rows
from demo.phone_lines import blocked_rows, number_rows
from demo.rows import CallRow, OrganizationRow, Row, UsageRow
from demo.service_types import service_type_rows
from demo.settings import settings_rows
from demo.targets import target_rows
from demo.trash import Trash

DEFAULT_SEED = 2026


def generate(office: Office, calls: int | None = None) -> Iterator[Row]:
    """Yield all rows of the company of `office`, with a year of `calls` calls (None: the company's own number).

    They comprise the organization, its people, its settings, and the calls with everything that belongs to them.
    Recorded visits are added on top. A row may refer to later rows, so rows have to be stored table by table. Memory
    use grows only with the last weeks of `calls`.
    """
    yield organization_row(office)
    yield from user_rows(office.company, office.staff, office.organization_id, office.now, office.stream("last seen"))
    yield from former_rows(office)
    yield from number_rows(office)
    yield from blocked_rows(office)
    yield from knowledge_rows(office)
    yield from note_template_rows(office)
    yield from service_type_rows(office)
    yield from Calendars(office, office.absences).rows()
    yield from settings_rows(office)
    yield from plan_rows(office)
    yield from _what_happened(office, office.company.calls if calls is None else calls)
    yield from trail_rows(office)
    yield from target_rows(office)


def organization_row(office: Office) -> OrganizationRow:
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


def _what_happened(office: Office, calls: int) -> Iterator[Row]:
    """Yield the calls with all their consequences: notifications, costs, usage, and the trash."""
    month = office.local(office.now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    seconds_this_month = 0
    notifications, costs, trash = Notifications(office), Costs(office), Trash(office)
    contact_notes = ContactNotes(office)
    for row in CallSimulation(office, calls).rows():
        if isinstance(row, CallRow) and row.started_at >= month:
            seconds_this_month += row.duration_seconds
        costs.add(row)
        trash.see(row)
        contact_notes.see(row)
        yield from notifications.about(row)
        yield row
    yield from costs.rows()
    yield from trash.rows()
    yield from contact_notes.rows()
    yield UsageRow(
        organization_id=office.organization_id,
        id=office.ids.at(office.founded),
        used_minutes=seconds_this_month // 60,
        used_storage_bytes=sum(bytes_of(sound.seconds) for sound in office.sounds),
        created_at=office.founded,
    )
