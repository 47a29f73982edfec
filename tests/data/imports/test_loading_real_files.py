"""Real files stored unmodified. The expected figures were computed elsewhere and are stored next to the files."""

import json
from pathlib import Path

import pytest

from app.models import Call, ContactCard, User
from tests.support.importing import Importer

pytestmark = pytest.mark.real_data


def test_a_real_call_log_comes_in_once_from_either_of_its_forms(importer: Importer, shared_data: Path) -> None:
    folder = shared_data / "calls-pwc"
    facts = json.loads((folder / "FACTS.json").read_text())

    from_text = importer.calls(folder / "call-center.csv", create_users=True)
    from_workbook = importer.calls(folder / "call-center-original.xlsx", create_users=True)

    calls = importer.stored(Call)
    assert from_text.counts == {"total": facts["rows"], "created": facts["rows"]}
    assert from_workbook.counts == {"total": facts["rows"], "unchanged": facts["rows"]}
    assert len(calls) == facts["rows"]
    assert sum(call.status == "completed" for call in calls) == facts["answered"]
    agents = {user.id: user.name for user in importer.stored(User) if user.status == "inactive"}
    assert {agents[call.csr_id] for call in calls if call.csr_id} == set(facts["agents"])


def test_a_real_address_book_comes_in_once(importer: Importer, shared_data: Path) -> None:
    folder = shared_data / "contacts"
    facts = json.loads((folder / "FACTS.json").read_text())

    first_time = importer.contacts(folder / "us-500.csv")
    second_time = importer.contacts(folder / "us-500.csv")

    assert first_time.counts == {"total": facts["rows"], "created": facts["rows"]}
    assert second_time.counts == {"total": facts["rows"], "unchanged": facts["rows"]}
    assert len(importer.stored(ContactCard)) == facts["rows"]
