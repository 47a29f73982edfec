"""Reading of calls as CallRail describes them, and of odd values."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.errors import ValidationFailed
from app.work.live_calls.callrail_rules import STAGES, CallReport, course_of, read_report
from tests.work.live_calls.conftest import CALLER, START, TRACKED, call_of

NOW = datetime.now(UTC)


def read(kind: str = "post-call", **values: Any) -> CallReport:
    return read_report(kind, call_of(**values), "US", NOW)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"answered": True}, "completed"),
        ({"answered": "true"}, "completed"),
        ({"answered": False}, "missed"),
        ({"answered": None}, "missed"),
        ({"voicemail": True, "answered": True}, "voicemail"),
        ({"direction": "outbound"}, "failed"),
        ({"direction": "OUTBOUND", "answered": True}, "completed"),
    ],
)
def test_only_the_end_says_how_a_call_went(values: dict[str, Any], status: str) -> None:
    assert read(**values).status == status
    assert read("call-modified", **values).status == status
    assert read("pre-call", **values).status == read("routing-complete", **values).status == "active"


def test_the_talk_of_an_answered_call_has_its_whole_duration() -> None:
    completed, missed = course_of(read(answered=True)), course_of(read())

    assert (completed["answered_at"], completed["is_wait_unknown"], completed["duration_seconds"]) == (START, True, 45)
    assert (missed["answered_at"], missed["duration_seconds"], missed["waited_seconds"]) == (None, None, 45)
    assert course_of(read("pre-call"))["ended_at"] is None


@pytest.mark.parametrize(
    ("duration", "seconds"),
    [("27", 27), (4.9, 4), ("", None), (None, None), ("00:01:00", None), (-1, None), (1e300, None), ("nan", None),
     (True, None), (90_000, None)],
)  # fmt: skip
def test_a_duration_is_a_number_of_seconds(duration: object, seconds: int | None) -> None:
    assert read(duration=duration).seconds == seconds


@pytest.mark.parametrize(
    ("value", "amount"),
    [(100, "100"), ("$1,250.50", "1250.50"), ("", None), ("NaN", None), (-5, None), ("Infinity", None), (1e12, None),
     ([], None)],
)  # fmt: skip
def test_a_value_is_an_amount(value: object, amount: str | None) -> None:
    assert read(value=value).value == (Decimal(amount) if amount else None)


@pytest.mark.parametrize("number", ["", None, "anonymous", 7, "not a number", {"number": CALLER}, "\0"])
def test_anything_but_a_number_is_a_withheld_one(number: object) -> None:
    report = read(customer_phone_number=number)

    assert (report.person_number, report.caller_number, report.called_number) == (None, None, TRACKED)


def test_an_outbound_call_goes_from_the_tracked_number_to_the_person() -> None:
    report = read(direction="outbound")

    assert (report.caller_number, report.called_number) == (TRACKED, CALLER)


def test_texts_are_cut_to_what_is_stored() -> None:
    report = read(
        tags=["a" * 50, "a" * 50, {"name": "b"}, 7, None, ["c"], *map(str, range(40))],
        source_name="s" * 200, customer_city="c" * 200, customer_name="n" * 300,
    )  # fmt: skip

    assert report.tags[:3] == ("a" * 40, "b", "7")
    assert len(report.tags) == 20
    assert (len(report.marketing_source or ""), len(report.city)) == (100, 100)
    assert len(f"{report.first_name or ''}{report.last_name or ''}") <= 100
    assert (read(customer_name="+1 512 555").first_name, read(customer_name="").last_name) == (None, None)


@pytest.mark.parametrize(
    "values",
    [
        {"direction": "sideways"},
        {"direction": None},
        {"start_time": ""},
        {"start_time": "yesterday"},
        {"start_time": "2026-11-01T10:00:00"},
        {"start_time": "1999-12-31T10:00:00Z"},
        {"start_time": "2999-01-01T10:00:00Z"},
        {"start_time": 1796137445},
    ],
)
@pytest.mark.parametrize("kind", STAGES)
def test_a_direction_or_a_time_that_cannot_be_read_is_named(kind: str, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as raised:
        read(kind, **values)

    assert [fault.field for fault in raised.value.fields] == list(values)
