"""What a column of a file can become: the fields of an imported call or contact, and the names people give them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import lazy_gettext as _l

from app.errors import Sentence
from app.models.imports import ImportKind


class CallTarget(StrEnum):
    """Fields of an imported call."""

    EXTERNAL_ID = "external_id"
    AGENT = "agent"
    STARTED_AT = "started_at"
    DATE = "date"
    TIME = "time"
    TOPIC = "topic"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    SPEED_OF_ANSWER = "speed_of_answer"
    TALK_TIME = "talk_time"
    SATISFACTION = "satisfaction"
    DIRECTION = "direction"
    CALL_TYPE = "call_type"
    STATUS = "status"
    OUTCOME = "outcome"
    BOOKING_STATUS = "booking_status"
    CALLER_NUMBER = "caller_number"
    CALLED_NUMBER = "called_number"
    SENTIMENT = "sentiment"
    COST = "cost"


class ContactTarget(StrEnum):
    """Fields of an imported contact."""

    EXTERNAL_ID = "external_id"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    COMPANY_NAME = "company_name"
    PRIMARY_PHONE = "primary_phone"
    SECONDARY_PHONES = "secondary_phones"
    EMAIL = "email"
    ADDRESS_LINE_1 = "address_line_1"
    ADDRESS_LINE_2 = "address_line_2"
    CITY = "city"
    STATE = "state"
    ZIP = "zip"
    COUNTRY = "country"
    TAGS = "tags"


# A contact needs one of these.
IDENTIFYING: frozenset[str] = frozenset({
    ContactTarget.FIRST_NAME, ContactTarget.LAST_NAME, ContactTarget.FULL_NAME, ContactTarget.COMPANY_NAME,
    ContactTarget.PRIMARY_PHONE, ContactTarget.SECONDARY_PHONES, ContactTarget.EMAIL,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """One field: its name for people, and the plain names of columns that mean it, the surest first."""

    label: Sentence
    names: tuple[str, ...]
    repeatable: bool = False


_CALLS: dict[str, Target] = {
    CallTarget.EXTERNAL_ID: Target(
        _l("Call id"), ("call id", "external id", "call sid", "call uuid", "call reference", "id", "id звонка")
    ),
    CallTarget.AGENT: Target(
        _l("Agent"),
        ("agent", "agent name", "agent email", "csr", "csr name", "operator", "operator name", "representative",
         "employee", "handled by", "оператор", "агент", "сотрудник", "xodim"),
    ),
    CallTarget.STARTED_AT: Target(
        _l("Date and time"),
        ("started at", "date time", "datetime", "timestamp", "start date time", "call date time", "call start",
         "started", "дата и время", "начало", "sana va vaqt"),
    ),
    CallTarget.DATE: Target(_l("Date"), ("date", "call date", "start date", "day", "дата", "дата звонка", "sana")),
    CallTarget.TIME: Target(_l("Time of day"), ("time", "call time", "start time", "время", "время звонка", "vaqt")),
    CallTarget.TOPIC: Target(
        _l("Topic"),
        ("topic", "call topic", "subject", "category", "call reason", "reason for call", "reason", "тема", "mavzu"),
    ),
    CallTarget.ANSWERED: Target(
        _l("Answered (yes or no)"),
        ("answered", "is answered", "call answered", "was answered", "connected", "отвечен", "отвечено",
         "javob berildi"),
    ),
    CallTarget.RESOLVED: Target(
        _l("Resolved (yes or no)"),
        ("resolved", "is resolved", "call resolved", "was resolved", "first call resolution", "решен", "решено",
         "hal qilindi"),
    ),
    CallTarget.SPEED_OF_ANSWER: Target(
        _l("Speed of answer"),
        ("speed of answer", "answer speed", "avg speed of answer", "average speed of answer", "asa", "time to answer",
         "wait time", "waiting time", "ring time", "queue time", "время ожидания", "kutish vaqti"),
    ),
    CallTarget.TALK_TIME: Target(
        _l("Talk time"),
        ("talk time", "talk duration", "avg talk duration", "average talk duration", "avg talk time", "call duration",
         "duration", "длительность", "длительность разговора", "davomiyligi"),
    ),
    CallTarget.SATISFACTION: Target(
        _l("Satisfaction (1 to 5)"),
        ("satisfaction", "satisfaction rating", "satisfaction score", "customer satisfaction", "csat", "rating",
         "customer rating", "call quality", "оценка", "baho"),
    ),
    CallTarget.DIRECTION: Target(_l("Direction"), ("direction", "call direction", "направление", "yo nalish")),
    CallTarget.CALL_TYPE: Target(_l("Type of call"), ("call type", "type of call", "тип звонка")),
    CallTarget.STATUS: Target(_l("Status"), ("status", "call status", "статус", "holat")),
    CallTarget.OUTCOME: Target(
        _l("Outcome"), ("outcome", "call outcome", "call result", "disposition", "результат", "natija")
    ),
    CallTarget.BOOKING_STATUS: Target(_l("Booking status"), ("booking status", "booking", "booked")),
    CallTarget.CALLER_NUMBER: Target(
        _l("Caller’s number"),
        ("caller number", "caller phone", "caller id", "caller", "from number", "from", "customer phone",
         "phone number", "phone", "номер звонящего", "телефон", "telefon"),
    ),
    CallTarget.CALLED_NUMBER: Target(
        _l("Called number"), ("called number", "to number", "to", "dialed number", "dialled number", "tracking number")
    ),
    CallTarget.SENTIMENT: Target(_l("Sentiment"), ("sentiment", "call sentiment")),
    CallTarget.COST: Target(_l("Cost"), ("cost", "call cost", "price", "стоимость", "narx")),
}  # fmt: skip

# The surest of these that a file has is the primary phone, the others are further ones.
_PHONE_NAMES = (
    "primary phone", "phone", "phone number", "phone 1", "main phone", "mobile phone", "mobile", "cell phone", "cell",
    "telephone", "телефон", "telefon", "home phone", "work phone", "business phone", "secondary phones",
    "secondary phone", "phone 2", "phone 3", "other phone", "alternate phone",
)  # fmt: skip

_CONTACTS: dict[str, Target] = {
    ContactTarget.EXTERNAL_ID: Target(
        _l("Contact id"), ("contact id", "external id", "customer id", "client id", "id")
    ),
    ContactTarget.FIRST_NAME: Target(
        _l("First name"), ("first name", "firstname", "given name", "first", "имя", "ism")
    ),
    ContactTarget.LAST_NAME: Target(
        _l("Last name"), ("last name", "lastname", "surname", "family name", "last", "фамилия", "familiya")
    ),
    ContactTarget.FULL_NAME: Target(
        _l("Full name"), ("full name", "fullname", "name", "contact name", "customer name", "contact", "фио", "f i sh")
    ),
    ContactTarget.COMPANY_NAME: Target(
        _l("Company"),
        ("company name", "company", "organization", "organisation", "business name", "компания", "kompaniya"),
    ),
    ContactTarget.PRIMARY_PHONE: Target(_l("Phone"), _PHONE_NAMES),
    ContactTarget.SECONDARY_PHONES: Target(_l("Further phones"), _PHONE_NAMES, repeatable=True),
    ContactTarget.EMAIL: Target(
        _l("Email"), ("email", "e mail", "email address", "e mail address", "email 1", "mail", "почта", "pochta")
    ),
    ContactTarget.ADDRESS_LINE_1: Target(
        _l("Address"),
        ("address line 1", "address 1", "address", "street", "street address", "mailing address", "адрес", "manzil"),
    ),
    ContactTarget.ADDRESS_LINE_2: Target(
        _l("Address, second line"), ("address line 2", "address 2", "street 2", "apartment", "suite", "unit")
    ),
    ContactTarget.CITY: Target(_l("City"), ("city", "town", "город", "shahar")),
    ContactTarget.STATE: Target(_l("State"), ("state", "province", "region", "регион", "область", "viloyat")),
    ContactTarget.ZIP: Target(
        _l("Zip"), ("zip", "zip code", "zipcode", "postal code", "postcode", "post code", "индекс", "pochta indeksi")
    ),
    ContactTarget.COUNTRY: Target(_l("Country"), ("country", "country code", "страна", "mamlakat")),
    ContactTarget.TAGS: Target(_l("Tags"), ("tags", "tag", "labels", "теги")),
}  # fmt: skip

TARGETS: Mapping[ImportKind, Mapping[str, Target]] = {ImportKind.CALLS: _CALLS, ImportKind.CONTACTS: _CONTACTS}

_IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_WORD_STARTS = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[^\W\d_])(?=[0-9])")
_NOT_A_WORD = re.compile(r"[\W_]+")
_UNIT = re.compile(r"(?: in)? (?:seconds|secs?|s)$")


def plain_name(column: str) -> str:
    """A column's name without case, signs, brackets and unit: `AvgTalkDuration (s)` is "avg talk duration"."""
    words = _WORD_STARTS.sub(" ", _IN_BRACKETS.sub(" ", column))
    return _UNIT.sub("", _NOT_A_WORD.sub(" ", words).strip().casefold())
