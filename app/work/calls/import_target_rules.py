"""Targets for the columns of a file of calls, in addition to the importable fields of the resource."""

from collections.abc import Mapping
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.declarations.importable import Channels, Dates, Ends, LeftOut, Target
from app.errors import FieldError

#: Fields of the resource that rules of the import refer to.
STATUS, DIRECTION = "status", "direction"


class CallTarget(StrEnum):
    """Targets for the columns of a call, in addition to the fields of the resource."""

    EXTERNAL_ID = "external_id"
    AGENT = "agent"
    AGENT_FIRST_NAME = "agent_first_name"
    AGENT_LAST_NAME = "agent_last_name"
    STARTED_AT = "started_at"
    DATE = "date"
    TIME = "time"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    SPEED_OF_ANSWER = "speed_of_answer"
    WAITED = "waited"
    TALK_TIME = "talk_time"
    SATISFACTION = "satisfaction"
    CALLER_NUMBER = "caller_number"
    CALLED_NUMBER = "called_number"
    CUSTOMER_NUMBER = "customer_number"
    OWN_NUMBER = "own_number"
    COST = "cost"
    VALUE = "value"
    TAGS = "tags"
    NOTE = "note"
    ANSWERED_AT = "answered_at"
    ENDED_AT = "ended_at"
    TIMEZONE = "timezone"


