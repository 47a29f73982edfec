"""IDs in the URL of a list: the ID of a hidden row is treated like one that doesn't exist.

The parameters are found in the filters that lists declare, so new ones are included automatically.
"""

import re
from collections.abc import Iterator
from typing import Any, get_args
from uuid import UUID

import pytest
from flask import Flask

from app.db.ids import uuid7
from app.declarations.registry import registry_of
from app.models import Role
from app.security.guard import Access, access_of
from tests.support.client import Client
from tests.support.company import Company, make_company, may_use
from tests.support.factories import Factories

#: Parts that differ between two responses to the same request: ids, tokens, the time.
_VARIES = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r'|(?<="X-CSRFToken": ")[^"]*|(?<=name="csrf_token" value=")[^"]*'
)


def ids_of_lists(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield the endpoint and name of every parameter of a list that takes an ID."""
    for endpoint, resource in sorted(registry_of(app).listed.items()):
        if resource.listed is not None:
            for name, field in resource.listed.filters.model_fields.items():
                if _takes_id(field.annotation):
                    yield endpoint, field.alias or name


def _takes_id(kind: Any) -> bool:
    return kind is UUID or any(map(_takes_id, get_args(kind)))


@pytest.mark.parametrize("role", [Role.OWNER, Role.SALES_REP, Role.CSR, Role.SUPPORT])
def test_a_list_says_the_same_of_what_is_hidden_and_of_what_is_not_there(
    app: Flask, client: Client, make: Factories, company: Company, role: Role
) -> None:
    neighbor = make_company(make)
    hidden = {
        "contact": neighbor.rows["contact"].id,
        "calendar": neighbor.rows["calendar"].id,
        "resource_id": neighbor.rows["contact"].id,
        "operation_id": neighbor.rows["import"].id,
    }
    client.sign_in(company.people[role])
    tried, told_apart = 0, {}
    for endpoint, name in ids_of_lists(app):
        if not may_use(access_of(app, endpoint) or Access(), role):
            continue
        [path] = (rule.rule for rule in app.url_map.iter_rules(endpoint))
        tries = [hidden.get(name, neighbor.people[Role.CSR].id), uuid7()]
        if name == "contact" and role is Role.SALES_REP:
            tries.append(company.rows["contact"].id)  # a contact without appointments
        addresses = [f"{path}?{name}={one}" for one in tries]
        answers = {_answer(client, address) for address in addresses}
        if len(answers) != 1:  # pages show the time, so a minute that ends in between is a difference, too
            answers = {_answer(client, address) for address in addresses}
        tried += 1
        if len(answers) != 1:
            told_apart[f"{path}?{name}="] = [status for status, _body in answers]

    assert tried
    assert told_apart == {}


def test_parameters_with_ids_are_found(app: Flask) -> None:
    found = set(ids_of_lists(app))

    assert len(found) > 15
    assert {("calls.index", "contact"), ("calls.index", "csr"), ("calendar.events", "calendar")} <= found


def _answer(client: Client, address: str) -> tuple[int, str]:
    page = client.look_at(address)
    return page.status, _VARIES.sub("…", page.html)
