"""`/imports/<id>/mapping`: meanings of the columns, file format, and saved mappings."""

import re

import pytest
from flask import Flask

from app.models import Call, Import, ImportKind, ImportMapping, Organization, User
from app.ops.jobs.worker import run_worker
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.import_files import book_of, lines, saved
from tests.support.import_pages import ImportPages, column
from tests.support.importing import Importer
from tests.support.pages import Page, text_of

LOG = lines(
    "Nr,Wann,Wer,Ging dran,Worum",
    "1,17.03.2026 9:30,Maria Manager,ja,Repair",
    "2,18.03.2026 10:15,Maria Manager,nein,Quote",
).encode()
#: The choices of a user for this file.
CHOICE = {
    "Nr": "external_id",
    "Wann": "started_at",
    "Wer": "agent",
    "Ging dran": "answered",
    "Worum": "topic",
}
WORDS = {"date_formats": "DD.MM.YYYY", "yes_words": "ja; doch", "no_words": "nein"}


def chosen(page: Page, **more: str) -> dict[str, str]:
    """Return the form as filled in by hand."""
    return {**{column(page, name): field for name, field in CHOICE.items()}, **WORDS, **more}


def field_errors(page: Page) -> dict[str, str]:
    """Return the errors next to fields, by the field's ID."""
    return {one.get("id", "").removesuffix("-error"): text_of(one) for one in page.all(".//p[@class='error']")}


def summary(page: Page) -> str:
    """Return the error summary at the top."""
    return text_of(page.one(".//div[@data-error-summary]"))


def form(pages: ImportPages, page: Page) -> dict[str, str]:
    """Return the current values of the form."""
    return page.fields(f"{pages.at}/mapping", "post")


def test_columns_come_with_what_their_names_suggest_and_their_first_values(pages: ImportPages) -> None:
    page = pages.upload(
        lines("Call Date,Start time,Answered,Foo", "2026-03-17,09:30,Y,bar", "2026-03-18,9:31,N,").encode()
    )

    found = form(pages, page)
    assert {name: found[column(page, name)] for name in ("Call Date", "Start time", "Answered", "Foo")} == {
        "Call Date": "date",
        "Start time": "time",
        "Answered": "answered",
        "Foo": "",
    }
    samples = page.all(f".//*[@id='{column(page, 'Call Date')}-hint']/span")
    assert [text_of(sample) for sample in samples] == ["2026-03-17", "2026-03-18"]
    assert "No agent column: these calls won’t be credited to anyone." in page.text


