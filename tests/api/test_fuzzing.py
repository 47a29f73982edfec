"""Generated requests to every operation: each response is as the document says, whatever is sent.

Kinds of requests take turns at operations (tests/support/turns.py); the example of each is sent in every run.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from app.api.document.openapi import described_endpoints, public_name, public_path
from app.api.endpoints import Endpoint
from app.declarations.api import Callers
from app.extensions import db
from app.models import PlanCode, Role
from tests.api.samples import ApiCompany, place_of, refusal_of
from tests.support.client import access_token, bearer
from tests.support.factories import Factories
from tests.support.programs import make_key
from tests.support.turns import Turn

#: Requests of each kind to an operation, if they have their turn.
REQUESTS = 2
SEED = 42

#: Checks of the library that are left out, each with its reason.
EXCLUDED: Mapping[Callable[..., Any], str] = {
    checks.positive_data_acceptance: "a schema can't express rules about several values or about other rows",
    checks.ignored_auth: "the walk sends every operation without a token and with an expired one",
    checks.object_level_authorization: "the walk sends every operation as a person of another organization",
    checks.use_after_free: "each request is rolled back",
    checks.ensure_resource_availability: "each request is rolled back",
}
#: Operations that no request succeeds in here, each with its reason.
NEVER_SUCCEEDS: Mapping[str, str] = {
    "getCallAudio": "the sample was not recorded",
    "getExportFile": "the sample has no file",
    "getOrganizationExport": "the organization has no finished export",
    "getRecordingSessionAudio": "the sample was not recorded",
    "getUserAvatar": "the sample has no photo",
    "putRecordingPart": "a digest belongs to the bytes of a part",
}
#: The one permission of the key.
PERMISSION = "tasks:read"


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request is rolled back, so that each finds the samples as they were."""

    def roll_back(*, keep: bool) -> None:
        db.session.rollback()

    monkeypatch.setattr("app.db.transaction.end_transaction", roll_back)


def test_whatever_is_sent_the_document_holds(
    app: Flask, company: ApiCompany, make: Factories, change_plan: Callable[..., None]
) -> None:
    # All four parts together send more than a caller may in an hour.
    change_plan(PlanCode.PROFESSIONAL, api_requests_per_hour=100_000, api_rows_per_day=1_000_000)
    owner = Caller("an owner", bearer(access_token(app, company.people[Role.OWNER], confirmed_at=datetime.now(UTC))))
    _key, token = make_key(make, company.people[Role.OWNER], PERMISSION)
    key = Caller("a key with one permission", bearer(token))
    fuzzing = Fuzzing(app, [owner, key])
    fuzzing.send_to_all()

    assert not fuzzing.wrong, "\n\n".join(fuzzing.wrong)
    refused = {one.name for one in described_endpoints(app) if refusal_of(one.name, Role.OWNER) is not None}
    assert sorted(owner.without_success - refused) == sorted(NEVER_SUCCEEDS)
    allowed = {one.name for one in described_endpoints(app) if PERMISSION in one.permissions}
    assert allowed & key.without_success == set()


def names_in(path: str) -> list[str]:
    """Return the names of the ids in a path."""
    return re.findall(r"\{(\w+)\}", path)


@dataclass
class Caller:
    """A caller with their headers, and the operations in which none of their requests succeeded."""

    name: str
    headers: Mapping[str, str]
    without_success: set[str] = field(default_factory=set)


class Fuzzing:
    """Requests to operations, each sent by all callers, and what in their responses contradicts the document.

    Generating a request takes as long as answering it, so all callers send the same ones.
    """

    def __init__(self, app: Flask, callers: Sequence[Caller]) -> None:
        self.wrong: list[str] = []
        self._app, self._callers = app, callers
        self._schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
        self._raw: dict[str, Any] = self._schema.raw_schema

    def send_to_all(self) -> None:
        """Send requests to all operations, with the ids of the samples among the values."""
        described = described_endpoints(self._app)
        ids = sorted({place_of(one.name, name) for one in described for name in names_in(one.path)})
        schemathesis.openapi.format("uuid", st.one_of(st.sampled_from(ids), st.uuids().map(str)))
        for endpoint in described:
            self.send_to(endpoint)

    def send_to(self, endpoint: Endpoint) -> None:
        """Send the example of an operation, and generated requests of the kinds whose turn it is."""
        operation = self._schema[public_path(endpoint)][endpoint.method]
        places = {public_name(endpoint, name): place_of(endpoint.name, name) for name in names_in(endpoint.path)}
        statuses: dict[str, set[int]] = {caller.name: set() for caller in self._callers}

        def send(case: Case[Any]) -> None:
            for caller in self._callers:
                # The library doesn't decompress what it gets in process.
                response = case.call(headers={**caller.headers, "Accept-Encoding": "identity"})
                statuses[caller.name].add(response.status_code)
                for one in (*_failures_of(case, response), *self._unlisted_code(endpoint, response)):
                    request = f"{caller.name}: {endpoint.name} {case.as_curl_command()}"
                    self.wrong.append(f"{request}\n  {response.status_code} {one}")

        send(_example_of(endpoint, operation, places))
        any_values: dict[str, Any] = {"generation_mode": GenerationMode.NEGATIVE}
        valid: dict[str, Any] = {"generation_mode": GenerationMode.POSITIVE, "path_parameters": places or None}
        current = {**valid, "headers": {"If-Match": '"1"'}}  # the version of the samples
        kinds = [(valid, SEED), (valid, SEED + 1), (current, SEED), (any_values, SEED)]
        for options, start in Turn.of(kinds, endpoint.name):
            _generate(operation.as_strategy(**options), start, send)
        for caller in self._callers:
            succeeded = any(200 <= status < 300 for status in statuses[caller.name])
            if not succeeded and endpoint.callers is not Callers.ANYONE:
                caller.without_success.add(endpoint.name)

    def _unlisted_code(self, endpoint: Endpoint, response: Response) -> Iterator[str]:
        """Yield the code of an error that the operation doesn't list for the status."""
        if response.status_code < 400 or response.status_code == 405:
            return
        code = response.json()["error"]["code"]
        described = self._raw["paths"][public_path(endpoint)][endpoint.method.lower()]["responses"]
        shared = described.get(str(response.status_code), {}).get("$ref", "").rpartition("/")[2]
        if code not in self._raw["components"]["responses"].get(shared, {}).get("x-codes", ()):
            yield f"{code} isn't listed"


def _example_of(
    endpoint: Endpoint, operation: APIOperation[Any, Any, Any, Any], places: Mapping[str, str]
) -> Case[Any]:
    declared = endpoint.write or endpoint.operation
    if declared is None or endpoint.input is None:
        return operation.Case(path_parameters=dict(places))
    return operation.Case(path_parameters=dict(places), body=dict(declared.example), media_type="application/json")


def _generate(cases: st.SearchStrategy[Case[Any]], start: int, send: Callable[[Case[Any]], None]) -> None:
    @seed(start)
    @settings(
        max_examples=REQUESTS,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def run(case: Case[Any]) -> None:
        send(case)

    run()


def _failures_of(case: Case[Any], response: Response) -> Iterator[str]:
    try:
        case.validate_response(response, excluded_checks=list(EXCLUDED))
    except FailureGroup as group:
        yield from (f"{type(one).__name__}: {one}" for one in group.exceptions)
    except Failure as one:
        yield f"{type(one).__name__}: {one}"