# Headers used by other systems; docs/imports.md lists their documentation.
TARGETS: Mapping[str, Target] = {
    CallTarget.EXTERNAL_ID: Target(
        _l("Call ID"),
        ("call id", "external id", "activity id", "call object identifier", "call sid", "sid", "call uuid",
         "call reference", "conversation id", "interaction id", "session id", "record id", "unique id", "uuid",
         "reference", "ref", "id", "id звонка"),
    ),
    CallTarget.AGENT: Target(
        _l("Agent"),
        ("agent name", "agent email", "agent", "csr name", "csr", "operator name", "operator", "representative",
         "handling agent", "handled by", "answered by", "taken by", "user name", "user email", "user",
         "activity assigned to", "assigned to", "assigned", "call owner", "employee name", "employee", "users",
         "agent id", "agent number", "agent extension", "user extension", "extension", "оператор", "агент", "сотрудник",
         "xodim"),
    ),
    CallTarget.AGENT_FIRST_NAME: Target(
        _l("Agent’s first name"),
        ("agent first name", "csr first name", "user first name", "operator first name", "employee first name"),
    ),
    CallTarget.AGENT_LAST_NAME: Target(
        _l("Agent’s last name"),
        ("agent last name", "csr last name", "user last name", "operator last name", "employee last name"),
    ),
    CallTarget.STARTED_AT: Target(
        _l("Date and time"),
        ("started at", "startedat", "date time", "datetime", "timestamp", "start timestamp", "start date time",
         "date time start", "call date time", "call start time", "call started at", "call start", "callstart",
         "start at", "date started", "activity date", "started", "when", "received on", "call date and time", "start",
         "begin",
         "beginn", "début", "debut", "inicio", "início", "created at", "created date", "дата и время", "начало",
         "sana va vaqt"),
    ),
    CallTarget.DATE: Target(_l("Date"), ("date", "call date", "start date", "day", "дата", "дата звонка", "sana")),
    CallTarget.TIME: Target(
        _l("Time of day"), ("time", "call time", "start time", "starttime", "время", "время звонка", "vaqt")
    ),
    CallTarget.ANSWERED: Target(
        _l("Answered (yes or no)"),
        ("answered", "is answered", "call answered", "was answered", "connected", "отвечен", "отвечено",
         "javob berildi"),
        opposites=("abandoned", "is abandoned", "call abandoned", "missed", "is missed", "missed call", "unanswered"),
    ),
    CallTarget.RESOLVED: Target(
        _l("Resolved (yes or no)"),
        ("resolved", "is resolved", "call resolved", "was resolved", "first call resolution", "решен", "решено",
         "hal qilindi"),
    ),
    CallTarget.SPEED_OF_ANSWER: Target(
        _l("Wait time"),
        ("speed of answer", "answer speed", "avg speed of answer", "average speed of answer", "asa", "time to answer",
         "speed to answer", "queue wait time", "wait time", "waiting time", "wait duration", "time in queue",
         "queue time", "queue duration", "ring time", "ringing time", "ring duration", "ringing duration", "wait",
         "время ожидания", "kutish vaqti"),
    ),
    CallTarget.WAITED: Target(
        _l("Waited"),
        ("waited", "waited seconds", "abandon time", "abandoned time", "abandoned wait time", "abandon wait time",
         "abandonment time", "time to abandon", "time to abandonment", "time before abandonment", "abandoned after",
         "wait before abandonment", "wait before hang up", "time to hang up", "hang up after", "waiting time",
         "ожидание до отбоя", "go shakni qo yishgacha kutish"),
    ),
    CallTarget.TALK_TIME: Target(
        _l("Talk time"),
        ("talk time", "talk duration", "call duration in seconds", "avg talk duration", "average talk duration",
         "avg talk time",
         "duration in call", "in call duration", "conversation time", "call duration", "duration", "talk",
         "call length", "handle time", "длительность", "длительность разговора", "davomiyligi"),
    ),
    CallTarget.SATISFACTION: Target(
        _l("Satisfaction (1 to 5)"),
        ("satisfaction", "satisfaction rating", "satisfaction score", "customer satisfaction", "csat", "csat score",
         "rating", "customer rating", "call quality", "оценка", "baho"),
    ),
    CallTarget.CALLER_NUMBER: Target(
        _l("Caller’s number"),
        ("caller number", "caller phone number", "caller phone", "caller id", "caller", "ani", "from number",
         "from phone number", "call from", "from", "номер звонящего"),
    ),
    CallTarget.CALLED_NUMBER: Target(
        _l("Called number"),
        ("called number", "to number", "to phone number", "call to", "to", "dnis", "dialed number", "dialled number",
         "destination number", "destination"),
    ),
    CallTarget.CUSTOMER_NUMBER: Target(
        _l("Customer’s number"),
        ("customer number", "customer phone number", "customer phone", "external number", "contact phone number",
         "contact phone", "contact number", "other party number", "phone number", "phone", "телефон", "telefon"),
    ),
    CallTarget.OWN_NUMBER: Target(
        _l("Company’s number"),
        ("own number", "internal number", "company number", "business number", "tracking number",
         "tracking phone number", "talkdesk phone number", "line number"),
    ),
    CallTarget.COST: Target(_l("Cost"), ("cost", "call cost", "price", "стоимость", "narx")),
    CallTarget.VALUE: Target(_l("Call value"), ("value", "call value", "lead value", "ценность", "qiymat")),
    CallTarget.TAGS: Target(_l("Tags"), ("tags", "call tags", "tag", "теги", "teglar")),
    CallTarget.NOTE: Target(_l("Note"), ("note", "notes", "call note", "call notes", "заметка", "заметки", "izoh")),
    CallTarget.ANSWERED_AT: Target(
        _l("Answered at"), ("date connected", "connected at", "answered at", "date answered", "call answered at")
    ),
    CallTarget.ENDED_AT: Target(_l("End of call"), ("date ended", "call ended at", "disconnected at")),
    CallTarget.TIMEZONE: Target(_l("Time zone"), ("timezone", "time zone", "часовой пояс", "vaqt mintaqasi")),
}  # fmt: skip

#: Start of a call.
DATES = Dates(
    moment=CallTarget.STARTED_AT,
    date=CallTarget.DATE,
    time=CallTarget.TIME,
    others=(CallTarget.ANSWERED_AT, CallTarget.ENDED_AT),
    zone=CallTarget.TIMEZONE,
)

#: The numbers that give the direction if no column has it.
ENDS = Ends(CallTarget.CALLER_NUMBER, CallTarget.CALLED_NUMBER, DIRECTION)

DURATIONS = (CallTarget.SPEED_OF_ANSWER, CallTarget.WAITED, CallTarget.TALK_TIME)

#: Targets that a mapping can set for a whole file, and the columns that provide the same value.
CONSTANTS: Mapping[str, tuple[str, ...]] = {
    CallTarget.DATE: (CallTarget.STARTED_AT,),
    CallTarget.TIME: (CallTarget.STARTED_AT,),
    CallTarget.AGENT: (CallTarget.AGENT_FIRST_NAME, CallTarget.AGENT_LAST_NAME),
    STATUS: (CallTarget.ANSWERED, CallTarget.TALK_TIME, CallTarget.ANSWERED_AT),
    "topic": (),
    "booking_status": (),
    CallTarget.OWN_NUMBER: (CallTarget.CALLER_NUMBER, CallTarget.CALLED_NUMBER),
}

