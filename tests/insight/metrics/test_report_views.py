"""Saved views of the team in the email with the weekly report.

The email has the content of the view's page, for the users who chose it, as long as they can see it.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from flask import Flask

from app.models import Organization, ReportView, Role, SavedView, User
from tests.insight.metrics.company import RandomCompany
from tests.insight.metrics.test_report_mail import (
    file_of,
    html_of,
    lines_of,
    mail_server,  # noqa: F401 - a fixture
    says,
    table_after,
    work_off,
)
from tests.insight.metrics.test_weekly_report import MONDAY, monday_after, written
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.mail_server import FakeMailServer
from tests.support.pages import Page, text_of

CHOOSE = "/reports/views"


@pytest.fixture
def reader(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Marcus Bell")


def view_of(make: Factories, owner: User, name: str = "Ours", query: str = "", **values: Any) -> SavedView:
    return make.saved_view(owner, page="csr", name=name, query=query, **values)


def choose(client: Client, *views: SavedView, status: int = 303) -> Page:
    form = {**client.get(CHOOSE).fields(CHOOSE), "views": [str(view.id) for view in views]}
    return client.post(CHOOSE, form, status=status)


def views_in(mail: Any) -> list[str]:
    return [
        text.removeprefix("View: ")
        for text in (one.text_content().strip() for one in html_of(mail).iter("h2"))
        if text.startswith("View: ")
    ]


def mail_to(server: FakeMailServer, reader: User) -> Any:
    return server.mails[server.receivers.index(reader.email)]


def people_of(page: Page) -> list[tuple[str, list[str]]]:
    """Return each person of the page with their numbers, in order."""
    found = []
    for row in page.all(".//*[@id='team-table']//tbody/tr"):
        numbers = [text_of(one) for one in row.iter("a") if one.get("data-person")]
        found.append((text_of(row.findall("th/span/span/a")[0]), numbers))
    return found


@pytest.mark.parametrize("query", ["", "period=today&compare=none&sort=-unbooked", "csr=team&sort=name", "csr=none"])
def test_a_mail_says_what_the_page_says_of_that_week(
    app: Flask, client: Client, company: RandomCompany, make: Factories, mail_server: FakeMailServer,  # noqa: F811
    query: str,
) -> None:  # fmt: skip
    manager = company.staff[Role.MANAGER]
    make.report_view(manager, view_of(make, manager, "My people", query))
    written(app, company.organization, monday_after(company.period.last_day, company))

    work_off(app)

    mail = mail_to(mail_server, manager)
    document, lines = html_of(mail), lines_of(mail)
    (heading,) = document.xpath("//h2[normalize-space()='View: My people']")
    address = heading.xpath("string(./following-sibling::p[1]/a/@href)")
    whole = urlsplit(address)
    page = client.sign_in(manager).get(f"{whole.path}?{whole.query}")
    people = [
        (row.xpath("string(./th)").strip(), [cell.text_content().strip() for cell in row.xpath("./td")])
        for row in heading.xpath("./following-sibling::table")[1].xpath(".//tbody/tr")
    ]
    assert f"Open view: {address}" in lines
    if query != "csr=none":  # the page of calls without a person has no table of people
        assert people == people_of(page) != []
        tiles = page.all(".//a[@data-metric='booking_rate']") or page.all(".//*[@data-metric='booking_rate']")
        told = {row[0]: row[1] for row in table_after(document, "View: My people")[1:]}
        assert told["Booking rate"] in text_of(tiles[0])
    for name, cells in people:
        begin = [at for at, line in enumerate(lines) if line == name][-1]
        assert all(says(lines[begin : begin + 8], *row) for row in zip(_heads(heading), cells, strict=True))
    in_file = [line.split(",") for line in file_of(mail).splitlines() if line.startswith("View: My people")]
    assert len(in_file) == 5 + sum(len(cells) for _name, cells in people)


def _heads(heading: Any) -> Sequence[str]:
    table = heading.xpath("./following-sibling::table")[1]
    return [cell.text_content().strip() for cell in table.xpath(".//thead//th")][1:]


def test_only_who_chose_it_gets_it_in_the_one_mail(
    app: Flask, client: Client, make: Factories, organization: Organization, reader: User,
    mail_server: FakeMailServer,  # noqa: F811
) -> None:  # fmt: skip
    other = make.user(organization, role=Role.EXEC)
    ours, mine = view_of(make, reader, "Ours", is_shared=True), view_of(make, reader, "Mine")
    client.sign_in(reader)
    choose(client, mine, ours)

    written(app, organization)
    work_off(app)

    assert sorted(mail_server.receivers) == sorted([reader.email, other.email])
    assert sorted(views_in(mail_to(mail_server, reader))) == ["Mine", "Ours"]
    assert views_in(mail_to(mail_server, other)) == []


def test_what_was_chosen_is_left_out_once_it_may_not_be_seen(
    app: Flask, client: Client, new_client: Callable[[], Client], make: Factories, organization: Organization,
    reader: User, mail_server: FakeMailServer, behind: Behind,  # noqa: F811
) -> None:  # fmt: skip
    owner = make.user(organization, role=Role.EXEC, name="Owner of views")
    shared, deleted = (view_of(make, owner, name, is_shared=True) for name in ("Shared", "Deleted"))
    gone = view_of(make, reader, "About somebody", f"csr={uuid4()}")
    choose(client.sign_in(reader), shared, deleted, gone)
    theirs = new_client().sign_in(owner)
    edit = f"/saved-views/{shared.id}/edit"
    form = theirs.get(edit).fields(edit)
    form.pop("is_shared")
    theirs.post(edit, form)
    theirs.post(
        f"/saved-views/{deleted.id}/delete", theirs.get("/saved-views").fields(f"/saved-views/{deleted.id}/delete")
    )

    written(app, organization)
    work_off(app)

    mail = mail_to(mail_server, reader)
    assert views_in(mail) == []
    said = "These views aren’t included because a person or setting in them no longer exists: About somebody."
    assert said in html_of(mail).text_content()
    assert said in lines_of(mail)
    assert {row.saved_view_id for row in behind.rows(ReportView)} == {shared.id, gone.id}


def test_who_does_not_see_the_team_any_more_gets_no_view(
    app: Flask, make: Factories, organization: Organization, mail_server: FakeMailServer,  # noqa: F811
) -> None:  # fmt: skip
    csr = make.user(organization, role=Role.CSR)
    make.report_view(csr, view_of(make, csr))

    written(app, organization)
    work_off(app)

    assert csr.email not in mail_server.receivers


class TestChoosing:
    def test_those_that_one_may_use_are_offered_and_kept(
        self, client: Client, make: Factories, organization: Organization, reader: User, behind: Behind
    ) -> None:
        other = make.user(organization, role=Role.EXEC)
        mine, shared = view_of(make, reader, "Mine"), view_of(make, other, "Shared", is_shared=True)
        view_of(make, other, "Not shared")
        make.saved_view(reader, page="calls", name="A list")
        stranger = make.user(make.organization(), role=Role.MANAGER)
        view_of(make, stranger, "A stranger’s", is_shared=True)
        client.sign_in(reader)

        page = client.get(CHOOSE)
        assert [text_of(label) for label in page.all(".//fieldset//label")] == ["Mine", "Shared"]
        choose(client, shared)
        choose(client, shared, mine)
        choose(client, shared, mine)

        rows = behind.rows(ReportView, user_id=reader.id)
        assert {row.saved_view_id: row.position for row in rows} == {shared.id: 1, mine.id: 2}
        ticked = [
            one.get("value")
            for one in client.get(CHOOSE).all(".//input[@name='views']")
            if one.get("checked") is not None
        ]
        assert set(ticked) == {str(shared.id), str(mine.id)}
        choose(client)
        assert behind.rows(ReportView, user_id=reader.id) == []
        actions = [told.action for told in behind.trail(organization.id, "report_view")]
        assert actions == ["report_view.created", "report_view.created", "report_view.deleted", "report_view.deleted"]

    def test_what_is_not_offered_is_refused(
        self, client: Client, make: Factories, organization: Organization, reader: User, behind: Behind
    ) -> None:
        other = make.user(organization, role=Role.EXEC)
        six = [view_of(make, reader, f"View {number}") for number in range(6)]
        private = view_of(make, other, "Not shared")
        theirs = view_of(make, make.user(make.organization(), role=Role.MANAGER), is_shared=True)
        client.sign_in(reader)

        for refused in ((private,), (theirs,), six):
            choose(client, *refused, status=400)
        client.post(CHOOSE, {**client.get(CHOOSE).fields(CHOOSE), "views": ["x"]}, status=400)

        assert behind.rows(ReportView) == []

    @pytest.mark.parametrize("role", [Role.CSR, Role.SALES_REP])
    def test_who_reads_no_reports_chooses_none(
        self, client: Client, make: Factories, organization: Organization, role: Role
    ) -> None:
        client.sign_in(make.user(organization, role=role))

        client.get(CHOOSE, status=403)
        client.post(CHOOSE, {}, status=403)

    def test_two_who_choose_for_one_person_at_once_leave_one_choice(
        self, app: Flask, new_client: Callable[[], Client], make: Factories, reader: User, behind: Behind
    ) -> None:
        views = [view_of(make, reader, f"View {number}") for number in range(8)]
        halves = views[:4], views[4:]
        together = Barrier(2, timeout=20)
        browsers = [new_client().sign_in(reader) for _half in halves]
        forms = [browser.get(CHOOSE).fields(CHOOSE) for browser in browsers]

        def send(number: int) -> int:
            chosen = [str(view.id) for view in halves[number]]
            together.wait()
            return browsers[number].answer_of(CHOOSE, {**forms[number], "views": chosen}).status

        with ThreadPoolExecutor(2) as pool:
            assert list(pool.map(send, range(2))) == [303, 303]

        kept = {row.saved_view_id for row in behind.rows(ReportView)}
        assert kept in ({view.id for view in half} for half in halves)

    def test_without_views_it_says_where_they_are_made(self, client: Client, reader: User) -> None:
        page = client.sign_in(reader).get(CHOOSE)

        assert "No saved views yet" in page.text
        assert page.links["CSR dashboard"] == "/csr"


def test_the_week_of_the_mail_is_that_of_the_report(
    app: Flask, make: Factories, organization: Organization, reader: User, mail_server: FakeMailServer,  # noqa: F811
) -> None:  # fmt: skip
    make.report_view(reader, view_of(make, reader, "Ours", "period=last_90&compare=year&sort=-name"))

    written(app, organization, MONDAY)
    work_off(app)

    (address,) = [one for one in html_of(mail_to(mail_server, reader)).xpath("//a/@href") if "/csr?" in one]
    week = MONDAY.date().toordinal() - MONDAY.weekday() - 7
    first, last = (type(MONDAY.date()).fromordinal(day) for day in (week, week + 6))
    assert urlsplit(address).query == f"period=custom&from={first}&to={last}&compare=previous&sort=-name"
