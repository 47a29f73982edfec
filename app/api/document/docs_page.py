"""The page at `/api/docs`: what it shows of the description of the API and of the errors."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.api.document.errors import all_errors
from app.declarations.api import Callers
from app.errors import DomainError, LazyText, TokenExpired, TokenInvalid, Unauthenticated

#: Errors that nearly every operation can answer with, by status and code; an operation only lists the others.
_USUAL_STATUSES = frozenset({"406", "408", "413", "415", "429", "500", "503", "504"})
_USUAL_CODES = frozenset({Unauthenticated.code, TokenExpired.code, TokenInvalid.code})
_LONGEST_ENUMERATION = 12


@dataclass(frozen=True, slots=True)
class DocsField:
    """A parameter or a field of a body: its name, its type in words, and what is said of it."""

    name: str
    kind: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class DocsOperation:
    """An operation as the page shows it; `example` and `record` are JSON and the name of a schema, or empty."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    permissions: Sequence[str]
    reads: Mapping[str, Sequence[str]]
    is_open: bool
    is_for_people: bool
    is_deprecated: bool
    parameters: Sequence[DocsField]
    shared: Sequence[str]
    body: Sequence[DocsField]
    example: str
    successes: Sequence[tuple[str, str]]
    codes: Sequence[str]
    rate: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DocsError:
    """A code with its status, its title, and what to do about it."""

    code: str
    status: int
    title: LazyText
    sentence: str


class Docs:
    """The contents of the page, from the description of the API."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    @cached_property
    def tags(self) -> list[tuple[str, str, list[DocsOperation]]]:
        """The groups of operations: their anchor, their name, and their operations."""
        found: dict[str, list[DocsOperation]] = {tag["name"]: [] for tag in self._document["tags"]}
        for path, methods in self._document["paths"].items():
            for method, one in methods.items():
                found[one["tags"][0]].append(self._operation(path, method, one))
        return [(f"tag-{name.replace(' ', '-').lower()}", name, operations) for name, operations in found.items()]

    @property
    def shared(self) -> list[DocsField]:
        """The parameters that many operations share."""
        return [self._field(one) for one in self._document["components"]["parameters"].values()]

    def _operation(self, path: str, method: str, one: Mapping[str, Any]) -> DocsOperation:
        own = [parameter for parameter in one["parameters"] if "$ref" not in parameter]
        contents = list(one.get("requestBody", {}).get("content", {}).items())
        schema = self._resolved(contents[0][1]["schema"]) if contents else {}
        example = contents[0][1].get("example") if contents else None
        return DocsOperation(
            id=one["operationId"],
            method=method.upper(),
            path=path,
            summary=one["summary"],
            description=_plain(one.get("description", "")),
            permissions=one["x-permission"],
            reads=one.get("x-reads", {}),
            is_open=one["x-callers"] == Callers.ANYONE,
            is_for_people=one["x-callers"] == Callers.PEOPLE,
            is_deprecated=one.get("deprecated", False),
            parameters=[self._field(parameter) for parameter in own],
            shared=[self._resolved(parameter)["name"] for parameter in one["parameters"] if "$ref" in parameter],
            body=list(self._fields(schema)),
            example=json.dumps(example, ensure_ascii=False, indent=2) if example else "",
            successes=[
                (status, self._shape(response)) for status, response in one["responses"].items() if status < "4"
            ],
            codes=list(self._codes(one["responses"], is_open=one["x-callers"] == Callers.ANYONE)),
            rate=one["x-rate-limit"],
        )

    def _codes(self, responses: Mapping[str, Any], *, is_open: bool) -> Iterator[str]:
        usual = frozenset[str]() if is_open else _USUAL_CODES
        for status, response in responses.items():
            if status not in _USUAL_STATUSES:
                yield from (code for code in self._resolved(response).get("x-codes", ()) if code not in usual)

    def _field(self, parameter: Mapping[str, Any]) -> DocsField:
        kind = self._kind(parameter["schema"])
        return DocsField(
            parameter["name"], kind, parameter.get("required", False), _plain(parameter.get("description", ""))
        )

    def _fields(self, schema: Mapping[str, Any]) -> Iterator[DocsField]:
        required = schema.get("required", ())
        for name, one in schema.get("properties", {}).items():
            yield DocsField(name, self._kind(one), name in required, _plain(one.get("description", "")))

    def _kind(self, schema: Mapping[str, Any]) -> str:
        """Return a type in words: "string, 1–200 characters", "array of uuid", "low, medium or high"."""
        whole = self._resolved(schema)
        if "anyOf" in whole:
            return " or ".join(dict.fromkeys(self._kind(one) for one in whole["anyOf"]))
        if "const" in whole:
            return json.dumps(whole["const"])
        if "enum" in whole:
            return " | ".join(str(one) for one in whole["enum"][:_LONGEST_ENUMERATION])
        if whole.get("type") == "array":
            return f"array of {self._kind(whole.get('items', {}))}"
        return f"{whole.get('format') or _name_of(whole.get('type', 'value'))}{_bounds(whole)}"

    def _shape(self, response: Mapping[str, Any]) -> str:
        """Return the name of the record in a response, or its media type; empty if it has no content."""
        for kind, content in response.get("content", {}).items():
            name: str = content["schema"].get("$ref", "").rpartition("/")[2]
            return name.removesuffix("Response") or kind
        return ""

    def _resolved(self, one: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Any = one
        while "$ref" in found:
            _document, *places = found["$ref"].split("/")
            found = self._document
            for place in places:
                found = found[place]
        resolved: dict[str, Any] = found
        return resolved


def docs_errors() -> list[DocsError]:
    """Return all codes with what they mean, in the language of the reader."""
    return [DocsError(code, one.status, one.title, _sentence_of(one)) for code, one in all_errors().items()]


def _sentence_of(error: type[DomainError]) -> str:
    if error.program_sentence:
        return str(error.program_sentence)
    message, advice = getattr(error, "default_message", ""), error.default_advice
    return " ".join(str(part) for part in (message, advice) if part)


def _plain(text: str) -> str:
    """Return a description without the marks that Markdown has around code."""
    return text.replace("`", "")


def _name_of(kind: str | Sequence[str]) -> str:
    return kind if isinstance(kind, str) else " or ".join(kind)


def _bounds(schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minLength", schema.get("minimum")), schema.get("maxLength", schema.get("maximum"))
    if most is None:
        return ""
    return f", {least}–{most}" if least is not None else f", up to {most}"
