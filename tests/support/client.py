"""Test client that acts as a browser without JavaScript and checks each page's house style."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, session
from flask.testing import EnvironBuilder
from flask_wtf.csrf import generate_csrf
from sqlalchemy import inspect
from werkzeug.exceptions import HTTPException

from app.db.context import Context
from app.db.session import organization_scope
from app.errors import DomainError, InvalidCredentials
from app.extensions import db
from app.models import User, UserSession
from app.people.sign_in.queries import Account, find_accounts
from app.people.sign_in.service import start_session
from app.security.api_requests import API_PREFIX
from app.security.identity import SESSION_COOKIE
from app.security.tokens import Token, TokenType
from tests.support.factories import PASSWORD
from tests.support.first_sign_in import IP_ADDRESS, USER_AGENT, start_first_session
from tests.support.house_style import check_house_style
from tests.support.pages import Page

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def session_token(app: Flask, user: User) -> str:
    """Sign a user in without the form and return the session token.

    This takes a tenth of the time of a sign-in by form, and stores the same rows. Raises InvalidCredentials if the
    service refuses.
    """
    if first := start_first_session(app, user):
        return first.text
    here = Context(source="user", ip_address=IP_ADDRESS, user_agent=USER_AGENT)
    with app.test_request_context(), organization_scope(here, db.session):
        try:
            token = start_session(_account_of(user))
        except InvalidCredentials:  # the user was changed after it was created
            db.session.rollback()
            account = next((account for account in find_accounts(user.email) if account.user_id == user.id), None)
            assert account is not None, f"{user.email} has no account to sign in to"
            token = start_session(account)
        db.session.commit()
    return token.text


def _account_of(user: User) -> Account:
    """Return the account of a user as it was created, without the query that finds it by its address."""
    return Account(user.organization_id, "", user.id, inspect(user).dict.get("password_changed_at"))


def access_token(app: Flask, user: User, **values: Any) -> str:
    """Create a session of an API client of a user, with `values` of its row, and return its access token."""
    token, now = Token.new(user.organization_id, TokenType.ACCESS), datetime.now(UTC)
    defaults = {
        "organization_id": user.organization_id,
        "user_id": user.id,
        "token_hash": token.digest,
        "client_id": "tests",
        "last_seen_at": now,
        "expires_at": now + timedelta(hours=1),
    }
    here = Context(organization_id=user.organization_id, source="user", ip_address="127.0.0.1")
    with app.test_request_context(), organization_scope(here, db.session):
        db.session.add(UserSession(**{**defaults, **values}))
        db.session.commit()
    return token.text


def bearer(token: str) -> dict[str, str]:
    """Return the header with which a program presents its token."""
    return {"Authorization": f"Bearer {token}"}


class Client:
    """A browser with its own cookies, whose `get`, `swap` and `post` assert the status of the response.

    By default, they expect 200 for GET requests and a redirect for POST requests.
    """

    def __init__(self, app: Flask, address: str = "127.0.0.1") -> None:
        self.app = app
        self._client = app.test_client()
        self._client.environ_base["REMOTE_ADDR"] = address
        self._csrf_token: str | None = None
        self._csrf_page = "/login"
        self._user: User | None = None
        self._access_token: str | None = None

    def get(self, url: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **options: Any) -> Page:
        """Get `url` and check its HTML against the house style."""
        page = self._seen(Page(self._client.get(url, headers=dict(headers or {}), **options)))
        assert page.status == status, f"GET {url}: {page.status}, not {status}\n{page.html[:2000]}"
        return page

    def swap(self, url: str, *, status: int = 200, **options: Any) -> Page:
        """Get `url` as HTMX does, which makes the app respond with a fragment."""
        return self.get(url, status=status, headers=HTMX, **options)

    def post(
        self,
        url: str,
        data: Mapping[str, Any] | None = None,
        *,
        status: int = 303,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Page:
        """Submit a form with the CSRF token of the last page; by default, expect a redirect."""
        if self._csrf_token is None:
            self.get(self._csrf_page)
        sent = {"csrf_token": self._csrf_token or "", **(data or {})}
        page = self._seen(Page(self._client.post(url, data=sent, headers=dict(headers or {}), **options)))
        assert page.status == status, f"POST {url}: {page.status}, not {status}\n{page.html[:2000]}"
        return page

    def answer_of(self, url: str, data: Mapping[str, Any]) -> Page:
        """Return the response to a form without checking its status, which concurrency can change."""
        return self._seen(Page(self._client.post(url, data={"csrf_token": self._csrf_token or "", **data})))

    def look_at(self, url: str) -> Page:
        """Return the complete response to a GET request without checking its status."""
        page = self._seen(Page(self._client.get(url)))
        page.response.get_data()
        return page

    def html_at(self, url: str) -> str:
        """Return the body of the response to a GET request, without a check of a page that is checked elsewhere."""
        return Page(self._client.get(url)).html

    def status_of(self, method: str, url: str) -> int:
        """Return the status of a response without checking it.

        A method other than GET sends an empty form with the CSRF token. For the JSON API, the request has an access
        token of the signed-in user.
        """
        data = None if method == "GET" else {"csrf_token": self._csrf_token or ""}
        return self._seen(Page(self._client.open(url, method=method, data=data, headers=self._bearer(url)))).status

    def refusal_of(self, method: str, url: str) -> int | None:
        """Return the status with which the app refuses a request before its view runs, or None.

        A method other than GET sends an empty form with the CSRF token. For the JSON API, the request has an access
        token of the signed-in user.
        """
        names = (SESSION_COOKIE, self.app.config["SESSION_COOKIE_NAME"])
        kept = [self._client.get_cookie(name) for name in names]
        request = EnvironBuilder(
            self.app,
            path=url,
            method=method,
            data=None if method == "GET" else {"csrf_token": self._csrf_token or ""},
            headers={
                "Cookie": "; ".join(f"{cookie.key}={cookie.value}" for cookie in kept if cookie),
                **self._bearer(url),
            },
            environ_base=self._client.environ_base,
        )
        with self.app.request_context(request.get_environ()):
            try:
                answer = self.app.preprocess_request()
            except (DomainError, HTTPException) as error:
                return error.status if isinstance(error, DomainError) else error.code
            return None if answer is None else self.app.make_response(answer).status_code

    def follow(self, page: Page) -> Page:
        """Follow a redirect and return the page."""
        return self.get(page.headers["Location"])

    def sign_in(self, user: User) -> "Client":
        """Sign in with `session_token` and return this client, so that calls can be chained.

        Use `sign_in_by_form` to test the sign-in itself.
        """
        # In a browser that is already signed in, the old session would be ended by the view, not by the service.
        assert self._client.get_cookie(SESSION_COOKIE) is None, "signed in already: use sign_in_by_form"
        self._client.set_cookie(SESSION_COOKIE, session_token(self.app, user), httponly=True, samesite="Lax")
        self._take_csrf_token()
        self._user = user
        return self

    def sign_in_by_form(self, user: User, password: str = PASSWORD) -> "Client":
        """Sign in with the form, as people do, and return this client."""
        self.post("/login", {"email": user.email, "password": password})
        # The new session has a new token, and the sign-in page shows none to a signed-in user.
        self._csrf_token, self._csrf_page = None, "/account"
        return self

    def _bearer(self, url: str) -> dict[str, str]:
        if not url.startswith(API_PREFIX) or self._user is None:
            return {}
        self._access_token = self._access_token or access_token(self.app, self._user)
        return bearer(self._access_token)

    def _take_csrf_token(self) -> None:
        """Set a CSRF token that this browser's forms can use, as if it had opened a page."""
        with self.app.test_request_context():
            self._csrf_token = generate_csrf()
            secret = session["csrf_token"]
        with self._client.session_transaction() as kept:
            kept.clear()
            kept["csrf_token"] = secret

    def cookie(self, name: str) -> str:
        """Return the value of one of this browser's cookies."""
        cookie = self._client.get_cookie(name)
        assert cookie is not None, f"no cookie {name}"
        return cookie.value

    def set_cookie(self, name: str, value: str) -> None:
        """Set a cookie of this browser."""
        self._client.set_cookie(name, value)

    def _seen(self, page: Page) -> Page:
        if page.is_html and page.html:
            check_house_style(page)
            self._csrf_token = page.csrf_token or self._csrf_token
        return page
