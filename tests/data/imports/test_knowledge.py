"""Import of knowledge items: the stored records, and a repeated import of the file."""

import pytest
from sqlalchemy import Engine, text

from app.models import Import, ImportedRow, KnowledgeItem
from app.work.knowledge.importing import KNOWLEDGE_IMPORT
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, guessed, lines
from tests.support.importing import Importer

HEADER = "Article ID,Title,Body,Section,Locale"
PRICE = 'A1,What does a repair visit cost?,"The visit is 89 dollars,\nwhich the repair includes.",Prices,en-US'
HOURS = "A2,Когда вы работаете?,Каждый день с восьми до шести.,Часы,ru"  # noqa: RUF001 - Russian


def by_id(importer: Importer) -> dict[str | None, KnowledgeItem]:
    return {item.external_id: item for item in importer.stored(KnowledgeItem)}


def test_rows_of_another_system_become_answers_that_are_in_use(importer: Importer, write_file: WriteFile) -> None:
    imported = importer.knowledge(write_file(lines(HEADER, PRICE, HOURS)))

    assert (imported.counts, imported.errors) == ({"total": 2, "created": 2}, [])
    items = by_id(importer)
    price = items["A1"]
    assert price.question == "What does a repair visit cost?"
    assert price.answer == "The visit is 89 dollars,\nwhich the repair includes."
    assert (price.category, price.language, price.is_active, price.usage_count) == ("Prices", "en", True, 0)
    assert (items["A2"].language, items["A2"].category) == ("ru", "Часы")


def test_what_looks_like_markup_stands_as_it_is(importer: Importer, write_file: WriteFile) -> None:
    importer.knowledge(write_file(lines("Question,Answer", "Is 1 < 2 & 3 > 2?,<b>Yes & no</b> {{ 1 }}")))

    item = importer.only(KnowledgeItem)
    assert (item.question, item.answer) == ("Is 1 < 2 & 3 > 2?", "<b>Yes & no</b> {{ 1 }}")
    assert (item.category, item.language) == ("Imported", importer.organization.language)


def test_the_same_again_changes_nothing_also_without_ids(
    importer: Importer, write_file: WriteFile, make: Factories
) -> None:
    make.knowledge_item(importer.organization)
    nameless = write_file(lines("Question,Answer", "How long does it take?,Mostly an hour."))
    for file in (write_file(lines(HEADER, PRICE, HOURS), "articles.csv"), nameless):
        assert "created" in importer.knowledge(file).counts
        again = importer.knowledge(file)
        assert again.counts == {"total": again.outcome.total, "unchanged": again.outcome.total}


def test_a_row_that_says_more_changes_its_answer_and_leaves_what_it_does_not_say(
    importer: Importer, write_file: WriteFile, admin_engine: Engine
) -> None:
    importer.knowledge(write_file(lines(HEADER, PRICE, HOURS)))
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE knowledge_items SET category = 'Money', is_active = false, usage_count = 7"))
    before = by_id(importer)["A1"]

    changed = importer.knowledge(
        write_file(lines("Article ID,Title,Body", PRICE.replace("89", "99")[: -len(",Prices,en-US")]))
    )

    assert changed.counts == {"total": 1, "updated": 1}
    after = by_id(importer)["A1"]
    assert "99 dollars" in after.answer
    assert (after.category, after.is_active, after.usage_count, after.language) == ("Money", False, 7, "en")
    assert (after.version, after.confirmed_at > before.confirmed_at) == (before.version + 1, True)
    kept = sorted((row.resource, row.effect) for row in importer.stored(ImportedRow))
    assert kept == [("knowledge_item", "created"), ("knowledge_item", "created"), ("knowledge_item", "updated")]


def test_an_answer_in_the_trash_stays_there(importer: Importer, write_file: WriteFile, admin_engine: Engine) -> None:
    importer.knowledge(write_file(lines(HEADER, PRICE)))
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE knowledge_items SET deleted_at = now()"))

    again = importer.knowledge(write_file(lines(HEADER, PRICE)))

    assert again.refusals == [(2, "Article ID", "A1", "This knowledge item is in the trash. Restore it first.")]


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("A1,,An answer of some length,Prices,en", "Title", "It’s missing."),
        ("A1,Cost?,An answer of some length,Prices,en", "Title", "It’s shorter than 10 characters."),
        ("A1,What does it cost?,89,Prices,en", "Body", "It’s shorter than 10 characters."),
        (f"A1,What does it cost?,{'x' * 5001},Prices,en", "Body", "It’s longer than 5000 characters."),
        (
            f"{HOURS}\nA2,What does it cost?,An answer of some length,,",
            "Article ID",
            "Line 2 has the same ID but different data.",
        ),
    ],
)
def test_what_an_answer_cannot_be_without_turns_its_row_away(
    importer: Importer, write_file: WriteFile, row: str, column: str, reason: str
) -> None:
    imported = importer.knowledge(write_file(lines(HEADER, row, PRICE.replace("A1", "A9"))))

    [(_line, found, _value, why)] = imported.refusals
    assert (found, why) == (column, reason)
    assert "A9" in by_id(importer)


def test_what_an_answer_can_do_without_is_left_out_with_a_remark_unless_strict(
    importer: Importer, write_file: WriteFile
) -> None:
    file = write_file(lines(HEADER, f"A1,What does it cost?,An answer of some length,{'x' * 51},Klingon"))
    strict = guessed(file, KNOWLEDGE_IMPORT).model_copy(update={"strict": True})

    assert importer.knowledge(file, strict).counts == {"total": 1, "rejected": 1}
    imported = importer.knowledge(file)
    assert imported.counts == {"total": 1, "created": 1, "remarked": 1}
    assert [(line, column) for line, column, _value, _why in imported.refusals] == [(2, "Locale"), (2, "Section")]
    assert importer.only(KnowledgeItem).category == "Imported"


def test_a_dry_run_keeps_nothing(importer: Importer, write_file: WriteFile) -> None:
    assert importer.knowledge(write_file(lines(HEADER, PRICE)), keep=False).counts == {"total": 1, "created": 1}
    for model in (KnowledgeItem, ImportedRow, Import):
        assert importer.stored(model) == []
