"""The pages of a single knowledge item: everything users can do with it, by permission."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask

from app.db.ids import uuid7
from app.models import IdempotencyKey, KnowledgeItem, Organization, Role, User
from app.work.knowledge import service
from tests.support.client import Client
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.pages import text_of
from tests.support.work import at_work, both_at_once
from tests.work.conftest import ActorOf

NEW = "/knowledge/new"
TYPED = {"question": "Are you open on Sunday?", "answer": "Yes, from 10 to 4.", "category": "hours", "language": "en"}


@pytest.fixture
def item(make: Factories, organization: Organization) -> KnowledgeItem:
    return make.knowledge_item(organization)


def page_of(item: KnowledgeItem, action: str = "") -> str:
    return f"/knowledge/{item.id}" + (f"/{action}" if action else "")


def test_an_answer_is_added_once(as_admin: Client, organization: Organization, behind: Behind) -> None:
    form = {**as_admin.get(NEW).fields(NEW), **TYPED}

    page = as_admin.follow(as_admin.post(NEW, form))
    as_admin.post(NEW, form)

    assert page.heading == "Are you open on Sunday?"
    assert "Yes, from 10 to 4." in page.text
    assert behind.one(KnowledgeItem, organization_id=organization.id).is_active
    [told] = behind.trail(organization.id, "knowledge_item")
    assert (told.action, told.actor_label) == ("knowledge_item.created", "Ada Admin")


def test_an_answer_says_when_it_is_not_in_use(as_admin: Client, make: Factories, organization: Organization) -> None:
    said = {}
    for is_active in (True, False):
        item = make.knowledge_item(organization, is_active=is_active)
        said[is_active] = [
            text_of(one) for one in as_admin.get(page_of(item)).all(".//span[@class='badge badge--neutral']")
        ]

    assert "Inactive" in said[False]
    assert "Inactive" not in said[True]


def test_the_same_form_with_another_question_is_refused(
    as_admin: Client, organization: Organization, behind: Behind
) -> None:
    form = {**as_admin.get(NEW).fields(NEW), **TYPED}
    as_admin.post(NEW, form)

    page = as_admin.post(NEW, {**form, "question": "Are you open on Monday?"}, status=409)

    assert "This form was already submitted." in page.text
    assert behind.one(KnowledgeItem, organization_id=organization.id).question == "Are you open on Sunday?"


def test_a_preview_saves_nothing_and_makes_no_html_of_the_text(
    as_admin: Client, organization: Organization, behind: Behind
) -> None:
    form = {**as_admin.get(NEW).fields(NEW), **TYPED, "answer": "<b>Yes</b>\nfrom 10 to 4", "preview": "1"}

    page = as_admin.post(NEW, form, status=200)

    assert "<b>Yes</b>" in page.text
    assert page.all(".//section//b") == []
    assert behind.rows(KnowledgeItem, organization_id=organization.id) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"answer": "Yes."}, "Use 10 to 5000 characters."),
        ({"question": "a" * 501}, "Use 10 to 500 characters."),
        ({"category": "c" * 51}, "Use up to 50 characters."),
        ({"language": "de"}, "Choose one of the options."),
        ({"answer": "Yes, from\0 10 to 4."}, "This contains a character that can’t be used."),
    ],
)
def test_what_is_wrong_is_said(
    as_admin: Client, organization: Organization, behind: Behind, wrong: dict[str, str], said: str
) -> None:
    form = {**as_admin.get(NEW).fields(NEW), **TYPED, **wrong}

    page = as_admin.post(NEW, form, status=400)

    assert said in page.text
    assert behind.rows(KnowledgeItem, organization_id=organization.id) == []


def test_who_saves_late_is_shown_both(as_admin: Client, item: KnowledgeItem, behind: Behind) -> None:
    form = as_admin.get(page_of(item, "edit")).fields(page_of(item, "edit"))
    as_admin.post(page_of(item, "edit"), {**form, "answer": "It is 99 dollars now."})

    page = as_admin.post(page_of(item, "edit"), {**form, "answer": "It is 79 dollars now."}, status=409)

    assert "It is 99 dollars now." in page.text
    assert behind.one(KnowledgeItem, id=item.id).answer == "It is 99 dollars now."


def test_a_change_confirms_it_and_is_told(as_admin: Client, item: KnowledgeItem, behind: Behind) -> None:
    behind.change(item, confirmed_at=datetime.now(UTC) - timedelta(days=400))
    form = as_admin.get(page_of(item, "edit")).fields(page_of(item, "edit"))

    page = as_admin.follow(as_admin.post(page_of(item, "edit"), {**form, "category": "fees"}))

    assert "Changed by Ada Admin" in page.text
    assert "Category: prices → fees" in page.text
    assert behind.one(KnowledgeItem, id=item.id).confirmed_at > datetime.now(UTC) - timedelta(hours=1)


class TestConfirming:
    @pytest.fixture
    def old(self, item: KnowledgeItem, behind: Behind) -> KnowledgeItem:
        behind.change(item, confirmed_at=datetime.now(UTC) - timedelta(days=200))
        return item

    def test_still_right_takes_the_badge_and_leaves_open_forms_good(
        self, as_admin: Client, old: KnowledgeItem, behind: Behind
    ) -> None:
        page = as_admin.get(page_of(old))
        assert "Is it still accurate?" in page.text

        done = as_admin.follow(as_admin.post(page_of(old, "confirm"), page.fields(page_of(old, "confirm"))))

        assert "Is it still accurate?" not in done.text
        assert "Verified by Ada Admin" in done.text
        now = behind.one(KnowledgeItem, id=old.id)
        assert (now.version, now.confirmed_at > datetime.now(UTC) - timedelta(hours=1)) == (1, True)

    def test_twice_is_once(
        self, as_admin: Client, organization: Organization, old: KnowledgeItem, behind: Behind
    ) -> None:
        form = as_admin.get(page_of(old)).fields(page_of(old, "confirm"))
        as_admin.post(page_of(old, "confirm"), form)
        as_admin.post(page_of(old, "confirm"), form)

        assert [told.action for told in behind.trail(organization.id, "knowledge_item")] == ["knowledge_item.confirmed"]

    def test_what_was_changed_meanwhile_is_read_first(
        self, as_admin: Client, old: KnowledgeItem, behind: Behind
    ) -> None:
        form = as_admin.get(page_of(old)).fields(page_of(old, "confirm"))
        behind.change(old, version=2)

        page = as_admin.follow(as_admin.post(page_of(old, "confirm"), form))

        assert "Someone changed this knowledge item after you opened it." in page.text
        assert behind.one(KnowledgeItem, id=old.id).confirmed_at < datetime.now(UTC) - timedelta(days=100)


class TestCounting:
    def test_a_use_is_counted_and_no_form_goes_stale(
        self, client: Client, organization: Organization, item: KnowledgeItem, make: Factories, behind: Behind
    ) -> None:
        other = make.knowledge_item(organization)
        client.sign_in(make.user(organization, role=Role.CSR))

        page = client.follow(client.post(page_of(item, "use"), client.get(page_of(item)).fields(page_of(item, "use"))))

        assert "Marked as used." in page.text
        now = behind.one(KnowledgeItem, id=item.id)
        assert (now.usage_count, now.version, now.last_used_at is not None) == (1, 1, True)
        assert behind.one(KnowledgeItem, id=other.id).usage_count == 0
        assert behind.trail(organization.id, "knowledge_item") == []

    def test_of_two_at_once_both_count(
        self, app: Flask, organization: Organization, item: KnowledgeItem, csr: User, actor_of: ActorOf, behind: Behind
    ) -> None:
        use = [lambda: service.count_use(actor_of(csr), item.id, uuid7())] * 2

        assert both_at_once(app, organization.id, *use) == []
        assert behind.one(KnowledgeItem, id=item.id).usage_count == 2

    def test_of_one_form_that_is_sent_twice_at_once_one_counts(
        self, app: Flask, organization: Organization, item: KnowledgeItem, csr: User, actor_of: ActorOf, behind: Behind
    ) -> None:
        form_id = uuid7()
        use = [lambda: service.count_use(actor_of(csr), item.id, form_id)] * 2

        assert both_at_once(app, organization.id, *use) == []
        assert behind.one(KnowledgeItem, id=item.id).usage_count == 1

    def test_without_scripts_the_same_form_counts_once_and_another_again(
        self, client: Client, organization: Organization, item: KnowledgeItem, make: Factories, behind: Behind
    ) -> None:
        client.sign_in(make.user(organization, role=Role.CSR))
        form = client.get(page_of(item)).fields(page_of(item, "use"))
        for sent in (form, form, client.get(page_of(item)).fields(page_of(item, "use"))):
            client.post(page_of(item, "use"), sent, status=303)

        assert behind.one(KnowledgeItem, id=item.id).usage_count == 2

    def test_what_was_sent_is_kept_for_a_day(
        self, app: Flask, organization: Organization, item: KnowledgeItem, csr: User, actor_of: ActorOf, behind: Behind
    ) -> None:
        form_id = uuid7()
        with at_work(app, organization.id):
            service.count_use(actor_of(csr), item.id, form_id)
        kept = behind.one(IdempotencyKey, user_id=csr.id)
        behind.change(kept, expires_at=kept.created_at)
        with at_work(app, organization.id):
            service.count_use(actor_of(csr), item.id, form_id)

        assert behind.one(KnowledgeItem, id=item.id).usage_count == 2
        assert behind.one(IdempotencyKey, user_id=csr.id).expires_at > kept.expires_at

    def test_a_button_without_its_form_is_refused(self, as_admin: Client, item: KnowledgeItem, behind: Behind) -> None:
        page = as_admin.follow(as_admin.post(page_of(item, "use"), {}, status=303))

        assert "This form is incomplete." in page.text
        assert behind.one(KnowledgeItem, id=item.id).usage_count == 0


def test_it_is_deleted_and_undone(as_admin: Client, item: KnowledgeItem, behind: Behind) -> None:
    page = as_admin.get(page_of(item))

    gone = as_admin.follow(
        as_admin.post(
            page_of(item, "delete"),
            page.fields(page_of(item, "delete")),
            headers={"Referer": f"http://localhost{page_of(item)}"},
        )
    )

    assert "Knowledge item deleted." in gone.text
    as_admin.get(page_of(item), status=404)
    [undo] = [form for form in gone.all(".//form") if "/undo" in form.get("action", "")]
    as_admin.post(undo.get("action") or "", gone.fields_of(undo))
    assert behind.one(KnowledgeItem, id=item.id).deleted_at is None


def test_who_may_only_read_changes_nothing(
    client: Client, organization: Organization, item: KnowledgeItem, make: Factories, behind: Behind
) -> None:
    client.sign_in(make.user(organization, role=Role.CSR))

    for action in ("edit", "confirm", "delete"):
        client.post(page_of(item, action), {**TYPED, "version": "1"}, status=403)
    client.get(NEW, status=403)
    client.post(NEW, {**TYPED, "row_id": str(uuid4())}, status=403)

    assert behind.one(KnowledgeItem, organization_id=organization.id).version == 1


def test_what_belongs_to_another_organization_is_not_there(as_admin: Client, make: Factories, behind: Behind) -> None:
    theirs = make.knowledge_item(make.organization())

    as_admin.get(page_of(theirs), status=404)
    for action in ("edit", "confirm", "use", "delete"):
        as_admin.post(page_of(theirs, action), {**TYPED, "version": "1"}, status=404)

    now = behind.one(KnowledgeItem, id=theirs.id)
    assert (now.usage_count, now.version, now.deleted_at) == (0, 1, None)
