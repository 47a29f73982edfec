"""Names and addresses found in the missed calls of an entry, for people who read the queue."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.db.context import Context
from app.db.session import organization_scope
from app.extensions import db
from app.models import Call, MissedCallEntry, Organization, Role, User
from app.work.missed_calls.said_address_rules import find_address
from app.work.missed_calls.said_analysis_rules import address_in, name_in
from app.work.missed_calls.said_name_rules import find_name
from app.work.missed_calls.said_queries import SaidDetails, find_said
from tests.support.factories import DAY, Factories
from tests.support.owner_races import acting
from tests.support.real_data import shared_data

__all__ = ["shared_data"]

GREETING = {"speaker": "agent", "text": "This is Blue Ridge Air at 1 Main Street. Leave a message."}

Voicemail = Callable[..., Call]


@pytest.fixture
def entry(make: Factories, organization: Organization) -> MissedCallEntry:
    return make.missed_entry(organization, call=make.call(organization, status="missed"))


@pytest.fixture
def voicemail(make: Factories, organization: Organization, entry: MissedCallEntry) -> Voicemail:
    """Function that adds a voicemail with these words to the entry, `at` minutes after its first call."""

    def leave(said: str, at: int, **values: Any) -> Call:
        of = {"missed_entry_id": entry.id, "started_at": DAY + timedelta(minutes=at)}
        call = make.call(organization, **{"status": "voicemail", **of, **values})
        make.transcript(call, speaker_labels=[GREETING, {"speaker": "Caller", "text": said}], transcript_text=said)
        return call

    return leave


@pytest.fixture
def said(app: Flask, csr: User, entry: MissedCallEntry) -> Callable[..., SaidDetails]:
    """Function that returns what is found for a person, by default a CSR."""

    def find(person: User = csr) -> SaidDetails:
        context = Context(organization_id=person.organization_id, actor_id=person.id)
        with app.app_context(), organization_scope(context, db.session):
            return find_said(acting(person), entry.id)

    return find


def test_the_latest_voicemail_that_names_someone_counts(voicemail: Voicemail, said: Callable[..., SaidDetails]) -> None:
    voicemail("This is Tom Okafor at 12 Oak Street.", 1)
    voicemail("Hi, this is Brandon Warner. Please call.", 2)
    voicemail("This is my third call!", 3)
    found = said()

    assert found.name is not None
    assert (found.name.value, found.name.words) == ("Brandon Warner", "Hi, this is Brandon Warner.")
    assert found.address is not None
    assert (found.address.value, found.address.words) == ("12 Oak Street", "This is Tom Okafor at 12 Oak Street.")


def test_what_our_side_says_does_not_count(voicemail: Voicemail, said: Callable[..., SaidDetails]) -> None:
    voicemail("Call me back.", 1)

    assert said() == SaidDetails()


@pytest.mark.parametrize("values", [{"status": "completed"}, {"direction": "outbound"}, {"call_type": "visit_call"}])
def test_other_calls_of_the_entry_do_not_count(
    voicemail: Voicemail, said: Callable[..., SaidDetails], values: dict[str, str]
) -> None:
    voicemail("This is Tom Okafor.", 1, **values)

    assert said() == SaidDetails()


def test_nothing_is_said_to_those_who_do_not_read_the_queue(
    make: Factories, organization: Organization, voicemail: Voicemail, said: Callable[..., SaidDetails]
) -> None:
    voicemail("This is Tom Okafor.", 1)

    assert said(make.user(organization, Role.SALES_REP)) == SaidDetails()
    assert said(make.user(make.organization(), Role.OWNER)) == SaidDetails()


def test_an_analysis_knows_better(make: Factories, voicemail: Voicemail, said: Callable[..., SaidDetails]) -> None:
    call = voicemail("This is Tom O’Kay for the leak at 12 Oak Street.", 1)
    evidence = [
        {"title": "Caller name", "detail": "Tom Okafor", "quote": "This is Tom O’Kay for"},
        {"title": "Service address", "detail": "12 Oak St", "quote": "at 12 Oak Street"},
    ]
    make.analysis(call, evidence=evidence)
    found = said()

    assert found.name is not None
    assert (found.name.first, found.name.last, found.name.words) == ("Tom", "Okafor", "This is Tom O’Kay for")
    assert found.address is not None
    assert (found.address.value, found.address.words) == ("12 Oak St", "at 12 Oak Street")


@pytest.mark.parametrize(
    "evidence", [None, {}, [1], [{"title": "Name"}], [{"title": "Brand name", "detail": "Carrier"}], [{"title": 1}]]
)
def test_odd_evidence_is_ignored(evidence: object) -> None:
    assert name_in(evidence) is None
    assert address_in(evidence) is None


def test_a_value_that_fits_in_no_field_is_ignored() -> None:
    assert name_in([{"title": "name", "detail": "x" * 101}]) is None
    assert address_in([{"title": "address", "detail": "x" * 201}]) is None


def test_transcripts_without_turns_count_as_a_whole(
    make: Factories, organization: Organization, entry: MissedCallEntry, said: Callable[..., SaidDetails]
) -> None:
    call = make.call(organization, status="voicemail", missed_entry_id=entry.id)
    make.transcript(call, speaker_labels=[], transcript_text="My name is Ruth Delgado.")

    assert said().name is not None


@pytest.mark.parametrize("labels", [[1], [None], [{"text": 5}], [{"speaker": "customer"}], [[]], [{"speaker": 1}]])
def test_odd_turns_are_no_words(
    make: Factories,
    organization: Organization,
    entry: MissedCallEntry,
    said: Callable[..., SaidDetails],
    labels: list[Any],
) -> None:
    call = make.call(organization, status="voicemail", missed_entry_id=entry.id)
    make.transcript(call, speaker_labels=labels, transcript_text="My name is Ruth Delgado.")

    assert said() == SaidDetails()


@pytest.mark.real_data
def test_in_real_conversations_only_what_customers_call_themselves_is_a_name(shared_data: Path) -> None:
    found = set()
    for file in sorted((shared_data / "dialogues").glob("*.json")):
        turns = json.loads(file.read_text()).get("turns", [])
        said = "\n".join(turn["text"] for turn in turns if turn["speaker"] == "customer")
        name, address = find_name(said), find_address(said)
        assert address is None, file.name
        if name is not None:
            assert re.search(rf"(this is|name is|name['’]s) {re.escape(name.value)}\b", said, re.IGNORECASE)
            found.add(file.name)

    assert len(found) == 10
