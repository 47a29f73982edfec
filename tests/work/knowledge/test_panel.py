"""The panel of knowledge items next to a call: found while typing, with counted uses."""

from app.models import KnowledgeItem, Organization, User
from tests.support.client import HTMX, Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of


def found(page: Page) -> list[str]:
    return [text_of(link) for link in page.all(".//article/h3/a")]


def test_answers_in_use_are_offered_beside_a_call(
    client: Client, organization: Organization, csr: User, make: Factories
) -> None:
    make.knowledge_item(organization, question="Do you take cards?", usage_count=1)
    make.knowledge_item(organization, question="When do you open?", usage_count=9)
    make.knowledge_item(organization, question="Is the old price right?", is_active=False)
    make.knowledge_item(make.organization(), question="Who else is there?")
    call = make.call(organization, csr=csr)
    client.sign_in(csr)

    page = client.get(f"/calls/{call.id}?panel=answers")

    assert found(page) == ["When do you open?", "Do you take cards?"]
    # Without JavaScript the form requests the same page.
    assert page.one(".//div[@id='side-panel']//form[@role='search']").get("action") == f"/calls/{call.id}"
    assert page.one(".//input[@name='panel']").get("value") == "answers"
    assert found(client.get(f"/calls/{call.id}?panel=answers&asked=card")) == ["Do you take cards?"]


def test_they_are_found_as_one_types(client: Client, organization: Organization, csr: User, make: Factories) -> None:
    make.knowledge_item(organization, question="Do you take cards?")
    make.knowledge_item(organization, question="When do you open?")
    client.sign_in(csr)

    assert found(client.swap("/knowledge/answers?asked=car")) == ["Do you take cards?"]
    assert "No answers found" in client.swap("/knowledge/answers?asked=zebra").text
    assert found(client.swap(f"/knowledge/answers?asked={'card ' * 60}")) == ["Do you take cards?"]


def test_a_use_is_counted_where_one_is(
    client: Client, organization: Organization, csr: User, make: Factories, behind: Behind
) -> None:
    item = make.knowledge_item(organization)
    call = make.call(organization, csr=csr)
    page = client.sign_in(csr).get(f"/calls/{call.id}?panel=answers")
    form = page.fields(f"/knowledge/{item.id}/use")

    answer = client.post(f"/knowledge/{item.id}/use", form, status=200, headers=HTMX)

    assert not answer.is_whole
    assert "Marked as used." in answer.text
    assert behind.one(KnowledgeItem, id=item.id).usage_count == 1
    client.post(f"/knowledge/{item.id}/use", form, status=200, headers=HTMX)
    assert behind.one(KnowledgeItem, id=item.id).usage_count == 1
    again = answer.fields(f"/knowledge/{item.id}/use")
    client.post(f"/knowledge/{item.id}/use", again, status=200, headers=HTMX)
    assert behind.one(KnowledgeItem, id=item.id).usage_count == 2
