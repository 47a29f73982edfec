"""Unconfigured proxies, which are reported because they make all clients share one IP address."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.config import Settings
from app.web.proxies import NONE_TRUSTED, needs_proxy

HEADERS = [{"X-Forwarded-For": "198.51.100.9"}, {"Forwarded": "for=198.51.100.9"}]


@pytest.mark.parametrize("headers", HEADERS)
def test_the_log_tells_once_of_a_proxy_that_is_not_believed(
    app_with: Callable[..., Flask], headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    browser = app_with(trusted_proxies=0).test_client()

    browser.get("/probe/fine")
    assert NONE_TRUSTED not in caplog.text
    for _ in range(2):
        browser.get("/probe/fine", headers=headers)

    assert caplog.text.count(NONE_TRUSTED) == 1


@pytest.mark.parametrize("headers", HEADERS)
def test_of_a_proxy_that_is_believed_there_is_nothing_to_tell(
    app_with: Callable[..., Flask], headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    app_with(trusted_proxies=1).test_client().get("/probe/fine", headers=headers)

    assert NONE_TRUSTED not in caplog.text


@pytest.mark.parametrize(
    ("public_url", "trusted", "is_needed"),
    [
        ("https://calls.example", 0, True),
        ("https://calls.example", 1, False),
        ("http://calls.example", 0, False),
        (None, 0, False),
    ],
)
def test_a_public_address_with_tls_means_a_proxy(
    app: Flask, public_url: str | None, trusted: int, *, is_needed: bool
) -> None:
    settings: Settings = app.config["SETTINGS"]
    changed = {**settings.model_dump(), "public_url": public_url, "trusted_proxies": trusted}

    assert needs_proxy(Settings.model_validate(changed)) is is_needed
