"""`/imports/<id>/mapping/look`: the effect of the page's choices on a row of the file, and the open questions."""

import pytest

from app.models import Import, Organization, User
from tests.support.factories import Factories
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages, column
from tests.support.importing import Importer
from tests.support.pages import Page, text_of

LOG = lines(
    "Call id,Date,Time,Answered,Who,Way,Rating (1-10)",
    "1,2026-03-04,9:30,Y,104 - Ann Lee,Inbound,8",
    "2,2026-03-31,10:15,N,17,Sideways,11",
    "3,nowhere,10:20,Y,17,Inbound,",
).encode()
AS_HTMX = {"HX-Request": "true"}


def look(pages: ImportPages, page: Page, changes: dict[str, str] | None = None, *, status: int = 200) -> Page:
    """Submit the form of a mapping for a preview."""
    form = page.fields(f"{pages.at}/mapping", "post")
    return pages.client.post(f"{pages.at}/mapping/look", {**form, **(changes or {})}, status=status)


def row(page: Page) -> str:
    """Return the text of the preview of a single row."""
    return text_of(page.one(".//*[@id='one-row']"))


def still_open(page: Page) -> str:
    """Return the number of questions without an answer."""
    return text_of(page.one(".//*[@id='still-open']"))


def test_the_page_shows_one_row_as_it_will_be(pages: ImportPages) -> None:
    page = pages.upload(LOG)

    assert "line 2" in row(page)
    assert "9:30 AM" in row(page)
    assert "Rating 4" in row(page), "8 of 10"
    assert still_open(page) == "No open questions."


def test_the_next_row_says_what_it_comes_in_without_or_why_it_stays_out(pages: ImportPages) -> None:
    page = pages.upload(LOG)

    second = look(pages, page, {"row": "2"})
    assert "line 3" in row(second)
    assert "Warnings about this row" in row(second)
    third = look(pages, second, {"row": "99"})
    assert "line 4" in row(third), "the last"
    assert "Reasons for skipping" in row(third)
    assert "nowhere" in row(third)
    assert [one.get("value") for one in third.all(".//*[@id='one-row']//button")] == ["2"]


def test_what_a_choice_asks_is_asked_at_once_and_nothing_is_kept(
    pages: ImportPages, importer: Importer, make: Factories, organization: Organization
) -> None:
    ann: User = make.user(organization, name="Ann Lee", email="ann@example.com")
    page = pages.upload(LOG)
    assert "People in “" not in page.text

    looked = look(pages, page, {column(page, "Who"): "agent", "source": "Old system"})

    assert "People in “Who”" in looked.text
    form = looked.fields(f"{pages.at}/mapping", "post")
    assert (form[column(looked, "“104 - Ann Lee”")], form[column(looked, "“17”")]) == (ann.email, "")
    assert form["source"] == "Old system", "what was typed stays"
    assert ann.email in row(looked)
    assert importer.only(Import).mapping == {}


def test_a_script_gets_the_parts_that_change(pages: ImportPages) -> None:
    page = pages.upload(LOG)
    form = page.fields(f"{pages.at}/mapping", "post")

    sent = {**form, column(page, "Way"): ""}
    answer = pages.client.post(f"{pages.at}/mapping/look", sent, headers=AS_HTMX, status=200)

    parts = {one.get("id") for one in answer.all(".//*[@hx-swap-oob]")}
    assert parts == {"rest", "one-row", "still-open"}
    assert answer.one(".//*[@id='asked']") is not None
    assert not answer.all(".//*[@class='match']"), "the list of columns, in which one has just chosen, stays"


def test_days_are_said_to_be_open_and_shown_in_one_way(pages: ImportPages) -> None:
    page = pages.upload(lines("Call id,Date,Time,Answered", "1,03/04/2026,9:30,Y", "2,05/04/2026,9:31,Y").encode())

    assert still_open(page) == "1 question to answer"
    assert "Dates are shown as MM/DD/YYYY until you choose the date format." in row(page)
    assert "Mar 4" in row(page)
    answered = look(pages, page, {"date_order": "DD/MM/YYYY"})
    assert still_open(answered) == "No open questions."
    assert "Apr 3" in row(answered)


