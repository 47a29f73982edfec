"""Limits on the size and content of a request."""

from io import BytesIO

import pytest
from flask.testing import FlaskClient

from app.security.permissions import Role
from app.web.request_limits import BODY_BYTES, PUBLIC_BYTES, UPLOAD_BYTES
from tests.web.callers import JSON, PAGE, as_role, error_of

#: The result of a body that ends too early: it was being read.
READ = (400, "VALIDATION_ERROR")


def announce(browser: FlaskClient, path: str, length: int) -> tuple[int, str | None]:
    """Send a short body that claims to be `length` bytes long; return the status and the error code."""
    response = browser.post(
        path,
        data=b"name=x",
        content_type="application/x-www-form-urlencoded",
        headers=as_role(Role.MANAGER, JSON),
        environ_overrides={"CONTENT_LENGTH": str(length)},
    )
    return response.status_code, response.get_json()["error"]["code"] if response.is_json else None


@pytest.mark.parametrize(("path", "limit"), [("/probe/private-form", BODY_BYTES), ("/probe/form", PUBLIC_BYTES)])
def test_body_over_the_limit_is_refused_before_it_is_read(browser: FlaskClient, path: str, limit: int) -> None:
    assert announce(browser, path, limit + 1) == (413, "PAYLOAD_TOO_LARGE")
    assert announce(browser, path, limit) == READ


def test_upload_may_be_larger_where_it_is_said(browser: FlaskClient) -> None:
    assert announce(browser, "/probe/upload", BODY_BYTES + 1) == READ
    assert announce(browser, "/probe/upload", UPLOAD_BYTES + 1) == (413, "PAYLOAD_TOO_LARGE")


def test_body_to_an_unknown_path_has_a_limit_too(browser: FlaskClient) -> None:
    assert announce(browser, "/nothing", BODY_BYTES + 1) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_body_that_announces_no_length_is_cut_off_at_the_limit(browser: FlaskClient, kind: str) -> None:
    start = b"name=" if "urlencoded" in kind else b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n'
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}

    response = browser.post(
        "/probe/form",
        input_stream=BytesIO(start + b"x" * (PUBLIC_BYTES + 1)),
        content_type=kind,
        headers=JSON,
        environ_overrides=chunked,
    )

    assert response.status_code == 413
    assert error_of(response)["code"] == "PAYLOAD_TOO_LARGE"


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/octet-stream", ""])
def test_body_of_a_page_must_be_a_form(browser: FlaskClient, kind: str) -> None:
    response = browser.post("/probe/form", data=b'{"name": "Ann"}', content_type=kind, headers=JSON)

    assert response.status_code == 415
    assert error_of(response)["code"] == "UNSUPPORTED_MEDIA_TYPE"


def test_form_without_any_body_only_lacks_its_token(browser: FlaskClient) -> None:
    assert browser.post("/probe/form", headers=JSON).status_code == 403


@pytest.mark.parametrize(
    ("path", "query", "where"),
    [
        ("/nothing\0", "", "path"),
        ("/nothing/\xff", "", "path"),
        ("/probe/fine", "q=%00", "query"),
        ("/probe/fine", "q=%e2%28", "query"),
        ("/probe/fine", "q=%ed%a0%80", "query"),
        ("/probe/fine", "q=%1b", "query"),
        ("/probe/fine", "q=%c2%85", "query"),
        ("/probe/fine", "q=%ef%bf%be", "query"),
    ],
)
def test_address_that_is_no_text_is_refused(browser: FlaskClient, path: str, query: str, where: str) -> None:
    as_a_server_has_it = {"PATH_INFO": path, "QUERY_STRING": query}
    response = browser.get("/", headers=JSON, environ_overrides=as_a_server_has_it)

    assert response.status_code == 400
    assert error_of(response)["details"][0]["field"] == where


@pytest.mark.parametrize(
    "words", ["%D0%90%D0%BD%D0%BD%D0%B0", "two%0D%0Alines%09and+more", "%f0%9f%91%a9%e2%80%8d%f0%9f%9a%92"]
)
def test_address_in_any_language_is_fine(browser: FlaskClient, words: str) -> None:
    assert browser.get(f"/probe/fine?q={words}", headers=PAGE).status_code == 200


