"""The page `/knowledge`: search while typing, and knowledge items that should be reviewed."""

from datetime import UTC, datetime, timedelta

from app.models import Organization, Role
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page

LONG_AGO = datetime.now(UTC) - timedelta(days=200)


def questions(page: Page) -> list[str]:
    return [(link.text or "").strip() for link in page.all(".//tbody//th/a")]


def test_those_that_were_used_most_come_first(as_admin: Client, organization: Organization, make: Factories) -> None:
    make.knowledge_item(organization, question="Do you come on Sundays?", usage_count=2)
    make.knowledge_item(organization, question="What does a visit cost?", usage_count=40)
    make.knowledge_item(make.organization(), question="Who else is there?", usage_count=900)

    page = as_admin.get("/knowledge")

    assert questions(page) == ["What does a visit cost?", "Do you come on Sundays?"]
    assert page.links["Knowledge"] == "/knowledge"


def test_words_of_question_and_answer_find_it_as_they_are_typed(
    as_admin: Client, organization: Organization, make: Factories
) -> None:
    make.knowledge_item(organization, question="Do you take cards?", answer="Cards, checks and bank transfers.")
    make.knowledge_item(organization, question="Do you repair pools?", answer="No, we know nobody who does it.")
    make.knowledge_item(make.organization(), question="Which cards do others take?")

    def found(typed: str) -> list[str]:
        return questions(as_admin.get("/knowledge", query_string={"q": typed}))

    assert found("car") == ["Do you take cards?"]
    assert found("the transfer of a bank") == ["Do you take cards?"]
    assert found("REPAIRING pool") == ["Do you repair pools?"]
    assert found("cards pools") == []
    assert found("'':* & | !(") == ["Do you repair pools?", "Do you take cards?"]


def test_word_forms_of_russian_are_found(as_admin: Client, organization: Organization, make: Factories) -> None:
    make.knowledge_item(
        organization, question="Сколько стоит выезд мастера?", answer="Выезд мастера стоит 500 рублей.", language="ru"
    )

    assert questions(as_admin.get("/knowledge?q=мастеров рубль")) == ["Сколько стоит выезд мастера?"]


def test_what_is_not_known_as_right_for_long_is_shown(
    as_admin: Client, organization: Organization, make: Factories, behind: Behind
) -> None:
    old = make.knowledge_item(organization, question="Is the old price right?")
    behind.change(old, confirmed_at=LONG_AGO)
    make.knowledge_item(organization, question="Is the new price right?")

    stale = as_admin.get("/knowledge?stale=yes")

    assert questions(stale) == ["Is the old price right?"]
    assert "Needs review" in stale.text
    assert questions(as_admin.get("/knowledge?stale=no")) == ["Is the new price right?"]


def test_filters_narrow_and_the_file_has_the_answers(
    as_admin: Client, organization: Organization, make: Factories
) -> None:
    make.knowledge_item(organization, category="hours", question="When do you open?", answer="At eight, on all days.")
    make.knowledge_item(organization, category="hours", is_active=False, question="When did you open?")
    make.knowledge_item(organization, category="hours", language="uz", question="Qachon ochiladi?")
    make.knowledge_item(organization, category="prices")

    assert questions(as_admin.get("/knowledge?category=hours&in_use=yes&language=en")) == ["When do you open?"]
    assert questions(as_admin.get("/knowledge?category=hours&in_use=no")) == ["When did you open?"]
    file = as_admin.get("/knowledge.csv?category=hours&in_use=yes&language=en&sort=confirmedAt").html
    assert "At eight, on all days." in file
    assert ",Yes," in file


def test_support_reads_and_changes_nothing(client: Client, organization: Organization, make: Factories) -> None:
    item = make.knowledge_item(organization)
    client.sign_in(make.user(organization, role=Role.SUPPORT))

    page = client.get("/knowledge")

    assert questions(page) == [item.question]
    assert "New knowledge item" not in page.text
    assert [form for form in page.all(".//form") if "/delete" in form.get("action", "")] == []
