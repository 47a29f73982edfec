"""Sign-up through the JSON API, where the installation allows it."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.models import AiConfig, Organization, Role, Subscription, User
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.program import Program

BODY = {
    "email": "Ann@blue-ridge.example",
    "password": "seven quiet lamps at dusk",
    "name": "Ann Lee",
    "organizationName": "Blue Ridge Air",
    "slug": "blue-ridge-air",
    "country": "CA",
    "timezone": "America/Toronto",
}


@pytest.fixture
def _open(app: Flask) -> Iterator[None]:
    """An installation that allows sign-up."""
    closed = app.config["SETTINGS"]
    app.config["SETTINGS"] = closed.model_copy(update={"signup_enabled": True})
    yield
    app.config["SETTINGS"] = closed


def sign_up(app: Flask, status: int = 201, address: str = "127.0.0.1", **changes: Any) -> Any:
    return Program(app, address).post("/auth/signup", {**BODY, **changes}, status=status)


def test_it_is_not_there_unless_it_is_turned_on(app: Flask, behind: Behind) -> None:
    program = Program(app)
    for error in (
        sign_up(app, 404).error,
        sign_up(app, 404, email="", odd=1).error,
        program.post("/auth/signup", status=404, data=b"{", content_type="application/json").error,
        program.post("/auth/signup", status=404, data=b"x", content_type="text/plain").error,
    ):
        assert (error["code"], error["resourceType"]) == ("RESOURCE_NOT_FOUND", "route")
    assert behind.rows(Organization) == []


@pytest.mark.usefixtures("_open")
class TestOpen:
    """An installation where anyone can sign up."""

    def test_it_creates_an_organization_and_an_owner_who_can_sign_in(
        self, app: Flask, make: Factories, behind: Behind
    ) -> None:
        make.user(make.organization(), email="ann@blue-ridge.example", password_hash=None)

        answer = sign_up(app)

        made = behind.one(Organization, slug="blue-ridge-air")
        assert answer.data["organization"] == {
            "id": str(made.id),
            "name": "Blue Ridge Air",
            "slug": "blue-ridge-air",
            "timezone": "America/Toronto",
            "currency": made.currency,
            "country": "CA",
        }
        owner = behind.one(User, organization_id=made.id)
        assert (owner.role, owner.name, answer.data["user"]["id"]) == (Role.OWNER, "Ann Lee", str(owner.id))
        assert behind.one(Subscription, organization_id=made.id).plan == "starter"
        assert behind.one(AiConfig, organization_id=made.id).assistant_name == "Otto"
        assert answer.response.headers["Cache-Control"] == "no-store"
        assert BODY["password"] not in answer.response.text
        program = Program(app)
        program.sign_in(owner, password=BODY["password"])
        assert program.get("/auth/me").data["organization"]["id"] == str(made.id)

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"slug": "Not a slug"}, "slug"),
            ({"slug": "x"}, "slug"),
            ({"timezone": "Mars/Olympus"}, "timezone"),
            ({"country": "ZZ"}, "country"),
            ({"password": "password1234"}, "password"),
            ({"email": "nobody"}, "email"),
            ({"name": " "}, "name"),
            ({"organizationName": "A"}, "organizationName"),
            ({"role": "owner"}, "role"),
            ({"plan": "enterprise"}, "plan"),
        ],
        ids=str,
    )
    def test_a_wrong_value_is_named_and_nothing_is_created(
        self, app: Flask, behind: Behind, wrong: dict[str, str], field: str
    ) -> None:
        answer = sign_up(app, 400, **wrong)

        assert [one["field"] for one in answer.error["details"]] == [field]
        assert behind.rows(Organization) == []

    def test_a_url_name_is_given_once(self, app: Flask, make: Factories, behind: Behind) -> None:
        make.organization(slug="blue-ridge-air")

        answer = sign_up(app, 409)

        assert (answer.code, answer.error["conflictField"]) == ("RESOURCE_CONFLICT", "slug")
        assert behind.rows(User) == []

    def test_one_address_creates_five_an_hour(self, app: Flask) -> None:
        for number in range(5):
            sign_up(app, slug=f"company-{number}")

        assert sign_up(app, 429, slug="company-6").code == "RATE_LIMIT_EXCEEDED"
        sign_up(app, address="198.51.100.7", slug="company-6")
