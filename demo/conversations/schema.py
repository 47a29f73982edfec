"""Format of the scripts in `data/*.toml`, validated by pydantic; `script` explains the pieces.

    [[part.greeting]]                      # a named passage: one or more exchanges
    stage = "greeting"
    lines = [
      { agent = ["{company}, this is {intro}.", "Good {daypart}, this is {intro}."] },
    ]
    lapse = { title = "No name in the greeting", detail = "The caller was not told who picked up." }

    [[scenario]]
    name = "no_heat"
    topic = "No heat"
    odds = 0.8                             # of the first ending, if there are two
    choices.since = ["last night", "noon"] # slots of this script only
    [[scenario.body]]
    parts = ["greeting"]
    [[scenario.body]]
    lines = [{ caller = ["No heat since {since}."] }]
    [[scenario.ending]]
    kind = "booked"
    summary = "No heat since {since}. Booked {visit}."
    [[scenario.ending.body]]
    one_of = ["takes_first_offer", "asks_for_another"]

The parts of `parts.toml` are available in every file, other parts only in their own file.
"""

import re
from string import Formatter
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from app.models.calls import BookingStatus, CallOutcome, Sentiment, Severity
from app.models.leads import Qualification
from app.models.tasks import AssignedTo
from demo.conversations.script import Action, Finding, Line, Objection, Speaker, Stage, When

# At most one passage in brackets: the words that evidence quotes.
_BRACKETS = re.compile(r"[^][]*(?:\[[^][]+\][^][]*)?")


def _can_be_said(text: str) -> str:
    if not text.strip():
        raise ValueError("a text is empty")
    for _text, name, spec, conversion in Formatter().parse(text):
        if name is not None and (spec or conversion or not name.isidentifier()):
            raise ValueError(f"“{{{name}}}” is no slot in “{text}”")
    if not _BRACKETS.fullmatch(text):
        raise ValueError(f"the brackets do not fit in “{text}”")
    return text


Text = Annotated[str, AfterValidator(_can_be_said)]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FindingData(_Data):
    """Title and detail that an analysis reports for a passage."""

    title: str
    detail: str

    def build(self) -> Finding:
        """Convert to the composer's `Finding`."""
        return Finding(self.title, self.detail)


class LineData(_Data):
    """One turn: the variants, under the key of the speaker."""

    agent: Texts | None = None
    caller: Texts | None = None
    pause: Annotated[float, Field(ge=0)] = 0.0
    objection: Objection | None = None
    severity: Severity = Severity.MEDIUM

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.agent is None) == (self.caller is None):
            raise ValueError("a line is said by `agent` or by `caller`")
        if self.objection is not None and self.caller is None:
            raise ValueError("only the caller has an `objection`")
        if "severity" in self.model_fields_set and self.objection is None:
            raise ValueError("`severity` is that of an `objection`")
        return self

    def build(self) -> Line:
        """Convert to the composer's `Line`."""
        speaker = Speaker.CUSTOMER if self.agent is None else Speaker.AGENT
        return Line(speaker, self.agent or self.caller or (), self.pause, self.objection, self.severity)


class ItemData(_Data):
    """A piece of a passage: `lines` of its own, the named `parts` in order, or `one_of` several parts."""

    lines: tuple[LineData, ...] = ()
    parts: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    stage: Stage | None = None
    when: When | None = None
    chance: Annotated[float, Field(gt=0, le=1)] = 1.0
    finding: FindingData | None = None
    missed: tuple[LineData, ...] = ()
    lapse: FindingData | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if [bool(self.lines), bool(self.parts), bool(self.one_of)].count(True) != 1:
            raise ValueError("give one of `lines`, `parts`, `one_of`")
        if not self.lines and len(self.model_fields_set) > 1:
            raise ValueError("beside `parts` or `one_of` stands nothing")
        return self

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.lapse is not None and self.stage is None:
            raise ValueError("only what has a `stage` can be left out: `lapse` is too much")
        if self.missed and self.lapse is None:
            raise ValueError("`missed` wants a `lapse`, which says what is left out")
        if self.stage is not None and "chance" in self.model_fields_set:
            raise ValueError("what has a `stage` depends on the CSR: `chance` is too much")
        if self.finding is not None and not any(line.agent for line in self.lines):
            raise ValueError("a `finding` quotes the agent, who says nothing here")
        return self


class ActionData(_Data):
    """Something left to do after the call."""

    category: str
    text: Text
    days: Annotated[float, Field(ge=0)]
    owner: AssignedTo = AssignedTo.CSR

    def build(self) -> Action:
        """Convert to the composer's `Action`."""
        return Action(self.category, self.text, self.days, self.owner)


class _EndingData(_Data):
    """Fields common to all kinds of endings; each kind has its own defaults."""

    booking: ClassVar[BookingStatus | None] = None

    summary: Text
    reason: Text | None = None
    outcome: CallOutcome = CallOutcome.RESOLVED
    qualification: Qualification | None = None
    sentiment: Sentiment = Sentiment.NEUTRAL
    actions: tuple[ActionData, ...] = ()
    risks: tuple[str, ...] = ()
    body: tuple[ItemData, ...] = ()


class BookedData(_EndingData):
    """Ending in which the caller books an appointment."""

    booking = BookingStatus.BOOKED

    kind: Literal["booked"]
    qualification: Qualification = Qualification.HOT
    sentiment: Sentiment = Sentiment.POSITIVE


class NotBookedData(_EndingData):
    """Ending in which the caller could have booked and did not.

    `reason` is shown in the list of unbooked calls.
    """

    booking = BookingStatus.NOT_BOOKED

    kind: Literal["not_booked"]
    reason: Text
    outcome: CallOutcome = CallOutcome.FOLLOW_UP
    qualification: Qualification = Qualification.WARM
    actions: tuple[ActionData, ...] = (
        ActionData(category="call_back", text="Call {first} back about the {job}.", days=2),
    )


class NotOfferedData(_EndingData):
    """Ending in which the caller wants a service that the company does not offer."""

    booking = BookingStatus.SERVICE_NOT_OFFERED

    kind: Literal["not_offered"]
    reason: Text
    qualification: Qualification = Qualification.UNQUALIFIED


class HandledData(_EndingData):
    """Ending of a call with nothing to book."""

    kind: Literal["handled"]


EndingData = Annotated[BookedData | NotBookedData | NotOfferedData | HandledData, Field(discriminator="kind")]


class ScenarioData(_Data):
    """A kind of call."""

    name: str
    topic: str
    odds: Annotated[float, Field(gt=0, le=1)] = 1.0
    choices: dict[str, Texts]
    body: tuple[ItemData, ...]
    ending: Annotated[tuple[EndingData, ...], Field(min_length=1, max_length=2)]

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if "job" not in self.choices:
            raise ValueError("`choices` name no `job`, which tasks and leads speak of")
        if "odds" in self.model_fields_set and len(self.ending) == 1:
            raise ValueError("`odds` choose between two endings, and there is one")
        return self


class FileData(_Data):
    part: dict[str, tuple[ItemData, ...]] = {}
    scenario: tuple[ScenarioData, ...] = ()
