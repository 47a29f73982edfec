"""Import of analyses and transcripts: the stored records, and the effect of later results."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.data.imports import load_service
from app.models import (
    Call,
    CallAnalysis,
    CallTranscript,
    ContactCard,
    Import,
    ImportedRow,
    ImportKind,
    ImportMapping,
    Lead,
    Organization,
    PendingAction,
    RejectedValue,
    Role,
    Task,
    User,
)
from app.ops.jobs.worker import run_worker
from app.work.appointments.booking_service import Wanted, book
from app.work.appointments.context_queries import About
from tests.data.imports.test_undo import Undo, undo, weigh
from tests.support.direct_access import Behind
from tests.support.factories import Factories
from tests.support.import_files import WriteFile, lines
from tests.support.import_pages import ImportPages, column
from tests.support.importing import Importer
from tests.support.owner_races import acting
from tests.support.work import at_work

__all__ = ["undo", "weigh"]

SOURCE: dict[str, Any] = {"external_source": "import", "external_id": "C1"}
FIRST = {
    "Call id": "C1", "Summary": "The furnace has stopped.", "Sentiment": "negative", "Topic": "Furnace", "Booked": "no",
    "Qualification": "warm", "Analysed at": "2026-03-03 10:00:00", "Transcript": "Agent: Hello.\nCustomer: No heat.",
    "Intent": "A new furnace", "Risks": ["Compares prices"],
    "Next steps": [{"category": "call_back", "text": "Call back", "due_at": "2026-03-05"}, "Send the quote"],
}  # fmt: skip
LATER = {**FIRST, "Summary": "She has booked.", "Sentiment": "positive", "Booked": "yes", "Qualification": "hot",
         "Analysed at": "2026-03-04 10:00:00", "Transcript": "Agent: Hello again."}  # fmt: skip

Write = Callable[..., Path]


@pytest.fixture
def results(write_file: WriteFile) -> Write:
    """Function that writes a file with one JSON object per line."""
    return lambda *found: write_file(lines(*map(json.dumps, found)), "results.jsonl")


@pytest.fixture
def lead(make: Factories, organization: Organization) -> Lead:
    return make.lead(organization)


@pytest.fixture
def call(make: Factories, organization: Organization, lead: Lead) -> Call:
    """An existing call from the file's system, of a contact with a lead.

    Another system has a call with the same ID.
    """
    make.call(organization, external_source="others", external_id="C1")
    return make.call(organization, contact_card_id=lead.contact_card_id, lead_id=lead.id, **SOURCE)


def now(importer: Importer, call: Call) -> Call:
    """Return the call as it is stored."""
    return next(one for one in importer.stored(Call) if one.id == call.id)


def test_a_result_goes_to_the_call_of_its_source_and_id(
    importer: Importer, results: Write, call: Call, lead: Lead
) -> None:
    imported = importer.analyses(results(FIRST))

    assert (imported.counts, imported.errors) == ({"total": 1, "created": 1}, [])
    assert len(importer.stored(Call)) == 2
    stored = now(importer, call)
    assert (stored.sentiment, stored.topic) == ("negative", "Furnace")
    assert (stored.booking_status, stored.booking_status_source) == ("not_booked", "analysis")
    assert (stored.started_at, stored.duration_seconds, stored.version) == (
        call.started_at, call.duration_seconds, call.version + 1
    )  # fmt: skip
    analysis, transcript = importer.only(CallAnalysis), importer.only(CallTranscript)
    assert analysis.call_id == transcript.call_id == call.id
    assert (analysis.summary, analysis.qualification_status) == (FIRST["Summary"], "warm")
    assert analysis.analysed_at == datetime(2026, 3, 3, 15, tzinfo=UTC)
    assert transcript.transcript_text == "Hello.\nNo heat."
    [card] = [one for one in importer.stored(ContactCard) if one.id == lead.contact_card_id]
    assert (card.last_call_summary, card.primary_intent) == (FIRST["Summary"], "A new furnace")
    assert card.risks == ["Compares prices"]
    stored_lead = importer.only(Lead)
    assert (stored_lead.qualification_status, stored_lead.qualification_source) == ("warm", "analysis")


def test_each_item_is_one_pending_action_with_its_task(importer: Importer, results: Write, call: Call) -> None:
    importer.analyses(results(FIRST))
    importer.analyses(results(LATER))

    actions = importer.stored(PendingAction, PendingAction.category)
    assert [(one.category, one.raw_text, one.due_at, one.status) for one in actions] == [
        ("call_back", "Call back", datetime(2026, 3, 5, 17, tzinfo=UTC), "open"),
        ("other", "Send the quote", None, "open"),
    ]
    tasks = importer.stored(Task, Task.category)
    assert [(one.title, one.pending_action_id, one.status, one.source) for one in tasks] == [
        (one.raw_text, one.id, "pending", "system") for one in actions
    ]
    assert {(one.call_id, one.contact_card_id) for one in tasks} == {(call.id, call.contact_card_id)}
    assert len(importer.only(CallAnalysis).pending_actions) == 2


def test_a_call_that_is_not_here_comes_into_being_and_keeps_what_is_to_be_done_in_its_analysis(
    importer: Importer, results: Write
) -> None:
    row = {**FIRST, "Start time": "2026-03-02 09:30:00", "End time": "2026-03-02 09:42:00"}
    assert importer.analyses(results(row)).counts == {"total": 1, "created": 1}

    made = importer.only(Call)
    assert (made.direction, made.call_type, made.status) == ("inbound", "csr_call", "completed")
    assert made.started_at == made.answered_at == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
    assert (made.ended_at, made.duration_seconds, made.is_wait_unknown) == (
        made.started_at + timedelta(minutes=12), 720, True
    )  # fmt: skip
    assert (made.external_source, made.external_id, made.contact_card_id) == ("import", "C1", None)
    assert (made.booking_status, made.booking_status_source) == ("not_booked", "analysis")
    assert [importer.stored(model) for model in (PendingAction, Task, ContactCard)] == [[], [], []]
    assert [one["text"] for one in importer.only(CallAnalysis).pending_actions] == ["Call back", "Send the quote"]


def test_a_newer_result_wins_an_older_one_is_told_and_the_same_changes_nothing(
    importer: Importer, results: Write, call: Call
) -> None:
    importer.analyses(results(FIRST))

    assert importer.analyses(results(LATER)).counts == {"total": 1, "updated": 1}
    assert importer.analyses(results(LATER)).counts == {"total": 1, "unchanged": 1}
    older = importer.analyses(results(FIRST))

    assert older.counts == {"total": 1, "unchanged": 1, "remarked": 1}
    assert older.refusals == [(1, "Analysed at", None, "A newer result already exists and was kept.")]
    assert importer.only(CallAnalysis).summary == "She has booked."
    assert importer.only(CallTranscript).transcript_text == "Hello again."
    stored = now(importer, call)
    assert (stored.sentiment, stored.booking_status) == ("positive", "booked")
    assert importer.only(Lead).qualification_status == "hot"


def test_without_a_time_of_its_own_a_later_file_wins_over_an_earlier_one_alone(
    importer: Importer, results: Write, make: Factories, call: Call
) -> None:
    untimed = {name: value for name, value in FIRST.items() if name != "Analysed at"}
    importer.analyses(results(untimed))
    assert importer.analyses(results({**untimed, "Summary": "Another."})).counts == {"total": 1, "updated": 1}
    assert importer.only(CallAnalysis).analysed_at == call.ended_at

    other = make.call(importer.organization, external_source="import", external_id="C2")
    make.analysis(other)  # of another way, now
    told = importer.analyses(results({**untimed, "Call id": "C2"}))
    assert told.counts == {"total": 1, "updated": 1, "remarked": 1}
    kept = {one.call_id: one.summary for one in importer.stored(CallAnalysis)}
    assert kept == {call.id: "Another.", other.id: "The furnace has stopped."}
    assert {one.call_id for one in importer.stored(CallTranscript)} == {call.id, other.id}


def test_what_a_person_has_set_stays(importer: Importer, results: Write, call: Call, admin_engine: Engine) -> None:
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE calls SET booking_status = 'booked', booking_status_source = 'user'"))
        connection.execute(text("UPDATE leads SET qualification_status = 'cold', qualification_source = 'user'"))

    importer.analyses(results(FIRST))

    stored = now(importer, call)
    assert (stored.booking_status, stored.booking_status_source) == ("booked", "user")
    assert stored.sentiment == "negative"
    lead = importer.only(Lead)
    assert (lead.qualification_status, lead.qualification_source) == ("cold", "user")
    assert importer.only(CallAnalysis).qualification_status == "warm"


def test_an_appointment_booked_during_the_call_decides_before_its_analysis(
    app: Flask, importer: Importer, results: Write, make: Factories, organization: Organization, manager: User,
    behind: Behind,
) -> None:  # fmt: skip
    call = make.call(organization, csr=manager, status="active", ended_at=None, handled_by="human")
    rep, start = make.user(organization, Role.SALES_REP), datetime.now(UTC) + timedelta(days=1)
    wishes = Wanted(service_type="Furnace repair", rep_id=rep.id, start=start)
    with at_work(app, organization.id):
        book(acting(manager), uuid4(), About(call_id=call.id), wishes)
    ended = {"status": "completed", "ended_at": call.started_at + timedelta(minutes=9), **SOURCE}
    behind.change(behind.one(Call, id=call.id), **ended)

    importer.analyses(results(FIRST))

    stored = now(importer, call)
    assert (stored.booking_status, stored.booking_status_source) == ("booked", "user")
    assert stored.topic == "Furnace"


def test_how_sure_an_analysis_is_stands_with_its_call_in_percent(
    importer: Importer, results: Write, call: Call, admin_engine: Engine, manager: User
) -> None:
    importer.analyses(results({**FIRST, "Confidence": 0.826}))
    assert now(importer, call).ai_confidence == 83
    importer.analyses(results({**LATER, "Confidence": "0.5"}))
    assert now(importer, call).ai_confidence == 50
    older = {**FIRST, "Confidence": 0.1, "Analysed at": "2026-03-01 10:00:00"}
    importer.analyses(results(older))
    importer.analyses(results({**LATER, "Analysed at": "2026-03-05 10:00:00"}))  # says nothing of it
    assert now(importer, call).ai_confidence == 50

    edit(admin_engine, manager, call, "ai_confidence", 90)
    importer.analyses(results({**LATER, "Confidence": 0.2, "Analysed at": "2026-03-06 10:00:00"}))
    assert now(importer, call).ai_confidence == 90
    assert float(importer.only(CallAnalysis).confidence or 0) == 0.2

    made = {"Call id": "C9", "Start time": "2026-03-02 09:30:00", "Summary": "New.", "Confidence": 0.4}
    importer.analyses(results(made))
    assert [one.ai_confidence for one in importer.stored(Call) if one.external_id == "C9"] == [40]


def test_a_confidence_is_taken_back(importer: Importer, results: Write, call: Call, undo: Undo) -> None:
    importer.analyses(results({**FIRST, "Confidence": 0.8}))
    undo()
    assert now(importer, call).ai_confidence is None


def edit(engine: Engine, person: User, call: Call, column: str, value: int) -> None:
    """Change a column of the call as `person` would by hand."""
    with engine.begin() as connection:
        for name, said in (("app.organization_id", call.organization_id), ("app.actor_id", person.id)):
            connection.execute(text("SELECT set_config(:name, :said, true)"), {"name": name, "said": str(said)})
        connection.execute(text(f"UPDATE calls SET {column} = :value WHERE id = :id"), {"value": value, "id": call.id})


def test_the_newest_of_a_leads_calls_says_how_promising_it_is(
    importer: Importer, results: Write, make: Factories, call: Call, lead: Lead
) -> None:
    make.call(
        importer.organization, contact_card_id=lead.contact_card_id, lead_id=lead.id, external_source="import",
        external_id="C2",
    )  # fmt: skip
    second = {**FIRST, "Call id": "C2", "Qualification": "cold", "Analysed at": "2026-03-02 10:00:00"}

    importer.analyses(results(second, LATER))
    assert importer.only(Lead).qualification_status == "hot"
    importer.analyses(results({**second, "Qualification": "unqualified"}))
    assert importer.only(Lead).qualification_status == "hot"
    assert now(importer, call).sentiment == "positive"


def test_what_a_file_does_not_give_stays(importer: Importer, results: Write, call: Call) -> None:
    importer.analyses(results(FIRST))
    importer.analyses(results({"Call id": "C1", "Sentiment score": 0.5, "Analysed at": "2026-03-05 10:00:00"}))

    analysis = importer.only(CallAnalysis)
    assert (float(analysis.sentiment_score or 0), analysis.summary) == (0.5, FIRST["Summary"])
    assert now(importer, call).topic == "Furnace"
    assert importer.only(CallTranscript).transcript_text == "Hello.\nNo heat."


def test_a_transcript_alone_is_no_analysis(importer: Importer, results: Write, call: Call) -> None:
    said = {"Call id": "C1", "Transcript": "Agent: Hello."}
    assert importer.analyses(results(said)).counts == {"total": 1, "created": 1}
    assert importer.analyses(results(said)).counts == {"total": 1, "unchanged": 1}
    assert importer.stored(CallAnalysis) == []
    assert importer.only(CallTranscript).call_id == call.id


def test_rows_without_a_call_or_of_one_that_had_its_row_are_turned_away(
    importer: Importer, results: Write, call: Call
) -> None:
    row = {name: FIRST[name] for name in ("Call id", "Summary")}
    refused = importer.analyses(results(row, {**row, "Call id": "C9"}, {**row, "Switchboard id": str(call.id)}))

    assert refused.counts == {"total": 3, "created": 1, "rejected": 2}
    assert refused.refusals == [
        (2, "Call id", "C9", "There’s no call with this ID, and the row has no call time."),
        (3, "Switchboard id", str(call.id), "Line 1 already covers this call."),
    ]
    stranger = importer.analyses(results({**row, "Switchboard id": str(uuid4())}))
    assert [why for *_rest, why in stranger.refusals] == ["There’s no call with this ID."]


def test_a_call_of_another_organization_is_not_found(importer: Importer, results: Write, make: Factories) -> None:
    foreign = make.call(make.organization(), **SOURCE)
    row = {name: FIRST[name] for name in ("Call id", "Summary")}
    assert importer.analyses(results({**row, "Switchboard id": str(foreign.id)})).counts == {"total": 1, "rejected": 1}
    assert importer.analyses(results(row)).counts == {"total": 1, "rejected": 1}


def test_all_that_it_made_is_taken_back_and_all_that_it_changed_is_as_it_was(
    importer: Importer, results: Write, call: Call, weigh: Undo, undo: Undo
) -> None:
    before = {name: getattr(call, name) for name in ("sentiment", "topic", "booking_status", "booking_status_source")}
    importer.analyses(results(FIRST, {**FIRST, "Call id": "C2", "Start time": "2026-03-02 09:30:00"}))

    assert weigh() == {
        ("call", "created", None): 1, ("call", "updated", None): 1, ("call_analysis", "created", None): 2,
        ("call_transcript", "created", None): 2, ("contact_card", "updated", None): 1, ("lead", "updated", None): 1,
        ("pending_action", "created", None): 2, ("task", "created", None): 2,
    }  # fmt: skip
    assert undo() == {}
    for model in (CallAnalysis, CallTranscript, PendingAction, Task, ImportedRow):
        assert importer.stored(model) == []
    assert len(importer.stored(Call)) == 2
    stored = now(importer, call)
    assert {name: getattr(stored, name) for name in before} == before
    assert importer.only(Lead).qualification_status is None
    told = {(card.last_call_summary, card.primary_intent, *card.risks) for card in importer.stored(ContactCard)}
    assert told == {(None, None)}


def test_a_result_that_was_replaced_comes_back_and_a_task_that_was_worked_on_stays(
    importer: Importer, results: Write, call: Call, undo: Undo, admin_engine: Engine
) -> None:
    importer.analyses(results(FIRST))
    importer.analyses(results({**LATER, "Next steps": ["Look again"]}))
    with admin_engine.begin() as connection:
        connection.execute(text("UPDATE tasks SET description = 'Mine' WHERE title = 'Look again'"))

    stays = undo()

    assert stays == {("pending_action", "created", "used"): 1, ("task", "created", "changed"): 1}
    analysis = importer.only(CallAnalysis)
    assert (analysis.summary, analysis.analysed_at) == (FIRST["Summary"], datetime(2026, 3, 3, 15, tzinfo=UTC))
    assert [one["text"] for one in analysis.pending_actions] == ["Call back", "Send the quote"]
    assert importer.only(CallTranscript).transcript_text == "Hello.\nNo heat."
    assert len(importer.stored(Task)) == 3
    assert importer.analyses(results(FIRST)).counts == {"total": 1, "unchanged": 1}
    assert now(importer, call).sentiment == "negative"


def many(count: int) -> list[dict[str, Any]]:
    """Return rows like FIRST, each for a call that doesn't exist."""
    return [{**FIRST, "Call id": f"N{number}", "Start time": "2026-03-02 09:30:00"} for number in range(count)]


