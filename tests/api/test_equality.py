"""A list has the same records, values and order on its page, in its file and in the API, under the same filters."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

import pytest
from flask import Flask
from pydantic.alias_generators import to_camel
from pydantic_core import to_jsonable_python
from sqlalchemy import inspect

from app.api.endpoints import Endpoint, Kind, endpoints_of
from app.api.routes import endpoints
from app.db.context import Context
from app.db.filters import Filters
from app.db.moments import in_utc
from app.db.session import organization_scope
from app.declarations.api_filters import api_name
from app.declarations.listed import Listed
from app.declarations.registry import build_registry
from app.extensions import db
from app.features import FEATURES
from app.models import Base, Role, User
from app.people.sign_in.queries import find_accounts
from app.security.actor import Actor
from app.security.matrix import permissions_of
from tests.api.samples import ApiCompany
from tests.api.test_walk import path_of
from tests.support.api_client import ApiClient

#: Lists that have a page, by operation.
LISTS = [
    one.name
    for one in endpoints_of(build_registry(FEATURES))
    if one.kind is Kind.LIST and one.api is not None and one.api.resource.listed is not None and one.api.parent is None
]
_MOST_FILTERS = 3
#: Fields of records that have another name than their column, in all lists and in single ones; None has no field.
_FIELDS: Mapping[str, str | None] = {
    "contact_card_id": "contactId",
    "primary_phone": "contactPhone",
    "created_by_label": "createdByName",
    "invited_by_label": "invitedByName",
    "owner_user_id": "ownerId",
    "assignee_name": "assignedToName",
    "claimant_name": "claimedByName",
    "due_at": "dueDate",
    "redacted_at": "erasedAt",
    "details": "metadata",
    "failure": "error",
    # Columns that a page sorts by, or makes its own words of.
    **dict.fromkeys(("sort_name", "sort_title", "name_key", "avatar_key", "fields", "verified")),
    **dict.fromkeys(("creator_granted", "creator_role", "creator_status")),
    **dict.fromkeys(("is_wait_unknown", "is_analysed", "rows_total", "deleting_at", "restoring_at")),
}
_FIELDS_OF: Mapping[str, Mapping[str, str | None]] = {
    "listLeads": {"rep_name": "assignedRepName"},
    "listAppointments": {"rep_name": "salesRepName", "primary_phone": None},
    "listRecordingSessions": {"rep_name": "salesRepName"},
    "listContacts": {"primary_phone": "primaryPhone", "display_name": "name"},
    # The record has the person's present name.
    "listTasks": {"created_by_label": None},
    # Pages and files add the names that their reader may see.
    "listAuditLogs": {"resource_label": None},
    "listApiKeys": {"organization_id": None, "key_hash": None},
    "listUsers": {"role": None},
    "listWebhookDeliveries": {"external_id": "eventId"},
    "listTrash": {
        "root_type": "resourceType",
        "root_label": "label",
        "created_at": "deletedAt",
        "deleted_by_label": "deletedByName",
        "restored_by_label": "restoredByName",
        "address": "ipAddress",
        "purge_after": "restorableUntil",
        "delete_failure": "error",
    },
}
#: A value of each type; an id is that of a person.
_VALUES = {bool: "yes", UUID: "", str: "a", date: "2026-01-01"}


def actor_of(user: User) -> Actor:
    """Return the actor of a person, as their pages have it."""
    [account] = [one for one in find_accounts(user.email) if one.user_id == user.id]
    return Actor(
        organization_id=account.organization_id,
        user_id=user.id,
        name=user.name,
        email=user.email,
        role=Role(user.role),
        timezone="America/New_York",
    )


def some_filters(filters: type[Filters], user: User) -> Iterator[Mapping[str, str]]:
    """Yield parameters of a list: none, and one filter at a time."""
    yield {}
    values = {name: _some_value(field.annotation, user) for name, field in filters.model_fields.items()}
    for name, value in [(name, value) for name, value in values.items() if value][:_MOST_FILTERS]:
        both = {"from": value, "to": value} if name in {"first_day", "last_day"} else {}
        yield {filters.model_fields[name].alias or name: value, **both}


def _some_value(annotation: Any, user: User) -> str | None:
    """Return a value that a filter accepts."""
    if get_origin(annotation) is Literal:
        return str(get_args(annotation)[0])
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return next(iter(annotation)).value
    if annotation in _VALUES:
        return _VALUES[annotation] or str(user.id)
    found = (_some_value(part, user) for part in get_args(annotation) if part not in {type(None), Ellipsis})
    return next((value for value in found if value), None)


def records_in_api(client: ApiClient, endpoint: Endpoint, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the records of all pages of a list."""
    as_sent = {"yes": "true", "no": "false"}
    query = {api_name(name): as_sent.get(value, value) for name, value in parameters.items()}
    path: str | None = f"/api/v1{path_of(endpoint)}?limit=2&" + "&".join(
        f"{name}={value}" for name, value in query.items()
    )
    seen: list[dict[str, Any]] = []
    while path:
        page = client.get(path.removeprefix("/api/v1"))
        assert page.status_code == 200, page.get_data()
        seen += page.get_json()["data"]
        path = page.get_json()["links"]["next"]
    return seen


