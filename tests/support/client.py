"""A visitor of the app: asks for pages as a browser without JavaScript does, and expects the house style of each."""

from collections.abc import Mapping
from typing import Any

from flask import Flask

from app.models import User
from tests.support.factories import PASSWORD
from tests.support.house_style import check_house_style
from tests.support.pages import Page

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


class Client:
    """One browser with its cookies; asserts the status of every answer, 200 or a redirect unless told otherwise."""

    def __init__(self, app: Flask) -> None:
        self._client = app.test_client()
        self._csrf_token: str | None = None
        self._csrf_page = "/login"

    def get(self, url: str, *, status: int = 200, headers: Mapping[str, str] | None = None, **options: Any) -> Page:
        """Get `url`; HTML is held against the house style."""
        page = self._seen(Page(self._client.get(url, headers=dict(headers or {}), **options)))
        assert page.status == status, f"GET {url}: {page.status}, not {status}\n{page.html[:2000]}"
        return page

    def swap(self, url: str, *, status: int = 200, **options: Any) -> Page:
        """Get `url` as HTMX does, which wants a fragment."""
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
        """Send a form, with the CSRF token of the page seen last; a good one is answered by a redirect."""
        if self._csrf_token is None:
            self.get(self._csrf_page)
        sent = {"csrf_token": self._csrf_token or "", **(data or {})}
        page = self._seen(Page(self._client.post(url, data=sent, headers=dict(headers or {}), **options)))
        assert page.status == status, f"POST {url}: {page.status}, not {status}\n{page.html[:2000]}"
        return page

    def answer_of(self, url: str, data: Mapping[str, Any]) -> Page:
        """The answer to a form that may be anything, such as one of several sent at once."""
        return self._seen(Page(self._client.post(url, data={"csrf_token": self._csrf_token or "", **data})))

    def look_at(self, url: str) -> Page:
        """The answer to a GET that may be anything, read to its end."""
        page = self._seen(Page(self._client.get(url)))
        page.response.get_data()
        return page

    def status_of(self, method: str, url: str) -> int:
        """The status of an answer that may be anything; an unsafe method sends an empty form with the token."""
        data = None if method == "GET" else {"csrf_token": self._csrf_token or ""}
        return self._seen(Page(self._client.open(url, method=method, data=data))).status

    def follow(self, page: Page) -> Page:
        """The page that a redirect leads to."""
        return self.get(page.headers["Location"])

    def sign_in(self, user: User, password: str = PASSWORD) -> "Client":
        """Sign in by the form; returns this client, so that `client.sign_in(user).get(…)` reads well."""
        self.post("/login", {"email": user.email, "password": password})
        # The session is new, and so is its token; the sign-in page has none for who is signed in.
        self._csrf_token, self._csrf_page = None, "/account"
        return self

    def cookie(self, name: str) -> str:
        """The value of a cookie that this browser keeps."""
        cookie = self._client.get_cookie(name)
        assert cookie is not None, f"no cookie {name}"
        return cookie.value

    def _seen(self, page: Page) -> Page:
        if page.is_html and page.html:
            check_house_style(page)
            token = next((one.get("value") for one in page.all(".//input[@name='csrf_token']")), None)
            self._csrf_token = token or self._csrf_token
        return page