def test_rows_come_in_portion_by_portion(
    importer: Importer, results: Write, call: Call, lead: Lead, make: Factories, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_service, "PORTION_ROWS", 2)
    make.call(
        importer.organization, contact_card_id=lead.contact_card_id, lead_id=lead.id, external_source="import",
        external_id="C2",
    )  # fmt: skip
    file = results(FIRST, *many(4), {**LATER, "Call id": "C2"})

    assert importer.analyses(file).counts == {"total": 6, "created": 6}
    assert importer.analyses(file).counts == {"total": 6, "unchanged": 6}
    assert len(importer.stored(CallTranscript)) == 6
    assert importer.only(Lead).qualification_status == "hot"
    assert len(importer.stored(PendingAction)) == len(importer.stored(Task)) == 2
    assert {one.call_id for one in importer.stored(Task)} == {call.id}


@pytest.mark.usefixtures("call")
def test_two_at_once_make_nothing_twice(importer: Importer, results: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load_service, "PORTION_ROWS", 5)
    file = results(FIRST, *many(20))

    with ThreadPoolExecutor() as threads:
        done = list(threads.map(importer.analyses, (file, file)))

    counted = [one.counts for one in done]
    assert sum(one.get("created", 0) for one in counted) == 21
    assert sum(one.get("unchanged", 0) for one in counted) == 21
    assert len(importer.stored(Call)) == 22
    assert len(importer.stored(CallAnalysis)) == len(importer.stored(CallTranscript)) == 21
    assert len(importer.stored(PendingAction)) == len(importer.stored(Task)) == 2


