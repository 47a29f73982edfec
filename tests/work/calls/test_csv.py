"""Export of the call list: exactly the filtered rows, harmless in a spreadsheet, and audited."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.pool import QueuePool

from app.declarations.resource import Resource
from app.extensions import db
from app.models import Call, Organization, Role, User
from tests.support.client import Client
from tests.support.factories import DAY, Factories
from tests.support.pages import Page, text_of
from tests.work.calls.conftest import Trail


def rows_of(page: Page) -> list[dict[str, str]]:
    """Return the lines of the file, with values by heading."""
    return list(csv.DictReader(io.StringIO(page.html.removeprefix("\ufeff"), newline="")))


def ids_of(page: Page) -> list[str]:
    return [row["Call ID"] for row in rows_of(page)]


def test_a_line_has_what_the_list_shows_on_the_organizations_clocks(
    client: Client, make: Factories, organization: Organization, csr: User
) -> None:
    contact = make.contact(organization, first_name="Denise", last_name="Aguilar", company_name="Aguilar & Co")
    call = make.call(
        organization,
        csr=csr,
        contact_card_id=contact.id,
        caller_number="+15125550131",
        topic="Furnace",
        outcome="follow_up",
        booking_status="not_booked",
        sentiment="negative",
        call_quality=2,
        cost="0.0085",
        marketing_source="Yelp",
        tags=["lead", "hvac"],
        value=450,
    )

    page = client.sign_in(csr).get("/calls.csv")

    assert page.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert page.headers["Content-Disposition"] == 'attachment; filename="calls.csv"'
    assert rows_of(page) == [
        {
            "Started (America/New_York)": "2026-03-18T12:00:00-04:00",
            "Caller": "Denise Aguilar",
            "Company": "Aguilar & Co",
            "Number": "+15125550131",
            "Direction": "Inbound",
            "Type": "CSR call",
            "Status": "Completed",
            "CSR": "Maya Torres",
            "Topic": "Furnace",
            "Wait time (seconds)": "10",
            "Talk time (seconds)": "300",
            "Waited (seconds)": "",
            "Outcome": "Follow-up needed",
            "Booking": "Not booked",
            "Sentiment": "Negative",
            "Rating": "2",
            "Cost": "0.0085",
            "Marketing source": "Yelp",
            "Tags": "lead, hvac",
            "Call value": "450.00",
            "Call ID": str(call.id),
        }
    ]


def test_nobody_talked_in_a_missed_call_in_the_file_as_on_the_page(
    client: Client, make: Factories, organization: Organization, csr: User
) -> None:
    make.call(organization, csr=csr, status="missed", duration_seconds=0)
    make.call(organization, csr=csr, status="voicemail", duration_seconds=17)
    make.call(organization, csr=csr, duration_seconds=61)
    client.sign_in(csr)

    assert sorted(row["Talk time (seconds)"] for row in rows_of(client.get("/calls.csv"))) == ["", "", "61"]
    assert "0:17" not in text_of(client.get("/calls").one(".//main//table"))


@pytest.mark.parametrize(
    ("timezone", "moment", "shown"),
    [
        ("America/New_York", datetime(2026, 1, 5, 17, tzinfo=UTC), "2026-01-05T12:00:00-05:00"),
        ("America/New_York", datetime(2026, 7, 5, 16, tzinfo=UTC), "2026-07-05T12:00:00-04:00"),
        ("America/St_Johns", datetime(2026, 1, 5, 17, tzinfo=UTC), "2026-01-05T13:30:00-03:30"),
        ("Asia/Kolkata", datetime(2026, 1, 5, 20, tzinfo=UTC), "2026-01-06T01:30:00+05:30"),
        ("UTC", datetime(2026, 1, 5, 17, tzinfo=UTC), "2026-01-05T17:00:00+00:00"),
    ],
)
def test_a_moment_is_written_with_the_offset_that_it_had(
    client: Client, make: Factories, timezone: str, moment: datetime, shown: str
) -> None:
    company = make.organization(timezone=timezone)
    make.call(company, started_at=moment)

    (row,) = rows_of(client.sign_in(make.user(company, Role.MANAGER)).get("/calls.csv"))

    assert row[f"Started ({timezone})"] == shown
    assert datetime.fromisoformat(row[f"Started ({timezone})"]) == moment


def test_the_file_has_the_calls_that_the_page_links_it_for(
    client: Client, make: Factories, organization: Organization, csr: User
) -> None:
    missed = [make.call(organization, csr=csr, status="missed", started_at=DAY.replace(hour=hour)) for hour in (8, 9)]
    make.call(organization, csr=csr)

    page = client.sign_in(csr).get("/calls?status=missed&sort=startedAt")

    assert ids_of(client.get(page.links["CSV"])) == [str(call.id) for call in missed]


@pytest.mark.usefixtures("strangers_call")
def test_a_csr_gets_their_own_calls_only(
    client: Client, make: Factories, organization: Organization, csr: User, colleague: User, call: Call
) -> None:
    make.call(organization, csr=colleague)

    client.sign_in(csr)

    assert ids_of(client.get("/calls.csv")) == [str(call.id)]
    assert ids_of(client.get(f"/calls.csv?csr={colleague.id}")) == []


@pytest.mark.parametrize(
    "formula", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1+1", " =1+1", "|calc", "\uff1d1+1", "\uff20A1"]
)
def test_what_a_spreadsheet_would_run_is_text(
    client: Client, make: Factories, organization: Organization, csr: User, formula: str
) -> None:
    contact = make.contact(organization, first_name=formula, last_name=None)
    make.call(organization, csr=csr, contact_card_id=contact.id, topic=formula)

    (row,) = rows_of(client.sign_in(csr).get("/calls.csv"))

    assert row["Topic"] == f"'{formula}".replace("\t", "\t'")  # a tab separates cells for some readers
    assert row["Caller"].startswith("'")
    assert row["Number"].startswith("+1"), "a number stays one"


def test_lines_and_quotes_in_a_name_stay_in_their_cell(
    client: Client, make: Factories, organization: Organization, csr: User
) -> None:
    contact = make.contact(organization, first_name='Ann "Annie"\r\nLee,', last_name=None)
    make.call(organization, csr=csr, contact_card_id=contact.id)

    (row,) = rows_of(client.sign_in(csr).get("/calls.csv"))

    assert row["Caller"] == 'Ann "Annie"\r\nLee,'


def test_the_trail_says_who_took_how_many_of_which(client: Client, csr: User, call: Call, trail: Trail) -> None:
    headers = {"X-Request-ID": "request-of-the-file"}
    page = client.sign_in(csr).get("/calls.csv?status=completed", headers=headers)

    assert ids_of(page) == [str(call.id)]
    (event,) = trail("calls.exported")
    assert event.details == {"filters": {"status": "completed"}, "count": 1}
    assert (event.user_id, event.actor_label, event.actor_role) == (csr.id, "Maya Torres", "csr")
    assert (str(event.ip_address), event.request_id) == ("127.0.0.1", "request-of-the-file")


class TestManyRows:
    @pytest.fixture(autouse=True)
    def _more_than_a_list_counts(
        self, make: Factories, organization: Organization, csr: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.db.paging.MAX_COUNTED", 3)
        for _ in range(4):
            make.call(organization, csr=csr)

    @pytest.mark.parametrize("role", [Role.MANAGER, Role.EXEC, Role.ADMIN, Role.OWNER])
    def test_who_may_export_is_sent_to_the_export_in_the_background(
        self, client: Client, make: Factories, organization: Organization, role: Role, trail: Trail
    ) -> None:
        client.sign_in(make.user(organization, role))

        assert "Export all matching rows" in client.get("/calls").text
        assert "Export all matching rows" in client.get("/calls.csv", status=400).text
        assert trail("calls.exported") == []

    def test_a_list_that_was_opened_from_a_number_is_not_shorter_for_it(
        self, client: Client, make: Factories, organization: Organization
    ) -> None:
        page = client.sign_in(make.user(organization, Role.MANAGER)).get("/calls?count=exact")

        assert "CSV" not in page.links
        assert "Export all matching rows" in page.text

    @pytest.mark.parametrize("role", [Role.CSR, Role.SUPPORT])
    def test_everybody_else_is_told_to_narrow_the_list(
        self, client: Client, make: Factories, organization: Organization, csr: User, role: Role, trail: Trail
    ) -> None:
        page = client.sign_in(csr if role is Role.CSR else make.user(organization, role)).get("/calls.csv", status=403)

        assert "Filter it, by month for example" in page.text
        assert trail("calls.exported") == []

    def test_as_many_as_a_list_counts_are_for_everybody(
        self, client: Client, make: Factories, organization: Organization, colleague: User
    ) -> None:
        for _ in range(3):
            make.call(organization, csr=colleague)

        assert len(ids_of(client.sign_in(colleague).get("/calls.csv"))) == 3


def test_the_number_of_queries_does_not_grow(
    client: Client,
    make: Factories,
    organization: Organization,
    csr: User,
    queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    def asked() -> int:
        with queries() as sent:
            ids_of(client.get("/calls.csv"))
        return len(sent)

    make.call(organization, csr=csr)
    ids_of(client.sign_in(csr).get("/calls.csv"))
    few = asked()
    for _ in range(20):
        make.call(organization, csr=csr, contact_card_id=make.contact(organization).id)

    assert asked() == few


@pytest.mark.parametrize("query", ["colour=red", "status=purple", "sort=topic", "from=2026-03-18"])
def test_a_wrong_address_makes_no_file(client: Client, csr: User, call: Call, query: str, trail: Trail) -> None:
    client.sign_in(csr).get(f"/calls.csv?{query}", status=400)

    assert trail("calls.exported") == []


class TestLongFile:
    @pytest.fixture(autouse=True)
    def _more_than_a_beginning(
        self, make: Factories, organization: Organization, csr: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.lists.csv._BEGINNING_BYTES", 500)  # the header and the first rows
        monkeypatch.setattr("app.lists.csv.ROWS_AT_ONCE", 2)
        for _ in range(10):
            make.call(organization, csr=csr)

    def test_it_has_all_rows(self, client: Client, csr: User) -> None:
        page = client.sign_in(csr).get("/calls.csv")

        assert page.response.is_streamed
        assert len(set(ids_of(page))) == 10

    def test_who_cancels_it_gives_the_connection_back(self, app: Flask, client: Client, csr: User) -> None:
        with app.app_context():
            pool = db.engine.pool
        assert isinstance(pool, QueuePool)
        response = client.sign_in(csr).get("/calls.csv").response
        next(response.iter_encoded())
        assert pool.checkedout() == 1

        response.close()

        assert pool.checkedout() == 0

    def test_an_error_in_its_middle_does_not_end_it_as_if_it_were_whole(
        self, client: Client, csr: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(_resource: Resource, rows: Iterable[Any]) -> Iterator[list[Any]]:
            yield from islice(rows, 4)
            raise ZeroDivisionError

        monkeypatch.setattr("app.lists.export.lines_of", broken)

        response = client.sign_in(csr).get("/calls.csv").response
        with pytest.raises(ZeroDivisionError):
            response.get_data()

    def test_an_error_in_its_beginning_has_a_page(
        self, client: Client, csr: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.lists.file.LABELS", {})

        page = client.sign_in(csr).get("/calls.csv", status=500)

        assert "Something broke on our side" in page.text