def test_dates_of_a_column_that_is_chosen_only_now_are_taken_over(pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(lines("Call id,Date,Time,Booked on,Answered", "1,2026-03-04,9:30,31.03.2026,Y").encode())

    looked = look(pages, page, {column(page, "Date"): "", column(page, "Booked on"): "date"})

    assert looked.fields(f"{pages.at}/mapping", "post")["date_formats"] == "DD.MM.YYYY"
    assert "Mar 31" in row(looked)
    pages.map(looked)
    assert importer.only(Import).mapping["date_formats"] == ["DD.MM.YYYY"]


def test_formats_that_somebody_typed_stay_and_it_is_said_when_they_are_sent(pages: ImportPages) -> None:
    page = pages.upload(lines("Call id,Date,Time,Booked on,Answered", "1,2026-03-04,9:30,31.03.2026,Y").encode())
    other = {column(page, "Date"): "", column(page, "Booked on"): "date", "date_formats": "YY.MM.DD"}

    looked = look(pages, page, other)

    assert looked.fields(f"{pages.at}/mapping", "post")["date_formats"] == "YY.MM.DD"
    refused = pages.map(looked, status=400)
    assert "You chose a different date column." in refused.text


def test_what_was_said_of_the_file_is_still_said(pages: ImportPages) -> None:
    page = pages.upload(lines("Nr,Wann,Answered", "1,2026-03-04 9:30,Y").encode())
    said = (
        "“Wann” has dates with times, so it was matched to the date and time of the record. Check that this is right."
    )
    assert said in page.text

    assert said in look(pages, page).text


def test_a_choice_leaves_the_row_that_is_looked_at(pages: ImportPages) -> None:
    page = pages.upload(LOG)

    second = look(pages, page, {"row": "2"})
    assert "line 3" in row(look(pages, second, {column(second, "Way"): ""}))


def test_what_lacks_is_open_and_no_row_is_shown(pages: ImportPages) -> None:
    page = pages.upload(lines("Nr,Wer", "1,Ann").encode())

    assert still_open(page) == "2 questions to answer"
    assert "Choose the column for the call’s start time" in text_of(page.one(".//*[@id='asked']"))
    assert "Answer the open questions first." in row(page)


def test_only_rows_that_are_wanted_are_looked_at(pages: ImportPages) -> None:
    page = pages.upload(LOG)

    only = {"only_column": "Way", "only_words": "sideways"}
    assert "line 3" in row(look(pages, page, only))
    assert "Answer the open questions first." in row(look(pages, page, {**only, "only_words": "upwards"}))


@pytest.mark.parametrize(
    "forged",
    [
        {"rating_scale": "many"}, {"row": "-1"}, {"row": "9" * 5000}, {"row": "0"}, {"row": "٣"},
        {"column_0": "password"},
        {"source": "\0"}, {"date_formats": "YYYY"}, {"only_column": "nowhere", "only_words": "x"},
        {"timezone": "Mars"}, {"unit_talk_time": "x"},
    ],
)  # fmt: skip
def test_a_value_that_is_not_offered_shows_no_row_or_the_first(
    pages: ImportPages, importer: Importer, forged: dict[str, str]
) -> None:
    page = pages.upload(LOG)

    looked = look(pages, page, forged)

    assert "Row preview" in row(looked)
    assert importer.only(Import).mapping == {}


def test_an_import_that_runs_is_looked_at_no_more(pages: ImportPages) -> None:
    page = pages.upload(LOG)
    pages.start(pages.client.follow(pages.map(page)))

    answer = look(pages, page, status=303)

    assert answer.headers["Location"].endswith(pages.at)
