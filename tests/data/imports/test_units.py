"""Units of durations: found in the file, proposed or asked."""

from collections.abc import Sequence

import pytest
from flask import Flask

from app.data.imports.guess_rules import Guess, guess_mapping
from app.models import Call, Import
from app.ops.jobs.worker import run_worker
from app.tables.file_rules import open_table
from app.work.calls.importing import CALLS_IMPORT
from tests.support.import_files import WriteFile, lines
from tests.support.import_pages import ImportPages, column
from tests.support.importing import Importer
from tests.support.pages import Page, text_of

HEADER = "Call id,Date,Time,Answered,Talk"


def guess(write_file: WriteFile, header: str, *rows: str) -> Guess:
    with open_table(write_file(lines(header, *rows))) as table:
        return guess_mapping(CALLS_IMPORT, table.header, table.rows)


def of_talk(values: Sequence[object]) -> list[str]:
    return [f"{number},2026-03-02,9:00,Y,{value}" for number, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "unit", "asked"),
    [
        ((2.5, 3.75, 120), "minutes", ("2.5", "3.75")),
        ((75.5, 80.25), None, None),
        ((125.5, 59.5), "minutes", ("125.5", "59.5")),
        ((4, 7, 0, 12), None, ("4", "7", "12")),
        ((4, 7, 121), None, None),
        ((15, 16, 17), None, None),
        ((14, 14, 120), None, ("14", "120")),
        ((0, 0), None, None),
        (("0:02:05", "0:00:07"), None, None),
        (("1.0", "95"), None, None),
    ],
)
def test_decimals_and_small_numbers_are_asked(
    write_file: WriteFile, values: Sequence[object], unit: str | None, asked: tuple[str, ...] | None
) -> None:
    result = guess(write_file, HEADER, *of_talk(values))

    assert (result.mapping.units.get("talk_time"), result.unit_asks.get("talk_time")) == (unit, asked)


def test_a_unit_in_the_name_is_not_asked(write_file: WriteFile) -> None:
    assert guess(write_file, HEADER.replace("Talk", "Talk (sec)"), *of_talk((4, 7))).unit_asks == {}


@pytest.mark.parametrize(
    ("start", "ends", "talk", "unit"),
    [
        ("2026-03-02 09:00:00", ("2026-03-02 09:04:10", "2026-03-02 09:07:20"), (4, 7), "minutes"),
        ("2026-03-02 09:00:00", ("2026-03-02 09:00:05", "2026-03-02 09:00:09"), (4, 7), None),
        ("2026-03-02 09:00:00", ("2026-03-02 09:02:40", "2026-03-02 09:04:00"), (2.5, 3.75), "minutes"),
        ("2026-03-02 23:59:00", ("0:03:10", "0:06:00"), (4, 7), "minutes"),
    ],
)
def test_start_and_end_decide(
    write_file: WriteFile, start: str, ends: tuple[str, str], talk: tuple[float, float], unit: str | None
) -> None:
    rows = (f"Y,{start},{end},{value}" for end, value in zip(ends, talk, strict=True))
    result = guess(write_file, "Answered,Call start,Call end,Talk", *rows)

    assert (result.mapping.units.get("talk_time"), result.unit_asks) == (unit, {})
    assert any("“Talk” is in minutes" in str(one) for one in result.notices) is (unit == "minutes")


def test_start_and_end_that_fit_no_unit_decide_nothing(write_file: WriteFile) -> None:
    result = guess(write_file, "Answered,Call start,Call end,Talk", "Y,2026-03-02 09:00:00,2026-03-02 10:00:00,4")

    assert result.unit_asks == {"talk_time": ("4",)}


def test_waits_have_the_unit_of_the_talk_time(write_file: WriteFile) -> None:
    of_seconds = guess(write_file, f"{HEADER},Wait", *(f"{row},5" for row in of_talk((60, 125))))
    unknown = guess(write_file, f"{HEADER},Wait", *(f"{row},5" for row in of_talk((3, 4))))

    assert of_seconds.unit_asks == {}
    assert unknown.unit_asks == {"talk_time": ("3", "4"), "speed_of_answer": ("5",)}


def unit_of(pages: ImportPages, page: Page) -> str:
    return page.fields(f"{pages.at}/mapping", "post")["unit_talk_time"]


def asked(page: Page) -> str:
    return text_of(page.one(".//*[@id='asked']"))


def test_small_numbers_are_an_open_question_on_the_page(app: Flask, pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(lines(HEADER, *of_talk((4, 7, 12))).encode())
    assert "values like 4, 7, 12" in asked(page)
    assert text_of(page.one(".//*[@id='still-open']")) == "1 question to answer"

    refused = pages.map(page, status=400)
    assert "Choose the unit of these values." in refused.text
    assert importer.only(Import).mapping == {}

    pages.start(pages.client.follow(pages.map(refused, {"unit_talk_time": "minutes"})))
    run_worker(app, schedule=(), until_idle=True)
    assert [call.duration_seconds for call in importer.stored(Call, Call.external_id)] == [240, 420, 720]


def test_an_answer_stays_also_where_it_is_the_usual_one(pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(lines(HEADER, *of_talk((4, 7, 12))).encode())

    pages.map(page, {"unit_talk_time": "seconds"})

    assert importer.only(Import).mapping["units"] == {"talk_time": "seconds"}
    again = pages.client.get(f"{pages.at}/mapping")
    assert unit_of(pages, again) == "seconds"
    assert text_of(again.one(".//*[@id='still-open']")) == "No open questions."


def test_minutes_are_proposed_for_decimals(app: Flask, pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(lines(HEADER, *of_talk((2.5, 3.75))).encode())
    assert unit_of(pages, page) == "minutes"
    assert "Values like 2.5, 3.75 are probably minutes." in asked(page)

    pages.start(pages.client.follow(pages.map(page)))
    run_worker(app, schedule=(), until_idle=True)

    assert [call.duration_seconds for call in importer.stored(Call, Call.external_id)] == [150, 225]


def test_a_column_that_is_chosen_later_is_asked_too(pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(lines(f"{HEADER},Minutes spoken", *(f"{row},5" for row in of_talk((60, 125)))).encode())
    other = {column(page, "Talk"): "", column(page, "Minutes spoken"): "talk_time"}
    form = page.fields(f"{pages.at}/mapping", "post")

    shown = pages.client.post(f"{pages.at}/mapping/look", {**form, **other}, status=200)
    assert "Talk time unit is now: Minutes" in asked(shown)
    refused = pages.map(page, other, status=400)
    assert "You chose a different column. Check that this matches its values." in refused.text
    assert unit_of(pages, refused) == "minutes"

    pages.map(refused)
    assert importer.only(Import).mapping["units"] == {"talk_time": "minutes"}
