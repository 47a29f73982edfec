"""Files with calls that a provider has reported: they fill what is empty, and add no second call."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models import Call, Organization
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, lines, mapped
from tests.support.importing import Importer

FIELDS = ("external_id", "started_at", "status", "direction", "caller_number", "topic")
AT = datetime(2026, 3, 18, 16, 5, tzinfo=UTC)
ANN = "+12125550101"


def row(name: str, at: datetime = AT, number: str = ANN) -> str:
    return f"{name},{at.isoformat()},completed,inbound,{number},Furnace"


class Load:
    """Callable object that imports calls, and returns all calls by start."""

    def __init__(self, importer: Importer, write_file: WriteFile) -> None:
        self.importer, self._write_file = importer, write_file

    def __call__(self, *rows: str) -> list[Call]:
        imported = self.importer.calls(self._write_file(lines(",".join(FIELDS), *rows)), mapped(FIELDS))
        assert imported.errors == []
        return self.calls()

    def calls(self) -> list[Call]:
        return self.importer.stored(Call, Call.started_at)


@pytest.fixture
def load(importer: Importer, write_file: WriteFile) -> Load:
    return Load(importer, write_file)


def reported(make: Factories, organization: Organization, seconds: int = 20, number: str | None = ANN) -> Call:
    """Create a missed call that CallRail has reported, so many seconds after AT."""
    start = AT + timedelta(seconds=seconds)
    return make.call(
        organization, status="missed", started_at=start, caller_number=number, callrail_call_id=f"CAL{seconds}"
    )


def test_what_the_provider_said_stays_and_the_file_fills_the_rest(
    load: Load, make: Factories, organization: Organization
) -> None:
    call = reported(make, organization)

    [row_of_it] = load(row("A"))
    [again] = load(row("A"))

    for stored in (row_of_it, again):
        assert (stored.id, stored.status, stored.started_at) == (call.id, "missed", call.started_at)
        assert (stored.topic, stored.external_id) == ("Furnace", "A")
    assert row_of_it.version == again.version


def test_several_calls_of_a_minute_are_matched_one_to_one(
    load: Load, make: Factories, organization: Organization
) -> None:
    for seconds in (3, 43):
        reported(make, organization, seconds)

    calls = load(row("A"), row("B"), row("C"))

    assert {call.external_id for call in calls} == {"A", "B", "C"}
    assert [call.callrail_call_id for call in calls if call.callrail_call_id] == ["CAL3", "CAL43"]
    assert len(calls) == 3


@pytest.mark.parametrize(("seconds", "number", "calls"), [(50, ANN, 1), (51, ANN, 2), (20, "", 2)])
def test_with_seconds_thirty_are_the_most_and_withheld_numbers_never_match(
    load: Load, make: Factories, organization: Organization, seconds: int, number: str, calls: int
) -> None:
    reported(make, organization, number=number or None)

    assert len(load(row("A", AT + timedelta(seconds=seconds), number))) == calls
