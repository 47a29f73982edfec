"""Data model of the scripts that conversations are composed from.

A script is a `Scenario`: a body, then one of several endings. Both consist of exchanges, an exchange of lines, and a
line of variants with the same meaning, one of which is said. In a variant `{slot}` stands for a fact of the call (see
`slots`), and `[…]` encloses the words that evidence quotes; without brackets the whole line is quoted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.models.calls import BookingStatus, CallOutcome, Sentiment, Severity
from app.models.leads import Qualification
from app.models.tasks import AssignedTo


class Speaker(StrEnum):
    """The speaker of a turn, as transcripts name them."""

    AGENT = "agent"
    CUSTOMER = "customer"


class Stage(StrEnum):
    """A step of the company's call script; an analysis lists the ones completed and missed."""

    GREETING = "greeting"
    EMPATHY = "empathy"
    DISCOVERY = "discovery"
    CONTACT_DETAILS = "contact_details"
    VALUE = "value"
    OBJECTION_HANDLING = "objection_handling"
    BOOKING_ASK = "booking_ask"
    PROPOSAL = "proposal"
    NEXT_STEP = "next_step"
    RECAP = "recap"
    CLOSING = "closing"


class Objection(StrEnum):
    """Reason why a caller hesitates to book."""

    PRICE_BY_PHONE = "price_by_phone"
    VISIT_FEE = "visit_fee"
    TOO_EXPENSIVE = "too_expensive"
    ASK_SPOUSE = "ask_spouse"
    NEEDS_IT_TODAY = "needs_it_today"
    HAS_ANOTHER_QUOTE = "has_another_quote"
    TOO_FAR_OUT = "too_far_out"
    LOST_TRUST = "lost_trust"


class When(StrEnum):
    """Condition for an exchange to be said."""

    NEW = "new"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something an analysis reports about a passage: a title and one sentence."""

    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Line:
    """One turn of one speaker. `pause` is the silence before it in seconds, for example to look something up."""

    speaker: Speaker
    variants: tuple[str, ...]
    pause: float = 0.0
    objection: Objection | None = None
    severity: Severity = Severity.MEDIUM


@dataclass(frozen=True, slots=True)
class Exchange:
    """Lines that are said together or not at all.

    With a `stage`, the exchange is a step of the company's call script: a CSR who omits it says `missed` instead
    (nothing, if empty), and the analysis reports `lapse`; a step without a lapse is always done, because the rest of
    the call depends on it. `finding` is reported if the exchange is said, and quotes its first line by the agent.
    Without a stage, `chance` is the probability that it is said.
    """

    lines: tuple[Line, ...]
    stage: Stage | None = None
    finding: Finding | None = None
    missed: tuple[Line, ...] = ()
    lapse: Finding | None = None
    chance: float = 1.0
    when: When | None = None


@dataclass(frozen=True, slots=True)
class OneOf:
    """Passages, exactly one of which is said."""

    passages: tuple[tuple[Exchange, ...], ...]


Passage = tuple[Exchange | OneOf, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """Something left to do `days` after the call, by one kind of person."""

    category: str
    text: str
    days: float
    owner: AssignedTo = AssignedTo.CSR


@dataclass(frozen=True, slots=True)
class Ending:
    """The ending of a call and what is recorded about it. `booking` is None if there was nothing to book."""

    items: Passage
    summary: str
    booking: BookingStatus | None = None
    outcome: CallOutcome = CallOutcome.RESOLVED
    qualification: Qualification | None = None
    reason: str | None = None
    sentiment: Sentiment = Sentiment.NEUTRAL
    actions: tuple[Action, ...] = ()
    risks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of call. `odds` is the chance of the first of two endings for an average CSR.

    `choices` are slots of this script only, each drawn once per call.
    """

    name: str
    topic: str
    items: Passage
    endings: tuple[Ending, ...]
    odds: float = 1.0
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