@pytest.mark.usefixtures("call")
def test_a_dry_run_keeps_nothing(importer: Importer, results: Write) -> None:
    assert importer.analyses(results(FIRST), keep=False).counts == {"total": 1, "created": 1}
    for model in (CallAnalysis, CallTranscript, PendingAction, Task, ImportedRow, Import):
        assert importer.stored(model) == []


@pytest.mark.usefixtures("call")
def test_hostile_rows_cost_themselves_alone(importer: Importer, write_file: WriteFile) -> None:
    good = json.dumps(FIRST)
    deep = '{"Call id": "D", "Start time": "2026-03-02 09:30:00", "Transcript": ' + "[" * 900 + "]" * 900 + "}"
    odd = [
        deep,
        '{"Call id": "E", "Start time": "2026-03-02 09:30:00", "Transcript": [{"text": "a\\u0000", "speaker": "b"}]}',
        '{"Call id": "F", "Start time": "2026-03-02 09:30", "Summary": {"a": [null, 1e999]}, "Next steps": {"a": 1}}',
        '{"Call id": "G", "Start time": "2026-03-02 09:30", "Objections": [[1], null, {"category": {}}], "Booked": []}',
        '{"Call id": "H\\u0000", "Start time": 17, "Summary": "x"}',
    ]
    imported = importer.analyses(write_file(lines(good, *odd), "odd.jsonl"), call=None)

    assert imported.counts["total"] == 6
    assert imported.counts["created"] >= 1
    assert (6, "It contains a character that can’t be used.") in {
        (line, why) for line, _column, _value, why in imported.refusals
    }
    assert now_summary(importer) == FIRST["Summary"]


