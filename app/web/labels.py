"""The words for stored values: `missed` is shown as "Missed"."""

from datetime import time
from enum import StrEnum
from functools import cache

from babel import Locale
from babel.dates import get_day_names
from flask_babel import force_locale, format_time, get_locale, lazy_pgettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.errors import Sentence as Text
from app.models import (
    ApiKeyState,
    AppointmentOutcome,
    AppointmentStatus,
    AttemptResult,
    BookingStatus,
    BulkStatus,
    CallOutcome,
    CallStatus,
    CallType,
    Channel,
    Consent,
    ContactSource,
    CostKind,
    Direction,
    DisputeStatus,
    EntryStatus,
    ErasureStatus,
    EventKind,
    EventStatus,
    ExportStatus,
    ImportStatus,
    InvitationState,
    InvoiceStatus,
    JobStatus,
    Language,
    LeadStage,
    MessageStatus,
    NoteTemplateKind,
    NumberProvider,
    NumberPurpose,
    OrganizationStatus,
    PlanCode,
    Qualification,
    RecordingStatus,
    RescuedBy,
    Sentiment,
    Severity,
    SubscriptionStatus,
    TaskPriority,
    TaskStatus,
    UserStatus,
    WeekStart,
)
from app.web.appearance import LANGUAGES
from app.web.formatting import UNKNOWN