def test_a_file_in_its_own_words_is_imported_by_choosing(app: Flask, pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(LOG)

    preview = pages.client.follow(pages.map(page, chosen(page, direction="outbound", source="old system")))
    pages.start(preview)
    run_worker(app, schedule=(), until_idle=True)

    first, second = importer.stored(Call, Call.external_id)
    assert (first.external_id, first.status, first.topic, first.direction) == ("1", "completed", "Repair", "outbound")
    assert (second.external_source, second.status) == ("old system", "failed")


def test_a_mapping_with_gaps_is_refused_and_what_was_chosen_stays(pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(LOG)
    wanted = chosen(page, **{column(page, "Wann"): ""})

    refused = pages.map(page, wanted, status=400)

    assert "Choose the column for the call’s start time" in summary(refused)
    assert form(pages, refused).items() >= wanted.items()
    assert importer.only(Import).mapping == {}


def test_what_is_wrong_stands_beside_its_field(pages: ImportPages) -> None:
    page = pages.upload(LOG)
    agent, topic = column(page, "Wer"), column(page, "Worum")

    refused = pages.map(
        page,
        chosen(page, **{topic: "agent"}, date_formats="YYYY", time_formats="", source="", yes_words="x" * 101),
        status=400,
    )
    errors = field_errors(refused)
    assert errors[topic] == "Another column is already set to “Agent”."
    assert agent not in errors
    assert errors["time_formats"] == "Enter the time format, such as HH:mm."
    assert errors["source"] == "Give the system a name."
    assert errors["yes_words"] == "Use up to 100 characters for each value."

    refused = pages.map(page, chosen(page, date_formats="YYYY; DD.MM.YYYY"), status=400)
    assert "a date format needs DD, MM (or MMM) and YYYY (or YY), each once." in field_errors(refused)["date_formats"]

    refused = pages.map(page, chosen(page, no_words="nein; ja"), status=400)
    assert "These values mean both yes and no: ja." in summary(refused)


@pytest.mark.parametrize(
    "forged", [{"decimal_separator": "x"}, {"direction": "sideways"}, {"column_0": "password"}, {"version": "many"}]
)
def test_a_value_that_is_not_offered_is_refused(pages: ImportPages, importer: Importer, forged: dict[str, str]) -> None:
    page = pages.upload(LOG)

    pages.map(page, chosen(page, **forged), status=400)

    assert importer.only(Import).mapping == {}


def test_the_way_a_file_is_read_can_be_chosen(pages: ImportPages) -> None:
    pages.upload("Дата;Время;Отвечен\n2026-03-17;09:30;да\n".encode("cp866"))

    page = pages.client.get(f"{pages.at}/mapping?encoding=cp866&delimiter=semicolon")

    assert form(pages, page)[column(page, "Дата")] == "date"
    assert form(pages, page)["encoding"] == "cp866"
    preview = pages.client.follow(pages.map(page))
    assert re.search("Mar 17(, 2026)?, 9:30 AM", preview.text)  # the year is shown once it is over
    assert column(pages.client.get(f"{pages.at}/mapping"), "Дата"), "it stays chosen"


def test_a_way_that_does_not_work_says_so_and_another_can_be_chosen(pages: ImportPages) -> None:
    pages.upload("Дата;Время\n2026-03-17;09:30\n".encode("cp1251"))

    page = pages.client.get(f"{pages.at}/mapping?encoding=utf-8")

    assert "isn’t in utf-8 encoding" in page.text
    assert not page.all(".//form[@method='post']//select")
    assert page.one(".//select[@id='encoding']") is not None
    pages.client.get(f"{pages.at}/mapping?encoding=ebcdic", status=400)


def test_another_sheet_of_a_workbook_can_be_chosen(pages: ImportPages) -> None:
    book = book_of(
        {"Notes": [("Hello", "World"), ("a", "b")], "Log": [("Date", "Time", "Answered"), ("2026-03-17", "09:30", "Y")]}
    )
    page = pages.upload(saved(book), "calls.xlsx")
    assert form(pages, page)[column(page, "Date")] == "date"

    page = pages.client.get(f"{pages.at}/mapping?sheet=Notes")

    assert column(page, "Hello")
    assert "The workbook has no sheet named “Gone”." in pages.client.get(f"{pages.at}/mapping?sheet=Gone").text


def keep(pages: ImportPages, name: str, content: bytes = LOG, **more: str) -> Page:
    """Fill in the form by hand and save it under a name; return the next page."""
    page = pages.upload(content)
    return pages.client.follow(pages.map(page, chosen(page, name=name, **more), to="/save"))


def test_a_kept_mapping_reads_the_next_file(app: Flask, pages: ImportPages, importer: Importer) -> None:
    after = keep(pages, "Old system")
    assert "The mapping “Old system” was saved." in after.text
    assert form(pages, after).items() >= chosen(after).items(), "what was chosen stays"
    kept = importer.only(ImportMapping)

    next_file = pages.upload(LOG.replace(b"17.03", b"19.03"))
    page = pages.client.get(f"{pages.at}/mapping?saved={kept.id}")
    pages.start(pages.client.follow(pages.map(page)))
    run_worker(app, schedule=(), until_idle=True)

    assert form(pages, next_file)[column(next_file, "Wer")] == ""
    assert len(importer.stored(Call)) == 2
    assert (kept.name, kept.created_by_label) == ("Old system", "Maria Manager")


def test_columns_that_a_kept_mapping_wants_and_the_file_lacks_are_named(pages: ImportPages, importer: Importer) -> None:
    keep(pages, "Old system")
    pages.upload(LOG.replace(b"Worum", b"Thema"))

    page = pages.client.get(f"{pages.at}/mapping?saved={importer.only(ImportMapping).id}")

    assert "The file is missing these columns from the saved mapping: Worum." in page.text
    assert form(pages, page)[column(page, "Wer")] == "agent"


def test_a_name_that_is_taken_is_refused_beside_its_field(pages: ImportPages, importer: Importer) -> None:
    keep(pages, "Old system")
    page = pages.upload(LOG)

    refused = pages.map(page, chosen(page, name="Old system", source="another"), to="/save", status=409)

    assert field_errors(refused)["name"] == "A mapping with this name already exists. Choose another name."
    assert form(pages, refused)["source"] == "another"
    assert importer.only(ImportMapping).mapping["source"] == "calls"


@pytest.mark.parametrize("name", ["", "x", "x" * 61])
def test_a_name_is_neither_empty_nor_endless(pages: ImportPages, importer: Importer, name: str) -> None:
    page = pages.upload(LOG)

    refused = pages.map(page, chosen(page, name=name), to="/save", status=400)

    assert field_errors(refused)["name"] == "Use 2 to 60 characters."
    assert importer.stored(ImportMapping) == []


def test_keeping_the_same_twice_keeps_it_once(pages: ImportPages, importer: Importer) -> None:
    keep(pages, "Old system")
    keep(pages, "Old system")

    assert importer.only(ImportMapping).version == 1


def test_a_kept_mapping_is_changed_under_its_name_and_copied_under_another(
    pages: ImportPages, importer: Importer
) -> None:
    page = keep(pages, "Old system")
    pages.map(page, {"source": "phones"}, to="/save")
    changed = importer.only(ImportMapping)

    pages.map(page, {"source": "copies", "name": "Copy"}, to="/save")

    assert (changed.mapping["source"], changed.version) == ("phones", 2)
    assert [(one.name, one.mapping["source"]) for one in importer.stored(ImportMapping, ImportMapping.name)] == [
        ("Copy", "copies"),
        ("Old system", "phones"),
    ]


def test_a_stale_mapping_shows_both_versions_and_replaces_the_other_when_it_is_saved_again(
    pages: ImportPages, importer: Importer
) -> None:
    opened = keep(pages, "Old system")
    pages.map(opened, {column(opened, "Worum"): "", "source": "phones"}, to="/save")

    stale = pages.map(opened, {"source": "mine"}, to="/save", status=409)

    assert "Nothing was saved: this was changed after you opened it." in summary(stale)
    rows = [[text_of(cell) for cell in row] for row in stale.all(".//div[@id='differences-table']//tbody/tr")]
    assert rows == [["Worum", "Skip", "Topic"], ["Source system", "phones", "mine"]]
    assert importer.only(ImportMapping).mapping["source"] == "phones"

    pages.map(stale, to="/save")
    assert importer.only(ImportMapping).mapping["source"] == "mine"
    assert importer.only(ImportMapping).version == 3


def test_what_no_field_shows_stays_in_a_kept_mapping(
    pages: ImportPages, make: Factories, organization: Organization, importer: Importer
) -> None:
    given = {
        "kind": "calls",
        "columns": {"Wann": "started_at", "Ging dran": "status"},
        "values": {"status": {"ja": "completed", "nein": "missed"}},
        "date_formats": ["DD.MM.YYYY"],
        "defaults": {"topic": "Old"},
    }
    kept = make.add(ImportMapping(organization_id=organization.id, kind="calls", name="By hand", mapping=given))
    pages.upload(LOG)

    page = pages.client.get(f"{pages.at}/mapping?saved={kept.id}")
    preview = pages.client.follow(pages.map(page))

    assert [text_of(cell) for cell in preview.all(".//div[@id='rows-table']//tbody/tr/td[2]")] == [
        "Completed",
        "Missed",
    ]
    assert importer.only(Import).mapping["defaults"] == {"topic": "Old"}


def test_mappings_of_another_kind_or_organization_are_not_offered(
    pages: ImportPages, make: Factories, organization: Organization
) -> None:
    mapping = {"kind": "contacts", "columns": {"Name": "full_name"}}
    other_kind = make.add(
        ImportMapping(organization_id=organization.id, kind="contacts", name="From the CRM", mapping=mapping)
    )
    elsewhere = make.organization()
    foreign = make.add(
        ImportMapping(organization_id=elsewhere.id, kind="calls", name="Secret", mapping={**mapping, "kind": "calls"})
    )

    page = pages.upload(LOG)

    assert "From the CRM" not in page.text
    assert "Secret" not in page.text
    for one in (other_kind, foreign):
        pages.client.get(f"{pages.at}/mapping?saved={one.id}", status=404)


EITHER = lines("Call id,Date,Time,Answered", "1,03/04/2026,9:30,Y", "2,05/04/2026,10:15,N").encode()


def test_which_is_the_day_is_asked_with_an_example_of_the_file(pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(EITHER)

    options = [text_of(one) for one in page.all(".//input[@name='date_order']/..")]
    assert options == ["MM/DD/YYYY: 03/04/2026 is March 4, 2026", "DD/MM/YYYY: 03/04/2026 is April 3, 2026"]

    refused = pages.map(page, status=400)
    assert "Choose how dates are written in your file. Both readings are possible." in summary(refused)
    assert importer.only(Import).mapping == {}

    pages.map(refused, {"date_order": "DD/MM/YYYY"})
    assert importer.only(Import).mapping["date_formats"] == ["DD/MM/YYYY"]


def test_a_way_of_writing_dates_that_was_made_up_is_not_taken(pages: ImportPages) -> None:
    page = pages.upload(EITHER)

    pages.map(page, {"asks": "MM/DD/YYYY;evil", "date_order": "evil", "date_formats": "DD-MM"}, status=400)
    pages.map(page, {"date_order": "YYYY"}, status=400)


def test_strange_words_are_asked_for_with_their_rows(app: Flask, pages: ImportPages, importer: Importer) -> None:
    rows = ("1,2026-03-04,9:30,Chat", "2,2026-03-04,9:40,Gone", "3,2026-03-04,9:50,Gone", "4,2026-03-04,9:55,answered")
    page = pages.upload(lines("Call id,Date,Time,Status", *rows).encode())
    found = form(pages, page)
    names = {name: found[column(page, name)] for name in ("“Gone”", "“Chat”")}
    assert names == {"“Gone”": "", "“Chat”": ""}
    assert "2 rows" in page.text
    assert "2 questions to answer" in page.text
    refused = pages.map(page, {column(page, "“Gone”"): "missed"}, status=400)
    assert summary(refused).count("Choose what this value means.") == 1
    assert "1 question to answer" in refused.text

    preview = pages.client.follow(pages.map(refused, {column(refused, "“Chat”"): "turn_away"}))
    pages.start(preview)
    run_worker(app, schedule=(), until_idle=True)

    assert sorted(call.status for call in importer.stored(Call)) == ["completed", "missed", "missed"]
    assert importer.only(Import).mapping["values"] == {"status": {"Gone": "missed", "Chat": "turn_away"}}


def test_an_agent_of_one_character_becomes_a_person_whom_the_next_file_finds_under_another_name(
    app: Flask, pages: ImportPages, importer: Importer, behind: Behind
) -> None:
    pages.run(app, lines("Call id,Date,Time,Answered,Agent", "1,2026-03-04,9:30,Y,7").encode(), create_users="y")
    seven = next(user for user in importer.stored(User) if user.name == "Agent 7")
    assert importer.only(Call).csr_id == seven.id
    assert importer.only(Import).mapping["values"] == {"agent": {"7": seven.email}}
    behind.change(seven, name="Becky Lane")

    page = pages.upload(lines("Call id,Date,Time,Answered,Agent", "2,2026-03-05,9:30,Y,7").encode())
    assert form(pages, page)[column(page, "“7”")] == seven.email
    pages.start(pages.client.follow(pages.map(page)))
    run_worker(app, schedule=(), until_idle=True)
    assert {call.csr_id for call in importer.stored(Call)} == {seven.id}


def test_a_word_of_a_column_that_is_chosen_only_now_is_asked_for(pages: ImportPages) -> None:
    page = pages.upload(lines("Call id,Date,Time,Answered,Mood", "1,2026-03-04,9:30,Y,sunny").encode())

    refused = pages.map(page, {column(page, "Mood"): "sentiment"}, status=400)
    assert "Choose what this value means." in summary(refused)
    pages.map(refused, {column(refused, "“sunny”"): "positive"})


def test_only_the_rows_that_are_wanted_come_in(app: Flask, pages: ImportPages, importer: Importer) -> None:
    rows = ("1,2026-03-04,9:30,Y,Voice", "2,2026-03-04,9:30,Y,Chat", "3,2026-03-04,9:30,Y,")
    page = pages.upload(lines("Call id,Date,Time,Answered,Channel", *rows).encode())
    pages.start(pages.client.follow(pages.map(page, {"only_column": "Channel", "only_words": "voice"})))
    run_worker(app, schedule=(), until_idle=True)

    done = importer.only(Import)
    assert (done.rows_created, done.rows_left_out, done.rows_total) == (1, 2, 1)


def test_units_scale_zone_and_country_are_chosen(app: Flask, pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(
        lines("Call id,Date,Time,Answered,Talk,Rating,Phone", "1,2026-03-04,9:30,Y,2,8,020 7946 0958").encode()
    )
    chosen = {"unit_talk_time": "minutes", "rating_scale": "10", "timezone": "Europe/London", "country": "GB"}
    pages.start(pages.client.follow(pages.map(page, chosen)))
    run_worker(app, schedule=(), until_idle=True)

    call = importer.only(Call)
    assert (call.duration_seconds, call.call_quality, call.caller_number) == (120, 4, "+442079460958")
    assert call.started_at.isoformat() == "2026-03-04T09:30:00+00:00"


def test_remarks_are_grouped_and_downloaded(app: Flask, pages: ImportPages, importer: Importer) -> None:
    rows = [f"{number},2026-03-04,9:30,Y,{'-1' if number < 8 else 60}" for number in range(10)]
    done = pages.run(app, lines("Call id,Date,Time,Answered,Talk time", *rows).encode())

    (group,) = [text_of(row) for row in done.all(".//div[@id='remarks-table']//tbody/tr")]
    assert "8 rows were imported with warnings" in done.text
    assert group.split() == ["Talk", "time", "It’s", "less", "than", "0.", "8", "2,", "3,", "4,", "5,", "6"]
    file = pages.client.get(f"{pages.at}/remarks.csv").html
    assert file.count("It’s less than 0.") == 8
    assert pages.client.get(f"{pages.at}/errors.csv").html.count("\n") == 1
    assert importer.only(Import).rows_remarked == 8


def test_nobody_is_asked_how_something_is_written_that_such_files_do_not_hold(
    pages: ImportPages, importer: Importer
) -> None:
    content = lines("Deal id,Stage,Product,Close date,Amount", "D1,Won,Furnace,2026-02-10,1200").encode()

    page = pages.upload(content, "deals.csv", ImportKind.DEALS)
    fields = page.fields(f"{pages.at}/mapping", "post")
    assert {"date_formats", "decimal_separator"} <= set(fields)
    assert not {"rating_scale", "yes_words", "no_words", "time_formats", "timezone"} & set(fields)

    preview = pages.client.follow(pages.map(page))
    assert text_of(preview.one(".//*[@id='rows-table']//tbody/tr/th")).startswith("D1")
    [row] = importer.stored(Import)
    assert (row.mapping["rating_scale"], row.mapping["timezone"]) == (5, None)


def test_a_column_that_says_yes_for_no_is_turned_round_by_the_page(
    app: Flask, pages: ImportPages, importer: Importer
) -> None:
    log = lines("Call ID,Started at,Abandoned", "1,2026-03-17 09:30,NO", "2,2026-03-17 09:45,YES").encode()

    pages.run(app, log)

    assert [call.status for call in importer.stored(Call, Call.external_id)] == ["completed", "missed"]


def test_what_is_turned_round_in_one_column_is_not_in_another(
    app: Flask, pages: ImportPages, importer: Importer
) -> None:
    log = lines(
        "Call ID,Started at,Abandoned,Spoken", "1,2026-03-17 09:30,NO,YES", "2,2026-03-17 09:45,YES,NO"
    ).encode()
    page = pages.upload(log)

    preview = pages.client.follow(pages.map(page, {column(page, "Abandoned"): "", column(page, "Spoken"): "answered"}))
    pages.start(preview)
    run_worker(app, schedule=(), until_idle=True)

    assert [call.status for call in importer.stored(Call, Call.external_id)] == ["completed", "missed"]
