"""Files of other systems, and other exports of a known one: nothing is overwritten or doubled without a question."""

from collections.abc import Callable, Sequence
from datetime import datetime

import pytest
from flask import Flask

from app.data.imports.overlap_rules import Doubt, header_hash, new_source, source_question
from app.declarations.importable import Overlap
from app.models import Call, Import
from app.ops.jobs.worker import run_worker
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import Page

HEADER = "Call Id,Date,Time,Agent,Caller Number,Answered,Talk time"
WIDER = "Topic,Call Id,Date,Time,Agent,Caller Number,Answered,Talk time"
WITHOUT_IDS = "Date,Time,Agent,Caller Number,Called Number,Answered,Talk time"

Outcome = Callable[[], list[tuple[str, datetime]]]


def rows(hour: int, count: int = 5, *, before: str = "", ids: bool = True) -> list[str]:
    return [
        f"{before}{f'{number},' if ids else ''}03/17/2026,{hour}:{number:02},Maria Manager,(512) 555-01{number:02},"
        f"{'' if ids else '(512) 555-0199,'}Y,60"
        for number in range(10, 10 + count)
    ]


def preview(pages: ImportPages, header: str, body: Sequence[str], name: str = "calls.csv", **changes: str) -> Page:
    return pages.client.follow(pages.map(pages.upload(lines(header, *body).encode(), name), changes))


def answer(pages: ImportPages, page: Page, *, status: int = 303, **fields: str) -> Page:
    """Answer the question of a preview, let the worker check the file again, and return the new preview."""
    form = page.fields(f"{pages.at}/source", "post")
    sent = pages.client.post(f"{pages.at}/source", {**form, **fields}, status=status)
    if status != 303:
        return sent
    run_worker(pages.client.app, schedule=(), until_idle=True)
    return pages.client.follow(sent)


@pytest.fixture
def five(app: Flask, pages: ImportPages) -> None:
    """Five calls at nine o'clock, imported from “calls.csv”."""
    preview_page = preview(pages, HEADER, rows(9))
    pages.start(preview_page)
    run_worker(app, schedule=(), until_idle=True)


@pytest.fixture
def calls(importer: Importer) -> Outcome:
    """Function that returns the source and the start of each call."""
    return lambda: sorted((call.external_source or "", call.started_at) for call in importer.stored(Call))


def is_asked(page: Page) -> bool:
    return bool(page.all(".//form[@id='source-question']"))


@pytest.mark.usefixtures("five")
def test_ids_of_other_calls_are_not_overwritten_without_a_question(
    app: Flask, pages: ImportPages, calls: Outcome
) -> None:
    before = calls()
    page = preview(pages, WIDER, rows(14, before="Leak,"))

    assert "5 of 5 IDs in this file are already here from “calls”" in page.text
    assert page.all(f".//form[@action='{pages.at}/run']") == []
    seen = page.fields(f"{pages.at}/source", "post")["seen"]
    forced = pages.client.follow(pages.client.post(f"{pages.at}/run", {"seen": seen}))
    assert "Answer the question about the source of this file first." in forced.text
    run_worker(app, schedule=(), until_idle=True)
    assert calls() == before

    assert page.fields(f"{pages.at}/source", "post").get("answer") is None
    told = answer(pages, page, answer="other")
    assert (told.metrics["created"], told.metrics["updated"], is_asked(told)) == ("5", "0", False)
    pages.start(told)
    run_worker(app, schedule=(), until_idle=True)
    assert [source for source, _start in calls()] == ["calls"] * 5 + ["calls 2"] * 5


@pytest.mark.usefixtures("five")
def test_the_same_calls_are_changed_when_someone_says_so(app: Flask, pages: ImportPages, calls: Outcome) -> None:
    told = answer(pages, preview(pages, HEADER, rows(14)), answer="same")

    assert (told.metrics["created"], told.metrics["updated"], is_asked(told)) == ("0", "5", False)
    assert "Change 5 records" in told.text
    pages.start(told)
    run_worker(app, schedule=(), until_idle=True)
    assert {start.minute for _source, start in calls()} == {*range(10, 15)}
    assert len(calls()) == 5


@pytest.mark.usefixtures("five")
def test_one_more_column_and_another_order_double_nothing(app: Flask, pages: ImportPages, calls: Outcome) -> None:
    page = preview(pages, WIDER, rows(9, before="Leak,"), "november.csv")
    assert "5 of 5 rows in this file are already here from “calls”." in page.text

    told = answer(pages, page, answer="same")
    assert (told.metrics["created"], told.metrics["updated"]) == ("0", "5")
    pages.start(told)
    run_worker(app, schedule=(), until_idle=True)
    assert [source for source, _start in calls()] == ["calls"] * 5


