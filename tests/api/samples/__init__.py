"""Records of one organization on which the example of every operation works; each module adds those of a feature.

A module has a function `fill(make, company)`. Optionally, `PLACES` has the ids in the path of an operation, by name, if
they aren't those of the plain samples, and `REFUSED` the statuses that a role gets although it has the permission.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any
from uuid import UUID

from app.declarations.api import sample_id
from app.models import Appointment, Call, ContactCard, Lead, Organization, Role, User
from tests.support.factories import Factories


@dataclass
class ApiCompany:
    """The organization with a person of each role, and the records that most others refer to."""

    organization: Organization
    people: Mapping[Role, User]
    contact: ContactCard
    lead: Lead
    call: Call
    appointment: Appointment

    @property
    def csr(self) -> User:
        return self.people[Role.CSR]

    @property
    def rep(self) -> User:
        return self.people[Role.SALES_REP]


def sample(resource: str, state: str = "") -> UUID:
    """Return the id of a sample as it is stored."""
    return UUID(sample_id(resource, state))


def make_api_company(make: Factories) -> ApiCompany:
    """Create the organization and all samples. Each belongs to the CSR and the sales rep, where it can."""
    with make.batch():
        organization = make.organization(name="Blue Ridge Air", slug="blue-ridge")
        people = {role: make.user(organization, role=role, id=sample("user", role)) for role in Role}
        csr, rep = people[Role.CSR], people[Role.SALES_REP]
        contact = make.contact(organization, id=sample("contact_card"), created_by=csr.id)
        both = {"csr_id": csr.id, "assigned_rep_id": rep.id}
        lead = make.lead(organization, contact=contact, id=sample("lead"), **both)
        call = make.call(
            organization,
            csr=csr,
            id=sample("call"),
            contact_card_id=contact.id,
            lead_id=lead.id,
            assigned_rep_id=rep.id,
        )
        appointment = make.appointment(
            organization, contact=contact, id=sample("appointment"), csr_id=csr.id, sales_rep_id=rep.id, lead_id=lead.id
        )
        company = ApiCompany(organization, people, contact, lead, call, appointment)
        for module in _modules():
            module.fill(make, company)
    return company


def place_of(operation: str, name: str) -> str:
    """Return the id that an argument of an operation's path has."""
    for module in _modules():
        place: Any = getattr(module, "PLACES", {}).get(operation, {}).get(name)
        if place is not None:
            return str(place)
    return sample_id(name.removesuffix("_id"))


def refusal_of(operation: str, role: Role) -> int | None:
    """Return the status that a role gets for the example of an operation although it has the permission."""
    found = (getattr(module, "REFUSED", {}).get((operation, role)) for module in _modules())
    return next((status for status in found if status is not None), None)


def _modules() -> Iterator[ModuleType]:
    for found in sorted(iter_modules(__path__), key=lambda one: one.name):
        yield import_module(f"{__name__}.{found.name}")
