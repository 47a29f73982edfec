"""Escaping in templates, even if an earlier app in the test run compiled them."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.web import output


def test_a_change_of_how_text_is_written_is_seen_in_pages_that_were_compiled_before(
    app: Flask, app_with: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = app.test_client().get("/login").text
    monkeypatch.setattr(output, "written", "[{}]".format)

    after = app_with().test_client().get("/login").text

    assert "[" not in before.partition("<title>")[2].partition("</title>")[0]
    assert "[" in after.partition("<title>")[2].partition("</title>")[0]
