"""Imported missed calls in the queue: recent ones only, one entry per person, none for people already called back."""

from datetime import UTC, datetime, timedelta

import pytest

from app.models import Call, MissedCallEntry, Organization
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, lines, mapped
from tests.support.importing import Importer

FIELDS = ("external_id", "started_at", "status", "direction", "call_type", "outcome", "caller_number")
NOW = datetime.now(UTC).replace(microsecond=0)
YESTERDAY = NOW - timedelta(days=1)
ANN, BOB = "+12125550101", "+12125550102"


def a_call(
    name: str,
    at: datetime = YESTERDAY,
    status: str = "missed",
    *,
    number: str = ANN,
    direction: str = "inbound",
    call_type: str = "csr_call",
    outcome: str = "",
) -> str:
    return f"{name},{at.isoformat()},{status},{direction},{call_type},{outcome},{number}"


@pytest.fixture
def load(importer: Importer, write_file: WriteFile) -> "Load":
    return Load(importer, write_file)


class Load:
    """Callable object that imports calls and returns the resulting entries."""

    def __init__(self, importer: Importer, write_file: WriteFile) -> None:
        self.importer = importer
        self._write_file = write_file

    def __call__(self, *rows: str) -> list[MissedCallEntry]:
        file = self._write_file(lines(",".join(FIELDS), *rows))
        imported = self.importer.calls(file, mapped(FIELDS))
        assert imported.errors == []
        return self.importer.stored(MissedCallEntry, MissedCallEntry.first_missed_at)

    def calls(self) -> dict[str | None, Call]:
        """Return all calls by their ID in the file."""
        return {call.external_id: call for call in self.importer.stored(Call)}


def test_a_recent_missed_call_opens_an_entry(load: Load, organization: Organization) -> None:
    [entry] = load(a_call("A"))

    call = load.calls()["A"]
    assert (entry.call_id, entry.contact_card_id) == (call.id, call.contact_card_id)
    assert (entry.status, entry.first_missed_at, entry.attempts) == ("open", YESTERDAY, 0)
    assert entry.sla_due_at == YESTERDAY + timedelta(minutes=organization.missed_call_sla_minutes)
    assert call.missed_entry_id is None


def test_a_voicemail_counts_as_missed(load: Load) -> None:
    assert [entry.status for entry in load(a_call("A", status="voicemail"))] == ["open"]


def test_history_opens_nothing(load: Load, organization: Organization) -> None:
    window = timedelta(days=organization.rescue_window_days)

    entries = load(a_call("old", NOW - window - timedelta(minutes=1)), a_call("new", NOW - window + timedelta(hours=1)))

    assert [entry.call_id for entry in entries] == [load.calls()["new"].id]


@pytest.mark.parametrize(
    "other",
    [
        a_call("X", status="completed"),
        a_call("X", direction="outbound"),
        a_call("X", call_type="sales_call"),
        a_call("X", outcome="spam"),
        a_call("X", status="failed"),
    ],
    # The rows contain the time of the run, which differs between the test workers.
    ids=["completed", "outbound", "sales call", "spam", "failed"],
)
def test_other_calls_open_nothing(load: Load, other: str) -> None:
    assert load(other) == []


def test_further_missed_calls_of_a_person_join_the_entry(load: Load) -> None:
    entries = load(
        a_call("third", YESTERDAY + timedelta(hours=2)),
        a_call("first"),
        a_call("second", YESTERDAY + timedelta(hours=1)),
        a_call("of another", number=BOB),
    )

    calls = load.calls()
    [anns] = [entry for entry in entries if entry.contact_card_id == calls["first"].contact_card_id]
    assert len(entries) == 2
    assert anns.call_id == calls["first"].id
    assert [calls[name].missed_entry_id for name in ("first", "second", "third")] == [None, anns.id, anns.id]


def test_who_was_answered_later_is_not_waiting(load: Load) -> None:
    answered_at = YESTERDAY + timedelta(hours=1)

    [entry] = load(a_call("missed"), a_call("answered", answered_at, "completed"))

    assert (entry.status, entry.resolved_at) == ("answered_later", answered_at)


def test_who_calls_in_vain_again_after_an_answer_waits_again(load: Load) -> None:
    before, after = load(
        a_call("missed"),
        a_call("answered", YESTERDAY + timedelta(hours=1), "completed"),
        a_call("missed again", YESTERDAY + timedelta(hours=2)),
    )

    assert (before.status, after.status) == ("answered_later", "open")
    assert load.calls()["missed again"].missed_entry_id is None


def test_withheld_numbers_stand_alone(load: Load) -> None:
    entries = load(a_call("A", number="anonymous"), a_call("B", number="anonymous"))

    assert [(entry.status, entry.contact_card_id) for entry in entries] == [("open", None), ("open", None)]


def test_a_missed_call_joins_the_entry_that_is_open_already(
    load: Load, make: Factories, organization: Organization
) -> None:
    card = make.contact(organization, primary_phone=ANN)
    call = make.call(organization, status="missed", started_at=YESTERDAY, contact_card_id=card.id)
    waiting = make.missed_entry(organization, call=call)

    entries = load(a_call("again", YESTERDAY + timedelta(hours=1)))

    assert [entry.id for entry in entries] == [waiting.id]
    assert load.calls()["again"].missed_entry_id == waiting.id


def test_an_answered_call_closes_the_entry_that_is_open_already(
    load: Load, make: Factories, organization: Organization
) -> None:
    card = make.contact(organization, primary_phone=ANN)
    call = make.call(organization, status="missed", started_at=YESTERDAY, contact_card_id=card.id)
    make.missed_entry(organization, call=call)
    answered_at = YESTERDAY + timedelta(hours=1)

    [entry] = load(a_call("answered", answered_at, "completed"))

    assert (entry.status, entry.resolved_at) == ("answered_later", answered_at)


def test_the_same_file_twice_opens_one_entry(load: Load) -> None:
    load(a_call("A"))

    assert len(load(a_call("A"))) == 1
