"""Targets for the columns of a file of analyses and transcripts."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from app.declarations.field import Choice, Field, Imported
from app.declarations.importable import Dates, Target
from app.errors import FieldError
from app.models import BookingStatus, Qualification, Sentiment


class AnalysisTarget(StrEnum):
    """Targets for the columns of an analysis, except fields with a few fixed values."""

    CALL = "call"
    EXTERNAL_ID = "external_id"
    STARTED_AT = "started_at"
    DATE = "date"
    TIME = "time"
    ENDED_AT = "ended_at"
    DURATION = "duration"
    TRANSCRIPT = "transcript"
    LANGUAGE = "language"
    SUMMARY = "summary"
    TOPIC = "topic"
    SENTIMENT_SCORE = "sentiment_score"
    SENTIMENT_OF_FIVE = "sentiment_of_five"
    INTENT = "primary_intent"
    RISKS = "risks"
    OBJECTIONS = "objections"
    PENDING_ACTIONS = "pending_actions"
    MISSED_OPPORTUNITIES = "missed_opportunities"
    SOP_SCORE = "sop_score"
    STAGES_COMPLETED = "stages_completed"
    STAGES_MISSED = "stages_missed"
    CONFIDENCE = "confidence"
    MODEL = "model"
    ANALYSED_AT = "analysed_at"
    DETAIL = "detail"


#: Targets that identify the call of a row.
_WHICH_CALL = frozenset({AnalysisTarget.CALL, AnalysisTarget.EXTERNAL_ID, AnalysisTarget.STARTED_AT})
_DAY_AND_TIME = frozenset({AnalysisTarget.DATE, AnalysisTarget.TIME})
_ABOUT_THE_CALL = frozenset({*_WHICH_CALL, *_DAY_AND_TIME, AnalysisTarget.ENDED_AT, AnalysisTarget.DURATION})

# Headers used by other systems; docs/imports.md lists their documentation.
TARGETS: Mapping[str, Target] = {
    AnalysisTarget.CALL: Target(_l("Call ID in Switchboard"), ("switchboard call id", "switchboard id")),
    AnalysisTarget.EXTERNAL_ID: Target(
        _l("Call ID"),
        ("call id", "conversation id", "contact id", "external id", "call sid", "interaction id", "session id",
         "recording id", "call uuid", "uuid", "id"),
    ),
    AnalysisTarget.STARTED_AT: Target(
        _l("Date and time"),
        ("start time", "started at", "call start time", "call started at", "start timestamp", "conversation start time",
         "initiation timestamp", "date time", "datetime", "call date time", "start", "begin", "beginn", "début",
         "debut", "inicio", "início", "timestamp"),
    ),
    AnalysisTarget.DATE: Target(_l("Date"), ("date", "call date", "start date", "conversation date", "day")),
    AnalysisTarget.TIME: Target(_l("Time of day"), ("time", "call time", "time of day", "conversation time")),
    AnalysisTarget.ENDED_AT: Target(
        lazy_pgettext("moment", "End"),
        ("end time", "ended at", "call end time", "call ended at", "end timestamp", "conversation end time",
         "disconnect timestamp", "end"),
    ),
    AnalysisTarget.DURATION: Target(
        _l("Talk time"), ("duration", "call duration", "duration seconds", "talk time", "conversation duration")
    ),
    AnalysisTarget.TRANSCRIPT: Target(
        _l("Transcript"),
        ("transcript", "content", "transcript text", "transcription", "conversation", "dialogue", "utterances", "turns",
         "segments", "speaker labels", "monologues"),
    ),
    AnalysisTarget.LANGUAGE: Target(_l("Language"), ("language code", "language", "locale", "lang")),
    AnalysisTarget.SUMMARY: Target(
        _l("Summary"), ("summary", "call summary", "ai summary", "conversation summary", "abstract", "recap")
    ),
    AnalysisTarget.TOPIC: Target(
        _l("Topic"),
        ("mined topic", "topic", "call topic", "primary topic", "subject", "category", "call reason", "reason",
         "complaint"),
    ),
    AnalysisTarget.SENTIMENT_SCORE: Target(
        _l("Sentiment (−1 to 1)"), ("sentiment score", "call sentiment score", "overall sentiment score", "polarity")
    ),
    AnalysisTarget.SENTIMENT_OF_FIVE: Target(
        _l("Sentiment (−5 to 5)"), ("conversation characteristics sentiment overall sentiment customer",)
    ),
    AnalysisTarget.INTENT: Target(
        _l("Contact’s request"), ("primary intent", "intent", "customer intent", "caller intent")
    ),
    AnalysisTarget.RISKS: Target(_l("Risks"), ("risks", "risk factors", "churn risks")),
    AnalysisTarget.OBJECTIONS: Target(_l("Objections"), ("objections", "objection", "customer objections")),
    AnalysisTarget.PENDING_ACTIONS: Target(
        _l("Suggested tasks"),
        ("pending actions", "action items", "next steps", "follow ups", "follow up actions", "actions", "to dos",
         "tasks"),
    ),
    AnalysisTarget.MISSED_OPPORTUNITIES: Target(
        _l("Missed opportunities"), ("missed opportunities", "missed opportunity", "opportunities missed")
    ),
    AnalysisTarget.SOP_SCORE: Target(
        _l("Script adherence (0–100)"),
        ("sop compliance score", "sop score", "sop compliance", "compliance score", "script adherence",
         "script score", "qa score", "quality score"),
    ),
    AnalysisTarget.STAGES_COMPLETED: Target(
        _l("Script steps completed"),
        ("sop stages completed", "script steps completed", "stages completed", "steps completed"),
    ),
    AnalysisTarget.STAGES_MISSED: Target(
        _l("Script steps missed"), ("sop stages missed", "script steps missed", "stages missed", "steps missed")
    ),
    AnalysisTarget.CONFIDENCE: Target(
        _l("Confidence (0–1)"), ("confidence", "confidence score", "analysis confidence")
    ),
    AnalysisTarget.MODEL: Target(_l("Model"), ("model", "model name", "ai model", "model version", "llm")),
    AnalysisTarget.ANALYSED_AT: Target(
        _l("Analyzed at"),
        ("analysed at", "analyzed at", "analysis date", "processed at", "completed at", "analysis time"),
    ),
    # A yes to "satisfied" is not a rating, and a complaint is not an outcome: they are stored unchanged as details of
    # the analysis.
    AnalysisTarget.DETAIL: Target(
        _l("Analysis detail"),
        ("key phrases", "keywords", "key points", "complaint", "satisfied", "customer satisfied"),
        repeatable=True,
    ),
}  # fmt: skip

#: Start of a call, and further dates.
DATES = Dates(
    moment=AnalysisTarget.STARTED_AT,
    date=AnalysisTarget.DATE,
    time=AnalysisTarget.TIME,
    others=(AnalysisTarget.ENDED_AT, AnalysisTarget.ANALYSED_AT),
)

SENTIMENT = Field(
    "sentiment",
    _l("Sentiment"),
    Choice(Sentiment),
    imported=Imported(
        ("sentiment", "call sentiment", "overall sentiment", "customer sentiment"),
        words={"pos": Sentiment.POSITIVE, "neu": Sentiment.NEUTRAL, "neg": Sentiment.NEGATIVE},
        otherwise=AnalysisTarget.SENTIMENT_SCORE,
    ),
)
BOOKING_STATUS = Field(
    "booking_status",
    _l("Booking"),
    Choice(BookingStatus),
    imported=Imported(
        ("booking status", "booking", "booked", "appointment booked"),
        words={
            "yes": BookingStatus.BOOKED,
            "true": BookingStatus.BOOKED,
            "no": BookingStatus.NOT_BOOKED,
            "false": BookingStatus.NOT_BOOKED,
        },
    ),
)
QUALIFICATION = Field(
    "qualification_status",
    _l("Qualification"),
    Choice(Qualification),
    imported=Imported(("qualification status", "qualification", "lead qualification", "lead quality", "lead status")),
)
FIELDS = (SENTIMENT, BOOKING_STATUS, QUALIFICATION)


def gaps(given: frozenset[str]) -> tuple[FieldError, ...]:
    """Return an error for everything that a mapping with the targets `given` lacks to import analyses."""
    found = []
    if not given & _WHICH_CALL and not given >= _DAY_AND_TIME:
        sentence = _l(
            "Nothing identifies the call. Choose the column with its ID or start time, or enter a call ID "
            "under “Missing from the file”."
        )
        found.append(FieldError(AnalysisTarget.CALL, sentence))
    if not given - _ABOUT_THE_CALL - {AnalysisTarget.LANGUAGE, AnalysisTarget.MODEL, AnalysisTarget.ANALYSED_AT}:
        sentence = _l("Choose the transcript column, or one with analysis results.")
        found.append(FieldError(AnalysisTarget.TRANSCRIPT, sentence))
    return tuple(found)
