"""Schemas in the description of the API, made from the classes that parse requests and fill responses."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from app.api.document.words import public_words
from app.api.endpoints import Endpoint, Kind
from app.declarations.record import Record
from app.models.base import Versioned

Schema = dict[str, Any]
PLACE = "#/components/schemas/"

_ID: Schema = {"type": "string", "format": "uuid"}
_VERSION: Schema = {
    "type": "integer",
    "minimum": 1,
    "maximum": 2**31 - 1,
    "description": "The version as you have read it; another one now is a VERSION_CONFLICT.",
}
_COUNT: Schema = {"type": ["integer", "null"]}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}


def object_of(properties: Mapping[str, Schema], *, optional: Iterable[str] = (), **more: Any) -> Schema:
    """Return the schema of an object; all properties are required, except the optional ones."""
    required = [name for name in properties if name not in set(optional)]
    return {"type": "object", "properties": dict(properties), **({"required": required} if required else {}), **more}


def reference(name: str) -> Schema:
    """Return a reference to a schema of the document."""
    return {"$ref": PLACE + name}


_META = {"timestamp": {"type": "string", "format": "date-time"}, "version": {"type": "string"}}
_META["requestId"] = {"type": "string"}
_PARTY = object_of(
    {"id": _ID, "name": {"type": ["string", "null"]}}, optional=("id", "name"), additionalProperties=True
)

#: Pydantic's names of bounds that it can't translate, because another validator comes first.
_BOUNDS = {"ge": "minimum", "le": "maximum", "min_length": "minLength", "max_length": "maxLength"}

#: Schemas of the envelope.
ENVELOPE: Mapping[str, Schema] = {
    "Meta": object_of(_META),
    "ListMeta": object_of({**_META, "pagination": reference("Pagination")}),
    "ErrorMeta": object_of({**_META, "links": object_of({"docs": {"type": "string"}})}),
    "Pagination": object_of(
        {
            "page": _COUNT,
            "limit": {"type": "integer"},
            "total": _COUNT,
            "totalAtLeast": _COUNT,
            "pages": _COUNT,
            "hasNext": {"type": "boolean"},
            "hasPrev": {"type": "boolean"},
            "nextCursor": _MAYBE_TEXT,
            "prevCursor": _MAYBE_TEXT,
        },
        description="The position of a page in its list; in cursor mode, page, total and pages are null.",
    ),
    "Links": object_of(
        dict.fromkeys(("first", "last", "next", "prev"), _MAYBE_TEXT), description="Paths of other pages of the list."
    ),
    "Deletion": object_of({"id": _ID, "restorableUntil": {"type": "string", "format": "date-time"}}),
    "DeletionResponse": object_of(
        {
            "success": {"const": True},
            "data": object_of({"deletion": reference("Deletion")}),
            "meta": reference("Meta"),
        }
    ),
    "ErrorDetail": object_of(
        {"field": {"type": "string"}, "message": {"type": "string"}, "code": {"type": "string"}},
        description="An invalid field.",
    ),
    "Error": object_of(
        {
            "code": {"type": "string", "description": "One of the codes that the operation lists for the status."},
            "message": {"type": "string"},
            "details": {"type": "array", "items": reference("ErrorDetail")},
            "traceId": {"type": "string"},
            "retryAfter": {"type": "integer", "description": "Seconds to wait."},
            "resourceType": {"type": "string"},
            "resourceId": {"type": ["string", "null"]},
            "requiredPermission": _MAYBE_TEXT,
            "requiredPermissions": {
                "type": "array",
                "items": {"type": "string"},
                "description": "All missing permissions, for numbers that would be counted from part of their rows.",
            },
            "requiredRole": {"type": ["string", "null"]},
            "currentRole": {"type": ["string", "null"]},
            "conflictField": {"type": ["string", "null"]},
            "currentVersion": {"type": "integer"},
            "current": {"type": "object", "additionalProperties": True},
            "otherParty": _PARTY,
        },
        optional=(
            *("retryAfter", "resourceType", "resourceId", "requiredPermission", "requiredRole", "currentRole"),
            *("requiredPermissions", "conflictField", "currentVersion", "current", "otherParty"),
        ),
        description="An error; the fields after traceId depend on the code.",
        additionalProperties=True,
    ),
    "ErrorResponse": object_of(
        {"success": {"const": False}, "error": reference("Error"), "meta": reference("ErrorMeta")}
    ),
}


@dataclass(frozen=True, slots=True)
class Body:
    """The body of a request: the name of its schema, and if the request must have one."""

    name: str
    is_required: bool


class Schemas:
    """The schemas of all models of the endpoints, and those of the document's operations that use them."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        used = dict.fromkeys(one for endpoint in endpoints for one in _models_of(endpoint))
        names, made = models_json_schema(list(used), by_alias=True, ref_template=PLACE + "{model}")
        self._names = {model: found["$ref"].removeprefix(PLACE) for (model, _mode), found in names.items()}
        self._models: dict[str, Schema] = {name: _public(one) for name, one in made.get("$defs", {}).items()}
        self._made: dict[str, Schema] = dict(ENVELOPE)

    def all(self) -> dict[str, Schema]:
        """Return the schemas by name; those of inputs and filters appear only as bodies and parameters."""
        parsed = {name for model, name in self._names.items() if not issubclass(model, Record)}
        kept = {name: one for name, one in self._models.items() if name not in parsed}
        return dict(sorted({**self._made, **kept}.items()))

    def properties_of(self, model: type[BaseModel]) -> Mapping[str, Schema]:
        """Return the schemas of a model's fields by their names in JSON."""
        found: Mapping[str, Schema] = self._models[self._names[model]].get("properties", {})
        return found

    def body_of(self, endpoint: Endpoint) -> Body | None:
        """Add the schema of the body of a request and return it; None if the request has none."""
        if endpoint.input is None:
            return None
        whole = self._models[self._names[endpoint.input]]
        properties = dict(whole.get("properties", {}))
        optional = set(properties) - set(whole.get("required", ()))
        if endpoint.kind is Kind.CHANGE:
            properties = {name: _without(one, "default") for name, one in properties.items()}
            properties["id"] = {**_ID, "description": "The ID in the path, if any."}
            optional = set(properties)
        if is_versioned(endpoint):
            properties["version"] = _VERSION
            optional |= {"version"}
        more = {name: whole[name] for name in ("description",) if name in whole}
        name = f"{_capital(endpoint.name)}Body"
        self._add(name, object_of(properties, optional=optional, additionalProperties=False, **more))
        return Body(name, is_required=bool(set(properties) - optional))

    def response_of(self, record: type[Record], key: str | None) -> Schema:
        """Add the schema of a response with a record, below `key` if it has one, and return a reference to it."""
        name = self._names[record]
        data = reference(name) if key is None else object_of({key: reference(name)})
        return self._add(
            f"{name.removesuffix('Record')}Response",
            object_of({"success": {"const": True}, "data": data, "meta": reference("Meta")}),
        )

    def whole_list_of(self, record: type[Record]) -> Schema:
        """Add the schema of a response with all records of a short list and return a reference to it."""
        name = self._names[record]
        data = {"type": "array", "items": reference(name)}
        return self._add(
            f"{name.removesuffix('Record')}ListResponse",
            object_of({"success": {"const": True}, "data": data, "meta": reference("Meta")}),
        )

    def page_of(self, record: type[Record]) -> Schema:
        """Add the schema of a page of a list of records and return a reference to it."""
        name = self._names[record]
        properties: dict[str, Schema] = {
            "success": {"const": True},
            "data": {"type": "array", "items": reference(name)},
            "pagination": reference("Pagination"),
            "links": reference("Links"),
            "meta": reference("ListMeta"),
        }
        return self._add(f"{name.removesuffix('Record')}ListResponse", object_of(properties))

    def _add(self, name: str, schema: Schema) -> Schema:
        if self._made.setdefault(name, schema) != schema:
            raise ValueError(f"Two schemas are named {name}.")
        return reference(name)


