"""The page `/note-templates`: permissions, and the forms that offer the templates."""

from uuid import uuid4

import pytest

from app.models import NoteTemplate, Organization, Role, User
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

NEW = "/note-templates/new"
TYPED = {"name": "Price asked", "kind": "call", "body": "Asked for the price of: "}


@pytest.fixture
def as_manager(client: Client, manager: User) -> Client:
    return client.sign_in(manager)


@pytest.fixture
def template(make: Factories, organization: Organization) -> NoteTemplate:
    return make.note_template(organization, name="Call back")


def page_of(template: NoteTemplate, action: str = "") -> str:
    return f"/note-templates/{template.id}" + (f"/{action}" if action else "")


def names(page: Page) -> list[str]:
    return [text_of(link) for link in page.all(".//tbody//th/a")]


def test_they_stand_by_name(as_manager: Client, organization: Organization, make: Factories) -> None:
    make.note_template(organization, name="price asked", kind="contact")
    make.note_template(organization, name="Call back")
    make.note_template(make.organization(), name="Somebody else’s")

    assert names(as_manager.get("/note-templates")) == ["Call back", "price asked"]
    assert names(as_manager.get("/note-templates?sort=-name")) == ["price asked", "Call back"]
    assert names(as_manager.get("/note-templates?kind=contact")) == ["price asked"]
    assert names(as_manager.get("/note-templates?q=BACK")) == ["Call back"]


def test_one_is_added_once(as_manager: Client, organization: Organization, behind: Behind) -> None:
    form = {**as_manager.get(NEW).fields(NEW), **TYPED}

    page = as_manager.follow(as_manager.post(NEW, form))
    as_manager.post(NEW, form)

    assert names(page) == ["Price asked"]
    assert behind.one(NoteTemplate, organization_id=organization.id).kind == "call"
    assert [told.action for told in behind.trail(organization.id, "note_template")] == ["note_template.created"]


def test_a_name_is_there_once_whatever_its_case(
    as_manager: Client, organization: Organization, template: NoteTemplate, make: Factories, behind: Behind
) -> None:
    other = make.note_template(organization, name="Price asked")

    new = as_manager.post(NEW, {**as_manager.get(NEW).fields(NEW), **TYPED, "name": "CALL BACK"}, status=409)
    form = as_manager.get(page_of(other)).fields(page_of(other))
    changed = as_manager.post(page_of(other), {**form, "name": "Call Back"}, status=409)

    assert "A template with this name already exists. Choose another name." in new.text
    assert "A template with this name already exists. Choose another name." in changed.text
    assert {row.name for row in behind.rows(NoteTemplate, organization_id=organization.id)} == {
        "Call back",
        "Price asked",
    }


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "Enter a name."),
        ({"name": "n" * 61}, "Use up to 60 characters."),
        ({"body": "b" * 5001}, "Use up to 5000 characters."),
        ({"body": "a\0b"}, "This contains a character that can’t be used."),
        ({"kind": "poem"}, "Choose one of the options."),
    ],
)
def test_what_is_wrong_is_said(
    as_manager: Client, organization: Organization, behind: Behind, wrong: dict[str, str], said: str
) -> None:
    page = as_manager.post(NEW, {**as_manager.get(NEW).fields(NEW), **TYPED, **wrong}, status=400)

    assert said in page.text
    assert behind.rows(NoteTemplate, organization_id=organization.id) == []


def test_who_saves_late_is_shown_both(as_manager: Client, template: NoteTemplate, behind: Behind) -> None:
    form = as_manager.get(page_of(template)).fields(page_of(template))
    as_manager.post(page_of(template), {**form, "body": "Asked to be called today."})

    page = as_manager.post(page_of(template), {**form, "body": "Asked to be called soon."}, status=409)

    assert "Asked to be called today." in page.text
    assert behind.one(NoteTemplate, id=template.id).body == "Asked to be called today."


def test_it_is_deleted_its_name_taken_and_comes_back_under_another(
    as_admin: Client, organization: Organization, template: NoteTemplate, make: Factories, behind: Behind
) -> None:
    page = as_admin.get("/note-templates")
    gone = as_admin.follow(as_admin.post(page_of(template, "delete"), page.fields(page_of(template, "delete"))))
    assert names(gone) == []
    make.note_template(organization, name="call back")

    batch = behind.one(NoteTemplate, id=template.id).deletion_batch_id
    look = as_admin.get(f"/trash/{batch}/restore")

    assert "New name" in look.text


def test_it_is_offered_where_a_note_of_its_kind_is_written(
    client: Client, organization: Organization, csr: User, make: Factories
) -> None:
    make.note_template(organization, name="For all", body="<i>Any</i> note")
    make.note_template(organization, name="For calls", kind="call")
    make.note_template(organization, name="For contacts", kind="contact")
    make.note_template(make.organization(), name="Somebody else’s")
    call = make.call(organization, csr=csr)

    for page in (client.sign_in(csr).get(f"/calls/{call.id}"), client.get(f"/calls/{call.id}?panel=note")):
        offered = [text_of(name) for name in page.all(".//details//dt/b")]
        assert offered[:2] == ["For all", "For calls"]
        assert "For contacts" not in offered
        assert "<i>Any</i> note" in page.text


def test_who_may_not_write_them_does_not_see_the_page(
    client: Client, csr: User, template: NoteTemplate, behind: Behind
) -> None:
    client.sign_in(csr)

    client.get("/note-templates", status=403)
    client.get(page_of(template), status=403)
    client.post(page_of(template), {**TYPED, "version": "1"}, status=403)
    client.post(page_of(template, "delete"), {}, status=403)
    client.post(NEW, {**TYPED, "row_id": str(uuid4())}, status=403)

    assert behind.one(NoteTemplate).version == 1


def test_what_belongs_to_another_organization_is_not_there(
    client: Client, organization: Organization, make: Factories, behind: Behind
) -> None:
    theirs = make.note_template(make.organization())
    client.sign_in(make.user(organization, role=Role.OWNER))

    client.get(page_of(theirs), status=404)
    client.post(page_of(theirs), {**TYPED, "version": "1"}, status=404)
    client.post(page_of(theirs, "delete"), {"version": "1"}, status=404)

    assert behind.one(NoteTemplate, id=theirs.id).deleted_at is None
