"""Compression of responses, used only where it helps and reveals no secret."""

import gzip
import re
import zlib
from collections.abc import Callable
from html import unescape
from typing import Protocol

import pytest
import zstandard
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.callers import PAGE


class Unpacker(Protocol):
    """Decompressor of a body in pieces."""

    def decompress(self, data: bytes, /) -> bytes: ...


def gunzip() -> Unpacker:
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)


BOTH = {"Accept-Encoding": "gzip, deflate, br, zstd"}
GZIP = {"Accept-Encoding": "gzip, deflate"}


def unpacked(response: TestResponse) -> bytes:
    """Return the uncompressed body."""
    match response.headers.get("Content-Encoding"):
        case "zstd":
            return bytes(zstandard.ZstdDecompressor().decompressobj().decompress(response.data))
        case "gzip":
            return gzip.decompress(response.data)
        case _:
            return bytes(response.data)


@pytest.mark.parametrize(("accepted", "coding"), [(BOTH, "zstd"), (GZIP, "gzip"), ({}, None)])
@pytest.mark.parametrize("path", ["/login", "/static/css/app.css", "/static/js/app.js", "/static/icons.svg"])
def test_text_goes_out_as_the_reader_can_unpack_it(
    browser: FlaskClient, path: str, accepted: dict[str, str], coding: str | None
) -> None:
    plain = browser.get(path, headers=PAGE, buffered=True)
    response = browser.get(path, headers={**PAGE, **accepted}, buffered=True)

    assert response.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in response.vary
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert (len(response.data) < len(plain.data) / 2) is (coding is not None)
    if path.startswith("/static"):
        assert unpacked(response) == plain.data


def test_a_first_visit_takes_at_most_60_kilobytes_headers_included(browser: FlaskClient) -> None:
    page = browser.get("/login", headers={**PAGE, **BOTH})
    loaded = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', unpacked(page).decode()))
    answers = [page, *(browser.get(unescape(path), headers=BOTH, buffered=True) for path in sorted(loaded))]

    assert {"app.css", "app.js", "icons.svg"} <= {path.partition("?")[0].rpartition("/")[2] for path in loaded}
    assert all(answer.cache_control.immutable for answer in answers[1:])
    assert sum(len(answer.data) + len(str(answer.headers)) for answer in answers) <= 60_000


@pytest.mark.parametrize("kind", ["css", "js"])
def test_what_is_put_together_is_packed_as_well_as_can_be_like_a_file(browser: FlaskClient, kind: str) -> None:
    path = next(iter(re.findall(rf'"(/static/{kind}/app[^"]+)', browser.get("/login", headers=PAGE).text)))
    plain = browser.get(path, buffered=True).data

    packed = browser.get(path, headers=BOTH, buffered=True).data

    assert len(packed) <= len(zstandard.ZstdCompressor(level=19).compress(plain)) + 20


def test_a_download_is_packed_piece_by_piece(browser: FlaskClient) -> None:
    response = browser.get("/probe/stream", headers=BOTH)

    assert response.headers["Content-Encoding"] == "zstd"
    assert unpacked(response) == browser.get("/probe/stream").data


@pytest.mark.parametrize(("accepted", "reader"), [(BOTH, zstandard.ZstdDecompressor().decompressobj), (GZIP, gunzip)])
def test_the_first_piece_of_a_download_can_be_unpacked_before_the_others_come(
    browser: FlaskClient, accepted: dict[str, str], reader: Callable[[], Unpacker]
) -> None:
    with browser.get("/probe/stream", headers=accepted) as response:
        assert reader().decompress(next(response.iter_encoded())) == b"1\n"


@pytest.mark.parametrize("path", ["/static/vendor/inter/inter-latin-wght-normal.woff2", "/probe/fine", "/health/lb"])
def test_what_would_not_get_smaller_is_left_alone(browser: FlaskClient, path: str) -> None:
    with browser.get(path, headers=BOTH) as response:
        assert "Content-Encoding" not in response.headers


def test_what_another_site_asked_for_goes_as_it_is(browser: FlaskClient) -> None:
    response = browser.get("/login", headers={**PAGE, **BOTH, "Sec-Fetch-Site": "cross-site"})

    assert "Content-Encoding" not in response.headers


def test_a_static_file_that_is_still_the_same_is_not_sent_again(browser: FlaskClient) -> None:
    etag = browser.get("/static/icons.svg", headers=BOTH, buffered=True).headers["ETag"]

    response = browser.get("/static/icons.svg", headers={**BOTH, "If-None-Match": etag}, buffered=True)

    assert (response.status_code, response.data) == (304, b"")


def test_the_token_of_forms_has_other_letters_in_each_answer(browser: FlaskClient) -> None:
    tokens = {browser.get("/probe/masked").text for _ in range(3)}

    assert len(tokens) == 3
    for token in tokens:
        sent = browser.post("/probe/form", data={"csrf_token": token, "name": "Ann"}, headers=PAGE)
        assert sent.status_code == 200


@pytest.mark.parametrize("token", ["x", "AAAA", "gibberish" * 20, "é", "a.b.c"])
def test_a_token_that_is_none_is_refused(browser: FlaskClient, token: str) -> None:
    assert browser.post("/probe/form", data={"csrf_token": token}, headers=PAGE).status_code == 403
