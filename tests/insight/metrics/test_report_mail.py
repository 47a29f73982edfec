"""The weekly report by email: the page's content as text, as HTML with images, and as a file."""

import io
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import lxml.html
import pytest
from flask import Flask
from PIL import Image
from pydantic import SecretStr
from sqlalchemy import Engine, text

from app.insight.reports import rendered_mails
from app.insight.reports.mail_page import aligned
from app.insight.reports.picture_rules import bars
from app.messaging.outbox.jobs import send_mail
from app.models import Organization, Role, User
from app.ops.jobs.worker import run_worker
from tests.insight.metrics.company import RandomCompany
from tests.insight.metrics.test_weekly_report import MONDAY, monday_after, written
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.mail_server import FakeMailServer
from tests.support.pages import text_of

Rows = list[list[str]]


@pytest.fixture
def mail_server(app: Flask) -> Iterator[FakeMailServer]:
    """The mail server that the app sends to."""
    before = app.config["SETTINGS"]
    with FakeMailServer() as server:
        app.config["SETTINGS"] = before.model_copy(update={"smtp_url": SecretStr(server.url)})
        yield server
    app.config["SETTINGS"] = before


@pytest.fixture
def reader(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.MANAGER, name="Mia <Manager>")


def work_off(app: Flask) -> None:
    run_worker(app, [send_mail], schedule=(), until_idle=True)


def part_of(mail: EmailMessage, kind: str) -> EmailMessage:
    found = mail.get_body((kind,))
    assert isinstance(found, EmailMessage)
    return found


def html_of(mail: EmailMessage) -> Any:
    return lxml.html.document_fromstring(part_of(mail, "html").get_content())


def lines_of(mail: EmailMessage) -> list[str]:
    content: str = part_of(mail, "plain").get_content()
    return content.replace("\r\n", "\n").split("\n")


def table_after(document: Any, heading: str) -> Rows:
    """Return the first table below a heading, starting with its header row, without the small print of its labels."""
    (table,) = document.xpath(f"//h2[normalize-space()='{heading}']/following-sibling::table[1]")
    return [["".join(cell.xpath("./text()")).strip() for cell in row.xpath("./th|./td")] for row in table.iter("tr")]


def file_of(mail: EmailMessage) -> str:
    (attached,) = mail.iter_attachments()
    assert (attached.get_content_type(), attached.get_content_disposition()) == ("text/csv", "attachment")
    return bytes_of(attached).decode("utf-8-sig")


def bytes_of(part: Any) -> bytes:
    content: bytes = part.get_payload(decode=True)
    return content


def pictures_of(mail: EmailMessage) -> dict[str, bytes]:
    return {
        str(part["Content-ID"]).strip("<>"): bytes_of(part)
        for part in mail.walk()
        if part.get_content_type() == "image/png"
    }


def two_weeks(app: Flask, company: RandomCompany) -> None:
    monday = monday_after(company.period.last_day, company)
    for ago in (1, 0):
        written(app, company.organization, monday - timedelta(weeks=ago))


def says(lines: list[str], *cells: str) -> bool:
    """Return whether a line consists of these cells, however they are aligned."""
    return any(line.split() == " ".join(cells).split() for line in lines)


def test_text_html_and_file_say_what_the_page_says(
    app: Flask, client: Client, company: RandomCompany, mail_server: FakeMailServer
) -> None:
    executive = company.staff[Role.EXEC]
    report_id = written(app, company.organization, monday_after(company.period.last_day, company))

    work_off(app)

    mail = mail_server.mails[mail_server.receivers.index(executive.email)]
    document, lines = html_of(mail), lines_of(mail)
    client.sign_in(executive)
    page = client.get(f"/reports/{report_id}")
    assert file_of(mail) == client.get(f"/reports/{report_id}.csv").html.removeprefix("\ufeff")
    for key in ("csr", "sales", "missed_calls"):
        title = text_of(page.one(f".//*[@id='{key}']"))
        tiles = page.all(f".//section[@aria-labelledby='{key}']//*[@class='stat-value']")
        told = table_after(document, title)[1:]
        assert [row[1] for row in told] == [text_of(one) for one in tiles]
        begin = lines.index(title.upper())
        assert all(says(lines[begin : begin + 24], *row) for row in told)
        rows = page.all(f".//section[@aria-labelledby='{key}']//tbody/tr")
        assert bool(rows) is (key != "missed_calls")
        if rows:
            (heading,) = document.xpath(f"//h2[normalize-space()='{title}']")
            check_people(rows, heading.xpath("./following-sibling::table")[1], lines[begin:])


