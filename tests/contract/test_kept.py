"""What is kept between requests is nobody's: pages are the same with it, without it, and after somebody else's."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from app.models import Role
from app.security import kept_selections
from app.security.kept_selections import KEPT_SELECTIONS
from app.web.kept import KEPT
from app.web.templating import TOKEN_TO_COME
from app.work.calls.queries import _rows as list_of_calls
from tests.support.client import Client
from tests.support.company import Company, page_addresses

#: Pages that tell of the requests before, or what time it is.
TELL_OF_NOW = ("/audit", "/system", "/account", "/jobs", "/organization/time-zone", "/styleguide")

#: What is another one in each answer: tokens of forms, ids of rows that a form will make, what is said in minutes.
_CHANGING = re.compile(
    r'name="csrf_token" value="[^"]*"|"X-CSRFToken": "[^"]*"|value="[0-9a-f]{8}-[0-9a-f-]{27}"'
    r"|<time[^>]*data-age.*?</time>"
)


def test_pages_are_the_same_with_what_is_kept_and_without_and_after_somebody_elses(
    app: Flask, new_client: Callable[[], Client], company: Company, neighbour: Company
) -> None:
    people = [(company, Role.OWNER), (neighbour, Role.OWNER), (company, Role.CSR)]
    clients = [new_client().sign_in(one.people[role]) for one, role in people]

    def seen(*, kept: bool) -> dict[tuple[int, str], str]:
        looks = {}
        for number, (one, role) in enumerate(people):
            for url in page_addresses(app, one, role):
                if url.startswith(TELL_OF_NOW):
                    continue
                if not kept:
                    for function in KEPT.values():
                        function.cache_clear()
                page = clients[number].look_at(url)
                assert TOKEN_TO_COME not in page.html
                looks[number, url] = _CHANGING.sub("…", page.html)
        return looks

    seen(kept=True)
    with_kept, without = seen(kept=True), seen(kept=False)

    assert [look for look in with_kept if with_kept[look] != without[look]] == []
    assert len(with_kept) > 150


def test_every_kept_statement_is_held_to_the_organization_of_whoever_asks(
    app: Flask, new_client: Callable[[], Client], company: Company
) -> None:
    for role in (Role.OWNER, Role.CSR):
        client = new_client().sign_in(company.people[role])
        for url in page_addresses(app, company, role):
            client.look_at(url)
    kept = [one for selection in KEPT_SELECTIONS for one in selection.known.values() if one]

    assert len(kept) > 30
    of_anybody = [one.sql for one in kept if "%(context_organization)s" not in one.sql]
    assert [sql for sql in of_anybody if not sql.endswith("WHERE false")] == []
    # What somebody is stands in no text: it is sent with it.
    facts = {str(company.organization.id), *(str(user.id) for user in company.people.values())}
    fixed = {str(value) for one in kept for value in one.fixed.values()}
    assert facts & fixed == set()


def test_of_many_mixtures_of_filters_only_the_last_are_kept(
    new_client: Callable[[], Client], company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_selections, "MAX_SHAPES", 3)
    list_of_calls.known.clear()
    client = new_client().sign_in(company.people[Role.OWNER])

    for filters in ("", "status=missed", "hour=9", "weekday=1", "topic=x", "rated=yes", "hour=9&topic=x", ""):
        client.get(f"/calls?{filters}")

    assert 0 < len(list_of_calls.known) <= 3
