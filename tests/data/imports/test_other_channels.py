"""Rows of other channels among calls: only calls are offered, and what is left out is counted and named."""

import pytest
from flask import Flask

from app.models import Call, Import
from app.ops.jobs.worker import run_worker
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import text_of

ROWS = ("1,2026-03-04,9:30,Y,Voice", "2,2026-03-04,9:31,Y,Chat", "3,2026-03-04,9:32,Y,Fax", "4,2026-03-04,9:33,Y,Chat")
LOG = lines("Call id,Date,Time,Answered,Channel", *ROWS).encode()


def bring_in(app: Flask, pages: ImportPages, answer: str) -> str:
    """Import the log with this answer, and return the text of the preview."""
    preview = pages.client.follow(pages.map(pages.upload(LOG), {"channel": answer}))
    preview = pages.client.get(f"{pages.at}/preview")
    pages.start(preview)
    run_worker(app, schedule=(), until_idle=True)
    return preview.text


def test_it_is_asked_without_an_answer_and_the_rows_are_counted(pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(LOG)

    options = [text_of(one) for one in page.all(".//input[@name='channel']/..")]
    assert options == [
        "Import only calls and skip these rows: Chat (2), Fax (1)",
        "Import all rows as calls",
    ]
    assert not page.all(".//input[@name='channel'][@checked]")
    assert text_of(page.one(".//*[@id='still-open']")) == "1 question to answer"
    assert "Choose whether rows that aren’t calls are imported." in pages.map(page, status=400).text
    assert importer.only(Import).mapping == {}


def test_only_calls_come_in_and_the_others_are_counted_and_named(
    app: Flask, pages: ImportPages, importer: Importer
) -> None:
    preview = bring_in(app, pages, "calls")

    assert [call.external_id for call in importer.stored(Call)] == ["1"]
    assert importer.only(Import).rows_left_out == 3
    assert importer.only(Import).skipped_columns == [], "the channel decided which rows came in"
    assert "Filtered out: rows where “Channel” isn’t Voice." in preview
    assert "Filtered out: rows where “Channel” isn’t Voice." in pages.client.get(pages.at).text


def test_all_rows_come_in_if_somebody_wants_them(app: Flask, pages: ImportPages, importer: Importer) -> None:
    preview = bring_in(app, pages, "all")

    assert len(importer.stored(Call)) == 4
    assert importer.only(Import).skipped_columns == ["Channel"]
    assert "Filtered out: rows" not in preview


def test_the_answer_stays_and_is_not_asked_again(pages: ImportPages) -> None:
    pages.map(pages.upload(LOG), {"channel": "calls"})

    again = pages.client.get(f"{pages.at}/mapping")

    assert not again.all(".//input[@name='channel']")
    found = again.fields(f"{pages.at}/mapping", "post")
    assert (found["only_column"], found["only_words"]) == ("Channel", "Voice")


@pytest.mark.parametrize("value", ["", "Voice", "Callback"])
def test_where_there_are_only_calls_nothing_is_asked(pages: ImportPages, value: str) -> None:
    rows = ("1,2026-03-04,9:30,Y,Voice", f"2,2026-03-04,9:31,Y,{value}")
    page = pages.upload(lines("Call id,Date,Time,Answered,Channel", *rows).encode())

    assert not page.all(".//input[@name='channel']")


def test_rows_without_a_word_are_counted_among_those_left_out(pages: ImportPages) -> None:
    rows = (*ROWS, "5,2026-03-04,9:34,Y,")
    page = pages.upload(lines("Call id,Date,Time,Answered,Channel", *rows).encode())

    assert "Chat (2), Fax (1), no value (1)" in text_of(page.all(".//input[@name='channel']/..")[0])
