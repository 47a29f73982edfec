"""`/imports/new`: files of all kinds, including malicious ones; unreadable files leave nothing behind."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask

from app.models import Import, Organization, Role
from app.web.request_limits import UPLOAD_BYTES
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_files import lines, workbook
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import Page, text_of

GOOD = lines("Date,Time,Answered", "2026-03-17,09:30,Y").encode()
NEW = "/imports/new?kind=calls"


@pytest.fixture
def files(app: Flask, organization: Organization) -> Callable[[], list[Path]]:
    """Function that returns the files stored for the organization."""
    folder: Path = app.config["SETTINGS"].storage_dir / str(organization.id)
    return lambda: [path for path in folder.rglob("*") if path.is_file()]


def bomb() -> bytes:
    """Return a small workbook that unpacks into 300 MB."""
    content = BytesIO(workbook(("Date", "Time"), ("2026-03-17", "09:30")))
    with ZipFile(content, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", b" " * 300 * 1024 * 1024)
    return content.getvalue()


def error_of_file(page: Page) -> str:
    """Return the error next to the file field, checking that the summary at the top links to it."""
    link = page.one(".//div[@data-error-summary]//a")
    assert link.get("href") == "#file"
    return text_of(page.one(".//p[@id='file-error']"))


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "calls.csv", "The file is empty."),
        (b"\n\n", "calls.csv", "The file is empty."),
        (b"Date,Time,Answered\n", "calls.csv", "The file has a header row but no rows below it."),
        (b"\x00\x01\x02" * 1000, "calls.csv", "This isn’t a text file."),
        (GOOD + b"2026-03-17,09:\x0030,Y\n", "calls.csv", "This isn’t a text file."),
        (b'Date,Time\n"2026-03-17,09:30\n' + b"x" * 200_000, "calls.csv", "the quotes around a cell aren’t closed"),
        (b"<!doctype html><p>Sign in first", "calls.csv", "This is a web page, XML or JSON, not a table."),
        (b"x," * 2_000 + b"\n1\n", "calls.csv", "more than 1000 cells"),
        (
            GOOD,
            "calls.pdf",
            "Only .csv, .tsv, .txt, .xlsx, .xlsm, .xls, .ods, .jsonl, .json and .zip files can be imported.",
        ),
        (
            GOOD,
            "calls",
            "Only .csv, .tsv, .txt, .xlsx, .xlsm, .xls, .ods, .jsonl, .json and .zip files can be imported.",
        ),
        (GOOD, "calls.xlsx", "This file has the extension of a workbook but isn’t one."),
        (b"PK\x03\x04" + b"junk" * 100, "calls.xlsx", "The file is damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "calls.xls", "The file is damaged or isn’t a workbook."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(
    pages: ImportPages, importer: Importer, files: Callable[[], list[Path]], content: bytes, name: str, sentence: str
) -> None:
    refused = pages.send(content, name, status=400)

    assert sentence in error_of_file(refused)
    assert importer.stored(Import) == []
    assert files() == []


def test_a_workbook_that_unpacks_into_far_too_much_is_refused(
    pages: ImportPages, importer: Importer, files: Callable[[], list[Path]]
) -> None:
    refused = pages.send(bomb(), "calls.xlsx", status=400)

    assert "The workbook contains far too much data." in error_of_file(refused)
    assert (importer.stored(Import), files()) == ([], [])


def test_a_file_over_the_limit_is_refused_before_it_is_read(
    pages: ImportPages, new_client: Callable[[], Client]
) -> None:
    too_long = {"CONTENT_LENGTH": str(UPLOAD_BYTES + 1)}

    refused = pages.client.post(NEW, status=413, environ_overrides=too_long)
    stranger = new_client().post(NEW, status=413, environ_overrides=too_long)

    assert error_of_file(refused) == "The file is larger than 200 MB. Split it into several files."
    assert "Import calls" not in stranger.text


def test_a_program_is_told_in_json_what_is_wrong_with_its_file(pages: ImportPages) -> None:
    form, headers = pages.client.get(NEW).fields(NEW), {"Accept": "application/json"}
    too_long = {"CONTENT_LENGTH": str(UPLOAD_BYTES + 1)}

    too_large = pages.client.post(NEW, status=413, headers=headers, environ_overrides=too_long)
    without = pages.client.post(NEW, form, status=400, headers=headers)

    assert too_large.json["error"]["code"] == "PAYLOAD_TOO_LARGE"
    assert [wrong["message"] for wrong in without.json["error"]["details"]] == ["Choose a file."]


def test_a_form_without_a_file_says_so(pages: ImportPages) -> None:
    form = pages.client.get(NEW).fields(NEW)

    assert error_of_file(pages.client.post(NEW, form, status=400)) == "Choose a file."


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("../../etc/calls.csv", "calls.csv"),
        ("<img src=x onerror=alert(1)>.csv", "<img src=x onerror=alert(1)>.csv"),
        ("звонки.csv", "звонки.csv"),
        ("calls\u202excod.csv", "calls\\u202excod.csv"),
        ("x" * 251 + ".csv", "x" * 251 + ".csv"),
    ],
)
def test_the_name_of_a_file_is_a_label_and_no_more(
    pages: ImportPages, importer: Importer, files: Callable[[], list[Path]], name: str, label: str
) -> None:
    page = pages.upload(GOOD, name)

    row = importer.only(Import)
    assert row.file_name == label
    assert label in page.text
    assert [path.name for path in files()] == [row.storage_key.rpartition("/")[2]]
    assert (row.file_bytes, row.created_by_label) == (len(GOOD), "Maria Manager")


def test_a_name_that_is_too_long_is_refused(pages: ImportPages, importer: Importer) -> None:
    refused = pages.send(GOOD, "x" * 252 + ".csv", status=400)

    assert error_of_file(refused) == "The file name is too long. Use up to 255 characters."
    assert importer.stored(Import) == []


def test_a_name_that_holds_a_nul_is_refused(pages: ImportPages, importer: Importer) -> None:
    refused = pages.send(GOOD, "cal\0ls.csv", status=400)

    assert "a character that can’t be used" in error_of_file(refused)
    assert importer.stored(Import) == []


def test_the_same_form_sent_twice_keeps_one_file(
    pages: ImportPages, importer: Importer, files: Callable[[], list[Path]]
) -> None:
    form = pages.client.get(NEW).fields(NEW)

    first, second = (
        pages.client.post(NEW, {**form, "file": (BytesIO(GOOD), "calls.csv")}).headers["Location"] for _ in range(2)
    )

    assert first == second
    assert len(importer.stored(Import)) == len(files()) == 1


@pytest.mark.parametrize("forged", ["", "1", "01890a5d-ac96-774b-bcce-b302099a805"])
def test_a_form_that_is_not_ours_is_refused(pages: ImportPages, importer: Importer, forged: str) -> None:
    form = {**pages.client.get(NEW).fields(NEW), "import_id": forged, "file": (BytesIO(GOOD), "calls.csv")}

    assert "This form is incomplete." in pages.client.post(NEW, form, status=400).text
    assert importer.stored(Import) == []


def test_nobody_reaches_the_import_of_another_organization_by_its_id(
    pages: ImportPages, new_client: Callable[[], Client], make: Factories, importer: Importer
) -> None:
    pages.upload(GOOD)
    taken = importer.only(Import)
    elsewhere = make.organization()
    stranger = new_client().sign_in(make.user(elsewhere, role=Role.MANAGER))
    form = {**stranger.get(NEW).fields(NEW), "import_id": str(taken.id), "file": (BytesIO(GOOD), "theirs.csv")}

    theirs = stranger.follow(stranger.post(NEW, form))

    assert "theirs.csv" in theirs.text
    assert importer.only(Import).file_name == "calls.csv"