def rows_on_page(app: Flask, listed: Listed, user: User, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the rows of the list from which its page and its file are rendered, by column."""
    with (
        app.test_request_context(),
        organization_scope(Context(organization_id=user.organization_id, actor_id=user.id), db.session),
    ):
        query = listed.query(actor_of(user), listed.filters.of(parameters))
        return [values_of(row) for row in query.stream()]


def values_of(row: Any) -> dict[str, Any]:
    """Return the values of a row by column, with those of a model that is one of its columns."""
    found: dict[str, Any] = {}
    for name, value in row._mapping.items():
        if isinstance(value, Base):
            loaded = inspect(value).dict
            found |= {one.key: loaded[one.key] for one in inspect(type(value)).column_attrs if one.key in loaded}
        else:
            found[name] = value
    return found


def in_json(value: Any, field: Any) -> Any:
    """Return a value of a row as JSON has it in `field`: texts in one column can be a list, and "" no name."""
    if isinstance(value, datetime):
        return in_utc(value)
    if isinstance(value, str) and isinstance(field, list):
        return [text for text in value.split(", ") if text]
    return None if value == "" and field is None else to_jsonable_python(value)


def differing(operation: str, row: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns whose value differs from the record's, with both; a column without a field differs, too."""
    fields = {**_FIELDS, **_FIELDS_OF.get(operation, {})}
    found = {}
    for column, value in row.items():
        field = fields.get(column, to_camel(column))
        if field is not None and record.get(field, "no field") != in_json(value, record.get(field, "no field")):
            found[column] = (value, record.get(field, "no field"))
    return found


@pytest.mark.parametrize("operation", LISTS)
def test_page_file_and_api_have_the_same_records_and_values_in_the_same_order(
    app: Flask, company: ApiCompany, operation: str
) -> None:
    endpoint = next(one for one in endpoints(app) if one.name == operation)
    assert endpoint.api is not None
    listed = endpoint.api.resource.list_declared
    for role in (one for one in Role if set(endpoint.permissions) <= permissions_of(one)):
        user = company.people[role]
        client = ApiClient(app, user)
        for parameters in some_filters(listed.filters, company.csr):
            rows, records = rows_on_page(app, listed, user, parameters), records_in_api(client, endpoint, parameters)
            assert [record["id"] for record in records] == [str(row["id"]) for row in rows], (role, parameters)
            wrong = [differing(operation, row, record) for row, record in zip(rows, records, strict=True)]
            assert not any(wrong), (role, parameters, wrong)
