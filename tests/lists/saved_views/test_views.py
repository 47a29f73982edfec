"""Saved views: named filters that are saved, opened, renamed, shared and deleted."""

from collections.abc import Callable
from functools import partial

import pytest
from flask import Flask

from app.db.ids import uuid7
from app.lists.saved_views import service
from app.models import Organization, Role, SavedView, User
from app.work.calls.resource import CALL_LIST
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.owner_races import acting
from tests.support.pages import Page, text_of
from tests.support.work import both_at_once

NewClient = Callable[[], Client]


def save(client: Client, url: str, *, status: int = 303, **values: str) -> Page:
    """Save the filters of `url` as a view, with the list's form."""
    return client.post("/saved-views", {**client.get(url).fields("/saved-views"), **values}, status=status)


def views_of(page: Page) -> dict[str, str]:
    """Return the URLs of the views in a list's menu, by name."""
    return {text_of(link): link.get("href") or "" for link in page.all(".//div[@class='menu-list menu-list--wide']/a")}


def edit(view: SavedView) -> str:
    return f"/saved-views/{view.id}/edit"


def test_the_filters_that_are_set_are_kept_with_the_sort(client: Client, csr: User) -> None:
    url = "/calls?status=missed%2Cvoicemail&sort=startedAt"
    page = client.follow(save(client.sign_in(csr), url, name="To call back"))

    assert "The view “To call back” was saved." in page.text
    assert views_of(page) == {"To call back": url}
    assert page.one(".//div[@class='menu-list menu-list--wide']/a").get("aria-current") == "true"
    assert views_of(client.get("/calls")) == {"To call back": url}


def test_the_same_form_sent_twice_is_one_view(client: Client, csr: User) -> None:
    form = {**client.sign_in(csr).get("/calls").fields("/saved-views"), "name": "All"}
    client.post("/saved-views", form)
    client.post("/saved-views", form)

    assert list(views_of(client.get("/calls"))) == ["All"]


def test_the_same_form_sent_twice_at_once_is_one_view(
    app: Flask, organization: Organization, client: Client, csr: User
) -> None:
    save_it = partial(service.save_view, acting(csr), uuid7(), CALL_LIST, "Mornings", "hour=9")

    assert both_at_once(app, organization.id, save_it, save_it) == []
    assert list(views_of(client.sign_in(csr).get("/calls"))) == ["Mornings"]


def test_a_name_that_is_taken_is_said_beside_it_and_what_was_typed_stays(client: Client, csr: User) -> None:
    save(client.sign_in(csr), "/calls?status=missed", name="Mine")

    page = save(client, "/calls?status=voicemail", name="Mine", status=409)

    assert "You already have a view with this name." in text_of(page.one(".//*[@data-error-summary]"))
    again = page.fields("/saved-views")
    assert (again["name"], again["query"]) == ("Mine", "status=voicemail")
    client.post("/saved-views", {**again, "name": "Voicemails"})


@pytest.mark.parametrize(
    "values",
    [
        {"name": ""},
        {"name": "x" * 61},
        {"name": "a\0b"},
        {"query": "colour=red"},
        {"query": "sort=topic"},
        {"query": "q=%00"},
        {"query": "q=" + "й" * 2001},
        {"page": "secrets"},
        {"row_id": "7"},
    ],
    ids=[
        "no name",
        "long name",
        "NUL",
        "unknown filter",
        "unknown sort",
        "NUL in a filter",
        "long filters",
        "unknown list",
        "no id",
    ],
)
def test_what_cannot_be_a_view_is_refused(client: Client, csr: User, values: dict[str, str]) -> None:
    save(client.sign_in(csr), "/calls", **{"name": "View", **values}, status=400)

    assert views_of(client.get("/calls")) == {}


class TestSharing:
    def test_what_a_manager_shares_everybody_has_who_sees_the_list(
        self, new_client: NewClient, make: Factories, csr: User, manager: User
    ) -> None:
        save(new_client().sign_in(manager), "/calls?status=missed", name="Missed", is_shared="y")
        stranger = make.user(make.organization())

        assert list(views_of(new_client().sign_in(csr).get("/calls"))) == ["Missed shared by Marcus Bell"]
        assert views_of(new_client().sign_in(stranger).get("/calls")) == {}

    def test_what_is_not_shared_is_ones_own(self, new_client: NewClient, csr: User, manager: User) -> None:
        save(new_client().sign_in(manager), "/calls?status=missed", name="Missed")

        assert views_of(new_client().sign_in(csr).get("/calls")) == {}

    def test_a_csr_cannot_share(self, client: Client, csr: User) -> None:
        client.sign_in(csr)
        assert "is_shared" not in client.get("/calls").html
        save(client, "/calls", name="For all", is_shared="y", status=403)

    def test_a_view_of_a_list_that_one_may_not_open_is_not_shown(
        self, new_client: NewClient, make: Factories, organization: Organization, manager: User
    ) -> None:
        make.saved_view(manager, page="tasks", query="", name="My team", is_shared=True)

        support = new_client().sign_in(make.user(organization, Role.SUPPORT))
        assert "My team" not in support.get("/saved-views").text