LABELS: dict[type[StrEnum], dict[str, Text]] = {
    Direction: {Direction.INBOUND: _l("Inbound"), Direction.OUTBOUND: _l("Outbound")},
    ContactSource: {
        ContactSource.MANUAL: _l("Typed in"),
        ContactSource.AUTO_AI: _l("By the assistant"),
        ContactSource.IMPORT: _l("Import"),
        ContactSource.CALLRAIL: "CallRail",
        ContactSource.OTTO: "Otto",
        ContactSource.SHUNYA: "Shunya",
    },
    CallType: {
        CallType.CSR_CALL: _l("CSR call"),
        CallType.SALES_CALL: _l("Sales call"),
        CallType.VISIT_CALL: _l("Visit"),
    },
    CallStatus: {
        CallStatus.ACTIVE: lazy_pgettext("call", "In progress"),
        CallStatus.COMPLETED: _l("Completed"),
        CallStatus.MISSED: lazy_pgettext("call", "Missed"),
        CallStatus.VOICEMAIL: _l("Voicemail"),
        CallStatus.FAILED: _l("Failed"),
    },
    CallOutcome: {
        CallOutcome.RESOLVED: _l("Resolved"),
        CallOutcome.FOLLOW_UP: _l("Follow up"),
        CallOutcome.TRANSFERRED: _l("Transferred"),
        CallOutcome.VOICEMAIL: _l("Left a voicemail"),
        CallOutcome.NO_ANSWER: _l("No answer"),
        CallOutcome.WRONG_NUMBER: _l("Wrong number"),
        CallOutcome.SPAM: _l("Spam"),
    },
    BookingStatus: {
        BookingStatus.BOOKED: _l("Booked"),
        BookingStatus.NOT_BOOKED: _l("Not booked"),
        BookingStatus.SERVICE_NOT_OFFERED: _l("Service not offered"),
    },
    Sentiment: {
        Sentiment.POSITIVE: _l("Positive"),
        Sentiment.NEUTRAL: _l("Neutral"),
        Sentiment.NEGATIVE: _l("Negative"),
    },
    Severity: {Severity.LOW: _l("Mild"), Severity.MEDIUM: _l("Serious"), Severity.HIGH: _l("Grave")},
    EntryStatus: {
        EntryStatus.OPEN: lazy_pgettext("missed call", "Open"),
        EntryStatus.CLAIMED: _l("Claimed"),
        EntryStatus.RESCUED: _l("Rescued"),
        EntryStatus.ANSWERED_LATER: _l("Answered later"),
        EntryStatus.LOST: lazy_pgettext("missed call", "Lost"),
        EntryStatus.DISMISSED: lazy_pgettext("missed call", "Dismissed"),
    },
    AttemptResult: {
        AttemptResult.REACHED: _l("Reached"),
        AttemptResult.NO_ANSWER: _l("No answer"),
        AttemptResult.VOICEMAIL: _l("Voicemail"),
        AttemptResult.WRONG_NUMBER: _l("Wrong number"),
        AttemptResult.SENT: lazy_pgettext("attempt", "Sent"),
        AttemptResult.FAILED: _l("Failed"),
    },
    RescuedBy: {RescuedBy.AUTO: _l("By the assistant"), RescuedBy.HUMAN: _l("By a person")},
    LeadStage: {
        LeadStage.NEW: lazy_pgettext("lead", "New"),
        LeadStage.QUALIFIED: _l("Qualified"),
        LeadStage.BOOKED: lazy_pgettext("lead", "Booked"),
        LeadStage.PENDING: _l("Undecided"),
        LeadStage.DEAD: _l("Dead"),
    },
    Qualification: {
        Qualification.HOT: _l("Hot"),
        Qualification.WARM: _l("Warm"),
        Qualification.COLD: _l("Cold"),
        Qualification.UNQUALIFIED: _l("Unqualified"),
    },
    AppointmentStatus: {
        AppointmentStatus.SCHEDULED: _l("Scheduled"),
        AppointmentStatus.COMPLETED: lazy_pgettext("visit", "Completed"),
        AppointmentStatus.NO_SHOW: _l("No-show"),
        AppointmentStatus.CANCELLED: lazy_pgettext("visit", "Cancelled"),
    },
    AppointmentOutcome: {
        AppointmentOutcome.OPEN: lazy_pgettext("visit", "Open"),
        AppointmentOutcome.CLOSED_WON: _l("Won"),
        AppointmentOutcome.CLOSED_LOST: lazy_pgettext("visit", "Lost"),
    },
    DisputeStatus: {
        DisputeStatus.OPEN: lazy_pgettext("dispute", "Open"),
        DisputeStatus.ACCEPTED: lazy_pgettext("dispute", "Accepted"),
        DisputeStatus.REJECTED: lazy_pgettext("dispute", "Rejected"),
    },
    RecordingStatus: {
        RecordingStatus.RECORDING: lazy_pgettext("recording", "Recording"),
        RecordingStatus.UPLOADED: _l("Uploaded"),
        RecordingStatus.PROCESSING: lazy_pgettext("recording", "In progress"),
        RecordingStatus.READY: lazy_pgettext("recording", "Ready"),
        RecordingStatus.FAILED: _l("Failed"),
    },
    Consent: {
        Consent.GIVEN: _l("Given"),
        Consent.REFUSED: _l("Refused"),
        Consent.NOT_NEEDED: _l("Not needed"),
    },
    EventKind: {
        EventKind.MEETING: _l("Meeting"),
        EventKind.TRAINING: _l("Training"),
        EventKind.COACHING: _l("Coaching"),
        EventKind.RIDE_ALONG: _l("Ride-along"),
        EventKind.PERSONAL: lazy_pgettext("event", "Personal"),
        EventKind.TIME_OFF: _l("Time off"),
    },
    EventStatus: {
        EventStatus.CONFIRMED: lazy_pgettext("event", "Confirmed"),
        EventStatus.TENTATIVE: lazy_pgettext("event", "Tentative"),
        EventStatus.CANCELLED: lazy_pgettext("event", "Cancelled"),
    },
    TaskStatus: {
        TaskStatus.PENDING: _l("To do"),
        TaskStatus.IN_PROGRESS: lazy_pgettext("task", "In progress"),
        TaskStatus.COMPLETED: lazy_pgettext("task", "Done"),
        TaskStatus.CANCELLED: lazy_pgettext("task", "Cancelled"),
    },
    TaskPriority: {
        TaskPriority.LOW: _l("Low"),
        TaskPriority.MEDIUM: _l("Medium"),
        TaskPriority.HIGH: _l("High"),
        TaskPriority.URGENT: _l("Urgent"),
    },
    InvitationState: {
        InvitationState.OPEN: lazy_pgettext("invitation", "Open"),
        InvitationState.EXPIRED: lazy_pgettext("invitation", "Expired"),
        InvitationState.ACCEPTED: lazy_pgettext("invitation", "Accepted"),
        InvitationState.REVOKED: lazy_pgettext("invitation", "Revoked"),
    },
    Channel: {Channel.EMAIL: _l("E-mail"), Channel.SMS: _l("Text message")},
    MessageStatus: {
        MessageStatus.QUEUED: _l("Not sent"),
        MessageStatus.SENT: lazy_pgettext("message", "Sent"),
        MessageStatus.DELIVERED: _l("Delivered"),
        MessageStatus.UNDELIVERED: _l("Not delivered"),
        MessageStatus.FAILED: _l("Failed"),
    },
    OrganizationStatus: {
        OrganizationStatus.ACTIVE: lazy_pgettext("organization", "Active"),
        OrganizationStatus.SUSPENDED: lazy_pgettext("organization", "Suspended"),
    },
    ApiKeyState: {
        ApiKeyState.ACTIVE: lazy_pgettext("API key", "Active"),
        ApiKeyState.EXPIRED: lazy_pgettext("API key", "Expired"),
        ApiKeyState.REVOKED: lazy_pgettext("API key", "Revoked"),
    },
    Language: {**LANGUAGES},
    NumberPurpose: {
        NumberPurpose.RECEPTION: _l("Reception"),
        NumberPurpose.AFTER_HOURS: _l("After hours"),
        NumberPurpose.TRACKING: _l("Tracking where callers come from"),
        NumberPurpose.OUTBOUND: _l("Calls from here"),
        NumberPurpose.TEXTING: _l("Texts"),
    },
    NumberProvider: {NumberProvider.VAPI: "VAPI", NumberProvider.TWILIO: "Twilio"},
    NoteTemplateKind: {
        NoteTemplateKind.ANY: _l("Any note"),
        NoteTemplateKind.CALL: _l("Notes of calls"),
        NoteTemplateKind.CONTACT: _l("Notes of contacts"),
    },
    WeekStart: {WeekStart.MONDAY: _l("Monday"), WeekStart.SUNDAY: _l("Sunday")},
    PlanCode: {
        PlanCode.STARTER: _l("Starter"),
        PlanCode.PROFESSIONAL: _l("Professional"),
        PlanCode.ENTERPRISE: _l("Enterprise"),
    },
    JobStatus: {
        JobStatus.WAITING: _l("Waiting"),
        JobStatus.RUNNING: _l("Running"),
        JobStatus.DONE: lazy_pgettext("job", "Done"),
        JobStatus.FAILED: _l("Failed"),
        JobStatus.DISMISSED: lazy_pgettext("job", "Dismissed"),
    },
    ImportStatus: {
        ImportStatus.UPLOADED: _l("Not started"),
        ImportStatus.QUEUED: _l("Waiting"),
        ImportStatus.RUNNING: _l("Running"),
        ImportStatus.COMPLETED: lazy_pgettext("import", "Finished"),
        ImportStatus.FAILED: _l("Failed"),
    },
    ErasureStatus: {
        ErasureStatus.QUEUED: _l("Waiting"),
        ErasureStatus.RUNNING: _l("Running"),
        ErasureStatus.COMPLETED: _l("Erased"),
        ErasureStatus.FAILED: _l("Failed"),
    },
    ExportStatus: {
        ExportStatus.QUEUED: _l("Waiting"),
        ExportStatus.RUNNING: _l("Running"),
        ExportStatus.COMPLETED: lazy_pgettext("export", "Ready"),
        ExportStatus.FAILED: _l("Failed"),
        ExportStatus.REMOVED: _l("File removed"),
    },
    BulkStatus: {
        BulkStatus.QUEUED: _l("Waiting"),
        BulkStatus.RUNNING: _l("Running"),
        BulkStatus.COMPLETED: lazy_pgettext("bulk change", "Finished"),
        BulkStatus.FAILED: _l("Stopped"),
        BulkStatus.UNDOING: _l("Being undone"),
        BulkStatus.UNDONE: lazy_pgettext("bulk change", "Undone"),
    },
    SubscriptionStatus: {
        SubscriptionStatus.TRIALING: _l("On trial"),
        SubscriptionStatus.ACTIVE: lazy_pgettext("subscription", "Active"),
        SubscriptionStatus.PAST_DUE: _l("Past due"),
        SubscriptionStatus.CANCELLED: lazy_pgettext("subscription", "Cancelled"),
    },
    InvoiceStatus: {
        InvoiceStatus.DRAFT: _l("Draft"),
        InvoiceStatus.OPEN: lazy_pgettext("invoice", "Open"),
        InvoiceStatus.PAID: lazy_pgettext("invoice", "Paid"),
        InvoiceStatus.VOID: _l("Void"),
        InvoiceStatus.UNCOLLECTIBLE: _l("Not collectible"),
    },
    CostKind: {
        CostKind.CALL_MINUTES: _l("Call minutes"),
        CostKind.SMS: _l("Text messages"),
        CostKind.AI_TOKENS: _l("AI assistant"),
        CostKind.STORAGE: _l("Storage"),
        CostKind.TRANSCRIPTION: _l("Transcription"),
    },
    UserStatus: {
        UserStatus.ACTIVE: lazy_pgettext("person", "Active"),
        UserStatus.INACTIVE: _l("Deactivated"),
        UserStatus.SUSPENDED: lazy_pgettext("person", "Suspended"),
    },
}

