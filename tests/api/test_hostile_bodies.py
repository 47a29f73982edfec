"""Hostile bodies: every operation that reads one refuses it, names each wrong field, and stores nothing.

Bodies take turns at operations (tests/support/turns.py).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from app.api.endpoints import Endpoint, endpoints_of
from app.api.routes import endpoints
from app.declarations.input import kind_of
from app.declarations.registry import build_registry
from app.extensions import db
from app.features import FEATURES
from app.models import Role
from tests.api.samples import ApiCompany
from tests.api.test_walk import path_of
from tests.support.api_client import ApiClient, error_of, wrong_fields
from tests.support.hostile import LONG, TEXTS, WRONG
from tests.support.odd_json import ANY_JSON
from tests.support.real_data import shared_data
from tests.support.turns import PARTS, Turn

__all__ = ["shared_data"]

_JSON = "application/json"
_FOREIGN = "01a00000-0000-7000-8000-000000000000"
#: Fields that no body may set.
_UNKNOWN = {"organizationId": _FOREIGN, "__proto__": {"role": "owner"}, "unknownField": 1, "": 1}
#: Values that no field accepts.
_NEVER = ({"$ne": None}, [[["a"]]], "a\0b", 10**400, [None])

#: Operations that read a body, by name.
WITH_BODY = [one.name for one in endpoints_of(build_registry(FEATURES)) if one.input is not None]


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Roll back each request; the list has whether it would have been committed."""
    would_be: list[bool] = []

    def roll_back(*, keep: bool) -> None:
        would_be.append(keep)
        db.session.rollback()

    monkeypatch.setattr("app.db.transaction.end_transaction", roll_back)
    return would_be


