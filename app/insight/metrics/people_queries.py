"""Queries for the numbers of individual people, for comparison with each other."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from app.insight.metrics.call_pass_queries import ByName, Key
from app.insight.metrics.grouping_queries import EVERYBODY
from app.insight.metrics.metric import Metric
from app.insight.metrics.numbers import Number
from app.insight.metrics.question_queries import Question
from app.models import Role
from app.people.users.queries import names_of_people
from app.security.actor import Actor
from app.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class PersonNumbers:
    """A person's numbers by name; those of rows credited to no one if `id` and `name` are None."""

    id: UUID | None
    name: str | None
    numbers: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class TeamNumbers:
    """The numbers of people, ordered by name, and of everyone together.

    Rows credited to no one, if there are any, are the last of `people`, who are withheld from an asker who lacks the
    permissions `needs`.
    """

    people: Sequence[PersonNumbers]
    together: Mapping[str, Number]
    needs: tuple[Permission, ...] = ()

    def map(self, change: Callable[[Number], Number]) -> "TeamNumbers":
        """Return the team with each number changed."""
        people = [replace(person, numbers=_changed(person.numbers, change)) for person in self.people]
        return replace(self, people=people, together=_changed(self.together, change))


def _changed(numbers: Mapping[str, Number], change: Callable[[Number], Number]) -> Mapping[str, Number]:
    return {name: change(number) for name, number in numbers.items()}


def numbers_of_team(
    question: Question,
    role: Role,
    metrics: Mapping[str, Metric],
    found: Mapping[Key, ByName],
    nothing: ByName,
    *,
    compare: bool,
    of_now: Collection[str] = (),
) -> TeamNumbers:
    """Return the numbers of each person and of all together, from numbers by person and span.

    Metrics in `of_now` have no earlier value. If the question covers everyone, each active person of `role` is
    included even without any rows.
    """
    people = {person for person, _is_current in found} - {EVERYBODY}
    names = named_people(question.actor, people, role if question.person is None else None)
    named: list[tuple[UUID | None, str | None]] = [*names.items(), *([(None, None)] if None in people else [])]

    def numbers(person: UUID | str | None) -> dict[str, Number]:
        current, before = (found.get((person, is_current), nothing) for is_current in (True, False))
        return {
            name: Number(metrics[name], one, before[name] if compare and name not in of_now else None)
            for name, one in current.items()
            if name in metrics
        }

    return TeamNumbers([PersonNumbers(id_, name, numbers(id_)) for id_, name in named], numbers(EVERYBODY))


def withheld_from(team: TeamNumbers, hidden: Mapping[str, Number]) -> TeamNumbers:
    """Return the team with `hidden` in the place of its numbers of the same names."""
    people = [replace(person, numbers={**person.numbers, **hidden}) for person in team.people]
    return replace(team, people=people, together={**team.together, **hidden})


def named_people(actor: Actor, found: Collection[Key], role: Role | None) -> dict[UUID, str]:
    """Return the names by id of the people in `found` and of the active people of `role`, ordered by name."""
    return {choice.id: choice.name for choice in names_of_people(actor, [key for key in found if key], role)}


def as_numbers(metrics: Mapping[str, Metric], measured: ByName) -> dict[str, Number]:
    """Return measured values as numbers to show, without a comparison."""
    return {name: Number(metrics[name], value, None) for name, value in measured.items()}
