"""Files of contacts: their names, IDs that are no contact's, and what the pages say about them."""

import pytest
from flask import Flask

from app.data.imports.preview_page import shown_fields
from app.data.imports.whole_file_rules import ChangedField, WholeFile
from app.declarations.importable import Importable
from app.models import ContactCard, Import, ImportKind
from app.ops.jobs.worker import run_worker
from app.work.appointments.importing import APPOINTMENTS_IMPORT
from app.work.contacts.import_target_rules import ContactTarget
from app.work.contacts.importing import CONTACTS_IMPORT
from app.work.deals.importing import DEALS_IMPORT
from app.work.leads.importing import LEADS_IMPORT
from tests.support.import_files import WriteFile, guessed, lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import text_of

NAMELESS = lines(
    "Who,Phone 1,Town,Last job", "Ann Lee,212-555-0141,Albany,Duct", "Bob Ray,212-555-0142,Troy,Fan"
).encode()
CONFIRM = "lacks_full_name"


@pytest.mark.parametrize("header", ["Customer", "Client", "Customer name", "CLIENT_NAME", "Клиент", "Mijoz"])
def test_a_column_of_customers_has_their_names(write_file: WriteFile, header: str) -> None:
    path = write_file(lines(f"{header},Phone", "Ann Lee,212-555-0141"))

    assert guessed(path, CONTACTS_IMPORT).columns[header] == ContactTarget.FULL_NAME


@pytest.mark.parametrize(
    ("importable", "header"),
    [
        (CONTACTS_IMPORT, "Customer"),
        (CONTACTS_IMPORT, "CLIENT"),
        (CONTACTS_IMPORT, "Person"),
        (CONTACTS_IMPORT, "Mijoz"),
        (DEALS_IMPORT, "Customer"),
        (LEADS_IMPORT, "Клиент"),
        (APPOINTMENTS_IMPORT, "Job - Client"),
    ],
)
def test_codes_of_customers_are_no_names(write_file: WriteFile, importable: Importable, header: str) -> None:
    def is_matched(*values: str) -> bool:
        rows = (f"{value},212-555-014{place}" for place, value in enumerate(values))
        return header in guessed(write_file(lines(f"{header},Phone", *rows)), importable).columns

    assert not is_matched("10234", "10235")
    assert not is_matched("10234", "10-235", "Cash sale")
    assert is_matched("Ann Lee", "Bob Ray", "10236")
    assert is_matched(""), "nothing says that it has codes"


def test_a_file_with_codes_of_customers_is_asked_about_its_names(pages: ImportPages) -> None:
    page = pages.upload(
        NAMELESS.replace(b"Who", b"Customer").replace(b"Ann Lee", b"101").replace(b"Bob Ray", b"102"),
        "people.csv",
        ImportKind.CONTACTS,
    )

    assert "No column was recognized as a name" in text_of(page.one(".//*[@id='asked']"))
    assert "Most values have no letters" in page.text


@pytest.mark.parametrize(
    "header",
    ["Account Id", "ACCOUNTID", "account_id", "Account Number", "Customer account", "Client Account ID", "Company ID"],
)
def test_the_id_of_an_account_is_no_contacts(write_file: WriteFile, header: str) -> None:
    path = write_file(lines(f"Last Name,{header},Phone", "Alpha,77,212-555-0151", "Beta,77,212-555-0152"))

    assert header not in guessed(path, CONTACTS_IMPORT).columns


def test_both_people_of_an_account_come_in(importer: Importer, write_file: WriteFile) -> None:
    header, alpha, beta = "CONTACTID,Last Name,Account Id,Mobile", "1,Alpha,77,212-555-0151", "2,Beta,77,212-555-0152"
    importer.contacts(write_file(lines(header, alpha, beta)))

    again = importer.contacts(write_file(lines(header, beta)))

    assert again.counts == {"total": 1, "unchanged": 1}
    names = [(card.external_id, card.last_name) for card in importer.stored(ContactCard, ContactCard.external_id)]
    assert names == [("1", "Alpha"), ("2", "Beta")]


def test_a_file_without_a_column_of_names_is_asked_about(app: Flask, pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(NAMELESS, "people.csv", ImportKind.CONTACTS)

    assert "No column was recognized as a name" in text_of(page.one(".//*[@id='asked']"))
    assert "1 question to answer" in page.text
    refused = pages.map(page, status=400)
    assert "No column was recognized as a name" in text_of(refused.one(f".//*[@id='{CONFIRM}-error']"))
    assert not importer.only(Import).mapping

    preview = pages.client.follow(pages.map(refused, {CONFIRM: "y"}))
    assert "Skipped columns: Who, Last job." in preview.text
    pages.start(preview)
    run_worker(app, schedule=(), until_idle=True)

    assert text_of(pages.client.get(pages.at).one(".//*[@id='skipped-columns']")) == "Skipped columns: Who, Last job."
    assert {card.full_name for card in importer.stored(ContactCard)} == {None}
    later = pages.upload(NAMELESS.replace(b"0141", b"0143"), "later.csv", ImportKind.CONTACTS)
    assert "No open questions." in later.text, "it was confirmed for files with these columns"


def test_a_column_chosen_for_the_names_answers_the_question(pages: ImportPages) -> None:
    page = pages.upload(NAMELESS, "people.csv", ImportKind.CONTACTS)

    preview = pages.client.follow(pages.map(page, {"column_0": "full_name"}))

    assert "Ann Lee" in preview.text


@pytest.mark.parametrize(
    "column",
    [
        name
        for name in CONTACTS_IMPORT.own
        if name in ContactCard.__table__.columns and not name.startswith("external_")
    ],
)
def test_every_changed_value_of_a_contact_has_a_label(app: Flask, column: str) -> None:
    change = ChangedField(resource="contact_card", column=column, records=1, before="Old", after="New")
    whole = WholeFile(
        total=1,
        left_out=0,
        created=0,
        updated=1,
        unchanged=0,
        rejected=0,
        remarked=0,
        copies=0,
        conflicts=0,
        twins=0,
        nameless=0,
        names=(),
        groups=(),
        changed_fields=(change,),
    )

    with app.test_request_context():
        (row,) = shown_fields(whole, CONTACTS_IMPORT)

    assert str(row.field)
    assert row.before != row.after
