"""Parameters and headers in the description of the API."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.api import idempotency, versions
from app.api.document.schemas import Schema, Schemas
from app.api.parameters import DEFAULT_LIMIT, MAX_IDS, MAX_OFFSET
from app.db.filters import MAX_LIMIT, Filters, Several
from app.declarations.api import Api
from app.declarations.api_filters import filter_names

_TEXT: Schema = {"type": "string"}
_INTEGER: Schema = {"type": "integer"}


def _header(name: str, description: str, schema: Schema = _TEXT) -> Schema:
    return {"name": name, "in": "header", "description": description, "schema": schema}


#: Parameters that many operations share.
PARAMETERS: Mapping[str, Schema] = {
    "IdempotencyKey": _header(
        idempotency.HEADER,
        "A key of your choice: a repeat within 24 hours gets the stored response and has no further effect.",
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    ),
    "IfMatch": _header(
        versions.HEADER,
        "The ETag of the record as you have read it; if it has changed since, the answer is a VERSION_CONFLICT.",
        {"type": "string", "pattern": r'^(W/)?"[0-9]{1,9}(\.[0-9a-f]+)?"$'},
    ),
    "IfNoneMatch": _header("If-None-Match", "The ETag that you have; the answer is a 304 if it is still current."),
    "ContentDigest": {
        **_header("Content-Digest", "The SHA-256 of the body (RFC 9530): `sha-256=:…:`, in Base64."),
        "required": True,
    },
    "Range": _header("Range", "The range of bytes to send: `bytes=0-1023`."),
    "AcceptLanguage": _header("Accept-Language", "The language of messages: en, ru or uz."),
    "Cursor": {
        "name": "cursor",
        "in": "query",
        "description": "Where to continue: the `nextCursor` or `prevCursor` of another page.",
        "schema": _TEXT,
    },
    "Page": {
        "name": "page",
        "in": "query",
        "description": f"The number of the page, in place of a cursor; page × limit is at most {MAX_OFFSET:,}. A list"
        " in an order that depends on the time, such as the queue's, has only these.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_OFFSET},
    },
    "Limit": {
        "name": "limit",
        "in": "query",
        "description": "The number of records on a page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    },
    "IncludeTotalCount": {
        "name": "includeTotalCount",
        "in": "query",
        "description": "Whether to count all records of the list, however many there are.",
        "schema": {"type": "boolean"},
    },
    "Ids": {
        "name": "ids",
        "in": "query",
        "description": "Only the records with these IDs.",
        "style": "form",
        "explode": False,
        "schema": {"type": "array", "items": {"type": "string", "format": "uuid"}, "maxItems": MAX_IDS},
    },
}

#: Headers of responses, by name.
HEADERS: Mapping[str, Schema] = {
    name: {"description": description, "schema": schema}
    for name, description, schema in (
        ("X-Request-ID", "The ID of the request, to quote to support.", _TEXT),
        ("X-Correlation-ID", "Your correlation ID, or the request ID.", _TEXT),
        ("X-Response-Time", "The time the request took: `12ms`.", _TEXT),
        ("X-RateLimit-Limit", "Requests that the window allows.", _INTEGER),
        ("X-RateLimit-Remaining", "Requests left in the window.", _INTEGER),
        ("X-RateLimit-Reset", "The end of the window, in epoch seconds.", _INTEGER),
        ("Retry-After", "Seconds to wait.", _INTEGER),
        ("ETag", "The version of the record and a hash of the response.", _TEXT),
        ("Location", "The path of the record.", _TEXT),
        ("Link", "Other pages of the list, as in `links`.", _TEXT),
        (idempotency.REPLAYED, "`true` on a response that was stored for the key.", _TEXT),
        ("Content-Language", "The language of messages.", _TEXT),
        ("WWW-Authenticate", "The scheme to authenticate with.", _TEXT),
    )
}
_ALWAYS = ("X-Request-ID", "X-Correlation-ID", "X-Response-Time")
_OF_LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


def header_refs(*names: str) -> dict[str, Schema]:
    """Return the headers of a response: those of every response, and these."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in (*_ALWAYS, *_OF_LIMITS, *names)}


def named_parameter(name: str) -> Schema:
    """Return a reference to a parameter that many operations share."""
    return {"$ref": f"#/components/parameters/{name}"}


def list_parameters(api: Api, schemas: Schemas) -> Iterator[Schema]:
    """Yield the parameters of a list: its page, its order and its filters."""
    for name in ("Cursor", "Page", "Limit", "IncludeTotalCount", "Ids"):
        yield named_parameter(name)
    names = [sort.name for sort in api.records.sorts]
    described = "The order of the list; `-` is descending."
    yield _query("sort", {"type": "string", "enum": names, "default": names[0]}, description=described)
    yield from query_parameters(api.filters, schemas)


def query_parameters(filters: type[Filters], schemas: Schemas) -> Iterator[Schema]:
    """Yield a parameter for each filter, under its name in the API."""
    found = schemas.properties_of(filters)
    for shown, name in filter_names(filters).items():
        field = filters.model_fields[name]
        several: dict[str, Any] = {"style": "form", "explode": False} if Several in field.metadata else {}
        yield _query(shown, _given(found[field.alias or name]), **several)


def _query(name: str, schema: Schema, **more: Any) -> Schema:
    return {"name": name, "in": "query", **more, "schema": schema}


def _given(schema: Schema) -> Schema:
    """Return the schema of a parameter that is sent: without null and the default, which mean that it isn't sent."""
    kept = {name: value for name, value in schema.items() if name not in {"default", "anyOf", "description"}}
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(kinds) == 1:
        return {**kept, **kinds[0]}
    return {**kept, "anyOf": kinds} if kinds else kept
