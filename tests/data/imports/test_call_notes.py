"""Notes, tags, values and marketing sources of imported calls."""

from datetime import UTC, datetime
from decimal import Decimal

from flask import Flask
from sqlalchemy import Engine, text

from app.models import Call, CallNote, User
from tests.support.import_files import WriteFile, lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer

HEADER = "Call Status,Source,Start Time,Phone Number,Campaign,Value,Tags,Note"
ONE = "Answered Call,Google Ads,2026-03-01 09:02 AM,212-555-0100,Fall,1200.50,lead; hvac,Wants a quote"
OTHER = "Abandoned Call,,2026-03-01 10:57 AM,212-555-0101,Fall,,,"


def test_what_call_tracking_says_about_a_call_comes_in(importer: Importer, write_file: WriteFile) -> None:
    importer.calls(write_file(lines(HEADER, ONE, OTHER)))

    one, other = sorted(importer.stored(Call), key=lambda call: call.started_at)
    assert (one.marketing_source, one.tags, one.value) == ("Google Ads", ["lead", "hvac"], Decimal("1200.50"))
    assert (other.marketing_source, other.tags, other.value) == (None, [], None)
    assert [(note.call_id, note.kind, note.body) for note in importer.stored(CallNote)] == [
        (one.id, "note", "Wants a quote")
    ]


def test_what_cannot_be_stored_is_left_out_with_a_remark(importer: Importer, write_file: WriteFile) -> None:
    long = "x" * 41
    row = f"Answered Call,{'s' * 101},2026-03-01 09:02 AM,212-555-0100,Fall,-5,lead; {long},{'n' * 5001}"

    imported = importer.calls(write_file(lines(HEADER, row)))

    call = importer.only(Call)
    assert (call.marketing_source, call.tags, call.value) == (None, ["lead"], None)
    assert {error.column for error in imported.errors} == {"Source", "Tags", "Value", "Note"}
    assert importer.stored(CallNote) == []


def test_a_changed_row_keeps_one_note(importer: Importer, write_file: WriteFile) -> None:
    with_id = lines("Call Id," + HEADER, "C1," + ONE)
    importer.calls(write_file(with_id))

    again = importer.calls(write_file(with_id.replace("hvac", "hvac; spring")))

    assert again.counts == {"total": 1, "updated": 1}
    assert importer.only(Call).tags == ["lead", "hvac", "spring"]
    assert [note.body for note in importer.stored(CallNote)] == ["Wants a quote"]


def test_a_note_edited_here_is_not_written_again(
    importer: Importer, write_file: WriteFile, admin_engine: Engine
) -> None:
    with_id = lines("Call Id," + HEADER, "C1," + ONE)
    importer.calls(write_file(with_id))
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE call_notes SET body = 'Wants two quotes'"))

    again = importer.calls(write_file(with_id.replace("hvac", "hvac; spring")))

    assert again.counts == {"total": 1, "updated": 1}
    assert [note.body for note in importer.stored(CallNote)] == ["Wants two quotes"]


def test_a_note_is_by_the_person_who_imports_and_goes_with_the_import(
    app: Flask, pages: ImportPages, importer: Importer, manager: User
) -> None:
    pages.run(app, lines(HEADER, ONE).encode())

    note = importer.only(CallNote)
    assert (note.user_id, note.author_label) == (manager.id, manager.name)
    assert note.created_at <= datetime.now(UTC)