def check_people(rows: list[Any], table: Any, lines: list[str]) -> None:
    """Check that each person on the page is in the email's table and text, with the same numbers."""
    labels = [cell.text_content().strip() for cell in table.xpath(".//thead//th")][1:]
    mailed = [
        (row.xpath("string(./th/text()[1])").strip(), [cell.text_content().strip() for cell in row.xpath("./td")])
        for row in table.xpath(".//tbody/tr")
    ]
    assert [cells for _name, cells in mailed] == [[text_of(cell) for cell in row.findall("td")] for row in rows]
    for row, (name, cells) in zip(rows, mailed, strict=True):
        assert text_of(row.find("th")).startswith(name)
        begin = lines.index(name)
        own = lines[begin : begin + len(labels) + 1]
        assert all(says(own, label, value) for label, value in zip(labels, cells, strict=True))


def test_what_a_mail_holds(app: Flask, organization: Organization, reader: User, mail_server: FakeMailServer) -> None:
    for ago in (2, 1, 0):
        last = written(app, organization, MONDAY - timedelta(weeks=ago))

    work_off(app)

    assert mail_server.receivers == [reader.email] * 3
    (mail,) = [one for one in mail_server.mails if f"/reports/{last}" in "\n".join(lines_of(one))]
    document, lines = html_of(mail), lines_of(mail)
    assert mail.get_content_type() == "multipart/mixed"
    assert lines[0] == document.xpath("string(//p)") == "Hello Mia <Manager>,"
    assert not document.xpath("//script | //link | //form")
    assert all(one.startswith("cid:") for one in document.xpath("//@src"))
    assert f"http://127.0.0.1:8000/reports/{last}" in document.xpath("//a/@href")
    assert document.xpath("string(/html/@lang)") == "en"
    weeks = table_after(document, "Week by week")
    assert len(weeks) == 4
    assert all(says(lines, *row) for row in weeks)


def test_both_texts_end_with_whom_it_is_from_and_why(
    app: Flask, organization: Organization, reader: User, mail_server: FakeMailServer, behind: Behind
) -> None:
    behind.change(organization, name="Air <& Heat>")
    written(app, organization)

    work_off(app)

    (mail,) = mail_server.mails
    why = "You’re receiving this because you have an account at Air <& Heat>."
    foot = ["Switchboard · Air <& Heat>", why]
    assert [line for line in lines_of(mail) if line][-3:] == ["-- ", *foot]
    assert html_of(mail).xpath("//p")[-1].xpath("./text()") == foot


def test_it_says_how_to_end_such_mails(
    app: Flask, client: Client, organization: Organization, reader: User, mail_server: FakeMailServer
) -> None:
    written(app, organization)
    work_off(app)

    (mail,) = mail_server.mails
    address = mail["List-Unsubscribe"].strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert address in html_of(mail).xpath("//a/@href")
    assert any(line.endswith(address) for line in lines_of(mail))
    client.post(urlsplit(address).path)
    written(app, organization, MONDAY + timedelta(weeks=1))
    work_off(app)

    assert mail_server.receivers == [reader.email]


def test_a_number_week_by_week_is_drawn_and_said(
    app: Flask, company: RandomCompany, mail_server: FakeMailServer
) -> None:
    two_weeks(app, company)

    work_off(app)

    mail = next(one for one in mail_server.mails if pictures_of(one))
    pictures, document = pictures_of(mail), html_of(mail)
    assert {one.removeprefix("cid:") for one in document.xpath("//img/@src")} == set(pictures)
    assert "revenue_won" in pictures
    for content in pictures.values():
        with Image.open(io.BytesIO(content)) as picture:
            assert (picture.format, picture.size) == ("PNG", (1280, 280))
    sums = [row[2] for row in table_after(document, "Week by week")[1:]]
    assert document.xpath("string(//img[@src='cid:revenue_won']/@alt)").endswith("; ".join(sums))
    assert len(mail.as_bytes()) < 200_000


def test_without_its_pictures_it_says_the_same(
    app: Flask, company: RandomCompany, mail_server: FakeMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_given: object) -> bytes:
        raise ValueError("no picture today")

    monkeypatch.setattr(rendered_mails, "svg_to_bytes", fail)
    two_weeks(app, company)

    work_off(app)

    assert not [one for one in mail_server.mails if pictures_of(one) or html_of(one).xpath("//img")]
    assert any(len(table_after(html_of(one), "Week by week")) == 3 for one in mail_server.mails if has_weeks(one))


