"""No import writes a value that was neither shown nor confirmed, however misleading the file."""

from typing import NamedTuple

import pytest
from flask import Flask

from app.models import Call, Import
from app.ops.jobs.worker import run_worker
from tests.support.import_files import WriteFile, lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer


class Trap(NamedTuple):
    """A column of a file with its value, and the expected field of a call and its value."""

    column: str
    says: str
    field: str
    becomes: object


TRAPS = {
    "an id of one digit": Trap("Call id", "9", "external_id", "9"),
    "a unit in the header": Trap("Talk time (min)", "2", "duration_seconds", 120),
    "holding is no talk": Trap("Hold time", "45", "duration_seconds", None),
    "wrap-up is no talk": Trap("Wrap up time", "45", "duration_seconds", None),
    "a wait that is blank is not known": Trap("Wait time", "", "is_wait_unknown", True),
    "a wait of none is known": Trap("Wait time", "0", "is_wait_unknown", False),
    "a complaint is a topic": Trap("Call type", "Complaint", "topic", "Complaint"),
    "and no kind of call": Trap("Call type", "Complaint", "call_type", "csr_call"),
    "a short code calls": Trap("From", "72345", "caller_number", "72345"),
    "a number that cannot exist is nobody's": Trap("From", "+1 000 000 0000", "caller_number", None),
    "nor a number with too few digits": Trap("From", "555-0101", "caller_number", None),
    "a name beside a number is none of it": Trap("From", "Ann Lee <+12125550101>", "caller_number", "+12125550101"),
    "what was abandoned was not answered": Trap("Abandoned", "No", "status", "completed"),
    "a price below zero is a cost": Trap("Price", "-0.02", "cost", "0.02"),
    "a rating in words is none": Trap("Rating", "Good", "call_quality", None),
    "a booking that is not known is none": Trap("Booking status", "Maybe", "booking_status", None),
    "an outcome that is not known is none": Trap("Outcome", "Shrug", "outcome", None),
}


def file_of(*traps: Trap) -> str:
    """Return a file of one call with these columns."""
    answered = () if any(one.column == "Abandoned" for one in traps) else (("Answered", "Y"),)
    columns = {"Date": "2026-03-04", "Time": "9:30", **dict(answered), **{one.column: one.says for one in traps}}
    return lines(";".join(columns), ";".join(columns.values()))


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_a_file_that_nobody_explains_says_no_more_than_it_means(
    importer: Importer, write_file: WriteFile, trap: Trap
) -> None:
    importer.calls(write_file(file_of(trap)))

    found = getattr(importer.only(Call), trap.field)
    assert (f"{found:.2f}" if trap.field == "cost" else found) == trap.becomes


def test_the_page_makes_the_same_of_all_of_them_at_once(app: Flask, pages: ImportPages, importer: Importer) -> None:
    together = {one.column: one for one in TRAPS.values() if one.column != "Abandoned"}
    pages.run(app, file_of(*together.values()).encode())

    call = importer.only(Call)
    for trap in together.values():
        found = getattr(call, trap.field)
        expected = 120 if trap.field == "duration_seconds" else trap.becomes
        assert (f"{found:.2f}" if trap.field == "cost" else found) == expected, trap.column


@pytest.mark.parametrize("word", ["Chat", "Shrug"])
def test_a_status_that_nobody_knows_is_never_the_usual_one(
    app: Flask, pages: ImportPages, importer: Importer, word: str
) -> None:
    content = lines("Call id,Date,Time,Status", "1,2026-03-04,9:30,answered", f"2,2026-03-04,9:31,{word}").encode()

    page = pages.upload(content)
    pages.map(page, status=400)
    pages.start(pages.client.follow(pages.map(page, {"word_status_0": "turn_away"})))
    run_worker(app, schedule=(), until_idle=True)

    assert [call.external_id for call in importer.stored(Call)] == ["1"]
    assert importer.only(Import).rows_rejected == 1


def test_ratings_of_ten_are_parted_into_five(importer: Importer, write_file: WriteFile) -> None:
    rows = [f"{number};2026-03-04;9:30;Y;{number}" for number in range(1, 11)]
    importer.calls(write_file(lines("Call id;Date;Time;Answered;Rating", *rows)))

    ratings = {call.external_id: call.call_quality for call in importer.stored(Call)}
    assert [ratings[str(number)] for number in range(1, 11)] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


def test_chats_come_in_by_no_way_unless_somebody_wants_them(
    app: Flask, pages: ImportPages, importer: Importer, write_file: WriteFile
) -> None:
    rows = ("1,2026-03-04,9:30,Y,Voice", "2,2026-03-04,9:31,Y,Chat")
    content = lines("Call id,Date,Time,Answered,Channel", *rows)

    importer.calls(write_file(content))
    assert [call.external_id for call in importer.stored(Call)] == ["1"]

    page = pages.upload(content.encode())
    refused = pages.map(page, status=400)
    assert "Choose whether rows that aren’t calls are imported." in refused.text
    pages.start(pages.client.follow(pages.map(page, {"channel": "all"})))
    run_worker(app, schedule=(), until_idle=True)
    assert [call.external_id for call in importer.stored(Call, Call.external_id)] == ["1", "2"]
