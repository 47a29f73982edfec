"""References to other records in the JSON API: null for those in the trash, which are not found either."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.models import Organization, Role, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of
from tests.support.direct_access import Behind
from tests.support.factories import DAY, Factories


@pytest.fixture
def rep(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.SALES_REP)


def make_records(
    make: Factories, organization: Organization, rep: User, start: datetime
) -> tuple[list[Any], dict[str, dict[str, UUID]]]:
    """Create records that refer to others; return those, and their ids by path and field of the record."""
    contact = make.contact(organization)
    lead = make.lead(organization, contact=contact)
    at = {"sales_rep_id": rep.id, "scheduled_start_at": start}
    visit = make.appointment(organization, contact=contact, lead_id=lead.id, **at)
    number = make.phone_number(organization)
    call = make.call(
        organization, contact_card_id=contact.id, lead_id=lead.id, phone_number_id=number.id, status="missed"
    )
    entry = make.missed_entry(organization, call=call, lead_id=lead.id, rescue_appointment_id=visit.id)
    at["scheduled_start_at"] = start + timedelta(hours=4)
    later = make.appointment(organization, contact=contact, lead_id=lead.id, **at)
    task = make.task(organization, contact_card_id=contact.id, appointment_id=visit.id, call_id=call.id)
    suggested = make.pending_action(organization, contact=contact, appointment_id=visit.id)
    own_lead = make.lead(organization, contact=contact, closed_at=DAY, stage="dead", dead_reason="Moved away")
    recording = make.recording(visit, rep)
    return [visit, lead, number, contact], {
        f"calls/{call.id}": {"contactId": contact.id, "leadId": lead.id, "phoneNumberId": number.id},
        f"missed-calls/{entry.id}": {"contactId": contact.id, "leadId": lead.id, "rescueAppointmentId": visit.id},
        f"appointments/{later.id}": {"contactId": contact.id, "leadId": lead.id},
        f"tasks/{task.id}": {"contactId": contact.id, "appointmentId": visit.id},
        f"pending-actions/{suggested.id}": {"contactId": contact.id, "appointmentId": visit.id},
        f"leads/{own_lead.id}": {"contactId": contact.id},
        f"recording-sessions/{recording.id}": {"appointmentId": visit.id},
    }


def read(api: ApiClient, path: str) -> dict[str, Any]:
    [record] = data_of(api.get(f"/{path}")).values()
    found: dict[str, Any] = record
    return found


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMIN])
def test_a_record_in_the_trash_is_referred_to_by_none(
    make: Factories, organization: Organization, rep: User, new_api: NewApi, behind: Behind, role: Role
) -> None:
    _, kept = make_records(make, organization, rep, DAY)
    rows, deleted = make_records(make, organization, rep, DAY + timedelta(days=1))
    for row in rows:
        behind.change(row, deleted_at=DAY)
    api = new_api(make.user(organization, role=role))

    for path, fields in kept.items():
        assert {name: read(api, path)[name] for name in fields} == {name: str(id_) for name, id_ in fields.items()}
    for path, fields in deleted.items():
        assert {name: read(api, path)[name] for name in fields} == dict.fromkeys(fields), path
