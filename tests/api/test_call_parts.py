"""Notes, transcripts and analyses of calls in the JSON API."""

import pytest

from app.models import AuditLog, Call, CallNote, Organization, Role, User
from tests.api.conftest import NewApi
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.api_lists import Queries, ids_in, statements_of
from tests.support.direct_access import Behind
from tests.support.factories import Factories


@pytest.fixture
def call(make: Factories, organization: Organization, csr: User) -> Call:
    return make.call(organization, csr=csr)


def test_a_note_is_written_changed_and_moved_to_the_trash(
    as_csr: ApiClient, call: Call, csr: User, behind: Behind
) -> None:
    path = f"/calls/{call.id}/notes"
    created = as_csr.post(path, {"body": "Call back on Friday."})
    note = data_of(created, "note", status=201)

    assert created.headers["Location"] == f"/api/v1{path}/{note['id']}"
    assert {name: note[name] for name in note if name not in {"id", "createdAt", "updatedAt"}} == {
        "callId": str(call.id),
        "kind": "note",
        "body": "Call back on Friday.",
        "userId": str(csr.id),
        "userName": "Carla Csr",
        "turn": None,
        "parentId": None,
        "doneAt": None,
        "version": 1,
    }
    changed = data_of(as_csr.patch(f"{path}/{note['id']}", {"body": "On Monday."}), "note")
    assert (changed["body"], changed["version"]) == ("On Monday.", 2)
    stale = error_of(as_csr.patch(f"{path}/{note['id']}", {"body": "Late", "version": 1}), status=409)
    assert (stale["code"], stale["current"]["body"]) == ("VERSION_CONFLICT", "On Monday.")
    assert data_of(as_csr.delete(f"{path}/{note['id']}"), "deletion")
    assert error_of(as_csr.get(f"{path}/{note['id']}"), status=404)["resourceType"] == "call_note"
    assert ids_in(as_csr, path) == []
    entries = [row for row in behind.rows(AuditLog) if row.resource_type == "call_note"]
    assert {entry.user_id for entry in entries} == {csr.id}


def test_a_note_belongs_to_its_call_and_its_author(
    as_csr: ApiClient, as_manager: ApiClient, make: Factories, organization: Organization, call: Call, csr: User
) -> None:
    others = make.note(call, make.user(organization))
    elsewhere = make.note(make.call(organization, csr=csr), csr)

    assert ids_in(as_csr, f"/calls/{call.id}/notes") == [str(others.id)]
    for send in (as_csr.delete, lambda path: as_csr.patch(path, {"body": "Mine"})):
        assert error_of(send(f"/calls/{call.id}/notes/{others.id}"), status=403)["requiredRole"] == "manager"
        assert error_of(send(f"/calls/{call.id}/notes/{elsewhere.id}"), status=404)["resourceType"] == "call_note"
    assert data_of(as_manager.patch(f"/calls/{call.id}/notes/{others.id}", {"body": "Corrected"}), "note")
    assert wrong_fields(as_csr.patch(f"/calls/{call.id}/notes/{elsewhere.id}", {"body": None})) == {"body"}


def test_coaching_is_for_managers_and_the_calls_csr(
    as_csr: ApiClient, as_manager: ApiClient, new_api: NewApi, make: Factories, organization: Organization, call: Call
) -> None:
    path, rep = f"/calls/{call.id}/notes", make.user(organization, role=Role.SALES_REP)
    mine = make.call(organization, csr=make.user(organization), assigned_rep_id=rep.id)
    sent = {"body": "Name the price sooner.", "isCoaching": True}

    coaching = data_of(as_manager.post(path, sent), "note", status=201)
    about_mine = data_of(as_manager.post(f"/calls/{mine.id}/notes", sent), "note", status=201)
    assert coaching["kind"] == "coaching"
    assert ids_in(as_csr, path) == [coaching["id"]]
    assert ids_in(new_api(rep), f"/calls/{mine.id}/notes") == []
    assert error_of(new_api(rep).get(f"/calls/{mine.id}/notes/{about_mine['id']}"), status=404)
    assert wrong_fields(as_csr.post(path, sent)) == {"isCoaching"}


def test_the_list_of_notes_takes_constant_statements(
    as_csr: ApiClient, make: Factories, call: Call, csr: User, queries: Queries
) -> None:
    make.note(call, csr)
    few = statements_of(as_csr, f"/calls/{call.id}/notes", queries)
    for _ in range(3):
        make.note(call, csr)

    assert statements_of(as_csr, f"/calls/{call.id}/notes", queries) == few <= 6


def test_a_transcript_has_its_turns_whatever_was_stored(as_csr: ApiClient, make: Factories, call: Call) -> None:
    stored = [
        {"speaker": "agent", "start": 0.5, "end": 2, "text": "Hello?"},
        "noise",
        {"start": -1, "text": "My furnace"},
    ]
    transcript = make.transcript(call, speaker_labels=stored, transcript_text="Hello?", confidence_score=0.93)
    read = data_of(as_csr.get(f"/calls/{call.id}/transcript"), "transcript")

    assert {name: read[name] for name in read if name not in {"createdAt", "updatedAt"}} == {
        "id": str(transcript.id),
        "callId": str(call.id),
        "transcriptText": "Hello?",
        "speakerLabels": [
            {"speaker": "agent", "text": "Hello?", "start": 0.5, "end": 2.0},
            {"speaker": "", "text": "", "start": None, "end": None},
            {"speaker": "", "text": "My furnace", "start": None, "end": None},
        ],
        "language": "en",
        "confidenceScore": 0.93,
    }


def test_an_analysis_has_its_findings_whatever_was_stored(as_csr: ApiClient, make: Factories, call: Call) -> None:
    analysis = make.analysis(
        call,
        qualification_status="hot",
        sentiment_score=-0.25,
        objections=[
            {"category": "price", "text": "Too much", "severity": "high", "turn": 1, "start": 2.5},
            "?",
        ],
        objection_severity="high",
        sop_compliance_score=62.5,
        sop_stages_completed=["greeting"],
        sop_stages_missed=["price"],
        pending_actions=[{"text": "Call back"}],
        missed_opportunities=["none"],
        evidence=[{"turn": 1, "quote": "Too much"}],
        confidence=0.8,
        model="shunya-3",
    )
    read = data_of(as_csr.get(f"/calls/{call.id}/analysis"), "analysis")

    assert {name: read[name] for name in read if name not in {"analysedAt", "createdAt", "updatedAt"}} == {
        "id": str(analysis.id),
        "callId": str(call.id),
        "summary": "The furnace has stopped.",
        "qualificationStatus": "hot",
        "sentimentScore": -0.25,
        "objections": [{"category": "price", "text": "Too much", "severity": "high", "turn": 1, "start": 2.5}],
        "objectionSeverity": "high",
        "sopComplianceScore": 62.5,
        "sopStagesCompleted": ["greeting"],
        "sopStagesMissed": ["price"],
        "pendingActions": [{"text": "Call back"}],
        "missedOpportunities": [],
        "evidence": [{"turn": 1, "quote": "Too much"}],
        "confidence": 0.8,
        "model": "shunya-3",
    }


def test_a_call_without_them_has_neither_transcript_nor_analysis(as_csr: ApiClient, call: Call, behind: Behind) -> None:
    for part in ("transcript", "analysis"):
        assert error_of(as_csr.get(f"/calls/{call.id}/{part}"), status=404)["resourceType"] == f"call_{part}"
    assert behind.rows(CallNote) == []
