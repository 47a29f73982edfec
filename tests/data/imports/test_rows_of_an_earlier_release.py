"""Rows stored when fingerprints were positional: the same file is recognized, with IDs and without."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.models import Call, ContactCard, ContactPhone
from app.work.calls.import_record_rules import CallRecord
from app.work.contacts.import_record_rules import ContactRecord
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, lines, read_calls, read_contacts
from tests.support.importing import Importer

CALLS = "Call id,Date,Time,Topic,Answered,Talk time,Caller number"
FIRST = "C1,2026-03-02,09:30:00,Furnace,Y,00:02:05,212-555-0101"
SECOND = "C2,2026-03-02,10:30:00,Boiler,N,,212-555-0102"
CONTACTS = "Contact id,First name,Last name,Phone,Zip"
ANN = "P1,Ann,Lee,212-555-0101,12207"
BOB = "P2,Bob,Ray,212-555-0201,12207"

Age = Callable[[str, list[CallRecord] | list[ContactRecord]], None]


def _without_id(row: str) -> str:
    return row.split(",", 1)[1]


@pytest.fixture
def store_as_before(admin_engine: Engine) -> Age:
    """Function that replaces the stored fingerprints and IDs with those of the earlier release."""

    def run(table: str, records: list[Any]) -> None:
        with admin_engine.begin() as connection:
            for record in records:
                stored = connection.execute(
                    text(
                        f"UPDATE {table} SET external_fingerprint = :fingerprint, external_id = :new_id "
                        "WHERE external_id = :id"
                    ),
                    {
                        "fingerprint": record.earlier_fingerprint,
                        "new_id": next(iter(record.earlier_ids), record.external_id),
                        "id": record.external_id,
                    },
                )
                assert stored.rowcount == 1

    return run


@pytest.fixture(params=["with ids", "without ids"])
def calls_file(request: pytest.FixtureRequest, write_file: WriteFile) -> Path:
    """File of three calls; without IDs, two of them are alike."""
    rows = (CALLS, FIRST, SECOND, SECOND.replace("C2", "C3"))
    return write_file(lines(*(rows if request.param == "with ids" else map(_without_id, rows))))


@pytest.fixture(params=["with ids", "without ids"])
def contacts_file(request: pytest.FixtureRequest, write_file: WriteFile) -> Path:
    rows = (CONTACTS, ANN, BOB)
    return write_file(lines(*(rows if request.param == "with ids" else map(_without_id, rows))))


def test_calls_are_recognized(importer: Importer, calls_file: Path, store_as_before: Age) -> None:
    importer.calls(calls_file)
    store_as_before("calls", read_calls(calls_file).calls)
    before = [(call.id, call.version, call.external_id) for call in importer.stored(Call)]

    for _time in range(2):
        assert importer.calls(calls_file).counts == {"total": 3, "unchanged": 3}

    assert [(call.id, call.version, call.external_id) for call in importer.stored(Call)] == before


def test_contacts_are_recognized(importer: Importer, contacts_file: Path, store_as_before: Age) -> None:
    importer.contacts(contacts_file)
    store_as_before("contact_cards", read_contacts(contacts_file)[0])
    before = [(card.id, card.version, card.external_id) for card in importer.stored(ContactCard)]

    for _time in range(2):
        assert importer.contacts(contacts_file).counts == {"total": 2, "unchanged": 2}

    assert [(card.id, card.version, card.external_id) for card in importer.stored(ContactCard)] == before
    assert len(importer.stored(ContactPhone)) == 2


def test_a_row_that_has_changed_updates_its_call_and_gets_the_fingerprint_of_today(
    importer: Importer, write_file: WriteFile, store_as_before: Age
) -> None:
    file = write_file(lines(CALLS, FIRST))
    importer.calls(file)
    store_as_before("calls", read_calls(file).calls)
    changed = write_file(lines(CALLS, FIRST.replace("Furnace", "Heat pump")))

    assert importer.calls(changed).counts == {"total": 1, "updated": 1}
    assert importer.calls(changed).counts == {"total": 1, "unchanged": 1}
    call = importer.only(Call)
    assert (call.topic, call.external_fingerprint) == ("Heat pump", read_calls(changed).only.fingerprint)


def test_a_further_copy_of_a_row_without_an_id_is_a_call_of_its_own(
    importer: Importer, write_file: WriteFile, store_as_before: Age
) -> None:
    rows = [_without_id(row) for row in (CALLS, FIRST, FIRST)]
    file = write_file(lines(*rows))
    importer.calls(file)
    store_as_before("calls", read_calls(file).calls)
    longer = write_file(lines(*rows, rows[-1]))

    assert importer.calls(longer).counts == {"total": 3, "created": 1, "unchanged": 2}
    assert importer.calls(longer).counts == {"total": 3, "unchanged": 3}


def test_a_contact_in_the_trash_is_not_made_again(
    importer: Importer, write_file: WriteFile, store_as_before: Age, make: Factories
) -> None:
    file = write_file(lines(_without_id(CONTACTS), _without_id(ANN)))
    importer.contacts(file)
    store_as_before("contact_cards", read_contacts(file)[0])
    make.deletion(importer.only(ContactCard))

    again = importer.contacts(file)

    assert again.counts == {"total": 1, "rejected": 1}
    assert "in the trash" in again.refusals[0][3]
