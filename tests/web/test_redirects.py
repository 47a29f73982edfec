"""Redirects, which lead only to pages of this site."""

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as some

from app.web.htmx import current_page, go_to, is_htmx, redirect, wants_fragment
from app.web.redirects import local_path

bare = Flask(__name__)


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/calls", "/calls"),
        ("/calls?status=missed&page=2", "/calls?status=missed&page=2"),
        ("/calls#notes", "/calls"),
        ("http://localhost/calls?a=1", "/calls?a=1"),
        ("/qo%CA%BBng%CA%BBiroqlar", "/qo%CA%BBng%CA%BBiroqlar"),
    ],
)
def test_page_of_this_site_is_taken(address: str, path: str) -> None:
    with bare.test_request_context():
        assert local_path(address) == path


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "calls",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        " //evil.example",
        "https://evil.example/calls",
        "https://localhost/calls",
        "http://localhost@evil.example/calls",
        "http://localhost.evil.example/calls",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://[",
        "/calls\r\nSet-Cookie: a=b",
        "/.//",
        "/.//evil.example",
        "/calls/..//evil.example",
        "/%2e//evil.example",
        "/calls/.%2E//evil.example",
    ],
)
def test_address_that_leads_elsewhere_is_not(address: str | None) -> None:
    with bare.test_request_context():
        assert local_path(address) is None


@given(some.text(alphabet="/\\.:@?#\t \nabc%", max_size=12))
def test_what_is_taken_is_a_path_whatever_is_tried(address: str) -> None:
    with bare.test_request_context():
        path = local_path(address)
    assert path is None or (path.startswith("/") and not path.startswith(("//", "/\\")))


class TestHtmx:
    """Headers sent by HTMX, and the redirects it receives."""

    PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}  # noqa: RUF012 - never changed

    def test_swap_wants_a_fragment(self) -> None:
        with bare.test_request_context(headers=self.PARTIAL):
            assert (is_htmx(), wants_fragment()) == (True, True)

    def test_swap_of_the_whole_body_wants_a_page(self) -> None:
        with bare.test_request_context(headers={**self.PARTIAL, "HX-Request-Type": "full"}):
            assert (is_htmx(), wants_fragment()) == (True, False)

    def test_browser_on_its_way_back_wants_a_page(self) -> None:
        with bare.test_request_context(headers={"HX-History-Restore-Request": "true"}):
            assert (is_htmx(), wants_fragment()) == (False, False)

    def test_page_that_is_shown_is_known(self) -> None:
        with bare.test_request_context(headers={**self.PARTIAL, "HX-Current-URL": "http://localhost/calls?page=2"}):
            assert current_page() == "/calls?page=2"

    def test_form_without_javascript_is_sent_on(self) -> None:
        with bare.test_request_context():
            response = redirect("/calls")
        assert (response.status_code, response.location) == (303, "/calls")

    def test_form_of_htmx_is_told_to_leave(self) -> None:
        with bare.test_request_context(headers=self.PARTIAL):
            response = redirect("/calls")
        assert (response.status_code, response.headers["HX-Redirect"]) == (200, "/calls")

    def test_leaving_keeps_the_status(self) -> None:
        with bare.test_request_context(headers=self.PARTIAL):
            assert go_to(bare.make_response(("", 401)), "/login").status_code == 401
