"""Rules of sessions."""

from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.rules import IDLE_LIFETIME, SEEN_EVERY, device_of, is_idle, needs_seen_mark

NOW = datetime(2026, 3, 18, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/142.0.0.0 Safari/537.36 Edg/142.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/19.0 Safari/605.1",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (Linux; Android 16; Pixel 10) Chrome/142.0 Mobile Safari/537",
            "Chrome on Android",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) CriOS/142.0 Mobile Safari/604.1", "Chrome on iPhone"),
        ("curl/8.5 Linux", "Linux"),
        ("probe", "Unknown device"),
        (None, "Unknown device"),
    ],
)
def test_a_device_is_named_as_people_name_it(user_agent: str | None, device: str) -> None:
    assert device_of(user_agent) == device


def test_a_session_lives_as_long_as_it_is_used() -> None:
    assert not is_idle(NOW - IDLE_LIFETIME, NOW)
    assert is_idle(NOW - IDLE_LIFETIME - timedelta(seconds=1), NOW)


def test_being_seen_is_worth_writing_down_now_and_then() -> None:
    assert needs_seen_mark(NOW - SEEN_EVERY, NOW)
    assert not needs_seen_mark(NOW - SEEN_EVERY + timedelta(seconds=1), NOW)
