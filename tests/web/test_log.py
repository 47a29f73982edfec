"""Masking of secrets in the log, by name and by pattern."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import structlog

from app.db.ids import uuid7
from app.log import MASK, configure_logging, mask_secrets
from app.security.tokens import Token


def masked(**event: Any) -> Any:
    return mask_secrets(None, "info", event)


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "token", "csrf_token", "Authorization", "Set-Cookie", "api_key", "apiKey", "totp"],
)
def test_secret_is_known_by_its_name(name: str) -> None:
    assert masked(**{name: "s3cret"}) == {name: MASK}


def test_secret_is_found_however_deep_it_lies() -> None:
    assert masked(form={"user": {"password": "s3cret", "name": "Ann"}}, all=[{"token": "s3cret"}]) == {
        "form": {"user": {"password": MASK, "name": "Ann"}},
        "all": [{"token": MASK}],
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://app_rw:s3cret@db/switchboard is gone", f"postgresql://app_rw:{MASK}@db/switchboard is gone"),
        ("sent Authorization: Bearer s3cret.abc", f"sent Authorization: Bearer {MASK}"),
        ("connection failed: password=s3cret host=db", f"connection failed: password={MASK} host=db"),
        ('{"api_key": "s3cret", "name": "Ann"}', f'{{"api_key": "{MASK}", "name": "Ann"}}'),
        ("sent Bearer s3cret", f"sent Bearer {MASK}"),
        ("token=s3cret", f"token={MASK}"),
        ("db://app_rw:s3cret@db", f"db://app_rw:{MASK}@db"),
        ("nothing to hide at https://example.com/a", "nothing to hide at https://example.com/a"),
    ],
)
def test_secret_is_found_inside_a_text(text: str, shown: str) -> None:
    assert masked(event=text) == {"event": shown}


def test_token_of_ours_is_found_inside_a_text() -> None:
    token = Token.new(uuid7()).text

    assert masked(event=f"/reset/{token}?x=1") == {"event": f"/reset/{MASK}?x=1"}


def test_yes_no_and_none_are_no_secrets() -> None:
    assert masked(signature_ok=False, token=None) == {"signature_ok": False, "token": None}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Log output in the format used in production."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    configure_logging("json")
    yield stream
    monkeypatch.undo()
    configure_logging("json")


def test_production_writes_one_json_object_a_line_for_every_library(written: io.StringIO) -> None:
    structlog.get_logger("ours").info("imported", rows=3)
    logging.getLogger("theirs").warning("password=%s", "s3cret")

    ours, theirs = map(json.loads, written.getvalue().splitlines())
    assert (ours["event"], ours["rows"], ours["level"], ours["logger"]) == ("imported", 3, "info", "ours")
    assert (theirs["event"], theirs["level"]) == (f"password={MASK}", "warning")


def test_a_line_that_the_disk_has_no_room_for_is_dropped(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with open("/dev/full", "w", buffering=1) as full, monkeypatch.context() as patched:  # noqa: PTH123 - a device
        patched.setattr("sys.stderr", full)
        configure_logging("json")
        patched.undo()
        structlog.get_logger("ours").info("imported", rows=3)
        with suppress(OSError):
            full.close()
    configure_logging("json")

    structlog.get_logger("ours").info("imported", rows=4)
    assert [json.loads(line)["rows"] for line in capfd.readouterr().err.splitlines()] == [4]


def test_traceback_is_masked_too(written: io.StringIO) -> None:
    try:
        int("postgresql://app_rw:s3cret@db/switchboard")
    except ValueError:
        logging.getLogger("theirs").exception("failed")

    line = json.loads(written.getvalue())
    assert "ValueError" in line["exception"]
    assert "s3cret" not in line["exception"]
