"""Files that an earlier release imported come in again with today's suggestions: no row is new."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.data.imports.mapping_rules import Mapping
from app.data.imports.word_rules import TURN_AWAY
from app.models import Call, ContactCard
from app.ops.jobs.worker import run_worker
from app.work.calls.importing import CALLS_IMPORT
from app.work.calls.resource import CALL
from app.work.contacts.importing import CONTACTS_IMPORT
from tests.support import import_files
from tests.support.import_files import WriteFile, guessed, lines, read_calls, read_contacts
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import Page, text_of

KINDS = {kind.kind: kind for kind in (CALLS_IMPORT, CONTACTS_IMPORT)}
HERE = Path(__file__).parent
#: For each file: the mapping that the earlier release suggested, the lines that it rejected, and the line, the id and
#: the fingerprint of each row that it stored.
STORED: dict[str, Any] = json.loads((HERE / "earlier_release.json").read_text())

_AS_STORED = text("""
    UPDATE calls SET external_id = :earlier, external_fingerprint = :fingerprint, cost = round(cost, 2),
      waited_seconds = NULL
    WHERE external_id = :today
""")
_CONTACT_AS_STORED = text("""
    UPDATE contact_cards SET external_id = :earlier, external_fingerprint = :fingerprint WHERE external_id = :today