def is_versioned(endpoint: Endpoint) -> bool:
    """Return whether an operation changes a record whose version the caller can state."""
    is_change = endpoint.kind in {Kind.CHANGE, Kind.DELETE, Kind.ACTION}
    return is_change and endpoint.api is not None and issubclass(endpoint.api.resource.model, Versioned)


def _models_of(endpoint: Endpoint) -> Iterator[tuple[type[BaseModel], Any]]:
    api, declared, other = endpoint.api, endpoint.declared, endpoint.operation or endpoint.outside
    if endpoint.input is not None:
        yield endpoint.input, "validation"
    if api is not None:
        yield api.record, "serialization"
        yield api.filters, "validation"
    if declared is not None and declared.answer is not None:
        yield declared.answer, "serialization"
    if other is not None and other.query is not None:
        yield other.query, "validation"


def _public(schema: Any) -> Any:
    """Return a schema without titles, which only repeat names, and with descriptions as clients read them."""
    if isinstance(schema, list):
        return [_public(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found: dict[str, Any] = {}
    for name, value in schema.items():
        if name == "properties":
            found[name] = {key: _public(one) for key, one in value.items()}
        elif name == "description":
            found[name] = public_words(value)
        elif name != "title":
            found[_BOUNDS.get(str(name), str(name))] = _public(value)
    if found.get("type") == "number" and isinstance(found.get("default"), str):
        found["default"] = float(found["default"])  # pydantic writes decimal numbers as text
    return found


def _without(schema: Schema, *names: str) -> Schema:
    return {name: value for name, value in schema.items() if name not in names}


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
