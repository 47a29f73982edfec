"""Contacts stored from a file, and the phone numbers that identify them."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from app.models import ContactCard, ContactMerge, ContactPhone, Organization, User
from app.work.contacts.importing import CONTACTS_IMPORT
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, guessed, lines
from tests.support.importing import Importer
from tests.work.merging.test_merge import merge

HEADER = "Contact id,First name,Last name,Company,Phone,Phone 2,Email,Address,City,State,Zip,Tags"
ANN = 'P1,Ann,Lee,"Lee, Sons & Co",212-555-0101,212-555-0102,ann@example.com,1 Main St,Albany,NY,12207,vip'
BOB = "P2,Bob,Ray,,212-555-0201,,bob@example.com,2 Main St,Albany,NY,12207,"
#: Columns of a contact that a file may give a value.
VALUES = (
    "first_name", "last_name", "company_name", "email", "address_line_1", "address_line_2", "city", "state", "zip",
    "country", "tags",
)  # fmt: skip
TAKEN = "Another contact already has this number."


def _phones(importer: Importer) -> dict[str, object]:
    return {row.phone: row.contact_card_id for row in importer.stored(ContactPhone)}


def test_every_column_of_a_row_arrives(importer: Importer, write_file: WriteFile, manager: User) -> None:
    imported = importer.contacts(write_file(lines(HEADER, ANN)))

    card = importer.only(ContactCard)
    assert imported.counts == {"total": 1, "created": 1}
    assert (card.external_source, card.external_id, card.source) == ("import", "P1", "import")
    assert (card.first_name, card.last_name, card.company_name) == ("Ann", "Lee", "Lee, Sons & Co")
    assert (card.email, card.address_line_1, card.city) == ("ann@example.com", "1 Main St", "Albany")
    assert (card.state, card.zip, card.tags, card.version) == ("NY", "12207", ["vip"], 1)
    assert (card.created_by, card.created_by_label) == (manager.id, "Maria Manager")
    assert card.primary_phone == "+12125550101"
    assert _phones(importer) == {"+12125550101": card.id, "+12125550102": card.id}


def test_the_same_file_twice_changes_nothing(importer: Importer, write_file: WriteFile, admin_engine: Engine) -> None:
    file = write_file(lines(HEADER, ANN, BOB))
    importer.contacts(file)
    traces = text("SELECT count(*) FROM audit_logs WHERE resource_type <> 'import'")
    with admin_engine.connect() as connection:
        before = connection.scalar(traces)

    again = importer.contacts(file)

    assert again.counts == {"total": 2, "unchanged": 2}
    with admin_engine.connect() as connection:
        assert connection.scalar(traces) == before


def test_a_row_that_has_changed_updates_its_card_and_adds_numbers(importer: Importer, write_file: WriteFile) -> None:
    importer.contacts(write_file(lines(HEADER, ANN, BOB)))
    changed = ANN.replace("Albany", "Troy").replace("212-555-0101", "212-555-0199")

    again = importer.contacts(write_file(lines(HEADER, changed, BOB)))

    ann = importer.stored(ContactCard, ContactCard.external_id)[0]
    assert again.counts == {"total": 2, "updated": 1, "unchanged": 1}
    assert (ann.city, ann.primary_phone, ann.version) == ("Troy", "+12125550199", 2)
    mine = {phone for phone, card_id in _phones(importer).items() if card_id == ann.id}
    assert mine == {"+12125550101", "+12125550102", "+12125550199"}


def test_an_update_leaves_alone_what_the_mapping_does_not_give(importer: Importer, write_file: WriteFile) -> None:
    importer.contacts(write_file(lines(HEADER, ANN)))

    path = write_file(lines("Contact id,Email", "P1,ann.lee@example.com"))
    importer.contacts(path, guessed(path, CONTACTS_IMPORT).model_copy(update={"lacks": ("full_name",)}))

    card = importer.only(ContactCard)
    assert (card.email, card.first_name, card.tags) == ("ann.lee@example.com", "Ann", ["vip"])
    assert card.primary_phone == "+12125550101"


@pytest.mark.parametrize(
    ("header", "earlier", "row"),
    [
        (
            "Contact id;Name;Full Address",
            "Ann Lee;1 Main St, Apt 4, Albany, NY 12207",
            "Bea Ray;2 Elm Ave, Boston, MA 02115",
        ),
        (
            "Contact id;First name;Last name;Company;Email;Address;Address 2;City;State;Zip;Country;Tags",
            "Ann;Lee;Lee Co;ann@example.com;1 Main St;Apt 4;Albany;NY;12207;US;vip",
            "Bea;Ray;Ray Co;bea@example.com;2 Elm Ave;Unit 1;Toronto;ON;M5V 2T6;CA;late",
        ),
    ],
    ids=["one column for name and address", "a column for each part"],
)
def test_an_update_stores_each_value_that_a_new_row_has(
    importer: Importer, write_file: WriteFile, header: str, earlier: str, row: str
) -> None:
    importer.contacts(write_file(lines(header, f"P1;{earlier}")))

    again = importer.contacts(write_file(lines(header, f"P1;{row}", f"P2;{row}")))

    assert again.counts == {"total": 2, "created": 1, "updated": 1}
    updated, created = ({name: getattr(card, name) for name in VALUES} for card in importer.stored(ContactCard))
    assert updated == created
    assert [name for name in ("first_name", "city", "zip") if not updated[name]] == []


def test_a_number_that_another_contact_has_turns_the_row_away_without_telling_whose_it_is(
    importer: Importer, write_file: WriteFile, make: Factories, organization: Organization
) -> None:
    make.contact(organization, primary_phone="+12125550102", first_name="Secret", last_name="Person")

    imported = importer.contacts(write_file(lines(HEADER, ANN, BOB)))

    assert imported.counts == {"total": 2, "created": 1, "rejected": 1}
    assert imported.refusals == [(2, "Phone", "+12125550102", TAKEN)]


def test_a_number_of_a_deleted_contact_is_free(
    importer: Importer, write_file: WriteFile, make: Factories, organization: Organization
) -> None:
    gone = {"deleted_at": datetime(2026, 1, 1, tzinfo=UTC)}
    card = make.contact(organization, primary_phone=None, **gone)
    make.add(ContactPhone(organization_id=organization.id, phone="+12125550101", contact_card_id=card.id, **gone))

    imported = importer.contacts(write_file(lines(HEADER, ANN)))

    assert imported.counts == {"total": 1, "created": 1}


def test_a_number_of_another_organization_is_free(importer: Importer, write_file: WriteFile, make: Factories) -> None:
    make.contact(make.organization(), primary_phone="+12125550101")

    imported = importer.contacts(write_file(lines(HEADER, ANN)))

    assert imported.counts == {"total": 1, "created": 1}


def test_of_two_rows_with_one_number_the_first_is_taken_each_time(importer: Importer, write_file: WriteFile) -> None:
    # The third row shares a number only with the second, which is rejected itself.
    second = BOB.replace("212-555-0201,", "212-555-0102,212-555-0300")
    third = BOB.replace("P2", "P3").replace("212-555-0201", "212-555-0300")
    file = write_file(lines(HEADER, ANN, second, third))

    first_time = importer.contacts(file)
    second_time = importer.contacts(file)

    assert first_time.counts == {"total": 3, "created": 1, "rejected": 2}
    assert second_time.counts == {"total": 3, "unchanged": 1, "rejected": 2}
    assert first_time.refusals == second_time.refusals
    assert first_time.refusals == [
        (3, "Phone", "+12125550102", "Line 2 already has the same number."),
        (4, "Phone", "+12125550300", "Line 3 already has the same number."),
    ]


def test_an_id_that_comes_twice_in_a_file_is_taken_once(importer: Importer, write_file: WriteFile) -> None:
    imported = importer.contacts(write_file(lines(HEADER, ANN, BOB.replace("P2", "P1"))))

    assert imported.counts == {"total": 2, "created": 1, "rejected": 1}
    assert imported.refusals == [(3, "Contact id", "P1", "Line 2 has the same ID but different data.")]


def test_a_contact_in_the_trash_is_not_made_again(
    importer: Importer, write_file: WriteFile, admin_engine: Engine
) -> None:
    file = write_file(lines(HEADER, ANN))
    importer.contacts(file)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE contact_phones SET deleted_at = now()"))
        connection.execute(text("UPDATE contact_cards SET deleted_at = now()"))

    again = importer.contacts(file)

    assert again.counts == {"total": 1, "rejected": 1}
    assert again.refusals == [(2, "Contact id", "P1", "This contact is in the trash. Restore it first.")]


def test_a_contact_that_was_merged_stays_with_the_other_until_that_is_undone(
    importer: Importer, write_file: WriteFile, client: Client, manager: User
) -> None:
    importer.contacts(write_file(lines(HEADER, ANN, BOB)))
    ann, bob = importer.stored(ContactCard, ContactCard.external_id)
    merge(client.sign_in(manager), bob, ann)
    corrected = ANN.replace("Albany", "Troy")

    same = importer.contacts(write_file(lines(HEADER, ANN, BOB)))
    other = importer.contacts(write_file(lines(HEADER, corrected, BOB)))

    assert same.counts == {"total": 2, "unchanged": 2}
    assert other.counts == {"total": 2, "unchanged": 1, "rejected": 1}
    assert other.refusals == [
        (2, "Contact id", "P1", "This contact was merged into another. Change the other contact, or undo the merge.")
    ]
    kept = next(card for card in importer.stored(ContactCard) if card.id == bob.id)
    assert (kept.external_id, kept.city) == ("P2", "Albany")
    assert {row.contact_card_id for row in importer.stored(ContactPhone)} == {bob.id}
    client.post(f"/trash/{importer.only(ContactMerge).deletion_batch_id}/undo", status=303)
    assert importer.contacts(write_file(lines(HEADER, corrected, BOB))).counts == {
        "total": 2, "updated": 1, "unchanged": 1,
    }  # fmt: skip


def test_a_contact_that_was_merged_and_is_gone_for_good_comes_anew(
    importer: Importer, write_file: WriteFile, client: Client, manager: User, admin_engine: Engine
) -> None:
    importer.contacts(write_file(lines(HEADER, ANN, BOB)))
    ann, bob = importer.stored(ContactCard, ContactCard.external_id)
    merge(client.sign_in(manager), bob, ann)
    with admin_engine.begin() as connection:
        connection.execute(text("DELETE FROM contact_cards WHERE id = :id"), {"id": ann.id})

    again = importer.contacts(write_file(lines(HEADER, ANN, BOB)))

    assert again.counts == {"total": 2, "unchanged": 1, "rejected": 1}
    assert again.refusals == [(2, "Phone", f"+1212555010{digit}", TAKEN) for digit in (1, 2)]


def test_a_caller_who_was_nothing_but_a_number_gets_the_name(
    importer: Importer, write_file: WriteFile, make: Factories, organization: Organization
) -> None:
    nameless = make.contact(organization, primary_phone="+12125550102", first_name=None, last_name=None)
    file = write_file(lines(HEADER, ANN, BOB))

    imported = importer.contacts(file)
    again = importer.contacts(file)

    card = next(card for card in importer.stored(ContactCard) if card.id == nameless.id)
    assert imported.counts == {"total": 2, "created": 1, "updated": 1}
    assert again.counts == {"total": 2, "unchanged": 2}
    assert (card.first_name, card.external_id, card.primary_phone) == ("Ann", "P1", "+12125550101")
    assert {phone for phone, owner in _phones(importer).items() if owner == card.id} == {"+12125550101", "+12125550102"}


def test_a_nameless_caller_becomes_one_person_only(
    importer: Importer, write_file: WriteFile, make: Factories, organization: Organization
) -> None:
    nameless = make.contact(organization, primary_phone="+12125550101", first_name=None, last_name=None)
    make.add(ContactPhone(organization_id=organization.id, phone="+12125550201", contact_card_id=nameless.id))

    imported = importer.contacts(write_file(lines(HEADER, ANN, BOB)))

    assert imported.counts == {"total": 2, "updated": 1, "rejected": 1}
    assert imported.refusals == [(3, "Phone", "+12125550201", TAKEN)]


def test_contacts_need_no_number(importer: Importer, write_file: WriteFile) -> None:
    importer.contacts(write_file(lines("First name,Last name", "Ann,Lee")))

    assert importer.only(ContactCard).primary_phone is None
    assert importer.stored(ContactPhone) == []
