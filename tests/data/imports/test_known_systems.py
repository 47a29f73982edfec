"""Exports of other systems in their original format, imported without any manual setting.

docs/imports.md lists the sources of the formats.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from app.data.imports.guess_rules import guess_mapping
from app.tables.file_rules import open_table
from app.work.calls.import_record_rules import CallRecord
from app.work.calls.importing import CALLS_IMPORT
from app.work.contacts.importing import CONTACTS_IMPORT
from tests.support.import_files import guessed, read_calls, read_contacts


class Is(NamedTuple):
    """A call, as far as these files describe it; `at` is in UTC."""

    id: str | None
    at: str
    status: str
    direction: str
    talk: int | None
    wait: int | None
    agent: str | None
    caller: str | None
    called: str | None


def told(call: CallRecord) -> Is:
    wait = None if call.is_wait_unknown or call.answered_at is None else (call.answered_at - call.started_at).seconds
    return Is(
        None if call.external_id.startswith("row-") else call.external_id,
        f"{call.started_at:%Y-%m-%d %H:%M:%S}",
        call.status,
        call.fields["direction"],
        call.duration_seconds,
        wait,
        call.agent,
        call.caller_number,
        call.called_number,
    )


SHAPES = Path(__file__).parent / "shapes"
ANN, OURS = "+12125550101", "+13125550100"
#: A call that came in on 17 March 2026 at 14:30:05 UTC and was answered, one that was missed a quarter of an hour
#: later, and an outbound one.
SYSTEMS: dict[str, list[Is]] = {
    "twilio": [
        Is("CA01", "2026-03-17 14:30:05", "completed", "inbound", 125, None, None, ANN, OURS),
        Is("CA02", "2026-03-17 14:45:00", "missed", "inbound", 0, None, None, ANN, OURS),
        Is("CA03", "2026-03-17 15:00:00", "completed", "outbound", 60, None, None, OURS, ANN),
    ],
    "aircall": [
        Is(None, "2026-03-17 14:30:05", "completed", "inbound", 125, None, "Ann Lee", ANN, OURS),
        Is(None, "2026-03-17 14:45:00", "missed", "inbound", 0, None, None, ANN, OURS),
        Is(None, "2026-03-17 15:00:00", "completed", "outbound", 60, None, "Bob Ray", OURS, ANN),
    ],
    "ringcentral": [
        Is(None, "2026-03-17 14:30:00", "completed", "inbound", 125, None, None, ANN, None),
        Is(None, "2026-03-17 14:45:00", "missed", "inbound", 0, None, None, ANN, None),
        Is(None, "2026-03-17 15:00:00", "completed", "outbound", 60, None, None, None, ANN),
    ],
    "callrail": [
        Is(None, "2026-03-17 14:30:00", "completed", "inbound", 125, None, "Ann Lee", ANN, OURS),
        Is(None, "2026-03-17 14:45:00", "missed", "inbound", 0, None, None, ANN, OURS),
        Is(None, "2026-03-17 15:00:00", "voicemail", "inbound", 0, None, None, ANN, OURS),
    ],
    "dialpad": [
        Is("5001", "2026-03-17 14:30:05", "completed", "inbound", 125, 12, None, ANN, OURS),
        Is("5002", "2026-03-17 14:45:00", "missed", "inbound", 0, None, None, ANN, OURS),
        Is("5003", "2026-03-17 15:00:00", "completed", "outbound", 60, 5, None, OURS, ANN),
    ],
    "five9": [
        Is("301", "2026-03-17 14:30:05", "completed", "inbound", 125, 12, "Ann Lee", ANN, OURS),
        Is("302", "2026-03-17 14:45:00", "missed", "inbound", 0, None, None, ANN, OURS),
        Is("303", "2026-03-17 15:00:00", "completed", "outbound", 60, 0, "Bob Ray", OURS, ANN),
    ],
    "genesys": [
        Is("9f1c", "2026-03-17 14:30:00", "completed", "inbound", 125, None, "Ann Lee", ANN, OURS),
        Is("9f1d", "2026-03-17 14:45:00", "missed", "inbound", 0, None, None, ANN, OURS),
        Is("9f1e", "2026-03-17 15:00:00", "completed", "outbound", 60, None, "Bob Ray", OURS, ANN),
    ],
    "talkdesk": [
        Is("17a1", "2026-03-17 14:30:05", "completed", "inbound", 125, 12, "Ann Lee", ANN, OURS),
        Is("17a2", "2026-03-17 14:45:00", "missed", "inbound", 0, None, None, ANN, OURS),
        Is("17a3", "2026-03-17 15:00:00", "completed", "outbound", 60, 5, "Bob Ray", OURS, ANN),
    ],
    "hubspot": [
        Is("88001", "2026-03-17 14:30:00", "completed", "inbound", 125, None, "Ann Lee", ANN, OURS),
        Is("88002", "2026-03-17 14:45:00", "missed", "inbound", 0, None, None, ANN, OURS),
        Is("88003", "2026-03-17 15:00:00", "failed", "outbound", 0, None, "Bob Ray", OURS, ANN),
    ],
    "servicetitan": [
        Is("9001", "2026-03-17 14:30:00", "completed", "inbound", 125, None, "Ann Lee", ANN, OURS),
        Is("9002", "2026-03-17 14:45:00", "missed", "inbound", 0, None, None, ANN, OURS),
        Is("9003", "2026-03-17 15:00:00", "completed", "outbound", 60, None, "Bob Ray", OURS, ANN),
    ],
    "salesforce": [
        Is("00T01", "2026-03-17 14:30:00", "completed", "inbound", 125, None, "Ann Lee", None, None),
        Is("00T02", "2026-03-17 14:45:00", "missed", "inbound", 0, None, None, None, None),
        Is("00T03", "2026-03-17 15:00:00", "completed", "outbound", 60, None, "Bob Ray", None, None),
    ],
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_calls_of_known_systems_are_read_as_they_are(system: str) -> None:
    file = SHAPES / f"calls-{system}.csv"
    with open_table(file) as table:
        guess = guess_mapping(CALLS_IMPORT, table.header, table.rows)

    result = read_calls(file, guess.mapping, zone=guess.mapping.timezone or "America/New_York")

    assert guess.asks == ()
    assert (result.reasons, [str(one.reason) for one in result.remarks]) == ([], [])
    assert [told(call) for call in result.calls] == SYSTEMS[system]


PEOPLE = ("google", "outlook", "hubspot", "housecall-pro", "salesforce")


@pytest.mark.parametrize("system", PEOPLE)
def test_people_of_known_systems_are_read_as_they_are(system: str) -> None:
    file = SHAPES / f"contacts-{system}.csv"

    (contact,), rejected = read_contacts(file, guessed(file, CONTACTS_IMPORT))

    assert rejected == []
    assert (contact.first_name, contact.last_name, contact.company_name) == ("Ann", "Lee", "Lee & Co")
    assert (contact.email, contact.tags) == ("ann@example.com", ("vip",))
    assert {*contact.phones} == {"+12125550101", "+12125550102"}
    address = (contact.address_line_1, contact.city, contact.state, contact.zip, contact.country)
    assert address == ("1 Main St", "Albany", "NY", "12207", "US")
