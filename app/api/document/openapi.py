"""The description of the API in OpenAPI 3.1, made from what features declare."""

import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask
from flask_babel import force_locale
from limits import parse_many
from pydantic.alias_generators import to_camel

from app.api.document.errors import all_errors, errors_of
from app.api.document.parts import HEADERS, PARAMETERS, header_refs, list_parameters, named_parameter, query_parameters
from app.api.document.schemas import Schema, Schemas, is_versioned, reference
from app.api.document.words import details_of, summary_of, tag_of
from app.api.endpoints import Endpoint, Kind, outside_endpoints_of
from app.api.routes import PREFIX, endpoints
from app.declarations.api import Api, Callers, sample_id
from app.declarations.registry import registry_of
from app.models import Language
from app.security.actor import ApiLimits
from app.security.api_requests import API_PREFIX
from app.web.error_json import API_VERSION
from app.web.json_bodies import JSON, MERGE_PATCH

_KEY = "switchboard_openapi"
_ARGUMENT = re.compile(r"\{(\w+)\}")
_ABOUT = (
    "Programs read and change the records of an organization as its people do on pages. Conventions and error codes "
    "are explained at `/api/docs`. Clients treat unknown enum values in a response as “other” and ignore "
    "unknown fields."
)
_TOKENS = (
    "An access token (`sb_at_…`) or an API key (`sb_key_…`) in the header `Authorization: Bearer …`. A token in a "
    "query string is refused and revoked."
)
_LIMITS = ApiLimits()
#: The default; plans can have another.
RATE = {"requests": _LIMITS.requests_per_hour, "seconds": 3600, "per": "API key or user"}
#: Rows of a resource that a caller who can't export can read in a day, by default.
ROWS_A_DAY = _LIMITS.rows_per_day
_HEADERS_OF_ERRORS: Mapping[int, tuple[str, ...]] = {
    401: ("WWW-Authenticate",),
    409: ("Retry-After",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def description_of(app: Flask) -> dict[str, Any]:
    """Return the document, which is made once per process, in English."""
    if _KEY not in app.extensions:
        with force_locale(Language.ENGLISH):
            app.extensions[_KEY] = _describe(app)
    found: dict[str, Any] = app.extensions[_KEY]
    return found


def described_endpoints(app: Flask) -> tuple[Endpoint, ...]:
    """Return all operations of the document."""
    return (*endpoints(app), *outside_endpoints_of(registry_of(app)))


def public_path(endpoint: Endpoint) -> str:
    """Return the path of an operation, its ids named like the records: `/tasks/{taskId}`."""
    is_unversioned = endpoint.outside is not None and endpoint.outside.is_unversioned
    prefix = API_PREFIX.rstrip("/") if is_unversioned else PREFIX
    return prefix + _ARGUMENT.sub(lambda found: f"{{{public_name(endpoint, found[1])}}}", endpoint.path)


def public_name(endpoint: Endpoint, argument: str) -> str:
    """Return the name of an id in the path, after the name of the record: `contactId`."""
    api = endpoint.api
    while api is not None and argument != f"{api.resource.name}_id":
        api = api.parent.api if api.parent is not None else None
    return f"{api.key}Id" if api is not None else to_camel(argument)


def _describe(app: Flask) -> dict[str, Any]:
    described = described_endpoints(app)
    schemas, errors = Schemas(described), _Errors()
    paths: dict[str, dict[str, Any]] = {}
    for one in described:
        paths.setdefault(public_path(one), {})[one.method.lower()] = _operation(one, schemas, errors)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Switchboard", "version": API_VERSION, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "tags": [{"name": name} for name in sorted({tag_of(one.path) for one in described})],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas.all(),
            "responses": errors.responses,
            "parameters": dict(PARAMETERS),
            "headers": dict(HEADERS),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": _TOKENS}},
        },
    }


def _operation(one: Endpoint, schemas: Schemas, errors: "_Errors") -> dict[str, Any]:
    details = details_of(one)
    return {
        "operationId": one.name,
        "tags": [tag_of(one.path)],
        "summary": summary_of(one),
        **({"description": details} if details else {}),
        "parameters": list(_parameters(one, schemas)),
        **_body(one, schemas),
        "responses": {**dict(_successes(one, schemas)), **errors.of(errors_of(one))},
        **({"security": []} if one.callers is Callers.ANYONE else {}),
        **({"deprecated": True} if one.deprecated is not None else {}),
        "x-permission": [permission.value for permission in one.permissions],
        **({"x-reads": dict(_reads_of(one))} if one.reads else {}),
        "x-callers": one.callers.value,
        "x-rate-limit": _rate_of(one),
    }


def _reads_of(endpoint: Endpoint) -> Iterator[tuple[str, list[str]]]:
    """Yield the further permissions for numbers of more than the caller's own rows, by the one they are added to."""
    for permission, reads in endpoint.reads.items():
        yield permission.value, [read.value for read in reads if read is not permission]


def _rate_of(one: Endpoint) -> Schema:
    """Return the rate of an operation: the first one of its own limits, or that of all operations."""
    limits = one.limits
    if limits is None:
        return dict(RATE)
    text, per = next(
        (text, per)
        for text, per in (
            (limits.per_user, RATE["per"]),
            (limits.per_account_and_address, "account and network address"),
            (limits.per_account, "account or session"),
            (limits.per_address, "network address"),
        )
        if text
    )
    rate = parse_many(text)[0]
    return {"requests": rate.amount, "seconds": rate.get_expiry(), "per": per}