""")


def as_before(engine: Engine, path: Path, mapping: Mapping, rows: list[tuple[int, str, str]]) -> None:
    """Give the records of a file the ids, fingerprints and values with which the earlier release stored them."""
    is_calls = mapping.kind == "calls"
    zone = mapping.timezone or "America/New_York"
    read: list[Any] = read_calls(path, mapping, zone=zone).calls if is_calls else read_contacts(path, mapping)[0]
    today = {record.line: record.external_id for record in read}
    with engine.begin() as connection:
        for line, earlier, fingerprint in rows:
            values = {"today": today[line], "earlier": earlier, "fingerprint": bytes.fromhex(fingerprint)}
            stored = connection.execute(_AS_STORED if is_calls else _CONTACT_AS_STORED, values)
            assert stored.rowcount == 1


@pytest.mark.parametrize("name", STORED)
def test_rows_of_the_earlier_release_are_known(
    importer: Importer, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(import_files, "NOW", datetime(2026, 12, 31, tzinfo=UTC))
    path, stored = HERE / "shapes" / name, STORED[name]
    mapping = Mapping.model_validate(stored["mapping"])
    model = Call if mapping.kind == "calls" else ContactCard
    importer.import_(path, mapping, create_users=True)
    as_before(admin_engine, path, mapping, stored["rows"])
    before = {record.id for record in importer.stored(model)}
    assert len(before) == len(stored["rows"])

    again = guessed(path, KINDS[mapping.kind]).model_copy(update={"source": mapping.source})
    first, second = (importer.import_(path, again, create_users=True).counts for _time in range(2))

    assert first.get("created", 0) <= len(stored["rejected"])
    assert (second.get("created", 0), second.get("updated", 0)) == (0, 0)
    assert before <= {record.id for record in importer.stored(model)}


@pytest.mark.parametrize("name", [name for name in STORED if name.startswith("calls-")])
def test_what_changes_in_calls_of_the_earlier_release_is_named(
    app: Flask, pages: ImportPages, importer: Importer, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(import_files, "NOW", datetime(2026, 12, 31, tzinfo=UTC))
    path, stored = HERE / "shapes" / name, STORED[name]
    mapping = Mapping.model_validate(stored["mapping"])
    importer.import_(path, mapping, create_users=True)
    as_before(admin_engine, path, mapping, stored["rows"])
    before = {call.id: values_of(call) for call in importer.stored(Call)}

    asked = pages.upload(path, name)
    page = pages.client.follow(
        pages.map(asked, {"source": mapping.source, **first_answers(asked, f"{pages.at}/mapping")})
    )
    named = {text_of(one).partition(":")[0] for one in page.all(".//ul[@id='changed-fields']/li")}
    if page.metrics["created"] != "0" or page.metrics["updated"] != "0":
        pages.start(page)
        run_worker(app, schedule=(), until_idle=True)

    after = {call.id: values_of(call) for call in importer.stored(Call)}
    changed = {column for one in before for column, value in before[one].items() if after[one][column] != value}
    labels = {str(field.label) for field in CALL.fields if changed & {*field.recorded_columns}}
    assert named == labels
    assert len(after) - len(before) <= len(stored["rejected"])


def first_answers(page: Page, action: str) -> dict[str, str]:
    """Return the first answer to each open question of a mapping page: only calls, and to skip rows with a word."""
    words = [select.get("name", "") for select in page.all(".//div[@id='asked']//select")]
    boxes = page.all(".//div[@id='asked']//input[@type='radio']")
    choices = {box.get("name", ""): box.get("value", "") for box in reversed(boxes)}
    given = page.fields(action, "post")
    return {
        name: value for name, value in {**dict.fromkeys(words, TURN_AWAY), **choices}.items() if not given.get(name)
    }


def values_of(call: Call) -> dict[str, Any]:
    """Return the values of a call, without those about its versions and its import."""
    return {
        column.name: getattr(call, column.key)
        for column in Call.__table__.columns
        if column.name not in {"version", "updated_at"} and not column.name.startswith("external_")
    }


def test_one_more_column_doubles_no_row_without_an_id(importer: Importer, write_file: WriteFile) -> None:
    rows = [f"2026-03-02 09:{minute},Y,60,212-555-0101" for minute in (10, 10, 20)]
    importer.calls(write_file(lines("Start,Answered,Talk time,Caller number", *rows)))
    wider = write_file(lines("Topic,Start,Answered,Talk time,Caller number", *(f"Leak,{row}" for row in rows)))

    assert importer.calls(wider).counts == {"total": 3, "updated": 3}
    assert importer.calls(wider).counts == {"total": 3, "unchanged": 3}
    assert [call.topic for call in importer.stored(Call)] == ["Leak"] * 3


def test_an_id_column_that_is_matched_later_doubles_no_row(importer: Importer, write_file: WriteFile) -> None:
    file = write_file(lines("Call id,Start,Answered", "C1,2026-03-02 09:10,Y", "C2,2026-03-02 09:20,N"))
    without = guessed(file).model_copy(update={"columns": {"Start": "started_at", "Answered": "answered"}})
    importer.calls(file, without)

    assert importer.calls(file).counts.get("created", 0) == 0
    assert len(importer.stored(Call)) == 2


def test_a_mapping_that_this_release_cannot_read_is_passed_over(
    importer: Importer, write_file: WriteFile, admin_engine: Engine
) -> None:
    file = write_file(lines("Start,Answered", "2026-03-02 09:10,Y"))
    importer.calls(file)
    with admin_engine.begin() as connection:
        connection.execute(text('UPDATE imports SET mapping = mapping || \'{"columns": {"Start": "gone"}}\''))

    assert importer.calls(file).counts == {"total": 1, "unchanged": 1}


def test_a_preview_names_the_fields_that_change_with_their_numbers(
    app: Flask, pages: ImportPages, admin_engine: Engine
) -> None:
    rows = [f"A{number},03/17/2026,09:{number},Y,60,0.0085" for number in range(10, 22)]
    content = lines("Call Id,Date,Time,Answered,Talk time,Cost", *rows).encode()
    pages.run(app, content)
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE calls SET cost = 0.01, external_fingerprint = sha256('')"))

    page = pages.client.follow(pages.map(pages.upload(content)))

    assert [text_of(one) for one in page.all(".//ul[@id='changed-fields']/li")] == ["Cost: $0.01 → $0.0085, 12 records"]


def test_a_wait_that_the_file_adds_stays_out_of_a_call_that_is_kept_as_answered(
    importer: Importer, write_file: WriteFile
) -> None:
    importer.calls(write_file(lines("Call id,Start,Status", "C1,2026-03-02 09:10,completed")))
    missed = write_file(lines("Call id,Start,Status,Waited", "C1,2026-03-02 09:10,missed,20"))

    importer.calls(missed, guessed(missed).model_copy(update={"overwrite": "empty"}))

    call = importer.only(Call)
    assert (call.status, call.waited_seconds) == ("completed", None)
