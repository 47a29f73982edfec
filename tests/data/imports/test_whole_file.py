"""Effects of the whole file are shown before any of it is stored."""

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.data.imports import preview_service
from app.models import Call, ContactCard, Import, ImportedRow, ImportKind, User
from app.ops.jobs.worker import run_worker
from app.tables import table_rules
from tests.support.factories import Factories
from tests.support.import_files import lines
from tests.support.import_pages import ImportPages
from tests.support.importing import Importer
from tests.support.pages import Page, text_of

HEADER = "Call Id,Date,Time,Agent,Answered,Talk time,Topic"
FIRST = "A1,03/17/2026,09:30,Maria Manager,Y,120,Repair"
SECOND = "A2,03/18/2026,10:15,Maria Manager,N,,Quote"


def whole(pages: ImportPages, *rows: str, header: str = HEADER, **changes: str) -> Page:
    """Return the page that is shown before the start of an import, for a file with these rows."""
    return pages.client.follow(pages.map(pages.upload(lines(header, *rows).encode()), changes))


def bring_in(app: Flask, pages: ImportPages, *rows: str, header: str = HEADER, **changes: str) -> Page:
    """Import a file with these rows, and return the page with the result."""
    pages.start(whole(pages, *rows, header=header, **changes))
    run_worker(app, schedule=(), until_idle=True)
    return pages.client.get(pages.at)


def table(page: Page, name: str) -> list[list[str]]:
    return [[text_of(cell) for cell in row] for row in page.all(f".//div[@id='{name}']//tbody/tr")]


def test_new_updated_and_unchanged_rows_are_told_apart(app: Flask, pages: ImportPages, importer: Importer) -> None:
    bring_in(app, pages, FIRST, SECOND)
    before = importer.stored(Call)

    page = whole(pages, FIRST, SECOND.replace("Quote", "Leak"), "A3,03/19/2026,08:00,Maria Manager,Y,60,Repair")

    assert page.metrics == {"total": "3", "created": "1", "updated": "1", "unchanged": "1", "rejected_in_any_case": "0"}
    assert table(page, "changes-table") == [["Topic Line 3", "Quote", "Leak", "3"]]
    assert "Import 3 rows" in page.text
    assert [call.updated_at for call in importer.stored(Call)] == [call.updated_at for call in before]
    assert len(importer.stored(ImportedRow)) == 2


def test_a_cost_that_was_rounded_becomes_exact_by_name(
    app: Flask, pages: ImportPages, importer: Importer, admin_engine: Engine
) -> None:
    header, row = f"{HEADER},Cost", f"{FIRST},0.0085"
    bring_in(app, pages, f"{FIRST},0.01", f"{SECOND},0.01", header=header)

    page = whole(pages, row, f"{SECOND},0.010000", header=header)

    assert table(page, "changes-table") == [["Cost Line 2", "$0.01", "$0.0085", "2"]]
    assert (page.metrics["updated"], page.metrics["unchanged"]) == ("1", "1")
    pages.start(page)
    run_worker(app, schedule=(), until_idle=True)
    assert sorted(str(call.cost) for call in importer.stored(Call)) == ["0.008500", "0.010000"]
    assert whole(pages, row, f"{SECOND},0.01", header=header).metrics["unchanged"] == "2"


def test_what_is_said_is_what_happens(app: Flask, pages: ImportPages, make: Factories, importer: Importer) -> None:
    make.user(importer.organization, name="Twin Twin")
    make.user(importer.organization, name="Twin Twin")
    rows = (FIRST, FIRST, SECOND, SECOND.replace("Quote", "Leak"), "A5,tomorrow,09:30,Maria Manager,Y,90,x",
            "A6,03/17/2026,09:30,Becky Lane,Y,90,x", "A7,03/17/2026,09:30,Twin Twin,Y,90,x")  # fmt: skip

    page = whole(pages, *rows)
    pages.start(page)
    run_worker(app, schedule=(), until_idle=True)

    done = pages.client.get(pages.at)
    said = ("total", "created", "updated", "unchanged", "rejected_in_any_case", "nameless", "copies", "conflicts")
    assert [page.metrics[name] for name in said] == ["7", "2", "0", "0", "4", "1", "1", "1"]
    assert [done.metrics[f"rows_{name}"] for name in ("total", "created", "rejected")] == ["7", "2", "5"]