_HOLD = LeftOut(_l("Hold time is part of talk time, so this column is skipped."))
_WRAP = LeftOut(_l("After-call work isn’t talk time, so this column is skipped."))
_TOTAL = LeftOut(_l("This includes wait time, so it isn’t talk time. The column is skipped."))
_QUEUE = LeftOut(
    _l("This is the time before a call was placed, not until it was answered. The column is skipped."), ("trunk sid",)
)
_IVR = LeftOut(_l("This is time in the phone menu, before anyone waits. The column is skipped."))
_TASK = LeftOut(_l("This is a task status, not a call status. The column is skipped."), ("task subtype", "priority"))
_MACHINE = LeftOut(
    _l("This says whether a person or a machine answered, not who. The column is skipped."),
    words=frozenset(
        {
            "human",
            "machine start",
            "machine end beep",
            "machine end silence",
            "machine end other",
            "fax",
            "unknown",
        }
    ),
)
_ADDRESS = LeftOut(
    _l("This is part of an address, not a call status. The column is skipped."),
    ("city", "zip", "zip code", "postal code", "address", "street", "country"),
)
#: Columns of other systems that match none of our fields.
LEFT_OUT: Mapping[str, LeftOut] = {
    **dict.fromkeys(("hold time", "hold duration", "on hold", "time on hold", "total hold", "hold"), _HOLD),
    **dict.fromkeys(
        ("wrap time", "wrap up time", "wrap duration", "wrap up duration", "after call work", "after call work time",
         "acw", "acw time", "total acw", "wrap"),
        _WRAP,
    ),
    **dict.fromkeys(
        ("total time", "total duration", "duration total", "call total time", "total call time", "bill time"), _TOTAL
    ),
    **dict.fromkeys(("ivr time", "ivr duration", "time in ivr"), _IVR),
    **dict.fromkeys(("status", "task status"), _TASK),
    "answered by": _MACHINE,
    "queue time": _QUEUE,
    "state": _ADDRESS,
}  # fmt: skip

#: Values that identify non-calls, in files that contain more than calls.
CHANNELS = Channels(
    names=frozenset({
        "channel", "channel type", "media", "media type", "medium", "type", "call type", "interaction type",
        "contact type", "activity type", "conversation type", "communication type", "task type", "task subtype",
        "action",
    }),
    wanted=frozenset({
        "voice", "call", "calls", "phone", "phone call", "telephone", "voip call", "звонок", "qo ng iroq",
    }),
    others=frozenset({
        "chat", "webchat", "web chat", "web", "sms", "text", "text message", "message", "messaging", "mms", "email",
        "e mail", "fax", "whatsapp", "facebook", "social", "video", "task", "meeting", "note", "list email", "чат",
    }),
)  # fmt: skip


def gaps(given: frozenset[str]) -> tuple[FieldError, ...]:
    """Return an error for each target that importing calls requires and that isn't among `given`."""
    found: list[FieldError] = []
    if CallTarget.STARTED_AT not in given and not {CallTarget.DATE, CallTarget.TIME} <= given:
        found.append(_gap_of_start(given))
    if not {CallTarget.ANSWERED, STATUS, CallTarget.TALK_TIME, CallTarget.ANSWERED_AT} & given:
        sentence = _l("Choose a column that shows whether a call was answered: answered, status or talk time.")
        found.append(FieldError(CallTarget.ANSWERED, sentence))
    return tuple(found)


def _gap_of_start(given: frozenset[str]) -> FieldError:
    if CallTarget.TIME in given:
        sentence = _l("This file has times but no dates. Enter the date of all its calls, or choose the date column.")
        return FieldError(CallTarget.DATE, sentence)
    if CallTarget.DATE in given:
        sentence = _l("This file has dates but no times. Enter the time of all its calls, or choose the time column.")
        return FieldError(CallTarget.TIME, sentence)
    sentence = _l(
        "Choose the column for the call’s start time, or one for the date and one for the time. A "
        "missing date or time can be set for the whole file."
    )
    return FieldError(CallTarget.STARTED_AT, sentence)
