"""The numbers of each person, beside each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.insight.metrics.call_pass_queries import ByName, Key
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


def numbers_of_people(
    question: Question, role: Role, metrics: Mapping[str, Metric], found: Mapping[Key, ByName], nothing: ByName
) -> list[PersonNumbers]:
    """A row for everybody found and, when all are asked for, each active person of `role`; by name, nobody last."""
    names = named_people(question.actor, found, role if question.person is None else None)
    rows: list[tuple[UUID | None, str | None]] = list(names.items())
    if None in found:
        rows.append((None, None))
    return [PersonNumbers(id_, name, as_numbers(metrics, found.get(id_, nothing))) for id_, name in rows]


def named_people(actor: Actor, found: Mapping[Key, object], role: Role | None) -> dict[UUID, str]:
    """Names by id of whom the keys of `found` are, and of the active people of `role`, in the order of the names."""
    return {choice.id: choice.name for choice in names_of_people(actor, [key for key in found if key], role)}


def as_numbers(metrics: Mapping[str, Metric], measured: ByName) -> dict[str, Number]:
    """As they are shown, compared with nothing."""
    return {name: Number(metrics[name], value, None) for name, value in measured.items()}