#: What callers object to, as the analysis names it. Another category is shown as its own words.
OBJECTIONS: dict[str, Text] = {
    "price_by_phone": _l("Wants a price by phone"),
    "visit_fee": _l("Does not want to pay for the visit"),
    "too_expensive": _l("Too expensive"),
    "ask_spouse": _l("Asks the spouse first"),
    "needs_it_today": _l("Needs it today"),
    "has_another_quote": _l("Has another quote"),
    "too_far_out": _l("The date is too far out"),
    "lost_trust": _l("Lost trust"),
}

#: The steps of the call guide, as the analysis names them. Another step is shown as its own words.
STAGES: dict[str, Text] = {
    "greeting": _l("Greeting"),
    "empathy": _l("Empathy"),
    "discovery": _l("Questions"),
    "contact_details": _l("Contact details"),
    "value": _l("Value of the visit"),
    "objection_handling": _l("Objections answered"),
    "booking_ask": _l("Asked to book"),
    "proposal": _l("Proposal"),
    "next_step": _l("Next step"),
    "recap": lazy_pgettext("step of a call", "Summary"),
    "closing": _l("Closing"),
}

#: What a template calls them: {{ call.status|label("CallStatus") }}
_BY_NAME = {kind.__name__: words for kind, words in LABELS.items()}


