"""What keeps contacts from being deleted: rows of resources that declare that theirs do."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.declarations.person import OfPerson
from app.declarations.registry import registry
from app.declarations.resource import Resource
from app.models import ContactCard
from app.security.actor import Actor
from app.trust.trash.refusal_queries import count_uses


@dataclass(frozen=True, slots=True)
class Holding:
    """So many rows of a resource refer to a contact that cannot go without them, or none."""

    resource: Resource
    person: OfPerson
    number: int

    @property
    def name(self) -> str:
        """What programs are told it is called."""
        return self.resource.listed.name if self.resource.listed else self.resource.name

    @property
    def words(self) -> str:
        """2 calls, 1 open lead."""
        counted = self.person.held or self.resource.words.counted
        return counted(self.number, str(self.number)) if counted else str(self.number)

    def list_endpoint(self, actor: Actor) -> str | None:
        """The list that shows those of one contact, as far as there is one that `actor` may open."""
        listed = self.resource.listed
        if listed is None or "contact" not in listed.filters.model_fields or not actor.may(listed.permission):
            return None
        return listed.endpoint


def list_holding(contacts: Sequence[ContactCard]) -> Sequence[Holding]:
    """What can keep these contacts, which are of one organization, with how much of it there is."""
    declared = [(one, one.person) for one in registry().resources.values() if one.person and one.person.holds]
    return [
        Holding(resource, person, count_uses(person.card, contacts, person.holds()))
        for resource, person in declared
        if person.holds is not None
    ]