def _parameters(one: Endpoint, schemas: Schemas) -> Iterator[Schema]:
    for argument in _ARGUMENT.findall(one.path):
        yield {"name": public_name(one, argument), "in": "path", "required": True, **_place(argument)}
    if one.kind is Kind.LIST and one.api is not None:
        yield from list_parameters(one.api, schemas)
    other = one.operation or one.outside
    if other is not None and other.query is not None:
        yield from query_parameters(other.query, schemas)
    if one.kind is Kind.GET or (one.kind is Kind.OPERATION and one.method == "GET" and not one.is_secret):
        yield named_parameter("IfNoneMatch")
    if one.outside is not None and HTTPStatus.PARTIAL_CONTENT in one.outside.gives:
        yield named_parameter("Range")
    if one.outside is not None and one.outside.takes:
        yield named_parameter("ContentDigest")
    if one.takes_idempotency_key:
        yield named_parameter("IdempotencyKey")
    if is_versioned(one):
        yield named_parameter("IfMatch")
    yield named_parameter("AcceptLanguage")


def _place(argument: str) -> Schema:
    """Return the schema and an example of an argument of a path: the id of a record, or the number of a part."""
    if not argument.endswith("_id"):
        return {"schema": {"type": "integer", "minimum": 1}, "example": 1}
    return {"schema": {"type": "string", "format": "uuid"}, "example": sample_id(argument.removesuffix("_id"))}


def _body(one: Endpoint, schemas: Schemas) -> dict[str, Any]:
    """Return the body of a request, if it has one."""
    if one.outside is not None and one.outside.takes:
        return {"requestBody": {"required": True, "content": {kind: _bytes() for kind in one.outside.takes}}}
    body, written = schemas.body_of(one), one.write or one.operation
    if body is None or written is None:
        return {}
    content = {"schema": reference(body.name), "example": dict(written.example)}
    kinds = (JSON, MERGE_PATCH) if one.kind is Kind.CHANGE else (JSON,)
    return {"requestBody": {"required": body.is_required, "content": dict.fromkeys(kinds, content)}}


def _successes(one: Endpoint, schemas: Schemas) -> Iterator[tuple[str, Schema]]:
    """Yield the responses to a request that succeeds, by status."""
    if one.outside is not None and one.outside.gives:
        for status, kinds in one.outside.gives.items():
            yield str(status), _response("The file.", {kind: _bytes() for kind in kinds})
        return
    if one.kind is Kind.DELETE:
        yield "200", _json("The record is in the trash.", reference("DeletionResponse"))
        yield "204", _response("The record was deleted and can’t be restored.")
        return
    other = one.operation or one.outside
    answer = other.answer if other is not None else (one.write.answer if one.write is not None else None)
    if other is not None and answer is None:
        yield "204", _response("Done.")
    elif other is not None and answer is not None:
        operation = one.operation
        has_list, status = (operation.has_list, operation.status) if operation is not None else (False, 200)
        made = schemas.whole_list_of(answer) if has_list else schemas.response_of(answer, None)
        headers = ("Location", "Retry-After") if operation is not None and operation.location else ()
        yield str(status), _json("The result.", made, *_tag(one), *headers)
    elif answer is not None:
        yield "201" if one.kind is Kind.CREATE else "200", _json("Done.", schemas.response_of(answer, None))
    elif one.api is not None:
        yield from _records(one, one.api, schemas)
    if one.method == "GET" and one.kind in {Kind.GET, Kind.OPERATION} and not one.is_secret:
        yield "304", _response("You have the current version.", None, "ETag")


def _records(one: Endpoint, api: Api, schemas: Schemas) -> Iterator[tuple[str, Schema]]:
    if one.kind is Kind.LIST:
        yield "200", _json("A page of the list.", schemas.page_of(api.record), "Link")
        return
    record, repeated = schemas.response_of(api.record, api.key), _tag(one)
    if one.kind is Kind.CREATE:
        yield "201", _json("The new record.", record, *repeated, "Location")
    else:
        yield "200", _json("The record.", record, *repeated)
    if one.kind is Kind.ACTION:
        yield "204", _response("Done. You no longer have access to the record.")
    if one.write is not None and one.write.is_background:
        yield "202", _json("The work has started; poll the record.", record, *repeated, "Location", "Retry-After")


def _tag(one: Endpoint) -> tuple[str, ...]:
    return () if one.is_secret or one.kind is Kind.OUTSIDE else ("ETag",)


def _json(description: str, schema: Schema, *headers: str) -> Schema:
    return _response(description, {JSON: {"schema": schema}}, *headers)


def _response(description: str, content: Mapping[str, Schema] | None = None, *headers: str) -> Schema:
    found = {"description": description, "headers": header_refs("Content-Language", *headers)}
    return {**found, "content": dict(content)} if content is not None else found


def _bytes() -> Schema:
    return {"schema": {"type": "string", "format": "binary"}}


class _Errors:
    """Error responses, each stated once for all operations that have the same codes for a status."""

    def __init__(self) -> None:
        self.responses: dict[str, Schema] = {}

    def of(self, errors: Mapping[int, Sequence[str]]) -> dict[str, Schema]:
        """Return the error responses of an operation by status."""
        return {str(status): self._shared(status, codes) for status, codes in errors.items()}

    def _shared(self, status: int, codes: Sequence[str]) -> Schema:
        titles = (f"{code}: {all_errors()[code].title}" for code in codes)
        made = {
            "description": "; ".join(titles),
            "headers": header_refs("Content-Language", *_HEADERS_OF_ERRORS.get(status, ())),
            "content": {JSON: {"schema": reference("ErrorResponse")}},
            "x-codes": list(codes),
        }
        alike = [name for name in self.responses if name.startswith(f"Error{status}")]
        new = f"Error{status}.{len(alike) + 1}" if alike else f"Error{status}"
        name = next((name for name in alike if self.responses[name] == made), new)
        self.responses[name] = made
        return {"$ref": f"#/components/responses/{name}"}
