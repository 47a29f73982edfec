"""User session rules, tested without a database."""

from datetime import UTC, datetime, timedelta

from app.security.session_rules import IDLE_LIFETIME, SEEN_INTERVAL, is_idle, needs_seen_mark

NOW = datetime(2026, 3, 18, 16, 0, tzinfo=UTC)


def test_a_session_lives_as_long_as_it_is_used() -> None:
    assert not is_idle(NOW - IDLE_LIFETIME, NOW)
    assert is_idle(NOW - IDLE_LIFETIME - timedelta(seconds=1), NOW)


def test_being_seen_is_worth_writing_down_now_and_then() -> None:
    assert needs_seen_mark(NOW - SEEN_INTERVAL, NOW)
    assert not needs_seen_mark(NOW - SEEN_INTERVAL + timedelta(seconds=1), NOW)
