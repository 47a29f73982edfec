"""An organization with one row of everything, and a neighbour with the same."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.models import Organization, Role, User
from tests.support.factories import Factories


@dataclass
class Company:
    """An organization, one person of each role, and one row of every kind by its name."""

    organization: Organization
    people: dict[Role, User]
    rows: dict[str, Any] = field(default_factory=dict)


def _company(make: Factories) -> Company:
    organization = make.organization()
    people = {role: make.user(organization, role=role) for role in Role}
    csr = people[Role.CSR]
    contact = make.contact(organization)
    lead = make.lead(organization, contact=contact, csr_id=csr.id)
    call = make.call(organization, csr=csr, contact_card_id=contact.id, lead_id=lead.id)
    rows = {
        "contact": contact,
        "lead": lead,
        "call": call,
        "note": make.note(call, csr),
        "transcript": make.transcript(call),
        "analysis": make.analysis(call),
        "entry": make.missed_entry(organization),
        "appointment": make.appointment(organization, contact=contact, csr_id=csr.id),
        "task": make.task(organization, assignee=csr),
    }
    return Company(organization, people, rows)


@pytest.fixture
def company(make: Factories) -> Company:
    return _company(make)


@pytest.fixture
def neighbour(make: Factories) -> Company:
    return _company(make)


@pytest.fixture
def full_database(company: Company, neighbour: Company) -> None:
    """Rows of every kind in two organizations."""


@pytest.fixture
def new_company(make: Factories) -> Callable[[], Company]:
    return lambda: _company(make)
