"""The views of the JSON API: one for each kind of endpoint, whatever the resource.

They are called within the request's transaction, after the caller was identified and their permission was checked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import UUID

from flask import Response, request
from flask_babel import lazy_gettext as _l

from app.api import idempotency
from app.api.deprecation import note_deprecated
from app.api.endpoints import Endpoint, Kind
from app.api.field_names import in_body_names
from app.api.parameters import ListRequest, read_list_request, read_query
from app.api.places import Place, find_row, lock_model, parse_ids, place_of, read_row
from app.api.responses import PageOfList, respond, respond_secretly, respond_with_nothing, respond_with_page
from app.api.versions import asked_version
from app.db.ids import new_id
from app.db.lists import ListQuery
from app.db.paging import MAX_COUNTED
from app.declarations.api import Api, Callers, Operation, Outside, Write
from app.declarations.input import Input
from app.declarations.record import BackgroundRecord, Record
from app.errors import MISSING_REQUIRED_FIELD, FieldError, ValidationFailed
from app.lists.references import refuse_unknown_references
from app.models import DeletionBatch
from app.security.actor import Actor, current_actor
from app.security.api_requests import API_ROOT
from app.security.scope import sees_all_rows
from app.web.json_bodies import read_json, refuse_other_media_types
from app.web.list_reading import hand_out
from app.web.representation import refuse_other_than_json
from app.web.request_limits import PUBLIC_BYTES, accepts_uploads, refuse_large_body, refuse_other_than_text

Ids = Mapping[str, str]
_SAFE = frozenset({"GET", "HEAD"})
_SECONDS_BETWEEN_LOOKS = "2"


def view_of(endpoint: Endpoint) -> Callable[..., Response]:
    """Return the view of an endpoint, which takes the ids in its path by name."""
    do = _VIEWS[endpoint.kind]

    def view(**ids: str) -> Response:
        is_safe = endpoint.method in _SAFE
        refuse_other_than_json()
        if not is_safe:
            refuse_other_media_types(is_patch=endpoint.method == "PATCH")
            if endpoint.is_secret:
                request.max_content_length = PUBLIC_BYTES
            refuse_large_body()
        refuse_other_than_text()
        actor = None if endpoint.callers is Callers.ANYONE else current_actor()
        key = idempotency.read_key() if endpoint.takes_idempotency_key else None
        if endpoint.deprecated is not None:
            note_deprecated(endpoint, endpoint.deprecated, actor, ids)
        if key is None or actor is None:
            return do(endpoint, actor, ids)
        return idempotency.once(actor, key, lambda: do(endpoint, actor, ids), is_secret=endpoint.is_secret)

    return view


def outside_view_of(outside: Outside) -> Callable[..., Response]:
    """Return the view of an operation that reads or sends other contents than JSON."""

    def view(**ids: str) -> Response:
        actor = current_actor()
        given: list[Any] = [*parse_ids(ids)]
        if outside.query is not None:
            given.append(read_query(outside.query, actor))
        made = outside.run(actor, *given)
        return made if isinstance(made, Response) else respond(made)

    return accepts_uploads(view) if outside.takes else view


def _list(endpoint: Endpoint, actor: Actor, ids: Ids) -> Response:
    api = _api(endpoint)
    asked = read_list_request(api.filters, actor)
    place = place_of(api, actor, ids)
    refuse_unknown_references(asked.filters, actor)
    filtered = api.records.conditions(asked.filters, actor)
    conditions = [*filtered, *place.conditions, *api.records.among(asked.ids)]
    query = api.records.narrowed(actor, asked.filters, conditions)
    belongs = (("organization", str(actor.organization_id)), ("ids", str(asked.ids)), ("path", request.path))
    rows, page = _page_of(replace(query, cursors_of=belongs), asked)
    records = [api.record.of(row) for row in rows]
    hand_out(actor, api.resource.name, len(records))
    return respond_with_page(records, page)


def _page_of(query: ListQuery, asked: ListRequest) -> tuple[Sequence[Any], PageOfList]:
    if asked.page is not None or not (asked.cursor or query.has_cursors(asked.sort)):
        return _numbered_page(query, asked, asked.page or 1)
    found = query.page(asked.sort, asked.cursor, asked.limit)
    place = PageOfList(
        asked.limit,
        total=query.count_total(found, exact=True).number if asked.include_total else None,
        next_cursor=found.next_cursor,
        previous_cursor=found.previous_cursor,
        has_next=found.next_cursor is not None,
        has_previous=found.previous_cursor is not None,
    )
    return found.rows, place


def _numbered_page(query: ListQuery, asked: ListRequest, number: int) -> tuple[Sequence[Any], PageOfList]:
    rows, has_next = query.numbered_page(asked.sort, number, asked.limit)
    count = None if asked.include_total is False else query.count(exact=bool(asked.include_total))
    is_exact = count is not None and count.exact
    place = PageOfList(
        asked.limit,
        number,
        total=count.number if count is not None and is_exact else None,
        total_at_least=MAX_COUNTED if count is not None and not is_exact else None,
        has_next=has_next,
        has_previous=number > 1,
    )
    return rows, place


def _get(endpoint: Endpoint, actor: Actor, ids: Ids) -> Response:
    api = _api(endpoint)
    return _respond_with(api, read_row(api, actor, place_of(api, actor, ids)))


def _create(endpoint: Endpoint, actor: Actor, ids: Ids) -> Response:
    api, write = _api(endpoint), _write(endpoint)
    if api.read is not None and write.answer is None:
        actor.requires(api.read)  # the response is the record, which a key may create but not read
    given = _given(write.input, read_json())
    place = place_of(api, actor, ids)
    above = () if place.parent_id is None else (place.parent_id,)
    record_id = new_id()
    with in_body_names(write.input):
        made = write.run(actor, *above, record_id, *given)
    if write.answer is not None:
        answer = write.answer.of(made)
        return _answered(endpoint, answer, 201, _location(api, getattr(answer, api.resource.name).id))
    new = _record_of_new(api, actor, made)
    if new is not None:
        return respond({api.key: new}, status=201, version=made.version, headers=_location(api, made.id))
    created = Place(getattr(made, "id", record_id), place.parent_id, place.conditions)
    row = read_row(api, actor, created)
    return _respond_with(api, row, 201, _location(api, row.id), is_background=write.is_background)


def _record_of_new(api: Api, actor: Actor, made: Any) -> Record | None:
    """Return the record of a row that was just created, if that takes no statement."""
    if api.record_of_new is None or not sees_all_rows(api.resource.model, actor):
        return None
    return api.record_of_new(actor, made)


def _location(api: Api, record_id: UUID) -> dict[str, str]:
    """Return the header with the path of a record that was created; none if it has no path of its own."""
    if not api.has_one:
        return {}
    return {"Location": request.path if api.is_single else f"{request.path}/{record_id}"}


def _change(endpoint: Endpoint, actor: Actor, ids: Ids) -> Response:
    api, write = _api(endpoint), _write(endpoint)
    body = read_json()
    changes = _without(body, "id", "version")
    version, _, _ = _checked(
        lambda: asked_version(api, body),
        lambda: _refuse_other_id(body, ids),
        lambda: _refuse_invalid(write.input, changes),
    )
    place = place_of(api, actor, ids)
    row = _locked(api, actor, place, version)
    kind = cast(type[Input], write.input)
    with in_body_names(kind):
        write.run(actor, row.id, kind.changed(_values_of(row, kind), changes), getattr(row, "version", None))
    return _respond_with(api, read_row(api, actor, place))


def _delete(endpoint: Endpoint, actor: Actor, ids: Ids) -> Response:
    api, write = _api(endpoint), _write(endpoint)
    body = read_json()
    version, given = _checked(lambda: asked_version(api, body), lambda: _given(write.input, _without(body, "version")))
    place = place_of(api, actor, ids)
    row = _locked(api, actor, place, version)
    passed = {"version": row.version} if write.takes_version else {}
    with in_body_names(write.input):
        batch = write.run(actor, row.id, *given, **passed)
    if isinstance(batch, DeletionBatch):
        return respond({"deletion": {"id": batch.id, "restorableUntil": batch.purge_after}})
    return respond_with_nothing()


def _act(endpoint: Endpoint, actor: Actor, ids: Ids) -> Response:
    api, write = _api(endpoint), _write(endpoint)
    body = read_json()
    version, given = _checked(lambda: asked_version(api, body), lambda: _given(write.input, _without(body, "version")))
    place = place_of(api, actor, ids)
    passed = {}
    if version is not None or place.conditions or place.record_id is None or write.takes_version:
        row = _locked(api, actor, place, version)
        place = Place(row.id, place.parent_id, place.conditions)
        passed = {"version": row.version} if write.takes_version else {}
    with in_body_names(write.input):
        made = write.run(actor, place.record_id, *given, **passed)
    if write.answer is not None:
        return _answered(endpoint, write.answer.of(made), 202 if write.is_background else 200)
    row = find_row(api, actor, place)
    if row is None:
        return respond_with_nothing()
    location = {"Location": request.path.rpartition("/")[0]} if write.is_background else {}
    return _respond_with(api, row, 200, location, is_background=write.is_background)


def _operate(endpoint: Endpoint, actor: Actor | None, ids: Ids) -> Response:
    operation = cast(Operation, endpoint.operation)
    given: list[Any] = [*parse_ids(ids)]
    if operation.method not in _SAFE:
        given += _given(operation.input, read_json())
    if operation.query is not None:
        query = read_query(operation.query, actor)
        if actor is not None:
            refuse_unknown_references(query, actor)
        given.append(query)
    with in_body_names(operation.input):
        answer = operation.run(*(() if actor is None else (actor,)), *given)
    if answer is None:
        return respond_with_nothing()
    if operation.hands_out is not None and actor is not None:
        hand_out(actor, operation.hands_out.resource.name, operation.hands_out.number(answer))
    location = {"Location": f"{API_ROOT}/{operation.location.format(answer=answer)}"} if operation.location else {}
    return _answered(endpoint, answer, operation.status, location)


_VIEWS: Mapping[Kind, Callable[..., Response]] = {
    Kind.LIST: _list,
    Kind.GET: _get,
    Kind.CREATE: _create,
    Kind.CHANGE: _change,
    Kind.DELETE: _delete,
    Kind.ACTION: _act,
    Kind.OPERATION: _operate,
}


def _api(endpoint: Endpoint) -> Api:
    return cast(Api, endpoint.api)


def _write(endpoint: Endpoint) -> Write:
    return cast(Write, endpoint.write)


def _respond_with(
    api: Api,
    row: Any,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    is_background: bool = False,
) -> Response:
    record, version = api.record.of(row), getattr(row, "version", None)
    wait = _wait_of(record)
    if is_background and wait:
        status = 202
    return respond({api.key: record}, status=status, version=version, headers={**(headers or {}), **wait})


def _answered(endpoint: Endpoint, answer: Any, status: int, headers: Mapping[str, str] | None = None) -> Response:
    if endpoint.is_secret:
        return respond_secretly(answer, status=status, headers=headers)
    return respond(answer, status=status, headers={**(headers or {}), **_wait_of(answer)})


def _wait_of(record: Any) -> dict[str, str]:
    """Return the header that says when to ask again; empty unless the record is of running work."""
    is_running = isinstance(record, BackgroundRecord) and record.is_running
    return {"Retry-After": _SECONDS_BETWEEN_LOOKS} if is_running else {}


def _checked(*checks: Callable[[], Any]) -> list[Any]:
    """Return the results of all checks. Raises ValidationFailed with the errors of all that fail."""
    results, errors = list[Any](), list[FieldError]()
    for check in checks:
        try:
            results.append(check())
        except ValidationFailed as error:
            errors += error.fields
    if errors:
        raise ValidationFailed(errors)
    return results


def _given(kind: type[Input] | None, body: Any) -> tuple[Input, ...]:
    """Return the input in a body, if the endpoint takes one. Raises ValidationFailed."""
    if kind is None:
        _refuse_fields(body)
        return ()
    return (kind.read(body),)


def _refuse_fields(body: Any) -> None:
    Input.read(body)


def _without(body: Any, *names: str) -> Any:
    return {name: value for name, value in body.items() if name not in names} if isinstance(body, dict) else body


def _refuse_other_id(body: Any, ids: Ids) -> None:
    """Refuse an `id` in a body that differs from the one in the path."""
    given = body.get("id") if isinstance(body, dict) else None
    if given is not None and [str(given).lower()] != [text.lower() for text in list(ids.values())[-1:]]:
        raise ValidationFailed([FieldError("id", _l("This isn’t the ID in the address."))])


def _refuse_invalid(kind: type[Input] | None, changes: Any) -> None:
    """Refuse invalid changes before the record is looked up; fields they leave out aren't required."""
    try:
        cast(type[Input], kind).read(changes)
    except ValidationFailed as error:
        sent = changes if isinstance(changes, dict) else {}
        wrong = [one for one in error.fields if one.code != MISSING_REQUIRED_FIELD or one.field in sent]
        if wrong:
            raise ValidationFailed(wrong) from None


def _locked(api: Api, actor: Actor, place: Place, version: int | None) -> Any:
    """Return the model's row, locked. Raises NotFound, and VersionConflict if the caller has read an older version."""
    row = lock_model(api, actor, place)
    if version is not None and version != row.version:
        current = read_row(api, actor, Place(row.id, place.parent_id, place.conditions))
        row.refuse_stale(version, api.record.of(current).model_dump(mode="json"))
    return row


def _values_of(row: Any, kind: type[Input]) -> dict[str, Any]:
    """Return the stored values that an input changes; the app can't read every column."""
    return {name: getattr(row, name) for name in kind.columns() if name in type(row).__mapper__.column_attrs}
