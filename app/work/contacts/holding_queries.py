"""Counts of the records that prevent contacts from being deleted, by resource."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.declarations.person import ContactReference
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.models import ContactCard
from app.security.actor import Actor
from app.trust.trash.refusal_queries import count_uses


@dataclass(frozen=True, slots=True)
class Holding:
    """Number of rows of a resource that prevent a contact from being deleted, possibly 0."""

    resource: Resource
    person: ContactReference
    number: int

    @property
    def name(self) -> str:
        """Name of the resource for API clients."""
        return self.resource.listed.name if self.resource.listed else self.resource.name

    @property
    def words(self) -> str:
        """Count in words, such as "2 calls" or "1 open lead"."""
        counted = self.person.held or self.resource.words.counted
        return counted(self.number, str(self.number)) if counted else str(self.number)

    def list_endpoint(self, actor: Actor) -> str | None:
        """Return the endpoint of a list that can be filtered by contact, or None if `actor` can't open one."""
        listed = self.resource.listed
        if listed is None or "contact" not in listed.filters.model_fields or not actor.may(listed.permission):
            return None
        return listed.endpoint


def list_holding(contacts: Sequence[ContactCard]) -> Sequence[Holding]:
    """Count the rows that can prevent these contacts, all of one organization, from being deleted."""
    declared = [(one, one.person) for one in registry().resources.values() if one.person and one.person.holds]
    return [
        Holding(resource, person, count_uses(person.card, contacts, person.holds()))
        for resource, person in declared
        if person.holds is not None
    ]
