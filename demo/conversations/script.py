"""The form that scripts of calls are written in.

A script is a `Scenario`: a body, then one of several endings. Both are made of exchanges, an exchange of lines, and a
line of variants that mean the same, one of which is said. In a variant `{slot}` stands for a fact of the call (see
`slots`), and `[…]` encloses the words that evidence quotes; without brackets the whole line is quoted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.models.calls import BookingStatus, CallOutcome, Sentiment, Severity
from app.models.leads import Qualification
from app.models.tasks import AssignedTo


class Speaker(StrEnum):
    """Who says a turn, as transcripts name it."""

    AGENT = "agent"
    CUSTOMER = "customer"


class Stage(StrEnum):
    """A step of the company's call guide; an analysis says which were done and which were missed."""

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
    """Why a caller hesitates to book."""

    PRICE_BY_PHONE = "price_by_phone"
    VISIT_FEE = "visit_fee"
    TOO_EXPENSIVE = "too_expensive"
    ASK_SPOUSE = "ask_spouse"
    NEEDS_IT_TODAY = "needs_it_today"
    HAS_ANOTHER_QUOTE = "has_another_quote"
    TOO_FAR_OUT = "too_far_out"
    LOST_TRUST = "lost_trust"


class When(StrEnum):
    """What must hold for an exchange to be said."""

    NEW = "new"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Finding:
    """What an analysis says about a passage: a title and one sentence."""

    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Line:
    """One turn of one speaker. `pause` is the silence before it in seconds, while somebody looks something up."""

    speaker: Speaker
    variants: tuple[str, ...]
    pause: float = 0.0
    objection: Objection | None = None
    severity: Severity = Severity.MEDIUM


@dataclass(frozen=True, slots=True)
class Exchange:
    """Lines that are said together or not at all.

    With a `stage` it is a step of the guide: a CSR who leaves it out says `missed` instead (nothing, when empty), and
    the analysis reports `lapse`; a step without a lapse is always done, because the rest of the call hangs on it.
    `finding` is reported when it is said, and quotes its first line by the agent.
    Without a stage, `chance` is how often it is said.
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
    """Passages of which one is said."""

    passages: tuple[tuple[Exchange, ...], ...]


Passage = tuple[Exchange | OneOf, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """Something the call leaves to do, `days` after it, for one kind of person."""

    category: str
    text: str
    days: float
    owner: AssignedTo = AssignedTo.CSR


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ends and what the records say of it. `booking` is None where there was nothing to book."""

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
    """A kind of call. `odds` is the chance of the first ending for an average CSR when there are two.

    `choices` are slots of this script's own, each drawn once a call.
    """

    name: str
    topic: str
    items: Passage
    endings: tuple[Ending, ...]
    odds: float = 1.0
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
