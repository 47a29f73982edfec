"""Concurrency limits of the app: the refused requests, their messages, and their queries."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import pytest
from flask import Flask

from app.lists.csv import FILES
from app.models import Organization, Role, User
from app.security.identity import SESSION_COOKIE
from app.security.tokens import Token, TokenType
from app.web import concurrency_limit, refusals
from app.web.concurrency_limit import Lane
from app.web.rate_limits import Limits
from tests.faults.conftest import wait_until
from tests.support.client import HTMX, Client, access_token, bearer, session_token
from tests.support.factories import Factories
from tests.support.pages import text_of

Queries = Callable[[], AbstractContextManager[list[str]]]

JSON = {"Accept": "application/json"}


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    return make.user(organization, role=Role.CSR, name="Cora Counter")


@pytest.fixture
def busy(client: Client, csr: User) -> Client:
    """A browser whose user has a cached session."""
    client.sign_in(csr)
    client.get("/calls")
    return client


def token_of(client: Client) -> Token:
    token = Token.parse(client.cookie(SESSION_COOKIE))
    assert token is not None
    return token


@contextmanager
def crowded(app: Flask, lane: Lane, token: Token, number: int, *, is_api_request: bool = False) -> Iterator[None]:
    """Occupy `number` places of a lane inside the block, on behalf of the session of `token`.

    Places of running requests are occupied first, then those of waiting ones.
    """
    limit, over = app.extensions["switchboard_doors"].lanes[lane], threading.Event()

    def stay() -> None:
        with limit.admitted(token.digest, is_api_request=is_api_request):
            over.wait(30)

    with ThreadPoolExecutor(number) as threads:
        asked = [threads.submit(stay) for _ in range(number)]
        try:
            wait_until(lambda: len(limit._admission._working) + len(limit._admission._waiting) == number)
            yield
        finally:
            over.set()
    for one in asked:
        one.result()


def test_one_person_too_many_requests_are_refused_and_nothing_is_asked_for_it(
    app: Flask, busy: Client, queries: Queries
) -> None:
    with crowded(app, Lane.PAGES, token_of(busy), 16), queries() as sent:
        refused = busy.get("/calls", status=429, headers=JSON)

    assert sent == []
    assert refused.headers["Retry-After"] == "2"
    error = refused.json["error"]
    assert error["code"] == "RATE_LIMIT_EXCEEDED"
    assert (error["limit"], error["remaining"], error["retryAfter"]) == (11, 0, 2)
    assert error["message"] == ("You have several requests running. This one wasn’t started; try again in a moment.")


def test_the_refusal_is_a_page_and_a_fragment_too(app: Flask, busy: Client) -> None:
    with crowded(app, Lane.PAGES, token_of(busy), 16):
        page = busy.get("/calls", status=429)
        fragment = busy.get("/calls", status=429, headers=HTMX)

    assert "You have several requests running." in page.text
    assert "data-fragment-error" in fragment.html
    assert "<html" not in fragment.html
    assert "You have several requests running." in fragment.text


def test_a_person_is_counted_over_all_their_sessions(app: Flask, busy: Client, csr: User) -> None:
    other = Client(app).sign_in(csr)
    other.get("/calls")

    with crowded(app, Lane.PAGES, token_of(busy), 16):
        other.get("/calls", status=429)


def test_somebody_else_waits_for_a_slot_and_gets_it(app: Flask, busy: Client, make: Factories) -> None:
    other = Client(app).sign_in(make.user(make.organization(), role=Role.CSR))
    other.get("/calls")

    with ThreadPoolExecutor(1) as threads:
        with crowded(app, Lane.PAGES, token_of(busy), 16):
            asked = threads.submit(other.get, "/calls")
            assert not asked.done()
        assert asked.result(timeout=10).status == 200


def test_a_client_of_the_api_waits_for_its_fourth_slot_and_its_user_does_not(
    app: Flask, busy: Client, csr: User
) -> None:
    token = Token.parse(access_token(app, csr), TokenType.ACCESS)
    assert token is not None

    def ask() -> int:
        return app.test_client().get("/api/v1/auth/me", headers=bearer(token.text)).status_code

    with ThreadPoolExecutor(1) as threads:
        with crowded(app, Lane.PAGES, token, 3, is_api_request=True):
            asked = threads.submit(ask)
            busy.get("/calls")
            assert not asked.done()
        assert asked.result(timeout=10) == 200


def test_signing_in_files_and_health_have_slots_of_their_own(app: Flask, busy: Client) -> None:
    with crowded(app, Lane.PAGES, token_of(busy), 16):
        assert Client(app).get("/login").status == 200
        assert busy.get("/calls.csv").status == 200
        assert app.test_client().get("/health/ready").status_code in (200, 503)  # no worker runs here


def test_files_leave_the_pages_alone(app: Flask, busy: Client) -> None:
    with crowded(app, Lane.FILES, token_of(busy), 9):
        busy.get("/calls.csv", status=429, headers=JSON)
        busy.get("/calls")


def test_a_file_rests_while_pages_are_asked_for(app: Flask, busy: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    rests: list[float] = []
    monkeypatch.setattr(concurrency_limit, "sleep", rests.append)

    with crowded(app, Lane.PAGES, token_of(busy), 1):
        busy.get("/calls.csv")

    assert rests
    assert all(seconds > 0 for seconds in rests)


def test_every_csv_file_has_a_slot_of_its_lane_and_a_rate(app: Flask) -> None:
    files = [rule.endpoint for rule in app.url_map.iter_rules() if rule.rule.endswith(".csv")]

    assert len(files) > 20
    for endpoint in files:
        view = app.view_functions[endpoint]
        assert getattr(view, "switchboard_lane", None) is Lane.FILES, endpoint
        assert getattr(view, "switchboard_limits", None) is FILES, endpoint
    assert FILES.per_user == "30 per hour"


def test_whose_a_session_is_is_known_once_it_is_proved(app: Flask, csr: User) -> None:
    browser, token = app.test_client(), Token.parse(session_token(app, csr))
    assert token is not None
    known = app.extensions["switchboard_requesters"]
    assert known.find(token.digest).person is None

    browser.set_cookie(SESSION_COOKIE, token.text)
    browser.get("/calls")

    assert (known.find(token.digest).person, known.find(token.digest).organization) == (csr.id, csr.organization_id)


@pytest.mark.parametrize(
    ("endpoint", "rate"),
    [
        ("search.index", "120 per minute"),
        ("calls.csv", "30 per hour"),
        ("calls.audio", "600 per hour"),
        ("users.show_picture", "600 per hour"),
    ],
)
def test_what_is_costly_has_a_rate_per_person(app: Flask, endpoint: str, rate: str) -> None:
    limits: Limits | None = getattr(app.view_functions[endpoint], "switchboard_limits", None)

    assert limits is not None
    assert limits.per_user == rate


def test_the_thirty_first_file_of_an_hour_is_refused_and_others_get_theirs(
    app: Flask, busy: Client, make: Factories, organization: Organization
) -> None:
    for number in range(30):
        busy.get(("/calls.csv", "/contacts.csv")[number % 2])

    busy.get("/calls.csv", status=429)
    Client(app).sign_in(make.user(organization, role=Role.CSR)).get("/calls.csv")


def test_a_form_that_found_no_slot_can_be_sent_again_without_scripts(app: Flask, busy: Client) -> None:
    form = {**busy.get("/contacts/new").fields("/contacts", "post"), "first_name": "Ruth", "last_name": "<b>Delgado"}
    with crowded(app, Lane.PAGES, token_of(busy), 16):
        refused = busy.post("/contacts", form, status=429)

    again = refused.fields("/contacts", "post")
    assert again == form
    busy.post("/contacts", again)


def test_refusals_are_counted_by_organization(
    app: Flask, busy: Client, make: Factories, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = Client(app).sign_in(make.user(organization, role=Role.OWNER))
    stranger = Client(app).sign_in(make.user(make.organization(), role=Role.OWNER))
    monkeypatch.setattr(refusals, "_refusals", OrderedDict())
    with crowded(app, Lane.PAGES, token_of(busy), 16):
        for _ in range(3):
            busy.get("/calls", status=429)

    [row] = [one for one in owner.get("/system").all(".//tbody/tr") if organization.name in text_of(one)]
    assert text_of(row.findall("td")[0]) == "3"
    assert "No rejected requests" in stranger.get("/system").text