class TestChanging:
    def test_it_is_renamed_and_shared(self, client: Client, make: Factories, manager: User) -> None:
        view = make.saved_view(manager)
        form = client.sign_in(manager).get(edit(view)).fields(edit(view))

        page = client.follow(client.post(edit(view), {**form, "name": "Lost calls", "is_shared": "y"}))

        assert "Lost calls Shared" in page.text

    def test_a_stale_form_shows_both_names(self, client: Client, make: Factories, manager: User) -> None:
        view = make.saved_view(manager, name="Old")
        form = client.sign_in(manager).get(edit(view)).fields(edit(view))
        client.post(edit(view), {**form, "name": "Theirs"})

        page = client.post(edit(view), {**form, "name": "Mine"}, status=409)

        (row,) = page.all(".//*[@class='conflict']//tbody/tr")
        assert text_of(row) == "Name Theirs Mine"
        again = page.fields(edit(view))
        client.post(edit(view), again)
        assert "Mine" in client.get("/saved-views").text

    def test_a_shared_view_of_somebody_else_is_not_a_csrs_to_change(
        self, client: Client, make: Factories, csr: User, manager: User
    ) -> None:
        view = make.saved_view(manager, is_shared=True)
        client.sign_in(csr).get(edit(view), status=403)
        client.post(edit(view), {"name": "Mine now", "version": "1"}, status=403)
        client.post(f"/saved-views/{view.id}/delete", status=403)

        assert view.name in client.get("/saved-views").text

    def test_it_is_deleted_and_comes_back_by_undo(self, client: Client, make: Factories, csr: User) -> None:
        view = make.saved_view(csr, name="Mornings", query="hour=9")
        page = client.follow(client.sign_in(csr).post(f"/saved-views/{view.id}/delete"))
        assert "No views yet" in page.text
        (undo,) = [form.get("action") or "" for form in page.all(".//*[@data-toast]/form")]

        page = client.follow(client.post(undo))

        assert page.links["Mornings"] == "/calls?hour=9"

    def test_undo_gives_a_shared_view_back_to_whose_it_was(
        self,
        client: Client,
        new_client: NewClient,
        make: Factories,
        organization: Organization,
        csr: User,
        manager: User,
    ) -> None:
        view = make.saved_view(make.user(organization, name="Nora Lindqvist"), name="Mornings", is_shared=True)
        page = client.follow(client.sign_in(manager).post(f"/saved-views/{view.id}/delete"))
        (undo,) = [form.get("action") or "" for form in page.all(".//*[@data-toast]/form")]

        client.post(undo)

        assert list(views_of(new_client().sign_in(csr).get("/calls"))) == ["Mornings shared by Nora Lindqvist"]

    def test_only_who_deleted_a_view_takes_that_back(
        self, client: Client, new_client: NewClient, make: Factories, csr: User, manager: User
    ) -> None:
        view = make.saved_view(csr, name="Mornings")
        page = client.follow(client.sign_in(csr).post(f"/saved-views/{view.id}/delete"))
        (undo,) = [form.get("action") or "" for form in page.all(".//*[@data-toast]/form")]

        new_client().sign_in(manager).post(undo, status=404)
        new_client().sign_in(make.user(make.organization())).post(undo, status=404)

        assert views_of(client.get("/calls")) == {}

    def test_somebody_elses_is_not_there(self, client: Client, make: Factories, csr: User, manager: User) -> None:
        view = make.saved_view(manager)
        client.sign_in(csr).get(edit(view), status=404)
        client.post(f"/saved-views/{view.id}/delete", status=404)
        client.post(f"/saved-views/{uuid7()}/delete", status=404)


@pytest.mark.parametrize("name", ["contact", "rep"])
def test_a_view_names_nothing_that_its_owner_cannot_see(
    client: Client, make: Factories, organization: Organization, name: str
) -> None:
    elsewhere = make.organization()
    hidden = {
        "contact": (make.contact(organization).id, make.contact(elsewhere).id),
        "rep": (make.user(elsewhere, role=Role.SALES_REP).id,),
    }[name]
    client.sign_in(make.user(organization, role=Role.SALES_REP))

    said = {
        text_of(save(client, "/appointments", status=400, name="View", query=f"{name}={one}").one(".//main"))
        for one in (*hidden, uuid7())
    }

    assert len(said) == 1
    assert "This view refers to a person or record that doesn’t exist." in said.pop()


def test_a_form_that_is_wrong_tells_nobody_of_a_view_that_is_not_theirs_to_change(
    client: Client, make: Factories, csr: User, manager: User
) -> None:
    view = make.saved_view(manager, is_shared=True)

    client.sign_in(csr).post(edit(view), {"name": "", "version": "1"}, status=403)
