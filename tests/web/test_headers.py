"""Security headers of every response, and headers that control caching."""

import pytest
from flask.testing import FlaskClient

from tests.web.callers import JSON, PAGE


def directives(policy: str) -> dict[str, str]:
    """Parse a content security policy into its directives."""
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


@pytest.mark.parametrize("path", ["/probe/fine", "/nothing", "/probe/bug", "/api/nothing", "/static/favicon.svg"])
def test_every_answer_is_protected(browser: FlaskClient, path: str) -> None:
    with browser.get(path) as response:
        headers = response.headers

    policy = directives(headers["Content-Security-Policy"])
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert not any("unsafe" in sources or "*" in sources or "http" in sources for sources in policy.values())
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


def test_strict_transport_is_asked_for_behind_tls_only(browser: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in browser.get("/probe/fine").headers
    secure = browser.get("/probe/fine", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=63072000")


@pytest.mark.parametrize("path", ["/probe/fine", "/nothing"])
def test_private_answer_is_kept_by_nobody(browser: FlaskClient, path: str) -> None:
    response = browser.get(path, headers=PAGE)

    assert response.headers["Cache-Control"] == "no-store"
    assert {"HX-Request", "HX-Request-Type", "Accept", "Cookie"} <= set(response.vary)


@pytest.mark.parametrize("path", ["/api/probe/fine", "/api/nothing"])
def test_answer_of_the_api_depends_on_no_cookie(browser: FlaskClient, path: str) -> None:
    response = browser.get(path, headers=JSON)

    assert response.headers["Cache-Control"] == "no-store"
    assert set(response.vary) - {"Accept-Encoding"} == {"Authorization", "Accept", "Accept-Language"}


def test_static_file_is_kept_until_it_changes(browser: FlaskClient) -> None:
    with browser.application.test_request_context():
        address = browser.application.url_for("static", filename="favicon.svg")

    with browser.get(address) as response:
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Cookie" not in response.vary


@pytest.mark.parametrize("query", ["", "?v=old"])
@pytest.mark.parametrize("path", ["favicon.svg", "css/app.css", "js/app.js"])
def test_static_file_of_no_or_another_version_is_not_kept_for_long(browser: FlaskClient, path: str, query: str) -> None:
    with browser.get(f"/static/{path}{query}") as response:
        assert response.headers["Cache-Control"] == "public, max-age=3600"


def test_static_file_that_is_not_there_has_no_version_and_is_not_kept(browser: FlaskClient) -> None:
    with browser.application.test_request_context():
        address = browser.application.url_for("static", filename="no-such.css")

    response = browser.get(address, headers=PAGE)
    assert (address, response.status_code) == ("/static/no-such.css", 404)
    assert response.headers["Cache-Control"] == "no-store"
