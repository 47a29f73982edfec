"""The numbers of each person, beside each other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.insight.metrics.call_pass_queries import ByName, Key
from app.insight.metrics.grouping_queries import EVERYBODY
from app.insight.metrics.metric import Metric
from app.insight.metrics.numbers import Number
from app.insight.metrics.question_queries import Question
from app.models import Role
from app.people.users.queries import names_of_people
from app.security.actor import Actor


@dataclass(frozen=True, slots=True)
class PersonNumbers:
    """Numbers by name; `id` and `name` None are rows that are credited to nobody."""

    id: UUID | None
    name: str | None
    numbers: Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class TeamNumbers:
    """Numbers of each person, by name and nobody last, and of everybody together."""

    people: Sequence[PersonNumbers]
    together: Mapping[str, Number]


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
    """Each person and everybody together, of what was found by person and span; `of_now` has no number before.

    When all are asked for, each active person of `role` is there without anything of theirs too.
    """
    people = {person for person, _is_current in found} - {EVERYBODY}
    names = named_people(question.actor, people, role if question.person is None else None)
    named: list[tuple[UUID | None, str | None]] = [*names.items(), *([(None, None)] if None in people else [])]

    def numbers(person: UUID | str | None) -> dict[str, Number]:
        current, before = (found.get((person, is_current), nothing) for is_current in (True, False))
        return {
            name: Number(metrics[name], one, before[name] if compare and name not in of_now else None)
            for name, one in current.items()
        }

    return TeamNumbers([PersonNumbers(id_, name, numbers(id_)) for id_, name in named], numbers(EVERYBODY))


def named_people(actor: Actor, found: Collection[Key], role: Role | None) -> dict[UUID, str]:
    """Names by id of whom `found` are, and of the active people of `role`, in the order of the names."""
    return {choice.id: choice.name for choice in names_of_people(actor, [key for key in found if key], role)}


def as_numbers(metrics: Mapping[str, Metric], measured: ByName) -> dict[str, Number]:
    """As they are shown, compared with nothing."""
    return {name: Number(metrics[name], value, None) for name, value in measured.items()}
