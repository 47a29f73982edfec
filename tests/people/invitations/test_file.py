"""Import of invitations from a file."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from app.models import Invitation, Message, Organization, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

Rows = Callable[..., list[Any]]

HEADER = "email,name,role\n"
TWO = HEADER + "dana@new.example,Dana Doe,csr\nEve@new.example,Eve Ewing,Sales rep\n"


def look(client: Client, content: str | bytes, status: int = 200, name: str = "people.csv") -> Page:
    """Upload the file; return the preview."""
    raw = content.encode() if isinstance(content, str) else content
    form = {"file": (BytesIO(raw), name)}
    return client.post("/invitations/import", form, status=status, content_type="multipart/form-data")


def confirm(client: Client, page: Page, status: int = 200) -> Page:
    """Confirm the preview and return the result."""
    path = "/invitations/import/confirm"
    return client.post(path, page.fields(path, "post"), status=status)


def test_they_are_seen_first_and_then_invited(as_admin: Client, rows: Rows) -> None:
    page = look(as_admin, TWO)
    assert "Invite 2 people" in page.text
    assert rows(Invitation) == []

    done = confirm(as_admin, page)

    made = sorted((one.email, one.name, one.role) for one in rows(Invitation))
    assert made == [("Eve@new.example", "Eve Ewing", "sales_rep"), ("dana@new.example", "Dana Doe", "csr")]
    links = [text_of(link) for link in done.all(".//*[@data-link]")]
    assert len(links) == 2
    assert all("/invitations/accept/" in link for link in links)
    assert sorted(message.to_address for message in rows(Message)) == ["Eve@new.example", "dana@new.example"]


def test_the_same_file_again_invites_nobody(as_admin: Client, rows: Rows) -> None:
    first = look(as_admin, TWO)
    confirm(as_admin, first)

    confirm(as_admin, first, status=303)  # the button pressed twice
    again = look(as_admin, TWO.upper().replace("EMAIL,NAME,ROLE", "email,name,role"))

    assert "This file has no one to invite." in again.text
    assert "This address already has an invitation. Resend it or revoke it." in again.text
    assert len(rows(Invitation)) == len(rows(Message)) == 2


def test_every_rejected_row_says_why(as_admin: Client, owner: User, rows: Rows) -> None:
    page = look(
        as_admin,
        HEADER
        + "nonsense,Dana Doe,csr\n"
        + "dana@new.example,D,csr\n"
        + "eve@new.example,Eve Ewing,king\n"
        + "fay@new.example,Fay Fox,owner\n"
        + "gil@new.example,Gil Gray,OPERATOR\n"
        + "GIL@new.example,Gil Again,csr\n"
        + f"{owner.email},Olivia Owner,owner\n"
        + "hal@new.example\n",
    )

    told = {text_of(row[0]): text_of(row[-1]) for row in page.all(".//tbody/tr")}
    assert "Enter an email address such as" in told["2"]
    assert "Use 2 to 100 characters." in told["3"]
    assert "This role doesn’t exist. Use one of: csr," in told["4"]
    assert "above your own" in told["5"]
    assert told["6"] == "CSR"
    assert told["7"] == "This address is already on line 6."
    assert "above your own" in told["8"]
    assert "Use 2 to 100 characters." in told["9"]
    confirm(as_admin, page)
    assert [one.email for one in rows(Invitation)] == ["gil@new.example"]


def test_an_address_is_the_same_however_its_domain_is_spelled(as_admin: Client, rows: Rows) -> None:
    page = look(as_admin, HEADER + "dana@münchen.example,Dana Doe,csr\ndana@xn--mnchen-3ya.example,Dana Two,csr\n")

    assert "Invite 1 person" in page.text
    assert "This address is already on line 2." in page.text


def test_a_rejected_row_does_not_stand_in_the_way_of_a_right_one(as_admin: Client, rows: Rows) -> None:
    page = look(as_admin, HEADER + "dana@new.example,Dana Doe,king\ndana@new.example,Dana Doe,csr\n")

    confirm(as_admin, page)

    assert [(one.email, one.role) for one in rows(Invitation)] == [("dana@new.example", "csr")]


def test_who_is_here_is_not_invited(as_admin: Client, make: Factories, organization: Organization, rows: Rows) -> None:
    make.user(organization, email="Dana@New.example")

    page = look(as_admin, TWO)

    assert "Someone here already has this email address." in page.text
    confirm(as_admin, page)
    assert [one.email for one in rows(Invitation)] == ["Eve@new.example"]


def test_without_seats_for_all_nobody_is_invited(
    as_admin: Client, organization: Organization, change: Callable[..., None], make: Factories, rows: Rows
) -> None:
    page = look(as_admin, TWO)
    waiting = make.invitation(organization)
    change(organization, team_members_quota=4)

    assert "Seats needed, counting pending invitations: 3; available: 2." in look(as_admin, TWO).text
    assert "Seats needed, counting pending invitations: 3" in confirm(as_admin, page, status=422).text
    assert [one.id for one in rows(Invitation)] == [waiting.id]


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "people.csv", "empty"),
        (b"email,name,role\n", "people.csv", "no rows below it"),
        (b"a,b\n1,2\n", "people.csv", "must have the column names"),
        (b"email,name,role\nx@y.example,\0,csr\n", "people.csv", "isn’t a text file"),
        (b'email,name,role\n"x@y.example,Dana,csr\n', "people.csv", "quotes around a cell"),
        (b"PK\x03\x04 nonsense", "people.xlsx", "workbook"),
        (b"MZ", "people.exe", "Only .csv"),
        (b"<html><body>email,name,role", "people.csv", "web page"),
        (HEADER.encode() + b"x@y.example,Dana Doe,csr\n" * 501, "people.csv", "A file can include up to 500 people"),
    ],
    ids=["empty", "header only", "other columns", "NUL", "open quote", "no workbook", "program", "HTML", "too many"],
)
def test_a_file_that_is_none_is_refused_in_words(
    as_admin: Client, rows: Rows, content: bytes, name: str, sentence: str
) -> None:
    page = look(as_admin, content, 400, name)

    assert sentence in page.text
    assert rows(Invitation) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1251"])
def test_it_is_read_in_any_encoding(as_admin: Client, encoding: str) -> None:
    text = "почта;имя;роль\nanna@new.example;Анна Каренина;csr\n"

    assert "Анна Каренина" in look(as_admin, text.encode(encoding)).text


def test_a_cell_is_text_and_nothing_else(as_admin: Client, rows: Rows) -> None:
    page = look(as_admin, HEADER + 'dana@new.example,"<script>alert(1)</script> =1+1",csr\n')

    assert "<script>alert(1)</script> =1+1" in page.text
    confirm(as_admin, page)
    assert rows(Invitation)[0].name == "<script>alert(1)</script> =1+1"


@pytest.mark.parametrize(
    "sent",
    ["", "nonsense", "[]", '[["1"]]', '[[1,"a@b.example","Dana Doe",null]]', "[" + "[1,'','',''],"],
    ids=["nothing", "no JSON", "no rows", "short", "null", "broken"],
)
def test_rows_that_no_preview_made_are_refused(as_admin: Client, rows: Rows, sent: str) -> None:
    as_admin.get("/invitations/import")

    as_admin.post("/invitations/import/confirm", {"rows": sent}, status=400)

    assert rows(Invitation) == []


def test_a_role_above_is_refused_however_it_is_sent(as_admin: Client, rows: Rows) -> None:
    as_admin.get("/invitations/import")

    forged = '[[2,"dana@new.example","Dana Doe","owner"]]'
    as_admin.post("/invitations/import/confirm", {"rows": forged}, status=303)

    assert rows(Invitation) == []


def test_it_is_for_those_who_invite(client: Client, make: Factories, organization: Organization) -> None:
    client.sign_in(make.user(organization))

    client.get("/invitations/import", status=403)
    client.post("/invitations/import/confirm", {"rows": "[]"}, status=403)
