"""The page `/phone-numbers`: permissions, and references that prevent a deletion."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask import Flask

from app.db.ids import uuid7
from app.errors import ActiveCalls, QuotaExceeded
from app.models import CallStatus, NumberProvider, NumberPurpose, Organization, PhoneNumber, Role, User
from app.trust.trash.delete_service import delete
from app.work.phone_numbers import service
from app.work.phone_numbers.rules import NumberDetails
from tests.support.client import Client
from tests.support.database import WorkerDatabase
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.locks import app_connection, meanwhile
from tests.support.pages import Page
from tests.support.work import at_work, both_at_once
from tests.work.conftest import ActorOf

NEW = "/phone-numbers/new"
TYPED = {"number": "(212) 555-0188", "provider": "twilio", "purpose": "tracking", "display_name": "Yard signs"}
DETAILS = NumberDetails(display_name=None, purpose=NumberPurpose.RECEPTION, forwarding_number=None, is_active=True)


@pytest.fixture
def number(make: Factories, organization: Organization) -> PhoneNumber:
    return make.phone_number(organization, number="+12125550142")


def page_of(number: PhoneNumber, action: str = "") -> str:
    return f"/phone-numbers/{number.id}" + (f"/{action}" if action else "")


def names(page: Page) -> list[str]:
    return [(link.text or "").strip() for link in page.all(".//tbody//th/a")]


def test_the_list_is_found_by_name_and_by_number(
    as_admin: Client, organization: Organization, number: PhoneNumber, make: Factories
) -> None:
    make.phone_number(organization, number="+12125550177", display_name="Website", purpose="tracking", is_active=False)
    make.phone_number(make.organization(), number="+12125550199", display_name="Website")

    assert names(as_admin.get("/phone-numbers")) == ["(212) 555-0177", "(212) 555-0142"]
    assert names(as_admin.get("/phone-numbers?q=web")) == ["(212) 555-0177"]
    assert names(as_admin.get("/phone-numbers?q=555-0142")) == ["(212) 555-0142"]
    assert names(as_admin.get("/phone-numbers?in_use=yes")) == ["(212) 555-0142"]
    assert names(as_admin.get("/phone-numbers?purpose=tracking")) == ["(212) 555-0177"]
    assert "Website,Call tracking" in as_admin.get("/phone-numbers.csv").html


def test_a_number_is_added_once(as_admin: Client, organization: Organization, behind: Behind) -> None:
    form = {**as_admin.get(NEW).fields(NEW), **TYPED, "forwarding_number": "212 555 0100"}

    page = as_admin.follow(as_admin.post(NEW, form))
    as_admin.post(NEW, form)

    assert page.heading == "Yard signs"
    row = behind.one(PhoneNumber, organization_id=organization.id)
    assert (row.number, row.forwarding_number, row.purpose) == ("+12125550188", "+12125550100", "tracking")
    [told] = behind.trail(organization.id, "phone_number")
    assert told.action == "phone_number.created"


def test_of_a_number_that_is_in_use_no_more_is_told(
    as_admin: Client, organization: Organization, make: Factories, behind: Behind
) -> None:
    make.phone_number(make.organization(name="Somebody Else Plumbing"), number="+12125550188")

    page = as_admin.post(NEW, {**as_admin.get(NEW).fields(NEW), **TYPED}, status=409)

    assert "This number is already in use. Enter another." in page.text
    assert "Somebody Else" not in page.text
    assert behind.rows(PhoneNumber, organization_id=organization.id) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": "twelve"}, "“twelve” isn’t a phone number."),
        ({"number": "\0"}, "This contains a character that can’t be used."),
        ({"forwarding_number": "0"}, "“0” isn’t a phone number."),
        ({"display_name": "n" * 51}, "Use up to 50 characters."),
        ({"purpose": "fun"}, "Choose one of the options."),
        ({"provider": "pigeon"}, "Choose one of the options."),
    ],
)
def test_what_is_wrong_is_said(
    as_admin: Client, organization: Organization, behind: Behind, wrong: dict[str, str], said: str
) -> None:
    page = as_admin.post(NEW, {**as_admin.get(NEW).fields(NEW), **TYPED, **wrong}, status=400)

    assert said in page.text
    assert behind.rows(PhoneNumber, organization_id=organization.id) == []


class TestQuota:
    @pytest.fixture
    def organization(self, make: Factories) -> Organization:
        """An organization whose plan includes two numbers."""
        return make.organization(phone_numbers_quota=2)

    def test_more_than_the_plan_has_is_refused(
        self, as_admin: Client, organization: Organization, make: Factories, behind: Behind
    ) -> None:
        for _ in range(2):
            make.phone_number(organization)

        page = as_admin.post(NEW, {**as_admin.get(NEW).fields(NEW), **TYPED}, status=422)

        assert "All 2 phone numbers in the plan are in use. Delete one, or upgrade." in page.text
        assert len(behind.rows(PhoneNumber, organization_id=organization.id)) == 2

    def test_of_two_at_once_one_takes_the_last_place(
        self,
        app: Flask,
        organization: Organization,
        number: PhoneNumber,
        make: Factories,
        actor_of: ActorOf,
        behind: Behind,
    ) -> None:
        admin = actor_of(make.user(organization, role=Role.ADMIN))

        def add(typed: str) -> None:
            service.add(admin, uuid7(), typed, NumberProvider.TWILIO, DETAILS)

        refused = both_at_once(app, organization.id, lambda: add("+12125550151"), lambda: add("+12125550152"))

        assert [type(error) for error in refused] == [QuotaExceeded]
        assert len(behind.rows(PhoneNumber, organization_id=organization.id)) == 2


def test_who_saves_late_is_shown_both(as_admin: Client, number: PhoneNumber, behind: Behind) -> None:
    form = as_admin.get(page_of(number, "edit")).fields(page_of(number, "edit"))
    as_admin.post(page_of(number, "edit"), {**form, "display_name": "Day line"})

    page = as_admin.post(page_of(number, "edit"), {**form, "display_name": "Night line"}, status=409)

    assert "Day line" in page.text
    assert behind.one(PhoneNumber, id=number.id).display_name == "Day line"


def test_it_is_taken_out_of_use_and_back(as_admin: Client, number: PhoneNumber, behind: Behind) -> None:
    out = as_admin.get(page_of(number)).fields(page_of(number, "deactivate"))
    page = as_admin.follow(as_admin.post(page_of(number, "deactivate"), out))
    as_admin.post(page_of(number, "deactivate"), out)

    assert "Inactive" in page.text
    assert "Active: Yes → No" in page.text
    assert behind.one(PhoneNumber, id=number.id).version == 2

    as_admin.post(page_of(number, "activate"), page.fields(page_of(number, "activate")))
    assert behind.one(PhoneNumber, id=number.id).is_active


class TestDeleting:
    def test_it_goes_into_the_trash(self, as_admin: Client, number: PhoneNumber, behind: Behind) -> None:
        form = as_admin.get(page_of(number)).fields(page_of(number, "delete"))

        page = as_admin.follow(as_admin.post(page_of(number, "delete"), form))

        assert "Number deleted." in page.text
        assert behind.one(PhoneNumber, id=number.id).deleted_at is not None

    def test_while_somebody_talks_on_it_it_stays(
        self, as_admin: Client, organization: Organization, number: PhoneNumber, make: Factories, behind: Behind
    ) -> None:
        other = make.phone_number(organization)
        for on in (number, number, other):
            make.call(
                organization,
                status=CallStatus.ACTIVE,
                phone_number_id=on.id,
                ended_at=None,
                duration_seconds=None,
                started_at=datetime.now(UTC),
            )

        page = as_admin.get(page_of(number))
        refused = as_admin.follow(as_admin.post(page_of(number, "delete"), page.fields(page_of(number, "delete"))))

        assert "2 active calls" in page.text
        assert "2 calls are still in progress." in refused.text
        assert behind.one(PhoneNumber, id=number.id).deleted_at is None

    def test_a_call_that_begins_just_then_keeps_it(
        self,
        app: Flask,
        database: WorkerDatabase,
        organization: Organization,
        number: PhoneNumber,
        make: Factories,
        actor_of: ActorOf,
        behind: Behind,
    ) -> None:
        admin = actor_of(make.user(organization, role=Role.ADMIN))
        refused: list[ActiveCalls] = []

        def remove() -> None:
            try:
                with at_work(app, organization.id):
                    delete(admin, "phone_number", [number.id])
            except ActiveCalls as error:
                refused.append(error)

        with app_connection(database, organization.id) as connection:
            connection.execute(
                "INSERT INTO calls (organization_id, id, caller_number, called_number, direction, call_type, status, "
                "handled_by, phone_number_id, started_at, source) VALUES (%s, %s, '+12125550111', %s, 'inbound', "
                "'csr_call', 'active', 'human', %s, now(), 'system')",
                (organization.id, uuid7(), number.number, number.id),
            )
            with meanwhile(remove, database):
                connection.commit()

        assert [error.extra["count"] for error in refused] == [1]
        assert behind.one(PhoneNumber, id=number.id).deleted_at is None


@pytest.mark.parametrize("role", [Role.MANAGER, Role.SUPPORT])
def test_who_may_only_read_changes_nothing(
    client: Client, organization: Organization, number: PhoneNumber, make: Factories, behind: Behind, role: Role
) -> None:
    client.sign_in(make.user(organization, role=role))

    assert "New number" not in client.get("/phone-numbers").text
    for action in ("edit", "activate", "deactivate", "delete"):
        client.post(page_of(number, action), {**TYPED, "version": "1"}, status=403)
    client.post(NEW, {**TYPED, "row_id": str(uuid4())}, status=403)

    assert behind.one(PhoneNumber, organization_id=organization.id).version == 1


def test_a_csr_does_not_see_them(client: Client, csr: User, number: PhoneNumber) -> None:
    client.sign_in(csr)

    client.get("/phone-numbers", status=403)
    client.get(page_of(number), status=403)


def test_what_belongs_to_another_organization_is_not_there(as_admin: Client, make: Factories, behind: Behind) -> None:
    theirs = make.phone_number(make.organization())

    as_admin.get(page_of(theirs), status=404)
    for action in ("edit", "activate", "deactivate", "delete"):
        as_admin.post(page_of(theirs, action), {**TYPED, "version": "1"}, status=404)

    now = behind.one(PhoneNumber, id=theirs.id)
    assert (now.version, now.deleted_at) == (1, None)