@pytest.fixture(autouse=True)
def _sign_up_is_on_without_limits(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = app.config["SETTINGS"].model_copy(update={"signup_enabled": True, "rate_limits_enabled": False})
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    for limiter in app.extensions["switchboard_limiters"]:
        monkeypatch.setattr(limiter, "enabled", False)


@pytest.fixture
def owner_client(app: Flask, company: ApiCompany) -> ApiClient:
    return ApiClient(app, company.people[Role.OWNER])


def named(app: Flask, name: str) -> Endpoint:
    return next(one for one in endpoints(app) if one.name == name)


def example_of(endpoint: Endpoint) -> dict[str, Any]:
    declared = endpoint.write or endpoint.operation
    return dict(declared.example) if declared is not None else {}


def fields_of(endpoint: Endpoint) -> Mapping[str, Any]:
    """Return the fields of the operation's input by their names in the body."""
    fields = endpoint.input.model_fields if endpoint.input is not None else {}
    return {field.alias or name: field for name, field in fields.items()}


@pytest.mark.parametrize("operation", WITH_BODY)
def test_every_wrong_field_is_named(app: Flask, owner_client: ApiClient, kept: list[bool], operation: str) -> None:
    endpoint = named(app, operation)
    path, example = path_of(endpoint), example_of(endpoint)

    unknown = owner_client.send(endpoint.method, path, {**example, **_UNKNOWN})
    assert set(_UNKNOWN) <= wrong_fields(unknown)
    for value in Turn.of(_NEVER, operation):
        wrong = owner_client.send(endpoint.method, path, dict.fromkeys(fields_of(endpoint), value))
        assert wrong_fields(wrong) == set(fields_of(endpoint)), value
    bodies: tuple[Any, ...] = ([], "text", 1, None, True)
    for body in Turn.of(bodies, operation):
        sent = owner_client.send(endpoint.method, path, data=json.dumps(body), content_type=_JSON)
        assert error_of(sent, status=400)["code"] == "VALIDATION_ERROR"
    assert not any(kept)


@pytest.mark.parametrize("operation", WITH_BODY)
def test_a_body_that_is_no_json_is_refused(
    app: Flask, owner_client: ApiClient, kept: list[bool], operation: str
) -> None:
    endpoint = named(app, operation)
    name = next(iter(fields_of(endpoint)))
    broken = (
        f'{{"{name}": 1, "{name}": 2}}',
        f'{{"{name}": NaN}}',
        f'{{"{name}": -Infinity}}',
        f'{{"{name}": 1e400}}',
        f'{{"{name}": "\\ud800"}}',
        f'{{"\\udfff": "{name}"}}',
        f'{{"{name}": {"[" * 64}{"]" * 64}}}',
        f'{{"{name}": 1,}}',
        "{",
    )
    for text in Turn.of(broken, operation):
        sent = owner_client.send(endpoint.method, path_of(endpoint), data=text, content_type=_JSON)
        assert error_of(sent, status=400)["code"] == "INVALID_JSON", text
    large = owner_client.send(endpoint.method, path_of(endpoint), data=b" " * 10 * 1024 * 1024, content_type=_JSON)
    assert error_of(large, status=413)["code"] == "PAYLOAD_TOO_LARGE"
    form = owner_client.send(endpoint.method, path_of(endpoint), data={name: "1"})
    assert error_of(form, status=415)["code"] == "UNSUPPORTED_MEDIA_TYPE"
    assert not any(kept)


def test_no_json_breaks_an_operation(app: Flask, owner_client: ApiClient) -> None:
    every = [named(app, name) for name in WITH_BODY]
    strange = ANY_JSON.filter(_is_json)

    def send(endpoint: Endpoint, data: st.DataObject) -> None:
        names = st.sampled_from([*fields_of(endpoint), "version", "id"])
        body = data.draw(st.dictionaries(names, strange, max_size=4) | strange)
        sent = owner_client.send(endpoint.method, path_of(endpoint), data=json.dumps(body), content_type=_JSON)
        assert sent.status_code < 500, (endpoint.name, body, sent.get_data())

    generating = settings(max_examples=150 // PARTS, database=None, suppress_health_check=list(HealthCheck))
    for part in Turn.of(range(PARTS), "generated bodies"):
        seed(part)(generating(given(st.sampled_from(every), st.data())(send)))()


@pytest.mark.parametrize("operation", WITH_BODY)
def test_no_hostile_text_breaks_an_operation(app: Flask, owner_client: ApiClient, operation: str) -> None:
    endpoint = named(app, operation)
    path, example, fields = path_of(endpoint), example_of(endpoint), fields_of(endpoint)

    texts = [name for name, field in fields.items() if kind_of(field) is str]
    for text in Turn.of([*WRONG, *TEXTS, LONG], operation):
        for names in (fields, texts) if len(texts) < len(fields) else (fields,):
            sent = owner_client.send(endpoint.method, path, {**example, **dict.fromkeys(names, text)})
            assert sent.status_code < 500, (text[:80], sent.get_data())
    for name, field in fields.items():
        if kind_of(field) is not str:
            sent = owner_client.send(endpoint.method, path, {**example, name: LONG})
            assert sent.status_code in {400, 413}, (name, sent.get_data())


def _is_json(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False).encode()
    except ValueError:
        return False
    return True


@pytest.mark.real_data
def test_no_naughty_text_breaks_an_operation(app: Flask, owner_client: ApiClient, shared_data: Path) -> None:
    texts = json.loads((shared_data / "naughty" / "blns.json").read_text())
    for endpoint in (named(app, name) for name in WITH_BODY):
        names = [name for name, field in fields_of(endpoint).items() if kind_of(field) is str]
        for text in Turn.of(_sparsely(texts, 20), endpoint.name) if names else ():
            sent = owner_client.send(
                endpoint.method, path_of(endpoint), {**example_of(endpoint), **dict.fromkeys(names, text)}
            )
            assert sent.status_code < 500, (endpoint.name, text, sent.get_data())


def _sparsely(texts: list[str], number: int) -> list[str]:
    """Return about `number` of the texts, from all over the list."""
    return texts[:: max(1, len(texts) // number)]
