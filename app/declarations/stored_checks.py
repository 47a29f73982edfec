"""Checks of `app.declarations.stored`: the app does not start while a column leaves a question open.

Each error message names the resource and the column, and states what to do.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column

from app.declarations.api import Api, Declared, InsideApi, MoreActions, NoApi
from app.declarations.entered_fields import bounds_of_text
from app.declarations.field import Choice, Field, Text
from app.declarations.input import Input
from app.declarations.resource import Resource
from app.declarations.stored import SHARED, Answer, As, Question, Why, answers_of

_HOW: Mapping[Question, str] = {
    Question.MERGED: "Give its Field the rule `merged`, or add merged(…) or not_merged(…) to `stored`.",
    Question.RETURNED: "Set `is_returned` in its Field, add it to the record, or add not_returned(…) to `stored`.",
    Question.ENTERED: "Set `is_entered` in its Field, add it to an input of the API, or not_entered(…) to `stored`.",
}


def refuse_unanswered(resources: Iterable[Resource], apis: Iterable[Declared]) -> None:
    """Raise ValueError for columns that don't say how they merge, whether the API returns them, or how they're entered.

    Also raised for answers that say something untrue: about a column that doesn't exist or that is computed, a second
    answer, a name that the API doesn't have, a reason against what happens, and rules that the merge doesn't know.
    """
    declared = _Apis(tuple(apis))
    wrong = [line for resource in resources for line in _Answers(resource, declared).wrong()]
    if wrong:
        raise ValueError("\n".join(wrong))


@dataclass(frozen=True, slots=True)
class _Apis:
    declared: tuple[Declared, ...]

    def of(self, resource: Resource) -> Api | InsideApi | NoApi | None:
        """Return the API of a resource."""
        of_resources = (api for api in self.declared if isinstance(api, Api | InsideApi | NoApi))
        return next(
            (api for api in of_resources if api.resource is resource or api.resource.name == resource.name), None
        )

    def inputs(self, api: Api) -> Iterator[type[Input]]:
        """Yield the inputs of the operations that write a record."""
        more = (extra.actions for extra in self.declared if isinstance(extra, MoreActions) and extra.api is api)
        for write in (api.create, api.change, *api.actions, *(action for actions in more for action in actions)):
            if write is not None and write.input is not None:
                yield write.input


class _Answers:
    """Answers of a resource and its API about each column, and those they lack."""

    def __init__(self, resource: Resource, apis: _Apis) -> None:
        self._resource, self._table = resource, resource.model.__table__
        self._declared = answers_of(resource.stored)
        self._api = apis.of(resource)
        api = self._api.inside if isinstance(self._api, InsideApi) else self._api
        self._record = frozenset(api.record.model_fields) if isinstance(api, Api) else frozenset()
        self._inputs = frozenset(
            name for kind in (apis.inputs(api) if isinstance(api, Api) else ()) for name in kind.model_fields
        )
        self._files = frozenset(
            name for imported in resource.imported for name in (imported.attribute, *imported.recorded_columns)
        )
        self._fields = {field.name: field for field in resource.fields}

    def wrong(self) -> Iterator[str]:
        for key, answers in self._declared.items():
            yield from self._unfounded(*key, answers)
        yield from self._fields_wrong()
        for column in self._table.columns:
            # A computed column is entered, merged and returned with the columns that it is computed from.
            if column.computed is None:
                yield from (
                    self._open(column, question) for question in Question if not self._is_answered(column, question)
                )

    def _open(self, column: Column[Any], question: Question) -> str:
        return f"{self._resource.name}.{column.name} does not say {question.value}. {_HOW[question]}"

    def _is_answered(self, column: Column[Any], question: Question) -> bool:
        name = column.name
        return (name, question) in self._declared or self._is_implied(name, question) or (name, question) in SHARED

    def _is_implied(self, name: str, question: Question) -> bool:
        field = self._fields.get(name)
        if question is Question.MERGED:
            return not self._resource.merge_rules or (field is not None and field.merged is not None)
        if question is Question.RETURNED:
            is_inside = isinstance(self._api, InsideApi)
            return self._api is None or isinstance(self._api, NoApi) or (not is_inside and name in self._record)
        is_accepted = not isinstance(self._api, InsideApi) and name in self._inputs
        return is_accepted or name in self._files

    def _unfounded(self, name: str, question: Question, answers: list[Answer]) -> Iterator[str]:
        """Yield what is wrong with the answers that `stored` has to a question about a column."""
        about = f"{self._resource.name}.{name}"
        if name not in self._table.columns or self._table.columns[name].computed is not None:
            yield f"{about} is no column of {self._table.name} that is stored, and `stored` says {question.value}."
        if len(answers) > 1:
            yield f"{about} says twice {question.value}. Remove one from `stored`."
        for answer in answers:
            if question is Question.MERGED:
                yield from self._no_rule(about, answer)
            elif isinstance(answer, As):
                names = self._record if question is Question.RETURNED else self._inputs
                if answer.name not in names:
                    yield f"{about}: the API has no {answer.name}. Correct the name in `stored`."
            elif self._is_implied(name, question) and not self._has_no_api(question):
                yield f"{about}: `stored` says {question.value}, and another declaration too. Remove it from `stored`."

    def _has_no_api(self, question: Question) -> bool:
        return question is Question.RETURNED and (self._api is None or isinstance(self._api, NoApi))

    def _no_rule(self, about: str, answer: Answer) -> Iterator[str]:
        kinds = self._resource.merge_rules
        if not kinds:
            yield f"{about} says how it merges, and rows of this resource are never merged. Remove it."
        elif not isinstance(answer, (*kinds, Why)):
            names = ", ".join(kind.__name__ for kind in kinds)
            yield f"{about}: its merge does not know {answer}. Use one of {names}."

    def _fields_wrong(self) -> Iterator[str]:
        for field in self._resource.fields:
            if field.merged is None and not field.is_returned and not field.is_entered:
                continue
            about = f"{self._resource.name}.{field.name}"
            if field.name not in self._table.columns:
                yield f"{about} is no column of {self._table.name}. Answer for its columns in `stored`."
            if field.merged is not None:
                yield from self._no_rule(about, field.merged)
            if field.is_returned or field.is_entered:
                yield from self._not_simple(about, field)

    def _not_simple(self, about: str, field: Field) -> Iterator[str]:
        if not isinstance(field.kind, Choice | Text):
            yield f"{about} is neither a text nor a choice. Add it to the record, the inputs and the forms yourself."
        if field.is_returned and field.name not in self._record:
            yield f"{about} is returned, and the record of the API lacks it. Declare the API with `record_with`."
        if field.is_entered and field.name not in self._inputs:
            yield f"{about} is entered, and no input of the API accepts it. Declare the API with `input_with`."
        if field.is_entered and isinstance(field.kind, Text) and not bounds_of_text(self._resource, field.name).most:
            yield f"{about}: nothing says how long it may be. Add length(…) to its model."