def test_reasons_are_grouped_over_the_whole_file(pages: ImportPages) -> None:
    late = [f"L{number},tomorrow,09:30,Maria Manager,Y,90,x" for number in range(1_500)]
    page = whole(pages, FIRST, *late, "B1,03/17/2026,09:30,Maria Manager,Y,a minute,x")

    first, second = table(page, "groups-table")
    assert first[1:] == ["Skipped", "Date", "1,500", "3, 4, 5, 6, 7"]
    assert second[1:] == ["Warning", "Talk time", "1", "1503"]
    assert page.metrics["remarked"] == "1"


def test_rows_without_an_id_that_say_the_same_are_told_and_each_comes_in(
    app: Flask, pages: ImportPages, importer: Importer
) -> None:
    header, row = "Date,Time,Agent,Answered", "03/17/2026,09:30,Maria Manager,Y"
    page = whole(pages, row, row, row, header=header)

    assert (page.metrics["created"], page.metrics["twins"]) == ("3", "2")
    pages.start(page)
    run_worker(app, schedule=(), until_idle=True)
    assert len(importer.stored(Call)) == 3


@pytest.mark.parametrize(
    ("overwrite", "topics"),
    [("unedited", ("By hand", "Leak")), ("all", ("Leak", "Leak")), ("empty", ("By hand", "Quote"))],
)
def test_what_an_update_overwrites_is_chosen(
    app: Flask, pages: ImportPages, importer: Importer, admin_engine: Engine, overwrite: str, topics: tuple[str, str]
) -> None:
    bring_in(app, pages, FIRST, SECOND)
    edited = next(call for call in importer.stored(Call) if call.external_id == "A1")
    edit_topic(admin_engine, edited, "By hand")

    rows = (FIRST.replace("Repair", "Leak"), SECOND.replace("Quote", "Leak"))
    bring_in(app, pages, *rows, overwrite=overwrite)

    assert tuple(call.topic for call in importer.stored(Call, Call.external_id)) == topics


def edit_topic(engine: Engine, call: Call, topic: str) -> None:
    """Change the topic as a user on the page of a call does."""
    with engine.begin() as connection:
        for name, value in (
            ("app.organization_id", call.organization_id),
            ("app.actor_id", call.csr_id),
            ("app.source", "user"),
        ):
            connection.execute(text("SELECT set_config(:name, :value, true)"), {"name": name, "value": str(value)})
        connection.execute(text("UPDATE calls SET topic = :topic WHERE id = :id"), {"topic": topic, "id": call.id})


def test_a_name_that_a_person_gave_a_contact_stays_and_what_is_empty_is_filled(
    app: Flask, pages: ImportPages, importer: Importer, admin_engine: Engine
) -> None:
    header = "Contact id,First name,Phone,City"

    def import_contact(row: str) -> None:
        page = pages.upload(lines(header, row).encode(), "people.csv", ImportKind.CONTACTS)
        pages.start(pages.client.follow(pages.map(page)))
        run_worker(app, schedule=(), until_idle=True)

    import_contact("P1,Ann,212-555-0101,")
    import_contact("P1,Anna,212-555-0101,Boston")

    card = importer.only(ContactCard)
    assert (card.first_name, card.city) == ("Anna", "Boston")


def test_a_file_that_cannot_be_read_to_its_end_is_not_started(
    pages: ImportPages, importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_rules, "GLANCE_LINES", 1_100)
    rows = [FIRST.replace("A1", f"A{number}") for number in range(1_500)]
    page = whole(pages, *rows, 'Z,03/17/2026,09:30,"Maria')

    assert "the quotes around a cell aren’t closed" in page.text
    assert not page.all(f".//form[@action='{pages.at}/run']")
    assert importer.only(Import).status == "uploaded"


def test_nothing_starts_before_the_whole_file_was_looked_at(pages: ImportPages, importer: Importer, app: Flask) -> None:
    form = pages.upload(lines(HEADER, FIRST).encode()).fields(f"{pages.at}/mapping", "post")
    pages.client.post(f"{pages.at}/mapping", form)
    page = pages.client.get(f"{pages.at}/preview")
    seen = importer.only(Import).updated_at

    assert "Checking the whole file" in page.text
    answer = pages.client.post(f"{pages.at}/run", {"csrf_token": form["csrf_token"], "seen": seen.isoformat()})
    assert "Wait until the preview is complete." in pages.client.follow(answer).text
    run_worker(app, schedule=(), until_idle=True)
    assert "Import 1 row" in pages.client.swap(f"{pages.at}/preview").text