def label(value: str | None, kind: str) -> str:
    """The words for a value of the enumeration named `kind`; a dash for None."""
    return label_in(get_locale(), value, kind)


def label_in(locale: Locale, value: str | None, kind: str) -> str:
    """The words for a value in this language, for those who know which it is."""
    return UNKNOWN if value is None else _words(kind, locale)[value]


def weekday_label(weekday: int, *, short: bool = False) -> str:
    """1 is Monday, 7 Sunday."""
    return str(get_day_names("abbreviated" if short else "wide", locale=get_locale())[weekday - 1])


def hour_label(hour: int) -> str:
    """An hour of the day, 0 to 23, as the clock shows it."""
    return str(format_time(time(hour), "short", rebase=False))


def yes_or_no(value: str) -> str:
    """The words for a yes/no filter."""
    return said_of(is_so=value == "yes")


def said_of(*, is_so: bool) -> str:
    """The words for what is so or not."""
    return str(_("Yes") if is_so else _("No"))


def objection_label(category: str) -> str:
    """The words for a category of objection."""
    return _known_words(OBJECTIONS, category)


def stage_label(stage: str) -> str:
    """The words for a step of the call guide."""
    return _known_words(STAGES, stage)


def options(kind: type[StrEnum]) -> list[tuple[str, str]]:
    """Values and words of an enumeration, in its order, for a select."""
    return list(_words(kind.__name__, get_locale()).items())


@cache
def _words(kind: str, locale: Locale) -> dict[str, str]:
    """Kept: in a list of 50 calls, translating each word anew took 2 of the page's 23 ms."""
    with force_locale(locale):
        return {value: str(words) for value, words in _BY_NAME[kind].items()}


def _known_words(words: dict[str, Text], name: str) -> str:
    known = words.get(name)
    return str(known) if known else name.replace("_", " ").capitalize()