@pytest.mark.usefixtures("five")
def test_another_system_can_have_the_same_calls(pages: ImportPages) -> None:
    told = answer(pages, preview(pages, WIDER, rows(9, before="Leak,"), "november.csv"), answer="other")

    assert (told.metrics["created"], told.metrics["updated"], is_asked(told)) == ("5", "0", False)


@pytest.mark.parametrize("ids", [True, False], ids=["by id and minute", "by start, numbers and duration"])
def test_rows_of_another_source_are_recognized(app: Flask, pages: ImportPages, ids: bool) -> None:
    header = HEADER if ids else WITHOUT_IDS
    pages.start(preview(pages, header, rows(9, 3, ids=ids)))
    run_worker(app, schedule=(), until_idle=True)

    asked = preview(pages, header, rows(9, 10, ids=ids), source="Other")
    assert "3 of 10 rows in this file are already here from “calls”." in asked.text
    assert not is_asked(preview(pages, header, rows(9, 11, ids=ids), source="Other"))


@pytest.mark.usefixtures("five")
def test_the_same_file_again_has_nothing_to_import(pages: ImportPages) -> None:
    page = preview(pages, HEADER, rows(9), "again.csv")  # its header names the source, not its file name

    assert (page.metrics["unchanged"], is_asked(page)) == ("5", False)
    assert "Nothing to import" in page.text
    assert page.all(f".//form[@action='{pages.at}/run']//button[@type='submit']") == []


@pytest.mark.usefixtures("five")
@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "Choose one of the two."),
        ({"answer": "neither"}, "Not a valid choice."),
        ({"answer": "other", "source": ""}, "Enter a name for the other system."),
        ({"answer": "other", "source": "Calls"}, "from a source with this name"),
        ({"answer": "other", "source": "x" * 61}, "60"),
    ],
)
def test_an_answer_that_cannot_be_used_keeps_what_was_typed(
    pages: ImportPages, fields: dict[str, str], error: str
) -> None:
    page = preview(pages, HEADER, rows(14))

    told = answer(pages, page, status=400, **fields)

    assert error in told.text
    if "source" in fields:
        assert told.one(".//input[@name='source']").get("value") == fields["source"]


@pytest.mark.usefixtures("five")
def test_an_answer_to_an_older_preview_is_refused(pages: ImportPages) -> None:
    page = preview(pages, HEADER, rows(14))
    answer(pages, page, answer="other", source="One")
    pages.map(pages.client.get(f"{pages.at}/mapping"), {"source": "calls", "strict": "y"})

    told = answer(pages, page, status=409, answer="same")

    assert "Someone changed this file’s settings." in told.text


def test_calls_that_came_in_since_the_preview_are_asked_about_before_anything_is_stored(
    app: Flask, pages: ImportPages, calls: Outcome, importer: Importer
) -> None:
    first = preview(pages, HEADER, rows(9))
    first_at = pages.at
    second = preview(pages, HEADER, rows(14), source="calls")
    pages.start(second)
    run_worker(app, schedule=(), until_idle=True)
    pages.at = first_at
    pages.start(first)
    run_worker(app, schedule=(), until_idle=True)

    failed = next(one for one in importer.stored(Import) if first_at.endswith(str(one.id)))
    assert failed.status == "failed"
    assert "answer its question about the source" in str(failed.failure)
    assert len(calls()) == 5


@pytest.mark.parametrize(
    ("overlap", "total", "asked"),
    [
        (Overlap(100, 2, None, 0), 100, None),
        (Overlap(100, 3, None, 0), 100, Doubt.OTHER_RECORDS),
        (Overlap(150, 3, None, 0), 150, None),
        (Overlap(0, 0, "dialpad", 29), 100, None),
        (Overlap(0, 0, "dialpad", 30), 100, Doubt.OTHER_SOURCE),
        (Overlap(50, 3, "dialpad", 50), 100, Doubt.OTHER_RECORDS),
    ],
)
def test_a_question_needs_enough_rows(overlap: Overlap, total: int, asked: Doubt | None) -> None:
    question = source_question(overlap, total, "calls")

    assert (question.doubt if question else None) is asked


def test_a_header_is_the_same_in_any_case_but_not_in_another_order() -> None:
    same = header_hash(("Call  ID", " Date"))

    assert header_hash(("call id", "DATE")) == same
    assert header_hash(("Date", "Call ID")) != same
    assert header_hash(("Call IDDate",)) != header_hash(("Call ID", "Date"))


def test_a_proposed_name_is_free() -> None:
    assert new_source(("calls", "import"), ("Import",)) == "calls"
    assert new_source(("calls", "import"), ("Calls",)) == "import"
    assert new_source(("calls", "import"), ("calls", "import", "calls 2")) == "calls 3"