class TestForm:
    """Form data and JSON bodies that can't be read."""

    @pytest.fixture
    def headers(self, browser: FlaskClient) -> dict[str, str]:
        return {**JSON, "X-CSRFToken": browser.get("/probe/token").text}

    def test_missing_field_is_named(self, browser: FlaskClient, headers: dict[str, str]) -> None:
        response = browser.post("/probe/form", data={"other": "x"}, headers=headers)

        assert response.status_code == 400
        assert [(one["field"], one["code"]) for one in error_of(response)["details"]] == [
            ("name", "MISSING_REQUIRED_FIELD")
        ]

    def test_ten_megabytes_of_json_are_refused(self, browser: FlaskClient, headers: dict[str, str]) -> None:
        response = browser.post("/api/probe/json", json={"value": "a" * 10_000_000}, headers=headers)

        assert response.status_code == 413
        assert error_of(response)["code"] == "PAYLOAD_TOO_LARGE"

    @pytest.mark.parametrize("body", [b"{", b"", b"{'a': 1}", b'{"a": "\xff"}'])
    def test_body_that_is_no_json_says_where(self, browser: FlaskClient, headers: dict[str, str], body: bytes) -> None:
        response = browser.post("/api/probe/json", data=body, content_type="application/json", headers=headers)

        assert response.status_code == 400
        assert error_of(response)["code"] == "INVALID_JSON"
        assert error_of(response)["where"]

    @pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
    def test_characters_that_are_no_text_are_left_out(
        self, browser: FlaskClient, headers: dict[str, str], kind: str
    ) -> None:
        typed = "A\x1bn\x85n\ufffe \u202eMay\u202c 👩\u200d🚒"

        response = browser.post("/probe/form", data={"name": typed}, content_type=kind, headers=headers)

        assert response.text == "Ann May 👩\u200d🚒"

    def test_body_of_another_type_is_refused(self, browser: FlaskClient, headers: dict[str, str]) -> None:
        response = browser.post("/api/probe/json", data=b"a=1", content_type="text/plain", headers=headers)

        assert response.status_code == 415
        assert error_of(response)["code"] == "UNSUPPORTED_MEDIA_TYPE"

    def test_form_field_with_a_broken_length_is_no_bug(self, browser: FlaskClient, headers: dict[str, str]) -> None:
        response = browser.post("/probe/form", data=b"--x", content_type="multipart/form-data", headers=headers)

        assert response.status_code == 400

    def test_file_whose_name_is_no_text_is_refused_by_its_name(
        self, browser: FlaskClient, headers: dict[str, str]
    ) -> None:
        named = b'--x\r\nContent-Disposition: form-data; name="file"; filename="\xff.csv"\r\n\r\nhello\r\n--x--\r\n'
        kind = "multipart/form-data; boundary=x"

        response = browser.post("/probe/upload", data=named, content_type=kind, headers=headers)

        assert response.status_code == 400
        assert [(one["field"], one["message"]) for one in error_of(response)["details"]] == [
            ("file", "The file name contains characters that can’t be read. Rename the file and upload it again.")
        ]

    @pytest.mark.parametrize("path", ["/probe/form", "/login"])
    def test_form_that_is_no_text_is_refused(self, browser: FlaskClient, headers: dict[str, str], path: str) -> None:
        kind = "application/x-www-form-urlencoded"

        response = browser.post(path, data=b"name=\xff", content_type=kind, headers=headers)

        assert response.status_code == 400
        assert error_of(response)["details"][0]["field"] == "body"


class TestCsrf:
    """CSRF protection: a form must come from a page that was served to the same browser."""

    def test_form_without_a_token_is_refused(self, browser: FlaskClient) -> None:
        response = browser.post("/probe/form", data={"name": "Ann"}, headers=JSON)

        assert response.status_code == 403
        assert error_of(response)["code"] == "CSRF_FAILED"

    def test_token_of_another_browser_is_refused(self, browser: FlaskClient) -> None:
        foreign = browser.application.test_client().get("/probe/token").text

        browser.get("/probe/token")
        response = browser.post("/probe/form", data={"name": "Ann", "csrf_token": foreign}, headers=PAGE)
        assert response.status_code == 403
        assert "form" in response.text

    @pytest.mark.parametrize("place", ["field", "header"])
    def test_own_token_is_taken_from_field_or_header(self, browser: FlaskClient, place: str) -> None:
        token = browser.get("/probe/token").text

        data, headers = ({"csrf_token": token}, {}) if place == "field" else ({}, {"X-CSRFToken": token})
        response = browser.post("/probe/form", data={"name": "Ann", **data}, headers=headers)
        assert response.text == "Ann"