def has_weeks(mail: EmailMessage) -> bool:
    return "WEEK BY WEEK" in lines_of(mail)


@pytest.mark.parametrize("language", ["ru", "uz"])
def test_it_speaks_the_language_of_its_reader(
    app: Flask, make: Factories, organization: Organization, mail_server: FakeMailServer, language: str
) -> None:
    make.user(organization, role=Role.EXEC, language=language)
    written(app, organization)

    work_off(app)

    (mail,) = mail_server.mails
    assert html_of(mail).xpath("string(/html/@lang)") == language
    assert "Hello" not in lines_of(mail)[0]
    assert lines_of(mail)[0] == html_of(mail).xpath("string(//p)")
    assert "Everyone" not in file_of(mail)


@pytest.mark.usefixtures("reader")
def test_who_may_not_read_it_any_more_gets_nothing(
    app: Flask, organization: Organization, reader: User, mail_server: FakeMailServer, admin_engine: Engine
) -> None:
    written(app, organization)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE users SET role = 'csr' WHERE id = :id"), {"id": reader.id})

    work_off(app)

    assert mail_server.mails == []
    with admin_engine.connect() as connection:
        row = connection.execute(text("SELECT status, error_code FROM messages")).one()
    assert tuple(row) == ("failed", "not_for_them")


def test_the_outbox_keeps_no_numbers(
    app: Flask, organization: Organization, reader: User, admin_engine: Engine
) -> None:
    report_id = written(app, organization)

    with admin_engine.connect() as connection:
        row = connection.execute(text("SELECT template, about_id, body, receiver_id FROM messages")).one()
    assert (row.template, row.about_id, row.receiver_id) == ("weekly_report", report_id, reader.id)
    assert len(row.body) < 300
    assert f"http://127.0.0.1:8000/reports/{report_id}" in row.body


def test_one_can_be_sent_to_oneself_alone(
    app: Flask, client: Client, make: Factories, organization: Organization, mail_server: FakeMailServer
) -> None:
    silent: dict[str, Any] = {"notification_choices": {"report_ready": []}}
    reader = make.user(organization, role=Role.EXEC, **silent)
    make.user(organization, role=Role.MANAGER, **silent)
    report_id = written(app, organization)
    page = client.sign_in(reader).get(f"/reports/{report_id}")
    (form,) = page.all(".//main//form")

    page = client.follow(client.post(form.get("action", "")))
    work_off(app)

    assert reader.email in page.text
    assert mail_server.receivers == [reader.email]
    assert any(line.endswith(f"/reports/{report_id}") for line in lines_of(mail_server.mails[0]))


@pytest.mark.parametrize(("role", "is_here", "status"), [(Role.CSR, True, 403), (Role.OWNER, False, 404)])
def test_who_may_not_read_it_is_sent_none(
    app: Flask,
    client: Client,
    make: Factories,
    organization: Organization,
    admin_engine: Engine,
    role: Role,
    is_here: bool,
    status: int,
) -> None:
    report_id = written(app, organization)
    client.sign_in(make.user(organization if is_here else make.organization(), role=role))

    client.post(f"/reports/{report_id}/send", status=status)

    with admin_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM messages")) == 0


def test_sending_oneself_many_is_slowed_down(
    app: Flask, client: Client, organization: Organization, reader: User
) -> None:
    report_id = written(app, organization)
    client.sign_in(reader)

    for _time in range(10):
        client.post(f"/reports/{report_id}/send")

    client.post(f"/reports/{report_id}/send", status=429)


class TestDrawing:
    """Bar charts in the email."""

    def test_a_week_that_is_not_known_leaves_a_gap(self) -> None:
        drawing = bars([1.0, None, 3.0]) or ""

        assert drawing.count("<rect") == 4
        assert "<text" not in drawing

    @pytest.mark.parametrize("values", [[], [None, None], [0.5], [None, 0.5]])
    def test_of_one_there_is_none(self, values: list[float | None]) -> None:
        assert bars(values) is None

    def test_nothing_but_nothing_is_drawn_too(self) -> None:
        assert (bars([0.0, 0.0]) or "").count('height="4.0"') == 2


def test_columns_of_text_end_below_each_other() -> None:
    assert aligned([["", "Week"], ["Booked", "12"], ["Rate", "41.2%"]]) == [
        "         Week",
        "Booked     12",
        "Rate    41.2%",
    ]