def test_an_answer_about_a_mapping_of_before_is_not_kept(
    app: Flask, pages: ImportPages, importer: Importer, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = preview_service._look

    def look_while_it_changes(row: Import) -> object:
        with admin_engine.begin() as connection:
            connection.execute(text("""UPDATE imports SET mapping = mapping || '{"source": "another"}'"""))
        return look(row)

    monkeypatch.setattr(preview_service, "_look", look_while_it_changes)
    pages.map(pages.upload(lines(HEADER, FIRST).encode()))

    assert importer.only(Import).preview is None


def test_somebody_else_may_write_while_it_is_looked_at(
    app: Flask, pages: ImportPages, importer: Importer, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(app, pages, FIRST)
    changes = preview_service._compare

    def write_meanwhile(*arguments: object) -> object:
        with admin_engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '500ms'"))
            connection.execute(text("UPDATE calls SET topic = 'Meanwhile'"))
        return changes(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(preview_service, "_compare", write_meanwhile)
    page = whole(pages, FIRST.replace("Repair", "Leak"))

    assert page.metrics["updated"] == "1"
    assert importer.only(Call).topic == "Meanwhile"


def test_of_people_it_is_said_who_is_new_and_nobody_is_made(app: Flask, pages: ImportPages, importer: Importer) -> None:
    rows = ("Sales Agent,Manager", "Ann Lee,Dan Fox", "Bob Ray,Dan Fox", "Maria Manager,")
    page = pages.upload(lines(*rows).encode(), "team.csv", ImportKind.PEOPLE)
    preview = pages.client.follow(pages.map(page))

    assert [preview.metrics[name] for name in ("total", "created", "unchanged")] == ["3", "2", "1"]
    assert [user.name for user in importer.stored(User)] == ["Maria Manager"]
    pages.start(preview)
    run_worker(app, schedule=(), until_idle=True)
    assert {user.name for user in importer.stored(User)} == {"Maria Manager", "Ann Lee", "Bob Ray", "Dan Fox"}


def test_a_reason_keeps_its_figures_and_lines_that_one_names_are_one_group(pages: ImportPages) -> None:
    copies = [FIRST, FIRST, SECOND, SECOND]
    page = whole(pages, *copies, f"A3,03/17/2026,09:30,Maria Manager,Y,1,{'x' * 101}")

    first, second = table(page, "groups-table")
    assert first[0].startswith("Duplicate of line ….")
    assert first[3] == "2"
    assert second[0].startswith("It’s longer than 100 characters.")


@pytest.mark.parametrize(
    ("kind", "header", "rows", "reason"),
    [
        (
            ImportKind.CONTACTS,
            "Contact id,First name,Phone",
            ["P1,Ann,2125550101", "P2,Bo,2125550101", "P3,Cy,2125550103", "P4,Di,2125550103"],
            "Line … already has the same number.",
        ),
        (
            ImportKind.PEOPLE,
            "Sales Agent,Manager",
            ["Ann Lee,Dan Fox", "ann lee,Dan Fox", "Bob Ray,Dan Fox", "bob ray,Dan Fox"],
            "Line … already has the same name.",
        ),
        (
            ImportKind.ANALYSES,
            "Call id,Start time,Summary",
            ["C1,2026-03-17 09:30,a", "C1,2026-03-17 09:30,b", "C2,2026-03-18 09:30,a", "C2,2026-03-18 09:30,b"],
            "Line … already covers this call.",
        ),
    ],
)
def test_what_only_one_row_may_have_is_one_group(
    pages: ImportPages, kind: ImportKind, header: str, rows: list[str], reason: str
) -> None:
    page = pages.client.follow(pages.map(pages.upload(lines(header, *rows).encode(), "file.csv", kind)))

    ((said, what, _column, count, first_lines),) = table(page, "groups-table")
    assert said.startswith(reason)
    assert (what, count, first_lines) == ("Skipped", "2", "3, 5")
    assert page.metrics["rejected_in_any_case"] == "2"
    assert not {"copies", "conflicts"} & {*page.metrics}