def now_summary(importer: Importer) -> Any:
    """Return the summary of the analysis whose qualification is that of FIRST."""
    return next(one.summary for one in importer.stored(CallAnalysis) if one.qualification_status == "warm")


def test_the_page_asks_for_the_call_of_a_file_that_names_none(
    pages: ImportPages, app: Flask, importer: Importer, call: Call
) -> None:
    turns = [{"ParticipantRole": "AGENT", "Content": "Hello.", "LoudnessScores": [None]}]
    content = json.dumps({"JobStatus": "COMPLETED", "Participants": [{"Role": "A"}], "Transcript": turns}).encode()
    page = pages.upload(content, "one.json", ImportKind.ANALYSES)
    assert column(page, "Transcript")

    refused = pages.map(page, status=400)
    assert "Nothing identifies the call." in refused.text
    assert "There’s no call with this ID." in pages.map(page, {"call": "17"}, status=400).text
    preview = pages.client.follow(pages.map(page, {"call": str(call.id)}))
    assert str(call.id) in preview.text
    pages.start(preview)
    run_worker(app, schedule=(), until_idle=True)

    assert importer.only(CallTranscript).call_id == call.id
    assert importer.stored(RejectedValue) == []
    assert "Hello." in pages.client.get(f"/calls/{call.id}").text


def test_a_saved_mapping_does_not_keep_the_call_of_one_file(pages: ImportPages, call: Call, importer: Importer) -> None:
    page = pages.upload(lines("Summary,Sentiment", "Good,positive").encode(), "one.csv", ImportKind.ANALYSES)
    pages.map(page, {"call": str(call.id), "name": "Plain results"}, to="/save")
    assert importer.only(ImportMapping).mapping["defaults"] == {}


def test_the_command_takes_a_file_to_the_call_that_is_named(
    app: Flask, importer: Importer, results: Write, call: Call
) -> None:
    file = results({"Summary": "Good"})
    arguments = ["import", "analyses", str(file), "--organization", importer.organization.slug]

    assert app.test_cli_runner().invoke(args=arguments).exit_code == 1
    answer = app.test_cli_runner().invoke(args=[*arguments, "--call", str(call.id)])

    assert answer.exit_code == 0, answer.output
    assert "1 new" in answer.output
    assert importer.only(CallAnalysis).call_id == call.id
