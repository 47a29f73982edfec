"""Results of two real systems, imported unmodified, and the values stored with the calls."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.models import Call, CallAnalysis, CallTranscript, PendingAction, User
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.importing import Importer

pytestmark = pytest.mark.real_data


@pytest.fixture
def folder(shared_data: Path) -> Path:
    return shared_data / "ai-analysis"


@pytest.fixture
def facts(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "FACTS.json").read_text())  # type: ignore[no-any-return]


def test_results_come_in_with_their_calls_and_the_same_twice_changes_nothing(
    importer: Importer, folder: Path, facts: dict[str, Any]
) -> None:
    file, count = folder / facts["file"], facts["records"]

    assert importer.analyses(file).counts == {"total": count, "created": count}
    once = _state(importer)
    assert importer.analyses(file).counts == {"total": count, "unchanged": count}
    assert _state(importer) == once

    calls = importer.stored(Call)
    assert len(calls) == count
    assert Counter(call.sentiment for call in calls) == {
        name.casefold(): number for name, number in facts["sentiment"].items()
    }
    assert Counter(call.topic for call in calls) == facts["mined_topic"]
    assert sum(call.duration_seconds or 0 for call in calls) / 60 == facts["sum_minutes"]
    zone = ZoneInfo(importer.organization.timezone)
    starts = sorted(call.started_at.astimezone(zone) for call in calls)
    assert Counter(str(start.date()) for start in starts) == {one["date"]: one["calls"] for one in facts["per_day"]}
    first, last = (datetime.fromisoformat(facts[name]) for name in ("first_start", "last_start"))
    assert (starts[0].replace(tzinfo=None), starts[-1].replace(tzinfo=None)) == (first, last)
    kinds = {(call.direction, call.call_type, call.status, call.is_wait_unknown) for call in calls}
    assert kinds == {("inbound", "csr_call", "completed", True)}
    # Satisfaction is not a rating, and a complaint is not an outcome: both remain in the analysis.
    assert {(call.call_quality, call.outcome, call.contact_card_id) for call in calls} == {(None, None, None)}
    said = [
        item["detail"] for one in importer.stored(CallAnalysis) for item in one.evidence if item["title"] == "satisfied"
    ]
    assert Counter(said) == facts["satisfied"]
    assert importer.stored(PendingAction) == []


def test_a_line_with_marks_of_who_speaks_becomes_turns(importer: Importer, folder: Path, facts: dict[str, Any]) -> None:
    importer.analyses(folder / facts["file"])

    for transcript in importer.stored(CallTranscript):
        assert len(transcript.speaker_labels) > 3
        assert {turn["speaker"] for turn in transcript.speaker_labels} == {"agent", "customer"}
        assert not any("**" in turn["text"] for turn in transcript.speaker_labels)


def test_one_conversation_goes_to_the_call_that_is_named(
    importer: Importer, make: Factories, client: Client, manager: User, folder: Path
) -> None:
    call, decoy = make.call(importer.organization), make.call(importer.organization)
    file = folder / "aws-call-analytics-example.json"

    assert importer.analyses(file, call=call.id).counts == {"total": 1, "created": 1}
    assert importer.analyses(file, call=call.id).counts == {"total": 1, "unchanged": 1}

    transcript, analysis = importer.only(CallTranscript), importer.only(CallAnalysis)
    assert transcript.call_id == analysis.call_id == call.id != decoy.id
    turns = transcript.speaker_labels
    assert (len(turns), transcript.language) == (37, "en")
    assert (turns[0]["speaker"], turns[0]["start"], turns[0]["end"]) == ("agent", 0.04, 5.05)
    assert float(analysis.sentiment_score or 0) == 0.36  # 1.8 of 5
    page = client.sign_in(manager).get(f"/calls/{call.id}")
    assert sum(one.get("id", "").startswith("turn-") for one in page.all(".//*[@id]")) == 37


def test_one_conversation_of_no_call_is_turned_away_by_the_command(
    app: Flask, importer: Importer, folder: Path
) -> None:
    answer = app.test_cli_runner().invoke(
        args=[
            "import",
            "analyses",
            str(folder / "aws-call-analytics-example.json"),
            "--organization",
            importer.organization.slug,
        ]
    )

    assert answer.exit_code == 1
    assert "Nothing identifies the call." in answer.output
    assert importer.stored(CallTranscript) == []


def _state(importer: Importer) -> list[Any]:
    models: tuple[Any, ...] = (Call, CallTranscript, CallAnalysis)
    return [(row.id, row.updated_at) for model in models for row in importer.stored(model)]
