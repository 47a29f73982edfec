"""Analysis of a conversation, in the shapes that `call_analyses` stores.

- objections: `[{category, text, severity, turn, start}]`
- evidence: `[{kind: strength|lapse|objection, title, detail, turn, start, quote}]`, at most one per turn, in turn order
- missed opportunities: `[{title, detail, turn, start, quote}]`
- suggested tasks: `[{category, text, owner, due_at}]`

`turn` counts from 0, `start` is that turn's start in seconds, and a quote (or an objection's text) is a literal part of
the turn.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.models.calls import Sentiment, Severity
from demo.conversations.composer import Conversation, Hesitation, Remark
from demo.conversations.script import Finding, Objection, Stage

_WEIGHT = {Stage.BOOKING_ASK: 2.0, Stage.EMPATHY: 1.5, Stage.VALUE: 1.5, Stage.OBJECTION_HANDLING: 1.5}
_MOOD = {Sentiment.POSITIVE: 0.38, Sentiment.NEUTRAL: 0.05, Sentiment.NEGATIVE: -0.4}
_POSITIVE_FROM = 0.3
_NEGATIVE_TO = -0.2
_SEVERITIES = tuple(Severity)
_OBJECTIONS = {
    Objection.PRICE_BY_PHONE: Finding("Wanted a price by phone", "Would not have anybody out before hearing a number."),
    Objection.VISIT_FEE: Finding("Balked at the visit fee", "Did not see what the fee is for."),
    Objection.TOO_EXPENSIVE: Finding("Found it too expensive", "The price was above what they had in mind."),
    Objection.ASK_SPOUSE: Finding("Wants to ask a partner first", "Does not decide alone."),
    Objection.NEEDS_IT_TODAY: Finding("Needs it today", "The first visit offered was not soon enough."),
    Objection.HAS_ANOTHER_QUOTE: Finding("Has another quote", "Compares with what another company offers."),
    Objection.TOO_FAR_OUT: Finding("Visit too far out", "The day that was offered is too late for them."),
    Objection.LOST_TRUST: Finding("Lost trust in the work", "Doubts that it was done right the first time."),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """An analysis: all columns of `call_analyses` that follow from the conversation."""

    sentiment_score: float
    sentiment: Sentiment
    sop_compliance_score: float
    stages_completed: list[str]
    stages_missed: list[str]
    objections: list[dict[str, Any]]
    objection_severity: Severity | None
    evidence: list[dict[str, Any]]
    missed_opportunities: list[dict[str, Any]]
    pending_actions: list[dict[str, Any]]
    summary: str
    confidence: float


def read(conversation: Conversation, ended_at: datetime, chance: random.Random) -> Reading:
    """Analyze `conversation`, which ended at `ended_at` (UTC)."""
    compliance = _compliance(conversation)
    score = _MOOD[conversation.ending.sentiment] + (compliance - 70) / 250 + chance.gauss(0, 0.13)
    score = round(min(max(score, -1.0), 1.0), 3)
    return Reading(
        sentiment_score=score,
        sentiment=sentiment_of(score),
        sop_compliance_score=compliance,
        stages_completed=[str(stage) for stage in conversation.done],
        stages_missed=[str(stage) for stage in conversation.missed],
        objections=[_objection(conversation, hesitation) for hesitation in conversation.hesitations],
        objection_severity=max(
            (hesitation.severity for hesitation in conversation.hesitations), key=_SEVERITIES.index, default=None
        ),
        evidence=_evidence(conversation),
        missed_opportunities=[_remark(conversation, lapse) for lapse in conversation.lapses],
        pending_actions=list(_actions(conversation, ended_at)),
        summary=conversation.tell(conversation.ending.summary),
        confidence=round(chance.uniform(0.78, 0.97), 3),
    )


def sentiment_of(score: float) -> Sentiment:
    """Return the sentiment for a score from −1 to 1."""
    if score > _POSITIVE_FROM:
        return Sentiment.POSITIVE
    return Sentiment.NEGATIVE if score < _NEGATIVE_TO else Sentiment.NEUTRAL


def _compliance(conversation: Conversation) -> float:
    done = sum(_WEIGHT.get(stage, 1.0) for stage in conversation.done)
    missed = sum(_WEIGHT.get(stage, 1.0) for stage in conversation.missed)
    return round(100 * done / (done + missed), 1) if done + missed else 100.0


def _objection(conversation: Conversation, hesitation: Hesitation) -> dict[str, Any]:
    return {
        "category": str(hesitation.objection),
        "text": hesitation.quote,
        "severity": str(hesitation.severity),
        "turn": hesitation.turn,
        "start": conversation.turns[hesitation.turn].start,
    }


def _remark(conversation: Conversation, remark: Remark) -> dict[str, Any]:
    return {
        "title": remark.finding.title,
        "detail": remark.finding.detail,
        "turn": remark.turn,
        "start": conversation.turns[remark.turn].start,
        "quote": remark.quote,
    }


def _evidence(conversation: Conversation) -> list[dict[str, Any]]:
    """Return at most one piece of evidence per turn, so that highlights never overlap.

    Objections take precedence over lapses, and lapses over strengths.
    """
    by_turn: dict[int, dict[str, Any]] = {}
    for strength in conversation.strengths:
        by_turn[strength.turn] = {"kind": "strength", **_remark(conversation, strength)}
    for lapse in conversation.lapses:
        by_turn[lapse.turn] = {"kind": "lapse", **_remark(conversation, lapse)}
    for hesitation in conversation.hesitations:
        by_turn[hesitation.turn] = {
            "kind": "objection",
            **_remark(conversation, Remark(_OBJECTIONS[hesitation.objection], hesitation.turn, hesitation.quote)),
        }
    return [by_turn[turn] for turn in sorted(by_turn)]


def _actions(conversation: Conversation, ended_at: datetime) -> Iterator[dict[str, Any]]:
    for action in conversation.ending.actions:
        yield {
            "category": action.category,
            "text": conversation.tell(action.text),
            "owner": str(action.owner),
            "due_at": (ended_at + timedelta(days=action.days)).isoformat(),
        }
