"""The country of a file's phone numbers, if it isn't that of the organization."""

import pytest
from flask import Flask

from app.data.imports.country_guess_rules import other_country
from app.data.imports.guess_rules import guess_mapping
from app.models import Call, Import
from app.ops.jobs.worker import run_worker
from app.tables.file_rules import open_table
from app.work.calls.importing import CALLS_IMPORT
from app.work.contacts.importing import CONTACTS_IMPORT
from tests.support.import_files import WriteFile, guessed, lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer

BRITISH = ("+44 20 7946 0018", "+44 20 7946 0019", "020 7946 0020")


@pytest.mark.parametrize(
    ("numbers", "country", "expected"),
    [
        (BRITISH, "US", "GB"),
        (BRITISH, "GB", None),
        (("+998 90 123 45 67", "90 123 45 67"), "US", "UZ"),
        (("030 227 0", "030 18 272 2720", "089 233 00", "0171 1234567"), "US", "DE"),
        (("+1 212 555 0101", "212 555 0102"), "US", None),
        (("416 555 0101", "+1 416 555 0102"), "US", None),
        (("+44 20 7946 0018", "212 555 0101", "212 555 0102"), "US", None),
        (("101", "private"), "US", None),
    ],
)
def test_the_country_of_most_numbers_is_told(numbers: tuple[str, ...], country: str, expected: str | None) -> None:
    assert other_country(numbers, country) == expected


def test_it_is_proposed_and_said(write_file: WriteFile) -> None:
    path = write_file(lines("date,time,answered,from", *(f"2026-03-02,9:00,Y,{number}" for number in BRITISH)))
    with open_table(path) as table:
        result = guess_mapping(CALLS_IMPORT, table.header, table.rows)

    assert result.mapping.country == "GB"
    assert any("“from” are from another country (GB)" in str(one) for one in result.notices)
    contacts = write_file(lines("Name,Phone", *(f"Ann,{number}" for number in BRITISH)), "contacts.csv")
    assert guessed(contacts, CONTACTS_IMPORT).country == "GB"


def test_the_page_shows_the_country_and_it_can_be_changed(app: Flask, pages: ImportPages, importer: Importer) -> None:
    rows = (f"{number},2026-03-02,9:00,Y,{phone}" for number, phone in enumerate(BRITISH))
    page = pages.upload(lines("Call id,Date,Time,Answered,From", *rows).encode())
    assert "“From” are from another country (GB)" in page.text
    assert page.fields(f"{pages.at}/mapping", "post")["country"] == "GB"

    pages.start(pages.client.follow(pages.map(page)))
    run_worker(app, schedule=(), until_idle=True)

    assert [call.caller_number for call in importer.stored(Call, Call.external_id)] == [
        "+442079460018", "+442079460019", "+442079460020"
    ]  # fmt: skip
    assert importer.only(Import).mapping["country"] == "GB"
