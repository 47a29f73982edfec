"""`/imports/<id>/mapping`: what each column is, how the file is read, and mappings kept under a name."""

import re

import pytest
from flask import Flask

from app.models import Call, Import, ImportMapping, Organization
from app.ops.jobs.worker import run_worker
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
#: What a person chooses for it.
CHOICE = {
    "Nr": "external_id",
    "Wann": "started_at",
    "Wer": "agent",
    "Ging dran": "answered",
    "Worum": "topic",
}
WORDS = {"date_formats": "DD.MM.YYYY", "yes_words": "ja; doch", "no_words": "nein"}


def chosen(page: Page, **more: str) -> dict[str, str]:
    """The form filled in by hand."""
    return {**{column(page, name): field for name, field in CHOICE.items()}, **WORDS, **more}


def field_errors(page: Page) -> dict[str, str]:
    """The errors beside fields, by the field's id."""
    return {one.get("id", "").removesuffix("-error"): text_of(one) for one in page.all(".//p[@class='error']")}


def summary(page: Page) -> str:
    """The errors on top."""
    return text_of(page.one(".//div[@data-error-summary]"))


def form(pages: ImportPages, page: Page) -> dict[str, str]:
    """What stands in the form."""
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
    assert "2026-03-17 · 2026-03-18" in page.text
    assert "No column names the agent: these calls will be credited to nobody." in page.text


def test_a_file_in_its_own_words_is_imported_by_choosing(app: Flask, pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(LOG)

    preview = pages.client.follow(pages.map(page, chosen(page, direction="outbound", source="old system")))
    pages.start(preview)
    run_worker(app, schedule=(), until_idle=True)

    first, second = importer.stored(Call, Call.external_id)
    assert (first.external_id, first.status, first.topic, first.direction) == ("1", "completed", "Repair", "outbound")
    assert (second.external_source, second.status) == ("old system", "missed")


def test_a_mapping_with_gaps_is_refused_and_what_was_chosen_stays(pages: ImportPages, importer: Importer) -> None:
    page = pages.upload(LOG)
    wanted = chosen(page, **{column(page, "Wann"): ""})

    refused = pages.map(page, wanted, status=400)

    assert "Choose the column that says when a call started" in summary(refused)
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
    assert errors[topic] == "Another column is “Agent” already."
    assert agent not in errors
    assert errors["time_formats"] == "Say how times are written, for example HH:mm."
    assert errors["source"] == "Give the system a name."
    assert errors["yes_words"] == "Use 100 characters at most for each."

    refused = pages.map(page, chosen(page, date_formats="YYYY; DD.MM.YYYY"), status=400)
    assert "a date format has DD, MM (or MMM) and YYYY (or YY) once" in field_errors(refused)["date_formats"]

    refused = pages.map(page, chosen(page, no_words="nein; ja"), status=400)
    assert "These words mean both yes and no: ja." in summary(refused)


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
    assert re.search("Mar 17(, 2026)?, 9:30 AM", preview.text)  # the year is shown when it is over
    assert column(pages.client.get(f"{pages.at}/mapping"), "Дата"), "it stays chosen"


def test_a_way_that_does_not_work_says_so_and_another_can_be_chosen(pages: ImportPages) -> None:
    pages.upload("Дата;Время\n2026-03-17;09:30\n".encode("cp1251"))

    page = pages.client.get(f"{pages.at}/mapping?encoding=utf-8")

    assert "The file is not written in utf-8" in page.text
    assert not page.all(".//form[@method='post']//select")
    assert page.one(".//select[@id='encoding']") is not None
    pages.client.get(f"{pages.at}/mapping?encoding=ebcdic", status=400)


def test_another_sheet_of_a_workbook_can_be_chosen(pages: ImportPages) -> None:
    book = book_of(
        {"Notes": [("Hello", "World"), ("a", "b")], "Log": [("Date", "Time", "Answered"), ("2026-03-17", "09:30", "Y")]}
    )
    page = pages.upload(saved(book), "calls.xlsx")
    assert column(page, "Hello")

    page = pages.client.get(f"{pages.at}/mapping?sheet=Log")

    assert form(pages, page)[column(page, "Date")] == "date"
    assert "The workbook has no sheet named “Gone”." in pages.client.get(f"{pages.at}/mapping?sheet=Gone").text


def keep(pages: ImportPages, name: str, content: bytes = LOG, **more: str) -> Page:
    """Fill in the form by hand and keep it under a name; the page after that."""
    page = pages.upload(content)
    return pages.client.follow(pages.map(page, chosen(page, name=name, **more), to="/save"))


def test_a_kept_mapping_reads_the_next_file(app: Flask, pages: ImportPages, importer: Importer) -> None:
    after = keep(pages, "Old system")
    assert "The mapping “Old system” is saved." in after.text
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

    assert "The file has none of these columns of the saved mapping: Worum." in page.text
    assert form(pages, page)[column(page, "Wer")] == "agent"


def test_a_name_that_is_taken_is_refused_beside_its_field(pages: ImportPages, importer: Importer) -> None:
    keep(pages, "Old system")
    page = pages.upload(LOG)

    refused = pages.map(page, chosen(page, name="Old system", source="another"), to="/save", status=409)

    assert field_errors(refused)["name"] == "A mapping of this name is there already. Choose another name."
    assert form(pages, refused)["source"] == "another"
    assert importer.only(ImportMapping).mapping["source"] == "import"


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
    assert rows == [["Worum", "Leave out", "Topic"], ["System it comes from", "phones", "mine"]]
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
